import type { CallRecord } from "../generated/model.js";
import { createArgumentError, type RingbackError } from "../model/error.js";
import { toRow } from "./columns.js";
import type { Flavour, KeptRow, TableNames } from "./flavour.js";
import { toDigits } from "./number.js";
import { type Fragment, join, raw, sql, type Statement, toStatement } from "./statement.js";
import { requireText, shortenId, bindInstant, bindLimit, bindText } from "./values.js";

/** Keeps and finds call records. */
export interface RecordStatements {
  /**
   * Keeps any number of records, in one statement with one value. Records are identified by `key`: a more complete record replaces a less
   * complete one, in any order of arrival. Returns the `key` of each record that changed a row.
   *
   * @param records - One record, or many.
   * @throws {@link UnwritableRecord} if one of them cannot be written as JSON.
   */
  keep(records: CallRecord | readonly CallRecord[]): Statement;
  /**
   * Like `keep`, in as many statements as needed to stay below D1's limit of 2 MB for a value.
   *
   * @param records - Any number of records.
   * @throws {@link UnwritableRecord} if one of them cannot be written as JSON.
   */
  keepInParts(records: readonly CallRecord[]): Statement[];
  /** Finds the record with this key. Returns one {@link RecordRow} or no row. */
  record(key: string): Statement;
  /** Finds the records of a time range, newest first. Returns {@link RecordRow}s. */
  recordsByTime(range: TimeRange): Statement;
  /** Finds the records of a phone number, newest first. Returns {@link RecordRow}s. */
  recordsByNumber(range: NumberRange): Statement;
  /**
   * Reads the record from a row, which a driver may return as text or as an object.
   *
   * @param row - A {@link RecordRow}, or any other row with the column `record`.
   */
  recordOf(row: { record: unknown }): CallRecord;
}

/** The error that `keep` throws for a record that cannot be written as JSON, such as one nested too deeply: keep the others without it. */
export interface UnwritableRecord extends RingbackError {
  /** The record's key, which is also in the message. */
  readonly key: string;
}

/** A range of call times. The call time is the earliest time in a record, or the time it was kept if it has none. */
export interface TimeRange {
  /** Start: a Date, or ISO 8601 with an offset. */
  from: Date | string;
  /** End (exclusive). */
  to: Date | string;
  /** The largest number of rows, up to 10000. Default 100. */
  limit?: number | undefined;
  /** The last row of the page before: the new page starts after it. */
  after?: RecordCursor | undefined;
}

/** A phone number and an optional time range. */
export interface NumberRange extends Partial<TimeRange> {
  /** The number of the caller or the callee, in any usual format. A masked number finds equally masked ones. */
  number: string;
}

/** A position in the list of records. Every row is one. */
export interface RecordCursor {
  /** The row's call time. */
  called_at: Date | string;
  /** The row's key. */
  key: string;
}

/** A row that a statement on records returns. */
export interface RecordRow extends RecordCursor {
  /** When this record was kept. */
  kept_at: Date | string;
  /** The record: see `recordOf`. */
  record: unknown;
}

/** Well below D1's limit of 2,000,000 bytes, since a row's other columns count as well. */
const PART_BYTES = 1_500_000;

/** A separator, and in MySQL the id of the statement. */
const MARK_BYTES = 51;

