import type { CallRecord, InterpretedPage, UnreadableRecord } from "../generated/model.js";
import { type Connection, drive } from "./driver.js";
import { readable, RingbackError } from "../model/error.js";
import type { CallOptions, RecordList, RecordPage, RecordRange } from "../model/operation.js";

/** The records of a range, pulled page by page while they are iterated. */
export function recordList(connection: Connection, range: RecordRange, options?: CallOptions): RecordList {
  return {
    [Symbol.asyncIterator]: () => items(connection, range, options),
    pages: () => ({ [Symbol.asyncIterator]: () => pages(connection, range, options) }),
  };
}

/** The range as it crosses into the core: Dates as text. What is no Date and no text is left to the core's own judgement. */
export function rangeOf(range: RecordRange): RecordRange {
  return readable("range", () => (typeof range === "object" && range !== null ? { ...range, from: instantOf(range.from), to: instantOf(range.to) } : range));
}

async function* items(connection: Connection, range: RecordRange, options?: CallOptions): AsyncGenerator<CallRecord, void, undefined> {
  for await (const page of pages(connection, range, options)) {
    yield* page.records;
    const [first] = page.unreadable;
    if (first !== undefined) throw unreadable(connection, first, page.unreadable.length);
  }
}

async function* pages(connection: Connection, range: RecordRange, options?: CallOptions): AsyncGenerator<RecordPage, void, undefined> {
  let asked = rangeOf(range);
  for (;;) {
    const { result } = await drive(connection, "records", asked, options);
    const { end, ...page } = result as InterpretedPage;
    yield page;
    if (end) return;
    asked = { ...asked, after: page.cursor };
  }
}

function instantOf(value: Date | string): Date | string {
  if (Object.prototype.toString.call(value) !== "[object Date]") return value;
  const date = value as Date;
  return Number.isNaN(date.getTime()) ? String(date) : date.toISOString();
}

function unreadable({ provider, account }: Connection, { index, field, reason }: UnreadableRecord, count: number): RingbackError {
  const place = field === undefined ? `record ${index}` : `record ${index}, ${field}`;
  const hint = "iterate records(range).pages(), whose pages hold both what was read and what was not";
  return new RingbackError(`${count} of this page's records cannot be read (${place}: ${reason})`, {
    code: "malformed-response",
    reason: "unreadable-records",
    delivery: "unknown",
    retryable: false,
    provider,
    account,
    operation: "records",
    hint,
  });
}
