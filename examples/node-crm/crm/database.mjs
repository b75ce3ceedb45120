// Opens the database: a PostgreSQL, MySQL or MariaDB server, or PGlite, which is PostgreSQL inside the process.
import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { takeLock } from "./lock.mjs";

/** @typedef {{ text: string, values: (string | number | null)[], returning?: { text: string, values: (string | number | null)[] } }} Statement As of ringback/sql. */
/** @typedef {(statement: Statement) => Promise<any[]>} Run */

/**
 * @typedef {object} Database
 * @property {string} name A name to print, without the password.
 * @property {"postgresql" | "mysql"} dialect The dialect of its statements.
 * @property {Run} run Returns the rows.
 * @property {<T>(work: (run: Run) => Promise<T>) => Promise<T>} transaction Runs all statements or none.
 * @property {() => Promise<void>} close
 */

const MOST_CONNECTIONS = 10;
// Shorter than the receiver's deadline, so that the platform gets an error answer in time while the database is unavailable.
const CONNECTING_LIMIT_MS = 5_000;

/**
 * @param {object} place
 * @param {string} [place.url] A server: `postgres://user:password@host/database`, or `mysql://…` for MySQL and MariaDB.
 * @param {string} [place.directory] The directory for PGlite, if there is no `url`; in memory if absent.
 * @returns {Promise<Database>}
 */
export async function openDatabase({ url, directory }) {
  if (!url) return openPGlite(directory);
  const scheme = /^(\w+):\/\//.exec(url)?.[1];
  if (scheme === "postgres" || scheme === "postgresql") return openPostgresql(url);
  if (scheme === "mysql" || scheme === "mariadb") return openMysql(url);
  throw new Error("DATABASE_URL: must begin with postgres:// or mysql://"); // without the address, which contains the password
}

/** @param {string} url @returns {Promise<Database>} */
async function openPostgresql(url) {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({ connectionString: url, max: MOST_CONNECTIONS, connectionTimeoutMillis: CONNECTING_LIMIT_MS, application_name: "ringback-crm" });
  // A broken connection needs no handling here: the next statement opens another or fails where it is awaited. But an error event without
  // a listener ends the process, and the pool does not listen to a connection that a transaction has taken out.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return {
    name: `PostgreSQL at ${new URL(url).host}`,
    dialect: "postgresql",
    run: async ({ text, values }) => (await pool.query(text, values)).rows,
    async transaction(work) {
      const client = await pool.connect();
      let broken = false;
      try {
        await client.query("begin");
        const result = await work(async ({ text, values }) => (await client.query(text, values)).rows);
        await client.query("commit");
        return result;
      } catch (error) {
        await client.query("rollback").catch(() => (broken = true));
        throw error;
      } finally {
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };
}

/** @param {string} url @returns {Promise<Database>} */
async function openMysql(url) {
  const { default: mysql } = await import("mysql2/promise");
  const pool = mysql.createPool({ uri: url.replace(/^mariadb:/, "mysql:"), connectionLimit: MOST_CONNECTIONS, connectTimeout: CONNECTING_LIMIT_MS });
  // As for PostgreSQL. This is sent on each new connection before any other statement: `settle` would otherwise lock all rows that it reads.
  pool.pool.on("connection", (connection) => {
    connection.on("error", () => {});
    connection.query("set session transaction isolation level read committed");
  });
  /** @param {import("mysql2/promise").PoolConnection} client @param {Statement} statement @returns {Promise<any[]>} */
  const runOn = async (client, { text, values, returning }) => {
    const [result] = await client.execute(text, values);
    const [rows] = returning ? await client.execute(returning.text, returning.values) : [result];
    return Array.isArray(rows) ? rows : []; // an insert or update without `returning` has no rows
  };
  /** @template T @param {(client: import("mysql2/promise").PoolConnection) => Promise<T>} work @returns {Promise<T>} */
  const withClient = async (work) => {
    const client = await pool.getConnection();
    try {
      return await work(client);
    } finally {
      client.release();
    }
  };
  /** @type {Database["run"]} */
  const run = (statement) => withClient((client) => runOn(client, statement));
  try {
    const [{ version }] = await run({ text: "select version() as version", values: [] });
    return {
      name: `${version.includes("MariaDB") ? "MariaDB" : "MySQL"} at ${new URL(url).host}`,
      dialect: "mysql",
      run,
      transaction: (work) =>
        withClient(async (client) => {
          await client.query("start transaction");
          try {
            const result = await work((statement) => runOn(client, statement));
            await client.query("commit");
            return result;
          } catch (error) {
            await client.query("rollback").catch(() => client.destroy());
            throw error;
          }
        }),
      close: () => pool.end(),
    };
  } catch (error) {
    await pool.end();
    throw error;
  }
}

/** @param {string} [directory] @returns {Promise<Database>} */
async function openPGlite(directory) {
  const { PGlite } = await import("@electric-sql/pglite");
  if (directory === undefined) return wrapPGlite(await PGlite.create(), "memory");
  mkdirSync(dirname(resolve(directory)), { recursive: true });
  const lock = await takeLock(`${resolve(directory)}.lock`, directory);
  // Exits at once, without closing the database: PGlite's last writes would damage the data of the other process.
  lock.lost.addEventListener("abort", () => {
    console.error(`${directory} was taken over by another process, because this one did not respond for 10 seconds or its lock was removed`);
    process.exit(1);
  });
  try {
    return wrapPGlite(await PGlite.create(directory), directory, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * @param {import("@electric-sql/pglite").PGlite} database
 * @param {string} name
 * @param {import("./lock.mjs").Lock} [lock] Checked before and after each statement.
 * @returns {Database}
 */
function wrapPGlite(database, name, lock) {
  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
  const runWhileOwned = async (work) => {
    lock?.check();
    const result = await work();
    lock?.check();
    return result;
  };
  return {
    name,
    dialect: "postgresql",
    run: ({ text, values }) => runWhileOwned(async () => /** @type {any[]} */ ((await database.query(text, values)).rows)),
    transaction: (work) => runWhileOwned(() => database.transaction((transaction) => work(({ text, values }) => runWhileOwned(async () => /** @type {any[]} */ ((await transaction.query(text, values)).rows))))),
    async close() {
      await database.close();
      lock?.release();
    },
  };
}
