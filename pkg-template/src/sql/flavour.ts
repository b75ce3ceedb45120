import { createArgumentError } from "../model/error.js";
import { type Fragment, raw, sql, type Value, type ValueType } from "./statement.js";

/** The SQL dialect. */
export type SqlDialect = "postgresql" | "sqlite";

/** A column type, named for both dialects. */
export type ColumnType = "text" | "integer" | "boolean" | "instant" | "json";

/** The differences between the two dialects. */
export interface Flavour {
  dialect: SqlDialect;
  types: Record<ColumnType, string>;
  placeholder(place: number, type: ValueType): string;
  now: Fragment;
  /** Equality in which null equals null. */
  same: Fragment;
  /** Selects the rows of a JSON array of objects, which is one bound value for any number of rows. */
  selectRows(columns: readonly Column[], json: Value): Fragment;
  /** Selects the texts of a JSON array. */
  selectTexts(json: Value): Fragment;
  /** A condition: two instants are no further apart than these minutes. */
  within(instant: Fragment, from: Fragment, minutes: { before: number; after: number }): Fragment;
  /** The distance of two instants. */
  distance(one: Fragment, other: Fragment): Fragment;
  /** Ends a select whose rows no other transaction may take at the same time. */
  skipLocked: Fragment;
  /** Ends a select, and locks its rows of this table, in order, against changes by other transactions. */
  lockRows(table: string): Fragment;
  /** Put before a column to keep the planner from using its index. */
  noIndex: Fragment;
}

/** A column of a table. */
export interface Column {
  name: string;
  type: ColumnType;
}

/** Returns the dialect's SQL. */
export function getFlavour(dialect: SqlDialect): Flavour {
  if (dialect === "postgresql") return POSTGRESQL;
  if (dialect === "sqlite") return SQLITE;
  throw createArgumentError("unsupported-value", "dialect", "is not a known dialect", 'use "postgresql" or "sqlite" (also for D1)');
}

// Bound as text and converted by the server: clients that see the type "json" or "timestamptz" convert the value as well, each in its own
// way.
const CASTS: Record<ValueType, string> = { text: "::text", instant: "::text::timestamptz", number: "::int", json: "::text::json" };

const POSTGRESQL: Flavour = {
  dialect: "postgresql",
  types: { text: "text", integer: "bigint", boolean: "boolean", instant: "timestamptz", json: "json" },
  placeholder: (place, type) => `$${place}${CASTS[type]}`,
  now: raw("now()"),
  same: raw("is not distinct from"),
  // json_to_recordset decodes every text, and PostgreSQL texts cannot contain \u0000, so JSON columns pass through it as text.
  // Rows are ordered by key, so that two statements that keep the same records never deadlock.
  selectRows: (columns, json) => {
    const selected = columns.map(({ name, type }) => (type === "json" ? `${name}::json` : name)).join(", ");
    const given = columns.map(({ name, type }) => `${name} ${type === "json" ? "text" : POSTGRESQL.types[type]}`).join(", ");
    return sql`select ${raw(selected)} from json_to_recordset(${json}) as given (${raw(given)}) order by key`;
  },
  selectTexts: (json) => sql`select json_array_elements_text(${json})`,
  within: (instant, from, { before, after }) =>
    sql`${instant} between ${from} - interval ${raw(`'${before} minutes'`)} and ${from} + interval ${raw(`'${after} minutes'`)}`,
  distance: (one, other) => sql`abs(extract(epoch from ${one} - ${other}))`,
  skipLocked: raw(" for update skip locked"),
  lockRows: (table) => raw(` for update of ${table}`),
  noIndex: raw(""),
};

const SQLITE: Flavour = {
  dialect: "sqlite",
  types: { text: "text", integer: "integer", boolean: "integer", instant: "text", json: "text" },
  // Not ?1: some clients treat that as a name.
  placeholder: () => "?",
  now: raw("strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"),
  same: raw("is"),
  selectRows: (columns, json) => {
    const selected = columns.map(({ name }) => `json_extract(value, '$.${name}')`).join(", ");
    // Without "where", SQLite parses the following "on" as part of a join.
    return sql`select ${raw(selected)} from json_each(${json}) where true`;
  },
  selectTexts: (json) => sql`select value from json_each(${json})`,
  within: (instant, from, { before, after }) => {
    const shift = (minutes: string): Fragment => sql`strftime('%Y-%m-%dT%H:%M:%fZ', ${from}, ${raw(`'${minutes} minutes'`)})`;
    return sql`${instant} between ${shift(`-${before}`)} and ${shift(`+${after}`)}`;
  },
  distance: (one, other) => sql`abs(julianday(${one}) - julianday(${other}))`,
  skipLocked: raw(""),
  lockRows: () => raw(""),
  noIndex: raw("+"),
};
