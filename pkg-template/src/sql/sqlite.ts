import type { Flavour } from "./flavour.js";
import { returningWrites } from "./returning.js";
import { type Bind, type Fragment, raw, sql } from "./statement.js";

// Not ?1: some clients treat that as a name.
const bindInOrder: Bind = (values, { value }) => {
  values.push(value);
  return "?";
};

/** SQLite 3.35 and newer, such as Cloudflare D1. */
export const SQLITE: Flavour = {
  dialect: "sqlite",
  types: { id: "text", word: "text", digits: "text", text: "text", integer: "integer", boolean: "integer", instant: "text", json: "text", mark: "text" },
  bind: bindInOrder,
  key: raw("key"),
  hasMarks: false,
  now: raw("strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"),
  notFinal: raw("not record.final"),
  same: raw("is"),
  // SQLite takes the two sides of a cross join in this order.
  joinEach: (table, alias, _, condition) => sql`cross join ${raw(`${table} as ${alias}`)} on ${condition}`,
  within: (instant, from, { before, after }) => {
    const shift = (minutes: string): Fragment => sql`strftime('%Y-%m-%dT%H:%M:%fZ', ${from}, ${raw(`'${minutes} minutes'`)})`;
    return sql`${instant} between ${shift(`-${before}`)} and ${shift(`+${after}`)}`;
  },
  distance: (one, other) => sql`abs(julianday(${one}) - julianday(${other}))`,
  skipLocked: raw(""),
  useIndex: () => raw(""),
  noIndex: raw("+"),
  ...returningWrites({
    bind: bindInOrder,
    selectRows: (columns, json) => {
      const selected = columns.map(({ name }) => `json_extract(value, '$.${name}')`).join(", ");
      // Without "where", SQLite parses the following "on" as part of a join.
      return sql`select ${raw(selected)} from json_each(${json}) where true`;
    },
    isIn: (json) => sql`id in (select value from json_each(${json}))`,
    lockRows: () => raw(""),
    noIndex: raw("+"),
  }),
};
