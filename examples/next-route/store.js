// The store: SQLite in a file, which comes with Node.js. Put your database in its place; the statements are the same in PostgreSQL.
import { DatabaseSync } from "node:sqlite";
import { setting } from "./settings.js";

const SCHEMA = `
create table if not exists call_record (key text primary key, completeness integer not null, called_at text not null, record text not null);
create table if not exists unreadable_push (received_at text not null, provider text not null, account text, reason text not null, body blob not null);
create table if not exists dial (reference text primary key, caller text not null, callee text not null, state text not null, call_id text);`;

const KEEP = `insert into call_record (key, completeness, called_at, record) values (?, ?, ?, ?)
  on conflict (key) do update set completeness = excluded.completeness, called_at = excluded.called_at, record = excluded.record
  where excluded.completeness > call_record.completeness`;

let store;

/** The one store of this process. Every commit is on the disk before it returns. */
export function openStore() {
  store ??= storeOf(new DatabaseSync(setting("DATABASE"), { timeout: 5_000 }));
  return store;
}

function storeOf(database) {
  database.exec(SCHEMA);
  return {
    /** Keeps all records of a push or none. Of two of the same call the fuller one stays. */
    keep(records, receivedAt) {
      database.exec("begin immediate");
      try {
        const statement = database.prepare(KEEP);
        for (const record of records) statement.run(record.key, record.completeness, timeOf(record, receivedAt), JSON.stringify(record));
        database.exec("commit");
      } catch (error) {
        database.exec("rollback");
        throw error;
      }
    },

    keepUnreadable(reason, { receivedAt, provider, account = null, body }) {
      database.prepare("insert into unreadable_push (received_at, provider, account, reason, body) values (?, ?, ?, ?, ?)").run(receivedAt, provider, account, reason, body);
    },

    newest(limit) {
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

function timeOf({ endedAt, connectedAt, startedAt }, receivedAt) {
  return new Date(endedAt ?? connectedAt ?? startedAt ?? receivedAt).toISOString();
}
