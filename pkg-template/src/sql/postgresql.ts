import type { Flavour } from "./flavour.js";
import { returningWrites } from "./returning.js";
import { type Bind, raw, sql, type ValueType } from "./statement.js";

// Bound as text and converted by the server: clients that see the type "json" or "timestamptz" convert the value as well, each in its own
// way.
const CASTS: Record<ValueType, string> = { text: "::text", instant: "::text::timestamptz", number: "::int", json: "::text::json" };

const bindNumbered: Bind = (values, { type, value }) => `$${values.push(value)}${CASTS[type]}`;

/** PostgreSQL 12 and newer. */
export const POSTGRESQL: Flavour = {
  dialect: "postgresql",
  types: { id: "text", word: "text", digits: "text", text: "text", integer: "bigint", boolean: "boolean", instant: "timestamptz", json: "json", mark: "text" },
  bind: bindNumbered,
  key: raw("key"),
  hasMarks: false,
  now: raw("now()"),
  notFinal: raw("not record.final"),
  same: raw("is not distinct from"),
  // With "offset 0" the planner keeps this a subquery, so the cost is the number of rows before it: without it, it reads the whole table
  // when they are many.
  joinEach: (table, alias, columns, condition) => {
    const selected = columns.map((column) => `${alias}.${column}`).join(", ");
    return sql`cross join lateral (select ${raw(selected)} from ${raw(`${table} as ${alias}`)} where ${condition} offset 0) as ${raw(alias)}`;
  },
  within: (instant, from, { before, after }) =>
    sql`${instant} between ${from} - interval ${raw(`'${before} minutes'`)} and ${from} + interval ${raw(`'${after} minutes'`)}`,
  distance: (one, other) => sql`abs(extract(epoch from ${one} - ${other}))`,
  skipLocked: raw(" for update skip locked"),
  useIndex: () => raw(""),
  noIndex: raw(""),
  ...returningWrites({
    bind: bindNumbered,
    // json_to_recordset decodes every text, and PostgreSQL texts cannot contain \u0000, so JSON columns pass through it as text.
    // Rows are ordered by key, so that two statements that keep the same records never deadlock.
    selectRows: (columns, json) => {
      const selected = columns.map(({ name, type }) => (type === "json" ? `${name}::json` : name)).join(", ");
      const given = columns.map(({ name, type }) => `${name} ${type === "json" ? "text" : POSTGRESQL.types[type]}`).join(", ");
      return sql`select ${raw(selected)} from json_to_recordset(${json}) as given (${raw(given)}) order by key`;
    },
    // As an array, because the planner expects 100 rows of the function, and would read a whole table for them.
    isIn: (json) => sql`id = any (array(select json_array_elements_text(${json})))`,
    lockRows: (table) => raw(` for update of ${table}`),
    noIndex: raw(""),
  }),
};
