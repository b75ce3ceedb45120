// Writes calls as CSV that Excel and WPS open with every digit: UTF-8 with a byte-order mark, numbers as text, and no text that becomes a formula.
import { describeFailure } from "./failure.mjs";
import { findOutcome } from "./outcome.mjs";
import { formatNumber } from "./numbers.mjs";
import { findPlatformName } from "./words.mjs";

/** @import { Cursor, Entry, Filter, Store } from "./store.mjs" */
/** @import { Words } from "./words.mjs" */

const BATCH = 500;
const BYTE_ORDER_MARK = "\uFEFF";

/**
 * Writes all calls of a filter, newest first, as a stream, so that any number of calls needs little memory.
 *
 * @param {{ store: Store, filter: Filter, words: Words }} options
 * @returns {ReadableStream<Uint8Array>}
 */
export function exportCalls({ store, filter, words }) {
  const encoder = new TextEncoder();
  /** @type {Cursor | undefined} */
  let after;
  return new ReadableStream({
    start(controller) {
      controller.enqueue(encoder.encode(BYTE_ORDER_MARK + writeLine(words.columns.map(writeText))));
    },
    async pull(controller) {
      const { entries, next } = await store.entries(filter, { limit: BATCH, after });
      if (entries.length > 0) controller.enqueue(encoder.encode(entries.map((entry) => writeLine(writeCells(entry, words))).join("")));
      after = next;
      if (!next) controller.close();
    },
  }, { highWaterMark: 1 });
}

/** @param {Entry} entry @param {Words} words */
function writeCells({ dial, record, keptAt }, words) {
  const outcome = findOutcome({ dial, record });
  const provider = record?.provider ?? dial?.provider ?? "";
  const { cause, leg } = record?.outcome ?? {};
  const failure = dial?.failure && describeFailure(dial.failure, words);
  return [
    writeTime(dial?.dialedAt ?? record?.startedAt ?? record?.endedAt ?? keptAt),
    writeText(findPlatformName(provider, words)),
    writeDigits(findNumber(record?.caller, dial?.caller)),
    writeDigits(findNumber(record?.callee, dial?.callee)),
    writeText(words.outcomes[outcome]),
    writeText([leg && words.leg[leg], cause && words.cause[cause]].filter(Boolean).join(" ") || failure?.message || ""),
    writeTime(record?.connectedAt),
    writeTime(record?.endedAt),
    writeCount(record?.talkSeconds),
    writeCount(record?.billedSeconds),
    writeCount(record?.billedMinutes),
    writeDigits(record?.seat ?? ""),
    writeDigits(record?.callId ?? dial?.callId ?? ""),
    writeDigits(record?.reference ?? dial?.id ?? ""),
    writeDigits(record?.outcome.code ?? dial?.failure?.providerCode ?? ""),
    writeText(failure?.hint ?? record?.outcome.message ?? ""),
  ];
}

/** @param {{ number?: string, rawNumber?: string } | undefined} leg @param {string} [typed] */
function findNumber(leg, typed) {
  const shown = (leg && formatNumber(leg)) || formatNumber({ rawNumber: typed });
  return /^[+\d ]+$/.test(shown) ? shown.replaceAll(" ", "") : shown;
}

/** Text that a spreadsheet would run, also behind spaces and in full width. */
const FORMULA = /^[\s\0]*[=+\-@|%＝＋－＠]|^[\t\r\n]/;

/** Writes a number or an id. A tab before it keeps a spreadsheet from reading it as a number: it would drop zeros, or write 8.6E+12. @param {string} text */
function writeDigits(text) {
  return text === "" || (FORMULA.test(text) && !/^\+\d+$/.test(text)) ? writeText(text) : quote(`\t${text}`);
}

/** Writes a text. An apostrophe before it keeps a spreadsheet from running it. @param {string} text */
function writeText(text) {
  return quote(FORMULA.test(text) ? `'${text}` : text);
}

/** @param {number | undefined} count */
function writeCount(count) {
  return count === undefined ? "" : String(count);
}

/** Writes an instant as the clock shows it in China. @param {string | Date | undefined} at */
function writeTime(at) {
  return at === undefined ? "" : new Date(new Date(at).getTime() + 8 * 3_600_000).toISOString().slice(0, 19).replace("T", " ");
}

/** @param {string} text */
function quote(text) {
  return `"${text.replaceAll("\0", "").replaceAll('"', '""')}"`;
}

/** @param {string[]} cells */
function writeLine(cells) {
  return `${cells.join(",")}\r\n`;
}
