/**
 * Tables for call records, dials and pushes in PostgreSQL, MySQL, MariaDB, SQLite and Cloudflare D1: statements and values, to be run over your own
 * connection. Uses no client library and no wasm.
 *
 * @packageDocumentation
 */
import { createArgumentError, readSafely } from "../model/error.js";
import { getFlavour } from "./dialects.js";
import { createDialStatements, type DialStatements } from "./dials.js";
import type { SqlDialect, TableNames } from "./flavour.js";
import { createInspection, type Inspection } from "./inspection.js";
import { createPushStatements, type PushStatements } from "./pushes.js";
import { createRecordStatements, type RecordStatements } from "./records.js";
import { createSchema } from "./schema.js";

export type { DialCursor, Dialed, DialFailure, DialIntent, DialRow, DialStatements, MissingRange, SettleRange } from "./dials.js";
export type { SqlDialect, TableNames } from "./flavour.js";
export type { InspectedRow, Inspection, SchemaDifference } from "./inspection.js";
export type { PushRow, PushStatements } from "./pushes.js";
export type { NumberRange, RecordCursor, RecordRow, RecordStatements, TimeRange, UnwritableRecord } from "./records.js";
export type { SqlValue, Statement } from "./statement.js";

/** The options of `createTables`. */
export interface TablesOptions {
  /**
   * `postgresql` is PostgreSQL 12 or newer; `mysql` is MySQL 8.0.19 or newer and MariaDB 10.6 or newer; `sqlite` is SQLite 3.35 or newer:
   * Cloudflare D1, `node:sqlite` and the like.
   */
  dialect: SqlDialect;
  /** The start of the tables' names: lower-case letters, digits and `_`, at most 30. Default `ringback_`. */
  prefix?: string | undefined;
}

/** The statements for the three tables. */
export interface Tables extends RecordStatements, DialStatements, PushStatements, Inspection {
  /** The names of the tables, for statements of your own. */
  names: TableNames;
  /**
   * Creates missing tables. Run the statements in order; running them repeatedly or from several processes is safe. They do not change tables
   * that exist: `compare` lists what an earlier version did otherwise.
   */
  schema: string[];
}

/**
 * Creates the statements for three tables: records, dials and pushes.
 *
 * @example
 * const tables = createTables({ dialect: "postgresql" });
 * for (const text of tables.schema) await pool.query(text);
 * const { text, values } = tables.keep(records);
 * await pool.query(text, values);
 *
 * @param options - The database's dialect, and a prefix for the tables' names.
 * @throws RingbackError `invalid-argument`, naming the wrong option. The statements throw it for wrong parameters.
 */
export function createTables(options: TablesOptions): Tables {
  if (typeof options !== "object" || options === null) throw createArgumentError("wrong-type", "options", "must be an object", 'pass { dialect: "postgresql" }', { expected: ["object"] });
  const { dialect, prefix = "ringback_" } = readSafely("options", () => ({ ...options }));
  const flavour = getFlavour(dialect);
  if (typeof prefix !== "string" || !PREFIX.test(prefix)) {
    throw createArgumentError("wrong-format", "prefix", "is not a valid start of a table name", "use lower-case letters, digits and _, a letter or _ first, at most 30", { expected: ["ringback_"] });
  }
  const names: TableNames = { record: `${prefix}record`, dial: `${prefix}dial`, push: `${prefix}push` };
  return {
    names,
    schema: createSchema(flavour, names),
    ...guardStatements(createRecordStatements(flavour, names)),
    ...guardStatements(createDialStatements(flavour, names)),
    ...guardStatements(createPushStatements(flavour, names)),
    ...guardStatements(createInspection(flavour, names)),
  };
}

/** Wraps the statements so that any error while reading their parameters becomes an `invalid-argument` error. */
function guardStatements<T extends object>(statements: T): T {
  const each = Object.entries(statements) as [string, (...given: unknown[]) => unknown][];
  return Object.fromEntries(each.map(([name, write]) => [name, (...given: unknown[]) => readSafely(name, () => write(...given), "pass what this statement takes")])) as T;
}

const PREFIX = /^[a-z_][a-z0-9_]{0,29}$/;
