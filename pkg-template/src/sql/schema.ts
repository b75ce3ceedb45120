import { DIAL, MARKS, PUSH, RECORD } from "./columns.js";
import type { Column, Flavour, TableNames } from "./flavour.js";

/** A table with its columns and indexes. */
export interface Table {
  name: string;
  columns: readonly (Column & { constraint?: string })[];
  indexes: readonly Index[];
  /** The indexes of earlier versions. */
  formerIndexes: readonly string[];
}

/** An index. MySQL has no partial indexes, and appends the primary key itself: two ids do not fit into one of its indexes. */
export interface Index {
  name: string;
  columns: string;
  condition?: string;
  mysql?: string;
  unique?: boolean;
}

const RECORD_INDEXES: readonly Index[] = [
  { name: "by_time", columns: "called_at, key", mysql: "called_at" },
  { name: "by_caller", columns: "caller_digits, called_at, key", mysql: "caller_digits, called_at" },
  { name: "by_callee", columns: "callee_digits, called_at, key", mysql: "callee_digits, called_at" },
  { name: "by_call_id", columns: "call_id" },
  { name: "by_reference", columns: "reference" },
  { name: "unfinished", columns: "called_at, key", condition: "not final", mysql: "final, called_at" },
];

const DIAL_INDEXES: readonly Index[] = [
  { name: "without_record", columns: "dialed_at, id", condition: "record_key is null", mysql: "record_key, dialed_at" },
  // Covers joined dials only: with the others in it, SQLite would search and sort it for them.
  { name: "by_record", columns: "record_key", condition: "record_key is not null", mysql: "record_key", unique: true },
  { name: "by_call_id", columns: "call_id" },
  { name: "by_reference", columns: "reference" },
];

const PUSH_INDEXES: readonly Index[] = [{ name: "by_state", columns: "state, received_at, id", mysql: "state, received_at" }];

/** Lists the dialect's tables. */
export function listTables({ hasMarks }: Flavour, names: TableNames): Table[] {
  const mark = <T>(marks: readonly T[]): readonly T[] => (hasMarks ? marks : []);
  return [
    { name: names.record, columns: [...RECORD, ...mark(MARKS.record)], indexes: RECORD_INDEXES, formerIndexes: ["not_final"] },
    { name: names.dial, columns: [...DIAL, ...mark(MARKS.dial)], indexes: [...DIAL_INDEXES, ...mark([{ name: "by_joining", columns: "joined_in" }])], formerIndexes: [] },
    { name: names.push, columns: [...PUSH, ...mark(MARKS.push)], indexes: PUSH_INDEXES, formerIndexes: [] },
  ];
}

/** Creates the tables and their indexes. */
export function createSchema(flavour: Flavour, names: TableNames): string[] {
  const tables = listTables(flavour, names);
  if (flavour.dialect === "mysql") return tables.map((table) => writeWholeTable(flavour, table));
  const statements = tables.flatMap((table) => [
    `create table if not exists ${table.name} (\n${writeColumns(flavour, table.columns).join(",\n")}\n)`,
    ...table.indexes.map((index) => writeIndex(flavour, table.name, index, "if not exists ")),
  ]);
  return flavour.dialect === "postgresql" ? [lockAndRun(statements, names)] : statements;
}

/** Writes the statement that creates an index. */
export function writeIndex({ dialect }: Flavour, table: string, { name, columns, condition, mysql = columns, unique }: Index, unlessExists: "if not exists " | ""): string {
  const [listed, where] = dialect === "mysql" ? [mysql, ""] : [columns, condition === undefined ? "" : ` where ${condition}`];
  return `create ${unique === true ? "unique " : ""}index ${unlessExists}${table}_${name} on ${table} (${listed})${where}`;
}

function writeColumns({ types, key }: Flavour, columns: Table["columns"]): string[] {
  return columns.map(({ name, type, constraint }) => ["  ", name === "key" ? key.strings[0] : name, " ", types[type], constraint && ` ${constraint}`].join(""));
}

/**
 * Writes a table of MySQL with its indexes, since MySQL cannot create an index "if not exists". In the collation two texts are equal only
 * if all their characters are, spaces at the end included. It has another name in MySQL than in MariaDB; each reads only its own comment.
 */
function writeWholeTable(flavour: Flavour, { name: table, columns, indexes }: Table): string {
  const keys = indexes.map(({ name, columns: listed, mysql = listed, unique }) => `  ${unique === true ? "unique " : ""}key ${table}_${name} (${mysql})`);
  return `create table if not exists ${table} (\n${[...writeColumns(flavour, columns), ...keys].join(",\n")}\n) engine=InnoDB row_format=dynamic character set utf8mb4 /*!80017 collate utf8mb4_0900_bin */ /*M!100600 collate utf8mb4_nopad_bin */`;
}

/** Takes a lock first: two processes that start together would both create a table in spite of "if not exists", and one would fail. */
function lockAndRun(statements: readonly string[], { record }: TableNames): string {
  const lines = statements.map((statement) => `${statement};`.replaceAll(/^/gm, "  ")).join("\n");
  return `do $$\nbegin\n  perform set_config('client_min_messages', 'warning', true), pg_advisory_xact_lock(hashtext('${record}'));\n${lines}\nend\n$$`;
}
