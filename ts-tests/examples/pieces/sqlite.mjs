// SQL on a database file from another process, by the SQLite of a newer Node.js than the suite's. Also the program of that process.
import { fileURLToPath } from "node:url";
import { ran } from "../../runtimes/pieces/programs.mjs";

const PROGRAM = fileURLToPath(import.meta.url);

/** Runs one statement; gives its rows. */
export async function sql({ tools, file, statement }) {
  return JSON.parse(await ran(tools.node(24), ["--disable-warning=ExperimentalWarning", PROGRAM, file, statement], { cwd: "." }));
}

/** Takes a table away for the time of the work, as a store that fails. */
export async function withoutTable({ tools, file, table }, work) {
  await sql({ tools, file, statement: `alter table ${table} rename to ${table}_away` });
  try {
    return await work();
  } finally {
    await sql({ tools, file, statement: `alter table ${table}_away rename to ${table}` });
  }
}

if (process.argv[1] === PROGRAM) {
  const { DatabaseSync } = await import("node:sqlite");
  const [file, statement] = process.argv.slice(2);
  console.log(JSON.stringify(new DatabaseSync(file, { timeout: 5_000 }).prepare(statement).all()));
}
