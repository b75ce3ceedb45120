import { invalidArgument } from "../model/error.js";
import { type Fragment, raw, sql, type Value, type ValueType } from "./statement.js";

/** The kind of SQL. */
export type SqlDialect = "postgresql" | "sqlite";

/** A type of a column, in both dialects' words. */
export type ColumnType = "text" | "integer" | "boolean" | "instant" | "json";

/** Where the two dialects differ. */
export interface Flavour {
  dialect: SqlDialect;
  types: Record<ColumnType, string>;
  placeholder(place: number, type: ValueType): string;
  now: Fragment;
  /** Equal, where nothing equals nothing. */
  same: Fragment;
  /** The rows of a JSON array of objects, one value however many there are, as `select … from`. */
  rows(columns: readonly Column[], json: Value): Fragment;
  /** The texts of a JSON array, as `select …`. */
  texts(json: Value): Fragment;
  /** Two instants lie no further apart than these minutes. */
  within(instant: Fragment, from: Fragment, minutes: { before: number; after: number }): Fragment;
  /** How far apart two instants are. */
  distance(one: Fragment, other: Fragment): Fragment;
  /** Ends a select whose rows no other transaction shall take at the same time. */
  taken: Fragment;
  /** Ends a select: the rows of this table, one after the other, shall no other transaction change any more. */
  held(table: string): Fragment;
  /** Stands before a column whose index the planner shall not take. */
  unindexed: Fragment;
}

/** A column of a table. */
export interface Column {
  name: string;
  type: ColumnType;
}

/** Where this dialect differs from the other. */
export function flavourOf(dialect: SqlDialect): Flavour {
  if (dialect === "postgresql") return POSTGRESQL;
  if (dialect === "sqlite") return SQLITE;
  throw invalidArgument("unsupported-value", "dialect", "is not known", 'use "postgresql" or "sqlite" (which D1 speaks)');
}

// Bound as text and converted by the server: clients that are told "json" or "timestamptz" convert the value too, each in its own way.
const CASTS: Record<ValueType, string> = { text: "::text", instant: "::text::timestamptz", number: "::int", json: "::text::json" };

const POSTGRESQL: Flavour = {
  dialect: "postgresql",
  types: { text: "text", integer: "bigint", boolean: "boolean", instant: "timestamptz", json: "json" },
  placeholder: (place, type) => `$${place}${CASTS[type]}`,
  now: raw("now()"),
  same: raw("is not distinct from"),
  // The function itself reads every text in what it is given, and there is no \u0000 in a text: JSON goes through it as a text of JSON.
  // Rows come in the order of their keys, so that two statements that keep the same records never wait for each other.
  rows: (columns, json) => {
    const selected = columns.map(({ name, type }) => (type === "json" ? `${name}::json` : name)).join(", ");
    const given = columns.map(({ name, type }) => `${name} ${type === "json" ? "text" : POSTGRESQL.types[type]}`).join(", ");
    return sql`select ${raw(selected)} from json_to_recordset(${json}) as given (${raw(given)}) order by key`;
  },
  texts: (json) => sql`select json_array_elements_text(${json})`,
  within: (instant, from, { before, after }) =>
    sql`${instant} between ${from} - interval ${raw(`'${before} minutes'`)} and ${from} + interval ${raw(`'${after} minutes'`)}`,
  distance: (one, other) => sql`abs(extract(epoch from ${one} - ${other}))`,
  taken: raw(" for update skip locked"),
  held: (table) => raw(` for update of ${table}`),
  unindexed: raw(""),
};

const SQLITE: Flavour = {
  dialect: "sqlite",
  types: { text: "text", integer: "integer", boolean: "integer", instant: "text", json: "text" },
  // Not ?1: some clients take that for a name.
  placeholder: () => "?",
  now: raw("strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"),
  same: raw("is"),
  rows: (columns, json) => {
    const selected = columns.map(({ name }) => `json_extract(value, '$.${name}')`).join(", ");
    // Without a condition SQLite takes the "on" behind it for a join's.
    return sql`select ${raw(selected)} from json_each(${json}) where true`;
  },
  texts: (json) => sql`select value from json_each(${json})`,
  within: (instant, from, { before, after }) => {
    const moved = (minutes: string): Fragment => sql`strftime('%Y-%m-%dT%H:%M:%fZ', ${from}, ${raw(`'${minutes} minutes'`)})`;
    return sql`${instant} between ${moved(`-${before}`)} and ${moved(`+${after}`)}`;
  },
  distance: (one, other) => sql`abs(julianday(${one}) - julianday(${other}))`,
  taken: raw(""),
  held: () => raw(""),
  unindexed: raw("+"),
};
