// Opens the database that DATABASE_URL names: mysql://… (MySQL, MariaDB) or postgres://…
import { createTables } from "ringback/sql";

/** @typedef {import("ringback/sql").Statement} Statement */

const MOST_CONNECTIONS = 4;
const CONNECTING_LIMIT_MS = 5_000;

/**
 * Opens the database without connecting. `run(statement)` returns its rows. `prepare()` creates the tables that are missing.
 *
 * @param {string} url
 */
export async function openDatabase(url) {
  const scheme = URL.canParse(url) ? new URL(url).protocol : "";
  if (scheme === "mysql:" || scheme === "mariadb:") return openMysql(url.replace(/^mariadb:/, "mysql:"));
  if (scheme === "postgres:" || scheme === "postgresql:") return openPostgresql(url);
  throw new Error("DATABASE_URL must begin with mysql://, mariadb:// or postgres://, as in mysql://user:password@127.0.0.1:3306/crm");
}

/** @param {string} url */
async function openMysql(url) {
  const { default: mysql } = await import("mysql2/promise");
  const pool = mysql.createPool({ uri: url, connectionLimit: MOST_CONNECTIONS, connectTimeout: CONNECTING_LIMIT_MS });
  pool.on("connection", (connection) => connection.query("set session transaction isolation level read committed", () => {}));
  const tables = createTables({ dialect: "mysql" });
  /** @param {Statement} statement @returns {Promise<any[]>} */
  const run = async ({ text, values, returning }) => {
    const connection = await pool.getConnection();
    try {
      const [result] = await connection.execute(text, values);
      const [rows] = returning === undefined ? [result] : await connection.execute(returning.text, returning.values);
      return Array.isArray(rows) ? rows : [];
    } finally {
      connection.release();
    }
  };
  return { tables, run, prepare: () => createMissing(tables, run), close: () => pool.end() };
}

/** @param {string} url */
async function openPostgresql(url) {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({ connectionString: url, max: MOST_CONNECTIONS, connectionTimeoutMillis: CONNECTING_LIMIT_MS });
  pool.on("error", () => {}); // The next statement opens another connection, or fails where it is awaited.
  const tables = createTables({ dialect: "postgresql" });
  /** @param {Statement} statement @returns {Promise<any[]>} */
  const run = async ({ text, values }) => (await pool.query(text, values)).rows;
  return { tables, run, prepare: () => createMissing(tables, run), close: () => pool.end() };
}

/** @param {import("ringback/sql").Tables} tables @param {(statement: Statement) => Promise<any[]>} run */
async function createMissing(tables, run) {
  for (const text of tables.schema) await run({ text, values: [] });
}

/**
 * Tells an error about the values of one statement from one about the database: the classes 22 (data) and 23 (constraints) of SQLSTATE. After any other
 * error the same statement is run again.
 *
 * @param {any} error
 */
export function isAboutValues(error) {
  return /^2[23]/.test(String(error?.sqlState ?? error?.code ?? ""));
}