/** Creates the statements for records. */
export function createRecordStatements(flavour: Flavour, names: TableNames): RecordStatements {
  const table = raw(names.record);
  const { key } = flavour;
  const write = (whole: Fragment): Statement => toStatement(whole, flavour.bind);
  const found = sql`select kept.${key}, kept.called_at, kept.kept_at, kept.record from`;
  // Ordered by key: if every statement takes its rows in one order, two statements never deadlock.
  const keep = (rows: readonly KeptRow[]): Statement => flavour.keep(names.record, [...rows].sort((one, other) => (one.key < other.key ? -1 : 1)));

  return {
    keep: (records) => keep(packRows(Array.isArray(records) ? records : [records])),
    keepInParts: (records) => splitIntoParts(packRows(records)).map(keep),
    record: (id) => write(sql`${found} ${table} as kept where ${key} = ${bindText(shortenId(requireText("key", id)))}`),
    recordsByTime: (range) => write(sql`${found} ${table} as kept where ${writeRange(range)} ${writeOrder(range)}`),
    recordsByNumber: (range) => {
      const digits = toDigits(requireText("number", range.number));
      if (digits === undefined) throw createArgumentError("wrong-format", "number", "has no digit", "pass a phone number", { expected: ["13800000001"] });
      // Searches each leg by its own index and only for one page, so that a number with many calls is not slower.
      const leg = (column: string): Fragment =>
        sql`select ${key} from (select ${key} from ${table} as kept where ${raw(column)} = ${bindText(digits)} and ${writeRange(range)} ${writeOrder(range)}) as ${raw(column)}`;
      return write(sql`${found} (${leg("caller_digits")} union ${leg("callee_digits")}) as page cross join ${table} as kept where kept.${key} = page.${key} ${writeOrder(range)}`);
    },
    recordOf: ({ record }) => (typeof record === "string" ? JSON.parse(record) : record) as CallRecord,
  };

  function writeRange({ from, to, after }: Partial<TimeRange>): Fragment {
    const end = to === undefined ? undefined : bindInstant("to", to);
    const cursor = after === undefined ? undefined : { at: bindInstant("after", after.called_at), key: bindText(requireText("after", after.key)) };
    // SQLite and MySQL find the start of a page by a comparison of the time alone: with that of `to`, they would read all pages before it.
    const isWithin = end === undefined || (cursor !== undefined && String(cursor.at.value) < String(end.value));
    const conditions = [
      ...(from === undefined ? [] : [sql`kept.called_at >= ${bindInstant("from", from)}`]),
      ...(isWithin ? [] : [sql`kept.called_at < ${end}`]),
      ...(cursor === undefined ? [] : [sql`${isWithin ? sql`kept.called_at <= ${cursor.at} and ` : raw("")}(kept.called_at, kept.${key}) < (${cursor.at}, ${cursor.key})`]),
    ];
    return conditions.length === 0 ? raw("true") : join(conditions, " and ");
  }

  function writeOrder(range: Partial<TimeRange>): Fragment {
    return sql`order by kept.called_at desc, kept.${key} desc limit ${bindLimit(range.limit)}`;
  }
}

/** Keeps the more complete of two records of one call: a statement can change a row only once. */
function selectFullest(records: readonly CallRecord[]): Map<string, CallRecord> {
  const chosen = new Map<string, CallRecord>();
  for (const record of records) {
    const key = shortenId(record.key);
    const other = chosen.get(key);
    if (other === undefined || record.completeness > other.completeness) chosen.set(key, record);
  }
  return chosen;
}

function packRows(records: readonly CallRecord[]): KeptRow[] {
  return [...selectFullest(records)].map(([key, record]) => ({ key, json: packRow(record) }));
}

function packRow(record: CallRecord): string {
  try {
    return JSON.stringify(toRow(record));
  } catch (cause) {
    const error = createArgumentError("not-plain-data", "records", `${record.key} cannot be written as JSON (${String(cause)})`, "keep the others without it", { cause });
    throw Object.defineProperty(error, "key", { value: record.key, enumerable: true }) satisfies RingbackError;
  }
}

function splitIntoParts(rows: readonly KeptRow[]): KeptRow[][] {
  const encoder = new TextEncoder();
  const filled: KeptRow[][] = [];
  let bytes = Infinity;
  for (const row of rows) {
    const more = encoder.encode(row.json).length + MARK_BYTES;
    if (bytes + more > PART_BYTES) {
      filled.push([]);
      bytes = 2;
    }
    filled.at(-1)?.push(row);
    bytes += more;
  }
  return filled;
}
