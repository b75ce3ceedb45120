// What a scenario takes place in: the platforms, a database of its own, and a connection to look into it that is not the CRM's.
import { startFront } from "./front.mjs";
import { startPlatforms } from "./platforms.mjs";

/** Does `work` in a fresh world, and clears up after it, whatever happens. `closes(thing)` is closed in the end, last opened first. */
export async function inWorld({ project, postgresql, name }, work) {
  const open = [];
  const closes = (thing) => {
    open.push(thing.close ?? thing.kill);
    return thing;
  };
  try {
    const { pg, sql } = await project.module("packages.mjs");
    const pool = await poolOf(pg, postgresql, name);
    closes({ close: () => pool.end() });
    const run = async ({ text, values }) => (await pool.query(text, values)).rows;
    const rows = async (text, values = []) => run({ text, values });
    const tables = sql.createTables({ dialect: "postgresql" });
    /** Lets nobody else write into the tables, until what it returns is called. */
    const stall = async () => {
      const client = await pool.connect();
      await client.query(`begin; lock table ${Object.values(tables.names).join(", ")} in exclusive mode`);
      return () => client.query("rollback").finally(() => client.release());
    };
    const platforms = closes(await startPlatforms({ project }));
    return await work({ project, database: postgresql.url(name), tables, run, rows, stall, platforms, closes });
  } finally {
    for (const close of open.reverse()) await close();
  }
}

async function poolOf(pg, postgresql, name) {
  const administrator = new pg.Client({ connectionString: postgresql.url("postgres") });
  await administrator.connect();
  await administrator.query(`create database ${name}`);
  await administrator.end();
  const pool = new pg.Pool({ connectionString: postgresql.url(name), max: 4 });
  pool.on("error", () => undefined); // The server goes away on purpose.
  return pool;
}

/** The platforms' accounts, reached through something that stands in between. */
export function through(front, { accounts, simulator }) {
  return JSON.parse(JSON.stringify(accounts).replaceAll(simulator.url, front.url));
}

/** The port of an address. */
export function portOf(url) {
  return Number(new URL(url).port);
}

/** What stands in front of the CRM for mixcom, which gives up where nobody answers in JSON: this answers when the CRM cannot. */
export function frontOf(crm) {
  return startFront({ port: () => crm().port, away: { status: 500, body: '{"code":500}' } });
}
