// The SQL that differs between PostgreSQL and MySQL: the table of the lines, a lock, and the databases' clock.

/** @import { Run, Statement } from "./database.mjs" */

/**
 * @typedef {object} Dialect
 * @property {(run: Run, dialTable: string) => Promise<void>} createSchema Creates missing tables and indexes. Several processes may run it at once.
 * @property {string} now The current instant.
 * @property {(ms: string) => string} nowPlus The instant this many milliseconds from now; `ms` is a number or a placeholder.
 * @property {(name: "crm_settle") => string} lock A statement that holds a lock until the transaction ends.
 * @property {string} addLine Ends an insert that does nothing if the row exists.
 * @property {(text: string) => string} number Numbers the placeholders `?`, where the database wants that.
 */

/** The indexes for the searches of the page. */
const INDEXES = { by_time: "dialed_at", by_caller: "caller_digits", by_callee: "callee_digits" };

/** @param {string} text @param {Statement["values"]} [values] @returns {Statement} */
const plain = (text, values = []) => ({ text, values });

/** @type {Dialect} */
export const POSTGRESQL = {
  async createSchema(run, dialTable) {
    await run(plain("select pg_advisory_xact_lock(hashtext('crm_line'))"));
    await run(plain(`create table if not exists crm_line (
      provider text primary key,
      push_token text not null,
      pulled_until timestamptz,
      pulled_at timestamptz not null default '-infinity',
      puller text,
      pulling_until timestamptz not null default '-infinity'
    )`));
    for (const [name, column] of Object.entries(INDEXES)) await run(plain(`create index if not exists crm_dial_${name} on ${dialTable} (${column})`));
  },
  now: "now()",
  nowPlus: (ms) => `now() + ${ms}::int * interval '1 millisecond'`,
  lock: (name) => `select pg_advisory_xact_lock(hashtext('${name}'))`,
  addLine: "on conflict (provider) do nothing",
  number: (text) => {
    let count = 0;
    return text.replaceAll("?", () => `$${(count += 1)}`);
  },
};

/** MySQL and MariaDB. @type {Dialect} */
export const MYSQL = {
  async createSchema(run, dialTable) {
    const options = "engine=InnoDB character set ascii collate ascii_bin";
    // An instant that a driver reads is text, as in the tables of ringback/sql: it would read a datetime in its own time zone.
    await run(plain(`create table if not exists crm_line (
      provider varchar(64) primary key,
      push_token varchar(255) not null,
      pulled_until char(24),
      pulled_at datetime(3) not null default '1970-01-01',
      puller varchar(64),
      pulling_until datetime(3) not null default '1970-01-01'
    ) ${options}`));
    await run(plain(`create table if not exists crm_lock (name varchar(64) primary key) ${options}`));
    await run(plain("insert ignore into crm_lock (name) values ('crm_settle')"));
    for (const [name, column] of Object.entries(INDEXES)) await createIndex(run, dialTable, `crm_dial_${name}`, column);
  },
  now: "utc_timestamp(3)",
  nowPlus: (ms) => `date_add(utc_timestamp(3), interval ${ms} * 1000 microsecond)`,
  // A lock of a row, because get_lock() is not released with the transaction.
  lock: (name) => `select name from crm_lock where name = '${name}' for update`,
  addLine: "on duplicate key update provider = values(provider)",
  number: (text) => text,
};

/** MySQL has no "create index if not exists". @param {Run} run @param {string} table @param {string} name @param {string} column */
async function createIndex(run, table, name, column) {
  const found = await run(plain("select 1 from information_schema.statistics where table_schema = database() and table_name = ? and index_name = ?", [table, name]));
  if (found.length > 0) return;
  await run(plain(`create index ${name} on ${table} (${column})`)).catch((error) => {
    // Another process, which started at the same time, was faster.
    if (error.code !== "ER_DUP_KEYNAME") throw error;
  });
}
