// Runs SQL on a database file in another process, with the SQLite of a newer Node.js than the suite's. This file is also that process's program.
import { fileURLToPath } from "node:url";
import { runProgram } from "../../runtimes/pieces/programs.mjs";

const PROGRAM = fileURLToPath(import.meta.url);

/** Runs one statement and returns its rows. */
export async function runSql({ tools, file, statement }) {
  return JSON.parse(await runProgram(tools.node(24), ["--disable-warning=ExperimentalWarning", PROGRAM, file, statement], { cwd: "." }));
}

/** Renames a table during the work, so that the store fails. */
export async function runWithoutTable({ tools, file, table }, work) {
  await runSql({ tools, file, statement: `alter table ${table} rename to ${table}_away` });
  try {
    return await work();
  } finally {
    await runSql({ tools, file, statement: `alter table ${table}_away rename to ${table}` });
  }
}

if (process.argv[1] === PROGRAM) {
  const { DatabaseSync } = await import("node:sqlite");
  const [file, statement] = process.argv.slice(2);
  console.log(JSON.stringify(new DatabaseSync(file, { timeout: 5_000 }).prepare(statement).all()));
}
