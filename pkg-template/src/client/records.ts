import type { CallRecord, InterpretedPage, UnreadableRecord } from "../generated/model.js";
import { type Connection, drive } from "./driver.js";
import { readSafely, RingbackError } from "../model/error.js";
import type { CallOptions, RecordList, RecordPage, RecordRange } from "../model/operation.js";

/** Creates the list of records of a range, which is fetched page by page while it is iterated. */
export function createRecordList(connection: Connection, range: RecordRange, options?: CallOptions): RecordList {
  return {
    [Symbol.asyncIterator]: () => iterateRecords(connection, range, options),
    pages: () => ({ [Symbol.asyncIterator]: () => iteratePages(connection, range, options) }),
  };
}

/** Converts the Dates of a range to text for the core. The core reports values that are neither Date nor text. */
export function toRange(range: RecordRange): RecordRange {
  return readSafely("range", () => (typeof range === "object" && range !== null ? { ...range, from: toInstant(range.from), to: toInstant(range.to) } : range));
}

async function* iterateRecords(connection: Connection, range: RecordRange, options?: CallOptions): AsyncGenerator<CallRecord, void, undefined> {
  for await (const page of iteratePages(connection, range, options)) {
    yield* page.records;
    const [first] = page.unreadable;
    if (first !== undefined) throw createUnreadableError(connection, first, page.unreadable.length);
  }
}

async function* iteratePages(connection: Connection, range: RecordRange, options?: CallOptions): AsyncGenerator<RecordPage, void, undefined> {
  let asked = toRange(range);
  for (;;) {
    const { result } = await drive(connection, "records", asked, options);
    const { end, ...page } = result as InterpretedPage;
    yield page;
    if (end) return;
    asked = { ...asked, after: page.cursor };
  }
}

function toInstant(value: Date | string): Date | string {
  if (Object.prototype.toString.call(value) !== "[object Date]") return value;
  const date = value as Date;
  return Number.isNaN(date.getTime()) ? String(date) : date.toISOString();
}

function createUnreadableError({ provider, account }: Connection, { index, field, reason }: UnreadableRecord, count: number): RingbackError {
  const place = field === undefined ? `record ${index}` : `record ${index}, ${field}`;
  const hint = "iterate records(range).pages(), whose pages contain both the records and the unreadable entries";
  return new RingbackError(`${count} of this page's records cannot be parsed (${place}: ${reason})`, {
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
