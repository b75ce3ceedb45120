import type { CallRecord } from "../generated/model.js";
import { invalidArgument, type RingbackError } from "../model/error.js";
import { RECORD, rowOf } from "./columns.js";
import type { Flavour } from "./flavour.js";
import { digitsOf } from "./number.js";
import type { TableNames } from "./schema.js";
import { type Fragment, joined, raw, sql, type Statement, statement, Value } from "./statement.js";
import { given, identifier, instant, limit, text } from "./values.js";

/** Keeps and finds call records. */
export interface RecordStatements {
  /**
   * Keeps records, any number of them in one statement with one value, each by its `key`: a fuller record replaces a less complete one,
   * whichever comes first. Returns `key` of those that changed something.
   *
   * @param records - One record, or many.
   * @throws {@link UnwritableRecord} where one of them cannot be written as JSON.
   */
  keep(records: CallRecord | readonly CallRecord[]): Statement;
  /**
   * The same, in as many statements as it takes to stay below D1's limit of 2 MB for a value.
   *
   * @param records - Any number of records.
   * @throws {@link UnwritableRecord} where one of them cannot be written as JSON.
   */
  keepInParts(records: readonly CallRecord[]): Statement[];
  /** The record of this key. Returns {@link RecordRow}, or nothing. */
  record(key: string): Statement;
  /** The records of a time, newest first. Returns {@link RecordRow}s. */
  recordsByTime(range: TimeRange): Statement;
  /** The records of a number, newest first. Returns {@link RecordRow}s. */
  recordsByNumber(range: NumberRange): Statement;
  /**
   * The record in a row, which a driver may give as text or as an object.
   *
   * @param row - A {@link RecordRow}, or any other row with the column `record`.
   */
  recordOf(row: { record: unknown }): CallRecord;
}

/** What `keep` throws of a record that cannot be written as JSON, such as one nested too deeply: keep the others without it. */
export interface UnwritableRecord extends RingbackError {
  /** The record's key, which the message names too. */
  readonly key: string;
}

/** When the calls were, by the earliest time that a record knows; where it knows none, by when it was kept. */
export interface TimeRange {
  /** From this instant: a Date, or ISO 8601 with an offset. */
  from: Date | string;
  /** Until before this instant. */
  to: Date | string;
  /** How many rows at most, up to 10000. Default 100. */
  limit?: number | undefined;
  /** The last row of the page before: the page begins behind it. */
  after?: RecordCursor | undefined;
}

/** Whose calls. */
export interface NumberRange extends Partial<TimeRange> {
  /** The number of either leg, in any usual spelling. A masked number finds what is masked alike. */
  number: string;
}

/** A place among the records: a row is one. */
export interface RecordCursor {
  /** The row's time. */
  called_at: Date | string;
  /** The row's key. */
  key: string;
}

/** A row of the statements that find records. */
export interface RecordRow extends RecordCursor {
  /** When this record was kept. */
  kept_at: Date | string;
  /** The record: see `recordOf`. */
  record: unknown;
}

/** Well below the 2,000,000 bytes that D1 takes, since a row's other columns count too. */
const PART_BYTES = 1_500_000;

/** The statements of the records. */
export function recordStatements(flavour: Flavour, names: TableNames): RecordStatements {
  const table = raw(names.record);
  const columns = RECORD.map(({ name }) => name);
  const written = (whole: Fragment): Statement => statement(whole, flavour.placeholder);
  const found = sql`select key, called_at, kept_at, record from ${table}`;

  const keep = (rows: readonly string[]): Statement =>
    written(sql`insert into ${table} as kept (${raw(columns.join(", "))})
${flavour.rows(RECORD, new Value("json", `[${rows.join(",")}]`))}
on conflict (key) do update set ${raw(columns.filter((name) => name !== "key").map((name) => `${name} = excluded.${name}`).join(", "))}
where excluded.completeness > kept.completeness
returning key`);

  return {
    keep: (records) => keep([...fullest(Array.isArray(records) ? records : [records]).values()].map(packed)),
    keepInParts: (records) => parts([...fullest(records).values()].map(packed)).map(keep),
    record: (key) => written(sql`${found} where key = ${text(identifier(given("key", key)))}`),
    recordsByTime: (range) => written(sql`${found} where ${inRange(range)} ${newestFirst(range)}`),
    recordsByNumber: (range) => {
      const digits = digitsOf(given("number", range.number));
      if (digits === undefined) throw invalidArgument("wrong-format", "number", "has no digit", "pass a phone number");
      // Each leg by its own index, so that a number with many calls costs no more than a page of them.
      const leg = (column: string): Fragment =>
        sql`select key from (select key from ${table} where ${raw(column)} = ${text(digits)} and ${inRange(range)} ${newestFirst(range)}) as ${raw(column)}`;
      return written(sql`${found} where key in (${leg("caller_digits")} union ${leg("callee_digits")}) ${newestFirst(range)}`);
    },
    recordOf: ({ record }) => (typeof record === "string" ? JSON.parse(record) : record) as CallRecord,
  };
}

function inRange({ from, to, after }: Partial<TimeRange>): Fragment {
  const conditions = [
    ...(from === undefined ? [] : [sql`called_at >= ${instant("from", from)}`]),
    ...(to === undefined ? [] : [sql`called_at < ${instant("to", to)}`]),
    ...(after === undefined ? [] : [sql`(called_at, key) < (${instant("after", after.called_at)}, ${text(given("after", after.key))})`]),
  ];
  return conditions.length === 0 ? raw("true") : joined(conditions, " and ");
}

function newestFirst(range: Partial<TimeRange>): Fragment {
  return sql`order by called_at desc, key desc limit ${limit(range.limit)}`;
}

/** A statement can change a row only once: of two records of one call the fuller one. */
function fullest(records: readonly CallRecord[]): Map<string, CallRecord> {
  const chosen = new Map<string, CallRecord>();
  for (const record of records) {
    const key = identifier(record.key);
    const other = chosen.get(key);
    if (other === undefined || record.completeness > other.completeness) chosen.set(key, record);
  }
  return chosen;
}

function packed(record: CallRecord): string {
  try {
    return JSON.stringify(rowOf(record));
  } catch (cause) {
    const error = invalidArgument("not-plain-data", "records", `${record.key} cannot be written as JSON (${String(cause)})`, "keep the others without it", { cause });
    throw Object.defineProperty(error, "key", { value: record.key, enumerable: true }) satisfies RingbackError;
  }
}

function parts(rows: readonly string[]): string[][] {
  const encoder = new TextEncoder();
  const filled: string[][] = [];
  let bytes = Infinity;
  for (const row of rows) {
    const more = encoder.encode(row).length + 1;
    if (bytes + more > PART_BYTES) {
      filled.push([]);
      bytes = 2;
    }
    filled.at(-1)?.push(row);
    bytes += more;
  }
  return filled;
}
