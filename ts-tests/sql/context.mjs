// Creates the context of a check: separate tables, and connections to their database.
import { deepEqual, equal } from "node:assert/strict";
import { createTables } from "ringback/sql";

/** Thrown by a check that a store does not support. */
export class Skipped extends Error {}

/** `run` returns the rows of a statement, `connect` another connection; `note` adds a line to the summary; `skip` ends the check. */
export async function createContext(store, prefix, notes) {
  const tables = createTables({ dialect: store.dialect, prefix });
  const open = [];
  const connect = async () => {
    const connection = await store.connect();
    open.push(connection);
    const run = async (statement) => connection.run(checkStatement(store, statement));
    const transaction = connection.transaction && ((work) => connection.transaction((rows) => work(async (statement) => rows(checkStatement(store, statement)))));
    return { run, transaction };
  };
  const { run } = await connect();
  const sql = (text) => run({ text, values: [] });
  for (const text of tables.schema) await sql(text);
  return {
    store,
    tables,
    run,
    sql,
    connect,
    note: (text) => notes.push(text),
    skip: (reason) => {
      throw new Skipped(reason);
    },
    release: () => Promise.all(open.map((connection) => connection.release?.())),
  };
}

/** Checks that a statement's placeholders match its values, which some clients do not check. */
export function checkStatement({ dialect }, statement) {
  const { text, values, returning } = statement;
  deepEqual(Object.keys(statement).sort(), returning === undefined ? ["text", "values"] : ["returning", "text", "values"]);
  if (returning !== undefined) {
    equal(dialect, "mysql");
    checkStatement({ dialect }, returning);
  }
  const code = text.replaceAll(/'[^']*'/g, "''");
  if (dialect !== "postgresql") equal(code.match(/\?\d*/g)?.length ?? 0, values.length);
  else deepEqual(code.match(/\$\d+/g) ?? [], values.map((_, index) => `$${index + 1}`));
  for (const value of values) equal(value === null || ["string", "number"].includes(typeof value), true, `a value is ${typeof value}`);
  return statement;
}
