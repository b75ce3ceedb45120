/**
 * Tables for call records, dials and pushes in PostgreSQL, SQLite and Cloudflare D1: statements and values, for whoever has a
 * connection to run them. No client library, no wasm.
 *
 * @packageDocumentation
 */
import { invalidArgument, readable } from "../model/error.js";
import { dialStatements, type DialStatements } from "./dials.js";
import { flavourOf, type SqlDialect } from "./flavour.js";
import { pushStatements, type PushStatements } from "./pushes.js";
import { recordStatements, type RecordStatements } from "./records.js";
import { schemaOf, type TableNames } from "./schema.js";

export type { Dialed, DialFailure, DialIntent, DialRow, DialStatements } from "./dials.js";
export type { SqlDialect } from "./flavour.js";
export type { PushRow, PushStatements } from "./pushes.js";
export type { NumberRange, RecordCursor, RecordRow, RecordStatements, TimeRange, UnwritableRecord } from "./records.js";
export type { TableNames } from "./schema.js";
export type { SqlValue, Statement } from "./statement.js";

/** The options of `createTables`. */
export interface TablesOptions {
  /** `sqlite` is SQLite 3.35 or newer: Cloudflare D1, `node:sqlite` and the like. */
  dialect: SqlDialect;
  /** What the names of the tables begin with: lower-case letters, digits and `_`, at most 30. Default `ringback_`. */
  prefix?: string | undefined;
}

/** The statements of three tables. */
export interface Tables extends RecordStatements, DialStatements, PushStatements {
  /** The names of the tables, for statements of your own. */
  names: TableNames;
  /** Creates the tables where they are not there yet. Run one after the other, as often as you like, by as many processes as you like. */
  schema: string[];
}

/**
 * The statements of three tables: the records, the dials that they answer, and the pushes that they came in.
 *
 * @example
 * const tables = createTables({ dialect: "postgresql" });
 * for (const text of tables.schema) await pool.query(text);
 * const { text, values } = tables.keep(records);
 * await pool.query(text, values);
 *
 * @param options - Which database, and what the tables are called.
 * @throws RingbackError `invalid-argument`, naming the option that is wrong. So do the statements with their parameters.
 */
export function createTables(options: TablesOptions): Tables {
  if (typeof options !== "object" || options === null) throw invalidArgument("wrong-type", "options", "are not an object", 'pass { dialect: "postgresql" }');
  const { dialect, prefix = "ringback_" } = readable("options", () => ({ ...options }));
  const flavour = flavourOf(dialect);
  if (typeof prefix !== "string" || !PREFIX.test(prefix)) {
    throw invalidArgument("wrong-format", "prefix", "is no beginning of a table's name", "use lower-case letters, digits and _, a letter or _ first, at most 30");
  }
  const names: TableNames = { record: `${prefix}record`, dial: `${prefix}dial`, push: `${prefix}push` };
  return {
    names,
    schema: schemaOf(flavour, names),
    ...reading(recordStatements(flavour, names)),
    ...reading(dialStatements(flavour, names)),
    ...reading(pushStatements(flavour, names)),
  };
}

/** The same statements. What cannot be read of their parameters, or is none of what they take, is a bad argument. */
function reading<T extends object>(statements: T): T {
  const each = Object.entries(statements) as [string, (...given: unknown[]) => unknown][];
  return Object.fromEntries(each.map(([name, write]) => [name, (...given: unknown[]) => readable(name, () => write(...given), "pass what this statement takes")])) as T;
}

const PREFIX = /^[a-z_][a-z0-9_]{0,29}$/;
