import { createArgumentError } from "../model/error.js";
import type { Flavour, SqlDialect, TableNames } from "./flavour.js";
import { listTables, writeIndex } from "./schema.js";
import type { Statement } from "./statement.js";

/** Finds the differences between existing tables and those of this version. */
export interface Inspection {
  /** Lists the columns and indexes of the tables that exist. Returns {@link InspectedRow}s, for `compare`. */
  inspect(): Statement;
  /**
   * Compares existing tables, which an earlier version may have created, with those of this version. Returns the differences, none if the
   * tables are as they should be; a table that does not exist is none, because `schema` creates it. Run their statements in order, and then
   * `schema`. Columns and indexes of your own are left alone.
   *
   * @param rows - The rows of `inspect`.
   */
  compare(rows: readonly InspectedRow[]): SchemaDifference[];
}

/** A row of `inspect`. */
export interface InspectedRow {
  /** The table. */
  table_name: string;
  /** The kind of difference: of a column or of an index. */
  kind: "column" | "index";
  /** Its name. */
  name: string;
}

/** A difference between an existing table and that of this version. */
export interface SchemaDifference {
  /** The table. */
  table: string;
  /** The difference, for people. */
  message: string;
  /** The statement that brings the table up to date. It has no values. */
  statement: string;
}

/** Lists columns and indexes from the database's own catalogue, of the tables in this list of literals. */
const CATALOGUES: Record<SqlDialect, (names: string) => string> = {
  postgresql: (names) => `select table_name::text, 'column' as kind, column_name::text as name from information_schema.columns where table_schema = current_schema() and table_name in (${names})
union all
select tablename::text, 'index', indexname::text from pg_indexes where schemaname = current_schema() and tablename in (${names})`,
  mysql: (names) => `select table_name as table_name, 'column' as kind, column_name as name from information_schema.columns where table_schema = database() and table_name in (${names})
union all
select distinct table_name, 'index', index_name from information_schema.statistics where table_schema = database() and table_name in (${names})`,
  sqlite: (names) => `select found.name as table_name, 'column' as kind, listed.name from sqlite_master as found join pragma_table_info(found.name) as listed where found.type = 'table' and found.name in (${names})
union all
select tbl_name, 'index', name from sqlite_master where type = 'index' and tbl_name in (${names})`,
};

/** Creates the inspection of the tables with these names. */
export function createInspection(flavour: Flavour, names: TableNames): Inspection {
  const { dialect, types, key } = flavour;
  return {
    inspect: () => ({ text: CATALOGUES[dialect](Object.values(names).map((name) => `'${String(name)}'`).join(", ")), values: [] }),
    compare: (rows) => {
      if (!Array.isArray(rows)) throw createArgumentError("wrong-type", "rows", "must be a list", "pass the rows of the statement that inspect() returns", { expected: ["list"] });
      const existing = new Set(rows.map(({ table_name: table, kind, name }) => `${kind} ${table}.${name}`));
      const tables = listTables(flavour, names).filter(({ name }) => rows.some((row) => row.table_name === name));
      return tables.flatMap(({ name: table, columns, indexes, formerIndexes }) => [
        ...columns.filter(({ name }) => !existing.has(`column ${table}.${name}`)).map(({ name, type }) => ({
          table,
          message: `${table} has no column ${name}`,
          // Without "not null", because the rows that exist have no value.
          statement: `alter table ${table} add column ${name === "key" ? String(key.strings[0]) : name} ${types[type]}`,
        })),
        ...indexes.filter(({ name }) => !existing.has(`index ${table}.${table}_${name}`)).map((index) => ({
          table,
          message: `${table} has no index ${table}_${index.name}`,
          statement: writeIndex(flavour, table, index, ""),
        })),
        ...formerIndexes.filter((name) => existing.has(`index ${table}.${table}_${name}`)).map((name) => ({
          table,
          message: `${table} has the index ${table}_${name} of an earlier version, which is no longer used`,
          statement: `drop index ${table}_${name}${dialect === "mysql" ? ` on ${table}` : ""}`,
        })),
      ]);
    },
  };
}
