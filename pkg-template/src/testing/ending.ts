import { joinPath, refuse } from "./checks.js";
import type { Meaning } from "./reported.js";
import type { Plot } from "./script.js";

/** A way in which a call can end at a platform: what its record then says, and what the parties do. */
export interface Ending extends Readonly<Meaning> {
  /** The platform's code. Absent if its records have none. */
  readonly code?: string | number;
  /** The behaviour of the parties. */
  readonly plot: Plot;
  /** Possible only if this party is rung first. */
  readonly first?: "caller" | "callee";
  /** The last digits of a callee's number that choose this ending where there is no script. */
  readonly digits?: readonly number[];
  /** The reason in the record's own words (dingxin). */
  readonly words?: string;
}

/** An outcome as it is scripted: any of the words of `CallRecord.outcome`. */
export interface WantedOutcome {
  readonly status?: string | undefined;
  readonly cause?: string | undefined;
  readonly leg?: string | undefined;
  readonly code?: string | number | undefined;
}

/** The names of the words of an outcome. */
export const WORDS = ["status", "cause", "leg", "code"] as const satisfies readonly (keyof WantedOutcome)[];

/** The part of a platform that choosing an ending needs. */
export interface Ends {
  readonly provider: string;
  readonly first: "caller" | "callee";
  readonly firstIsOpen: boolean;
  readonly endings: readonly Ending[];
  /** True if a call that both parties answered is `answered` with any code. */
  readonly answeredByTimes: boolean;
}

/** The details of a script that exclude some endings. */
export interface Circumstances {
  readonly first?: "caller" | "callee" | undefined;
  readonly direction?: "outbound" | "inbound" | undefined;
}

/** An ending, and the party that is rung first. */
export interface ChosenEnding {
  readonly ending: Ending;
  readonly first: "caller" | "callee";
}

/**
 * Chooses the ending with these words: the one that has exactly these if there is one, otherwise the first that has them. Without any, the
 * call is answered. Throws if there is no such ending, and lists those that are possible.
 */
export function chooseEnding(path: string, platform: Ends, wanted: WantedOutcome & Circumstances): ChosenEnding {
  for (const name of WORDS) checkWord(joinPath(path, name), name, wanted[name]);
  const possible = listPossible(platform, wanted);
  if (wanted.code !== undefined && !possible.some(({ code }) => code !== undefined)) {
    refuse("unsupported-option", joinPath(path, "code"), `the records of ${platform.provider} have no codes`, "leave it out, and give status, cause and leg");
  }
  const candidates = findWithCode(platform, possible, wanted.code);
  const given = WORDS.filter((name) => name !== "code" && wanted[name] !== undefined);
  const fitting = candidates.filter((ending) => given.every((name) => ending[name] === wanted[name]));
  const exact = fitting.find(({ cause, leg }) => cause === wanted.cause && leg === wanted.leg);
  const found = exact ?? fitting[0] ?? answerWithCode(platform, possible, wanted);
  if (found !== undefined) return { ending: found, first: wanted.first ?? found.first ?? platform.first };
  const wrong = given.find((name) => !possible.some((ending) => ending[name] === wanted[name]));
  const others = given.length > 1 ? given.slice(0, -1).join(" and ") : "code";
  refuse(
    "unsupported-value",
    joinPath(path, wrong ?? given.at(-1) ?? "code"),
    wrong === undefined ? `does not go with this ${others} at ${platform.provider}` : `no record of ${platform.provider} has this value`,
    `possible here: ${describeEndings(wrong === undefined && candidates.length > 0 ? candidates : possible)}`,
  );
}

/** Chooses the ending by the callee's last digit, like test card numbers. */
export function chooseEndingByDigit(platform: Ends, callee: string): ChosenEnding {
  const digit = Number(callee.trim().at(-1));
  const possible = listPossible(platform, {});
  const ending = possible.find(({ digits }) => digits?.includes(digit)) ?? possible[0];
  if (ending === undefined) throw new Error("a platform has an ending for every call");
  return { ending, first: platform.first };
}

