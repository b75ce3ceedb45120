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

/** What creates the tables and their indexes. */
export function schemaOf(flavour: Flavour, names: TableNames): string[] {
  const statements = [
    table(flavour, names.record, RECORD),
    index(names.record, "by_time", "called_at, key"),
    index(names.record, "by_caller", "caller_digits, called_at, key"),
    index(names.record, "by_callee", "callee_digits, called_at, key"),
    index(names.record, "by_call_id", "call_id"),
    index(names.record, "by_reference", "reference"),
    index(names.record, "not_final", "key", "not final"),
    table(flavour, names.dial, DIAL),
    index(names.dial, "without_record", "dialed_at, id", "record_key is null"),
    // Over what is joined only: where it held the others too, SQLite would look for these in it, and sort them.
    index(names.dial, "by_record", "record_key", "record_key is not null", "unique "),
    index(names.dial, "by_call_id", "call_id"),
    index(names.dial, "by_reference", "reference"),
    table(flavour, names.push, PUSH),
    index(names.push, "by_state", "state, received_at, id"),
  ];
  return flavour.dialect === "postgresql" ? [inTurn(statements, names)] : statements;
}

function table({ types }: Flavour, name: string, columns: readonly (Column & { constraint?: string })[]): string {
  const lines = columns.map(({ name: column, type, constraint }) => ["  ", column, " ", types[type satisfies ColumnType], constraint && ` ${constraint}`].join(""));
  return `create table if not exists ${name} (\n${lines.join(",\n")}\n)`;
}

function index(table: string, name: string, columns: string, condition?: string, unique: "unique " | "" = ""): string {
  return `create ${unique}index if not exists ${table}_${name} on ${table} (${columns})${condition === undefined ? "" : ` where ${condition}`}`;
}

/** Two processes that start together would create a table twice, "if not exists" or not: the second fails unless it waits. */
function inTurn(statements: readonly string[], { record }: TableNames): string {
  const lines = statements.map((statement) => `${statement};`.replaceAll(/^/gm, "  ")).join("\n");
  return `do $$\nbegin\n  perform set_config('client_min_messages', 'warning', true), pg_advisory_xact_lock(hashtext('${record}'));\n${lines}\nend\n$$`;
}
