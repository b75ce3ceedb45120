// Creates the environment of a scenario: the platforms, a new database, and a separate connection to read it.
import { startProxy } from "./front.mjs";
import { startPlatforms } from "./platforms.mjs";

/** Runs `work` in a new environment, and always cleans up. `closeAtEnd(thing)` registers a thing to close at the end, last opened first. */
export async function runInWorld({ project, postgresql, name }, work) {
  const open = [];
  const closeAtEnd = (thing) => {
    open.push(thing.close ?? thing.kill);
    return thing;
  };
  try {
    const { pg, sql } = await project.module("packages.mjs");
    const pool = await openPool(pg, postgresql, name);
    closeAtEnd({ close: () => pool.end() });
    const run = async ({ text, values }) => (await pool.query(text, values)).rows;
    const rows = async (text, values = []) => run({ text, values });
    const tables = sql.createTables({ dialect: "postgresql" });
    /** Blocks writes to the tables until the returned function is called. */
    const stall = async () => {
      const client = await pool.connect();
      await client.query(`begin; lock table ${Object.values(tables.names).join(", ")} in exclusive mode`);
      return () => client.query("rollback").finally(() => client.release());
    };
    const platforms = closeAtEnd(await startPlatforms({ project }));
    return await work({ project, database: postgresql.url(name), tables, run, rows, stall, platforms, closeAtEnd });
  } finally {
    for (const close of open.reverse()) await close();
  }
}

async function openPool(pg, postgresql, name) {
  const administrator = new pg.Client({ connectionString: postgresql.url("postgres") });
  await administrator.connect();
  await administrator.query(`create database ${name}`);
  await administrator.end();
  const pool = new pg.Pool({ connectionString: postgresql.url(name), max: 4 });
  pool.on("error", () => undefined); // The server is stopped on purpose.
  return pool;
}

/** Builds the platforms' accounts with the addresses of a proxy. */
export function routeThrough(front, { accounts, simulator }) {
  return JSON.parse(JSON.stringify(accounts).replaceAll(simulator.url, front.url));
}

/** Reads the port of an address. */
export function readPort(url) {
  return Number(new URL(url).port);
}

/** Starts a proxy before the CRM, which answers in JSON when the CRM cannot: mixcom does not retry without JSON. */
export function startCrmProxy(crm) {
  return startProxy({ port: () => crm().port, away: { status: 500, body: '{"code":500}' } });
}
