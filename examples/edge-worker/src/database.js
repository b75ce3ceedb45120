import { createTables } from "ringback/sql";

/** The statements of D1's tables. `npm run schema` creates them. */
export const tables = createTables({ dialect: "sqlite" });

/** Prepares a statement for D1. */
export function prepare({ text, values }, env) {
  return env.DB.prepare(text).bind(...values);
}

/** Runs statements in one transaction. */
export async function run(statements, env) {
  if (statements.length > 0) await env.DB.batch(statements.map((statement) => prepare(statement, env)));
}
