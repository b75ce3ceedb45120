import { DIAL, PUSH, RECORD } from "./columns.js";
import type { Column, ColumnType, Flavour } from "./flavour.js";

/** The names of the tables. */
export interface TableNames {
  /** The call records. */
  record: string;
  /** The dials. */
  dial: string;
  /** The pushes. */
  push: string;
}

/** Creates the tables and their indexes. */
export function createSchema(flavour: Flavour, names: TableNames): string[] {
  const statements = [
    writeTable(flavour, names.record, RECORD),
    writeIndex(names.record, "by_time", "called_at, key"),
    writeIndex(names.record, "by_caller", "caller_digits, called_at, key"),
    writeIndex(names.record, "by_callee", "callee_digits, called_at, key"),
    writeIndex(names.record, "by_call_id", "call_id"),
    writeIndex(names.record, "by_reference", "reference"),
    writeIndex(names.record, "not_final", "key", "not final"),
    writeTable(flavour, names.dial, DIAL),
    writeIndex(names.dial, "without_record", "dialed_at, id", "record_key is null"),
    // Covers joined dials only: with the others in it, SQLite would search and sort it for them.
    writeIndex(names.dial, "by_record", "record_key", "record_key is not null", "unique "),
    writeIndex(names.dial, "by_call_id", "call_id"),
    writeIndex(names.dial, "by_reference", "reference"),
    writeTable(flavour, names.push, PUSH),
    writeIndex(names.push, "by_state", "state, received_at, id"),
  ];
  return flavour.dialect === "postgresql" ? [lockAndRun(statements, names)] : statements;
}

function writeTable({ types }: Flavour, name: string, columns: readonly (Column & { constraint?: string })[]): string {
  const lines = columns.map(({ name: column, type, constraint }) => ["  ", column, " ", types[type satisfies ColumnType], constraint && ` ${constraint}`].join(""));
  return `create table if not exists ${name} (\n${lines.join(",\n")}\n)`;
}

function writeIndex(table: string, name: string, columns: string, condition?: string, unique: "unique " | "" = ""): string {
  return `create ${unique}index if not exists ${table}_${name} on ${table} (${columns})${condition === undefined ? "" : ` where ${condition}`}`;
}

/** Takes a lock first: two processes that start together would both create a table in spite of "if not exists", and one would fail. */
function lockAndRun(statements: readonly string[], { record }: TableNames): string {
  const lines = statements.map((statement) => `${statement};`.replaceAll(/^/gm, "  ")).join("\n");
  return `do $$\nbegin\n  perform set_config('client_min_messages', 'warning', true), pg_advisory_xact_lock(hashtext('${record}'));\n${lines}\nend\n$$`;
}
