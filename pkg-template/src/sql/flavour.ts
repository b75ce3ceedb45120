import type { Bind, Fragment, Statement, Value } from "./statement.js";

/** The SQL dialect. */
export type SqlDialect = "postgresql" | "mysql" | "sqlite";

/**
 * A column type, named for all dialects. `id` is an indexed text of at most 500 characters, `word` a short text, `digits` a phone number,
 * `mark` the id of a statement.
 */
export type ColumnType = "id" | "word" | "digits" | "text" | "integer" | "boolean" | "instant" | "json" | "mark";

/** The names of the tables. */
export interface TableNames {
  /** The call records. */
  record: string;
  /** The dials. */
  dial: string;
  /** The pushes. */
  push: string;
}

/** The differences between the dialects. */
export interface Flavour extends Writes {
  dialect: SqlDialect;
  types: Record<ColumnType, string>;
  bind: Bind;
  /** The column `key`, whose name is reserved in MySQL. */
  key: Fragment;
  /** True if the tables have the columns {@link MARKS}. */
  hasMarks: boolean;
  now: Fragment;
  /** The column `final` of the records is false, in a form that uses the index of such records. */
  notFinal: Fragment;
  /** Equality in which null equals null. */
  same: Fragment;
  /** Joins the rows of a table that a condition finds for each row of the tables before it, each by an index. */
  joinEach(table: string, alias: string, columns: readonly string[], condition: Fragment): Fragment;
  /** A condition: two instants are no further apart than these minutes. */
  within(instant: Fragment, from: Fragment, minutes: { before: number; after: number }): Fragment;
  /** The distance of two instants. */
  distance(one: Fragment, other: Fragment): Fragment;
  /** Ends a select whose rows no other transaction may take at the same time. */
  skipLocked: Fragment;
  /** Put after a table to use this index, where the planner may choose a worse one. */
  useIndex(name: string): Fragment;
  /** Put before a column to keep the planner from using its index. */
  noIndex: Fragment;
}

/** The statements that write. Each returns the rows that it changed. */
export interface Writes {
  /** Inserts a row unless its id exists. Returns the `id` of an inserted row. */
  insertOnce(table: string, row: Readonly<Record<string, Value | Fragment>>): Statement;
  /** Inserts rows of records, a JSON array, or replaces less complete ones. Returns the `key` of each changed row. */
  keep(table: string, rows: readonly KeptRow[]): Statement;
  /**
   * Changes the row with this id, or the rows with the ids of a JSON array, where a condition is true, which must still be true after the
   * change. Returns each `id`.
   */
  change(table: string, ids: { id: Value } | { ids: Value }, changes: Fragment, condition?: Fragment): Statement;
  /** Joins dials with records. Returns `id` and `record_key` of each changed dial. */
  joinDials(names: TableNames, nearest: NearestRecords): Statement;
}

/** A record's row as JSON. */
export interface KeptRow {
  key: string;
  json: string;
}

/** How dials are joined with records. */
export interface NearestRecords {
  /** The common table expressions `candidate` and `ranked`. */
  ranked: Fragment;
  /** The condition under which a join found by `ranked` is still right, for the names of the dials' table and of the found rows' table. */
  isStillRight(dial: string, found: string): Fragment;
}

/** A column of a table. */
export interface Column {
  name: string;
  type: ColumnType;
}
