// The store: SQLite in a file, which is part of Node.js. Replace it by your database; PostgreSQL takes the same statements.
import { DatabaseSync } from "node:sqlite";
import { readSetting } from "./settings.js";

const SCHEMA = `
create table if not exists call_record (key text primary key, completeness integer not null, called_at text not null, record text not null);
create table if not exists unreadable_push (received_at text not null, provider text not null, account text, reason text not null, body blob not null);
create table if not exists dial (reference text primary key, caller text not null, callee text not null, state text not null, call_id text);`;

const KEEP = `insert into call_record (key, completeness, called_at, record) values (?, ?, ?, ?)
  on conflict (key) do update set completeness = excluded.completeness, called_at = excluded.called_at, record = excluded.record
  where excluded.completeness > call_record.completeness`;

let store;

/** Opens the store once per process. Every commit is on the disk before it returns. */
export function openStore() {
  store ??= createStore(new DatabaseSync(readSetting("DATABASE"), { timeout: 5_000 }));
  return store;
}

function createStore(database) {
  database.exec(SCHEMA);
  return {
    /** Keeps all records of a push or none. Of two records of the same call, the more complete one is kept. */
    keep(records, receivedAt) {
      database.exec("begin immediate");
      try {
        const statement = database.prepare(KEEP);
        for (const record of records) statement.run(record.key, record.completeness, findTime(record, receivedAt), JSON.stringify(record));
        database.exec("commit");
      } catch (error) {
        database.exec("rollback");
        throw error;
      }
    },

    keepUnreadable(reason, { receivedAt, provider, account = null, body }) {
      database.prepare("insert into unreadable_push (received_at, provider, account, reason, body) values (?, ?, ?, ?, ?)").run(receivedAt, provider, account, reason, body);
    },

    listNewest(limit) {
      const rows = database.prepare("select record from call_record order by called_at desc, key desc limit ?").all(limit);
      return rows.map(({ record }) => JSON.parse(record));
    },

    intend(reference, caller, callee) {
      database.prepare("insert into dial (reference, caller, callee, state) values (?, ?, ?, 'leaving')").run(reference, caller, callee);
    },

    settle(reference, state, callId = null) {
      database.prepare("update dial set state = ?, call_id = ? where reference = ?").run(state, callId, reference);
    },
  };
}

function findTime({ endedAt, connectedAt, startedAt }, receivedAt) {
  return new Date(endedAt ?? connectedAt ?? startedAt ?? receivedAt).toISOString();
}
