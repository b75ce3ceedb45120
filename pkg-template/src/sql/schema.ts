import { DIAL, MARKS, PUSH, RECORD } from "./columns.js";
import type { Column, Flavour, TableNames } from "./flavour.js";

/** An index. MySQL has no partial indexes, and appends the primary key itself: two ids do not fit into one of its indexes. */
interface Index {
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

/** Creates the tables and their indexes. */
export function createSchema(flavour: Flavour, names: TableNames): string[] {
  const { dialect } = flavour;
  if (dialect === "mysql") {
    return [
      writeWholeTable(flavour, names.record, [...RECORD, ...MARKS.record], RECORD_INDEXES),
      writeWholeTable(flavour, names.dial, [...DIAL, ...MARKS.dial], [...DIAL_INDEXES, { name: "by_joining", columns: "joined_in" }]),
      writeWholeTable(flavour, names.push, [...PUSH, ...MARKS.push], PUSH_INDEXES),
    ];
  }
  const statements = [
    writeTable(flavour, names.record, RECORD),
    ...RECORD_INDEXES.map((index) => writeIndex(names.record, index)),
    writeTable(flavour, names.dial, DIAL),
    ...DIAL_INDEXES.map((index) => writeIndex(names.dial, index)),
    writeTable(flavour, names.push, PUSH),
    ...PUSH_INDEXES.map((index) => writeIndex(names.push, index)),
  ];
  return dialect === "postgresql" ? [lockAndRun(statements, names)] : statements;
}

type ConstrainedColumn = Column & { constraint?: string };

function writeColumns({ types }: Flavour, columns: readonly ConstrainedColumn[], quote = ""): string[] {
  return columns.map(({ name, type, constraint }) => ["  ", quote, name, quote, " ", types[type], constraint && ` ${constraint}`].join(""));
}

function writeTable(flavour: Flavour, name: string, columns: readonly ConstrainedColumn[]): string {
  return `create table if not exists ${name} (\n${writeColumns(flavour, columns).join(",\n")}\n)`;
}

function writeIndex(table: string, { name, columns, condition, unique }: Index): string {
  return `create ${unique === true ? "unique " : ""}index if not exists ${table}_${name} on ${table} (${columns})${condition === undefined ? "" : ` where ${condition}`}`;
}

/**
 * Writes a table of MySQL with its indexes, since MySQL cannot create an index "if not exists". In the collation two texts are equal only
 * if all their characters are, spaces at the end included. It has another name in MySQL than in MariaDB; each reads only its own comment.
 */
function writeWholeTable(flavour: Flavour, table: string, columns: readonly ConstrainedColumn[], indexes: readonly Index[]): string {
  const keys = indexes.map(({ name, columns: listed, mysql = listed, unique }) => `  ${unique === true ? "unique " : ""}key ${table}_${name} (${mysql})`);
  return `create table if not exists ${table} (\n${[...writeColumns(flavour, columns, "`"), ...keys].join(",\n")}\n) engine=InnoDB row_format=dynamic character set utf8mb4 /*!80017 collate utf8mb4_0900_bin */ /*M!100600 collate utf8mb4_nopad_bin */`;
}

/** Takes a lock first: two processes that start together would both create a table in spite of "if not exists", and one would fail. */
function lockAndRun(statements: readonly string[], { record }: TableNames): string {
  const lines = statements.map((statement) => `${statement};`.replaceAll(/^/gm, "  ")).join("\n");
  return `do $$\nbegin\n  perform set_config('client_min_messages', 'warning', true), pg_advisory_xact_lock(hashtext('${record}'));\n${lines}\nend\n$$`;
}
