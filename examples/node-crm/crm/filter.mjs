// The filter of the list, as it stands in the page's address: ?number=…&day=2026-03-01&platform=mixcom&outcome=answered&after=…
import { chooseLanguage } from "./words.mjs";

/** @import { Filter, Cursor } from "./store.mjs" */

/** The outcomes of a call as the page tells them apart: those of records, and those of dials without a record. */
export const OUTCOMES = /** @type {const} */ (["answered", "unanswered", "failed", "waiting", "refused", "not-sent", "unknown"]);

const DAY_MS = 86_400_000;
const LEAST_DIGITS = 3;
const MOST_CHARACTERS = 40;

/** A parameter with a wrong value. The message begins with its name. */
export class WrongParameter extends Error {}

/**
 * Reads the filter from the page's address. An absent or empty parameter filters nothing.
 *
 * @param {URLSearchParams} parameters
 * @param {readonly string[]} providers The platforms to choose from.
 * @param {string | null} acceptLanguage The language of a refusal, where the address names none.
 * @returns {{ filter: Filter, after?: Cursor }} `after`: where the page of the list begins.
 * @throws {WrongParameter}
 */
export function readFilter(parameters, providers, acceptLanguage) {
  const words = chooseLanguage(parameters, acceptLanguage) === "en" ? EN : ZH;
  /** @param {string} name @param {keyof typeof ZH} problem @returns {never} */
  const refuse = (name, problem) => {
    throw new WrongParameter(`${name}: ${words[problem]}`);
  };
  /** @param {string} name @returns {string} */
  const read = (name) => {
    const given = parameters.getAll(name);
    return given.length > 1 ? refuse(name, "repeated") : (given[0] ?? "").trim();
  };

  const lang = read("lang");
  if (!["", "zh", "en"].includes(lang)) refuse("lang", "lang");
  const number = read("number").normalize("NFKC");
  if (number && (number.length > MOST_CHARACTERS || !/^[\d\s()+*x.-]+$/i.test(number) || number.replace(/\D/g, "").length < LEAST_DIGITS)) refuse("number", "number");
  const day = read("day");
  if (day && !isDay(day)) refuse("day", "day");
  const provider = read("platform");
  if (provider && !providers.includes(provider)) refuse("platform", "platform");
  const outcome = OUTCOMES.find((known) => known === read("outcome"));
  if (read("outcome") && !outcome) refuse("outcome", "outcome");
  const position = read("after");
  const after = position ? readCursor(position) ?? refuse("after", "after") : undefined;
  return { filter: { ...(number && { number }), ...(day && { day }), ...(provider && { provider }), ...(outcome && { outcome }) }, after };
}

/** Writes a filter as parameters. @param {Filter} filter @returns {URLSearchParams} */
export function writeFilter({ number, day, provider, outcome }) {
  const given = Object.entries({ number, day, platform: provider, outcome }).filter(([, value]) => value);
  return new URLSearchParams(/** @type {[string, string][]} */ (given));
}

/** Writes a position in the list as one parameter. @param {Cursor} cursor */
export function writeCursor({ at, kind, id }) {
  return `${at.toISOString()}~${kind}~${id}`;
}

/** @param {string} text @returns {Cursor | undefined} */
function readCursor(text) {
  const [, at, kind, id] = /^((?:19|2\d)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)~(dial|record)~([^\0]{1,500})$/.exec(text) ?? [];
  if (at === undefined || Number.isNaN(Date.parse(at))) return undefined;
  return { at: new Date(at), kind: /** @type {Cursor["kind"]} */ (kind), id };
}

/** @param {string} text */
function isDay(text) {
  if (!/^(?:19[7-9]|2\d\d)\d-\d\d-\d\d$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/** The instants at which a day in China begins and ends. @param {string} day */
export function findBounds(day) {
  const from = Date.parse(`${day}T00:00:00+08:00`);
  return { from: new Date(from), to: new Date(from + DAY_MS) };
}

/** The present day in China. @returns {string} */
export function findToday() {
  return new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
}

const ZH = {
  repeated: "只能给一次",
  lang: "只能是 zh 或 en",
  number: `至少 ${LEAST_DIGITS} 位数字，最多 ${MOST_CHARACTERS} 个字符，例如 138 0000 0001，或末四位`,
  day: "不是日期，例如 2026-03-01",
  platform: "没有这个平台的账号",
  outcome: `只能是 ${OUTCOMES.join("、")} 之一`,
  after: "不是翻页的位置，请从第一页重新开始",
};

/** @type {typeof ZH} */
const EN = {
  repeated: "given more than once",
  lang: "must be zh or en",
  number: `must have at least ${LEAST_DIGITS} digits and at most ${MOST_CHARACTERS} characters, such as 138 0000 0001 or the last four digits`,
  day: "is not a date, such as 2026-03-01",
  platform: "no account with this platform",
  outcome: `must be one of ${OUTCOMES.join(", ")}`,
  after: "is not the position of a page; begin again with the first page",
};
