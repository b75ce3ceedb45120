// Connects to MySQL and MariaDB as users do, through mysql2.
import mysql from "mysql2/promise";
import { runTransaction } from "./transaction.mjs";

/** Opens a store over the server at this address, in a database of its own. */
export async function openMysql(address, close) {
  const name = "ringback_contract";
  const pool = mysql.createPool({ uri: address, connectionLimit: 24 });
  const [[{ version }]] = await pool.query("select version() as version");
  await pool.query(`drop database if exists ${name}`);
  // Not in utf8mb4: the tables must not depend on the database's character set.
  await pool.query(`create database ${name} character set latin1`);
  const run = async (client, { text, values, returning }) => {
    const [result] = await client.execute(text, values);
    const [rows] = returning === undefined ? [result] : await client.execute(returning.text, returning.values);
    // A statement such as "create table" or "delete" has no rows.
    return Array.isArray(rows) ? rows : [];
  };
  return {
    dialect: "mysql",
    version,
    simultaneous: true,
    lockWaits: `select 1 from ${version.includes("MariaDB") ? "information_schema.innodb_lock_waits" : "performance_schema.data_lock_waits"}`,
    analyze: (sql, names) => sql(`analyze table ${names.join(", ")}`),
    connect: async () => {
      const client = await pool.getConnection();
      await client.query(`use ${name}`);
      await client.query("set session transaction isolation level read committed");
      await client.query("set session innodb_lock_wait_timeout = 20");
      return {
        run: (statement) => run(client, statement),
        release: () => client.release(),
        transaction: (work) => runTransaction(client, () => work((statement) => run(client, statement))),
      };
    },
    close: async () => {
      await pool.query(`drop database ${name}`);
      await pool.end();
      await close();
    },
  };
}