/** Throws if a script has a word of an earlier version, and says how it is written now. */
export function checkEarlierWords(path: string, given: object): void {
  const { outcome, reason } = given as { outcome?: unknown; reason?: unknown };
  if (outcome !== undefined) {
    const now = typeof outcome === "string" && Object.hasOwn(EARLIER_WORDS, outcome) ? EARLIER_WORDS[outcome] : 'status: "unanswered", cause: "no-answer", leg: "callee"';
    refuse("unknown-option", joinPath(path, "outcome"), "is written in the words of the record", `write ${now}`);
  }
  if (reason !== undefined) refuse("unknown-option", joinPath(path, "reason"), "is called code, as in the record", 'write code instead of reason, such as code: "514"');
}

function checkWord(field: string, name: (typeof WORDS)[number], given: unknown): void {
  if (given === undefined || typeof given === "string") return;
  if (name !== "code") refuse("not-text", field, "is not text", `pass one of the texts of a record's outcome.${name}`);
  if (!Number.isFinite(given)) refuse("wrong-type", field, "is neither text nor a number", "pass the platform's own code, as in the record");
}

/** Lists the endings that are possible, those that need not change who is rung first before the others. */
export function listPossible({ endings, first: usual, firstIsOpen }: Ends, { first, direction }: Circumstances): readonly Ending[] {
  // A party that dials in is on the line from the start, so it cannot fail to answer.
  const possible = endings.filter(({ plot }) => !(direction === "inbound" && plot.caller !== undefined));
  const asUsual = possible.filter((ending) => ending.first === undefined || ending.first === (first ?? usual));
  return first === undefined && firstIsOpen ? [...asUsual, ...possible.filter((ending) => !asUsual.includes(ending))] : asUsual;
}

function findWithCode({ answeredByTimes }: Ends, possible: readonly Ending[], code: string | number | undefined): readonly Ending[] {
  if (code === undefined) return possible;
  const known = possible.filter((ending) => String(ending.code) === String(code));
  if (known.length > 0) return known;
  // An undocumented code.
  const unknown: Ending = { status: "unknown", cause: "unknown", code, plot: { callee: "unreachable" } };
  return answeredByTimes ? [unknown, { status: "answered", cause: "unknown", code, plot: {} }] : [unknown];
}

/** An answered call whose record has the code of another ending: the times decide its status, the code its cause. */
function answerWithCode({ answeredByTimes }: Ends, possible: readonly Ending[], { status, cause, leg, code }: WantedOutcome): Ending | undefined {
  const coded = possible.find((ending) => String(ending.code) === String(code));
  if (!answeredByTimes || coded?.code === undefined || status !== "answered" || cause !== undefined || leg !== undefined) return undefined;
  return { status: "answered", cause: coded.cause, code: coded.code, plot: {} };
}

/** Lists endings, such as `answered hung-up; unanswered no-answer, leg callee or caller`. */
function describeEndings(endings: readonly Ending[]): string {
  const legs = new Map<string, string[]>();
  for (const { status, cause, leg } of endings) {
    const words = `${status} ${cause}`;
    const known = legs.get(words) ?? [];
    legs.set(words, known.includes(leg ?? "none") ? known : [...known, leg ?? "none"]);
  }
  return [...legs].map(([words, known]) => (known.join() === "none" ? words : `${words}, leg ${known.join(" or ")}`)).join("; ");
}

/** The outcomes of earlier versions in the words of the record. Some platforms' records have no such words. */
const EARLIER_WORDS: Readonly<Record<string, string>> = {
  "answered": 'status: "answered"',
  "caller-busy": 'cause: "busy", leg: "caller"',
  "caller-no-answer": 'cause: "no-answer", leg: "caller"',
  "caller-unreachable": 'cause: "call-failed", leg: "caller"',
  "caller-declines": 'cause: "cancelled", leg: "caller"',
  "caller-abandons": 'cause: "abandoned", leg: "caller"',
  "callee-busy": 'cause: "busy", leg: "callee"',
  "callee-no-answer": 'cause: "no-answer", leg: "callee"',
  "callee-unreachable": 'cause: "call-failed", leg: "callee"',
  "callee-declines": 'cause: "cancelled", leg: "callee"',
  "cancelled": 'cause: "cancelled"',
  "failed": 'status: "failed"',
};
