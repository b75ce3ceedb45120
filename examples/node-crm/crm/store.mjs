// Keeps the CRM's dials, call records and unreadable pushes in the tables of ringback/sql, and the push tokens in a table of its own. Several
// processes may share the database: each action that two of them could do at once is one statement, or takes a lock.
import { createHash } from "node:crypto";
import { createTables } from "ringback/sql";
import { openDatabase } from "./database.mjs";

/** @import { CallRecord, Provider, Push } from "ringback" */
/** @import { DialFailure, DialRow, RecordRow } from "ringback/sql" */

/** @typedef {Awaited<ReturnType<typeof openStore>>} Store */

/**
 * @typedef {object} Dial
 * @property {string} id Sent as the reference to platforms that take one.
 * @property {Provider} provider
 * @property {string} caller As typed.
 * @property {string} callee As typed.
 * @property {string | null} callId
 * @property {DialRow["state"]} state `intended`: stored before the request was sent. If it does not change, the outcome is unknown.
 * @property {Date} dialedAt
 * @property {DialFailure | null} failure
 */

/** @typedef {{ dial?: Dial, record?: CallRecord, keptAt?: Date }} Entry A dial, its record, or both. */

const tables = createTables({ dialect: "postgresql" });
const { dial: DIAL, record: RECORD } = tables.names;

// A line's push token must be the same in every process and after every start, because it is set in the platform's console.
const SCHEMA = [
  "select pg_advisory_xact_lock(hashtext('crm_line'))",
  `create table if not exists crm_line (
    provider text primary key,
    push_token text not null,
    pulled_until timestamptz,
    pulled_at timestamptz not null default '-infinity',
    puller text,
    pulling_until timestamptz not null default '-infinity'
  )`,
  `create index if not exists crm_dial_by_time on ${DIAL} (dialed_at)`,
];

const DIAL_COLUMNS = ["id", "provider", "call_id", "caller", "callee", "state", "error", "dialed_at"].map((name) => `dial.${name}`).join(", ");

const ENTRIES = `
select * from (
  (select ${DIAL_COLUMNS}, record.record, record.kept_at, dial.dialed_at as at
    from ${DIAL} as dial left join ${RECORD} as record on record.key = dial.record_key
    order by dial.dialed_at desc limit $1)
  union all
  (select ${DIAL_COLUMNS}, record.record, record.kept_at, record.called_at as at
    from ${RECORD} as record left join ${DIAL} as dial on dial.record_key = record.key
    where dial.id is null
    order by record.called_at desc limit $1)
) as entry order by at desc limit $1`;

// The oldest dial without a record that was neither refused nor known to be unsent.
const WAITING_SINCE = `
select min(dialed_at) as since from ${DIAL}
where provider = $1 and record_key is null and state in ('intended', 'placed', 'unknown') and dialed_at > now() - interval '3 hours'`;

// A lease instead of a lock: no transaction stays open while a platform is asked, and the lease of a killed process expires.
const TAKE_PULL = `
update crm_line set puller = $2, pulling_until = now() + interval '10 seconds'
where provider = $1 and pulling_until < now() and pulled_at <= now() - $3::int * interval '1 millisecond'
returning pulled_until`;
const STILL_PULLING = "update crm_line set pulling_until = now() + interval '10 seconds' where provider = $1 and puller = $2 returning provider";
const END_PULL = `
update crm_line set puller = null, pulling_until = '-infinity', pulled_at = now(), pulled_until = coalesce($3::timestamptz, pulled_until)
where provider = $1 and puller = $2`;

/**
 * @param {{ url?: string, directory?: string }} [place] As {@link openDatabase} takes it; in memory if absent.
 */
export async function openStore(place = {}) {
  const database = await openDatabase(place);
  const { run, transaction } = database;
  for (const text of tables.schema) await run({ text, values: [] });
  await transaction(async (run) => {
    for (const text of SCHEMA) await run({ text, values: [] });
  });

  return {
    name: database.name,
    close: database.close,

    /** Returns the token of a line's push address, and stores `fresh` if it has none. @param {string} provider @param {string} fresh @returns {Promise<string>} */
    async pushToken(provider, fresh) {
      await run({ text: "insert into crm_line (provider, push_token) values ($1, $2) on conflict (provider) do nothing", values: [provider, fresh] });
      const [line] = await run({ text: "select push_token from crm_line where provider = $1", values: [provider] });
      return line.push_token;
    },

    /** @param {{ id: string, provider: Provider, caller: string, callee: string }} dial @returns {Promise<boolean>} False if this press of the button is already stored: then do not dial. */
    async intend({ id, provider, caller, callee }) {
      return (await run(tables.intend({ id, provider, reference: id, caller, callee, at: new Date() }))).length > 0;
    },

    /** @param {string} id @param {import("ringback").Call} call */
    async placed(id, call) {
      await run(tables.placed({ id, call, at: new Date() }));
    },

    /** @param {string} id @param {DialFailure} error */
    async failed(id, error) {
      await run(tables.failed({ id, error, at: new Date() }));
    },

    /** @param {string} id @returns {Promise<Dial | undefined>} */
    async dial(id) {
      const [row] = await run(tables.dial(id));
      return row && readDial(row);
    },

    /**
     * Keeps records. A repeated record changes nothing; a more complete one replaces the kept one.
     *
     * @param {CallRecord[]} records
     * @returns {Promise<Set<string>>} The keys of the records that changed something.
     */
    async keep(records) {
      return new Set((await run(tables.keep(records))).map(({ key }) => key));
    },

    /** Keeps an unreadable push, for a person to look at. A repeated push is kept once. @param {Push} push @param {string} reason */
    async keepUnreadable(push, reason) {
      const id = createHash("sha256").update(`${push.provider}\n${push.query ?? ""}\n`).update(push.body).digest("hex");
      await transaction(async (run) => {
        await run(tables.store(push, id));
        await run(tables.unreadable({ id, reason }));
      });
    },

    /** Joins dials with the records that came since. @returns {Promise<{ id: string, record_key: string | null }[]>} The dials that got a record, or (null) lost theirs to a better match. */
    async settle() {
      return transaction(async (run) => {
        // Two runs at once could give one record to two dials, and one of them would fail.
        await run({ text: "select pg_advisory_xact_lock(hashtext('crm_settle'))", values: [] });
        return run(tables.settle());
      });
    },

    /** Lists dials older than `afterMs` that should have a record and have none, oldest first. @param {number} afterMs @param {number} [limit] @returns {Promise<Dial[]>} */
    async missing(afterMs, limit = 100) {
      return (await run(tables.missing({ before: new Date(Date.now() - afterMs), limit }))).map(readDial);
    },

    /** @param {number} [limit] @returns {Promise<Entry[]>} Newest first. */
    async entries(limit = 100) {
      return (await run({ text: ENTRIES, values: [limit] })).map(readEntry);
    },

    /** @param {string} key @returns {Promise<CallRecord | undefined>} */
    async record(key) {
      const [row] = await run(tables.record(key));
      return row && tables.recordOf(row);
    },

    /** @param {string} provider @param {string} callId @returns {Promise<CallRecord | undefined>} */
    async recordOfCall(provider, callId) {
      const [row] = await run({ text: `select record from ${RECORD} where call_id = $2 and provider = $1`, values: [provider, callId] });
      return row && tables.recordOf(row);
    },

    /** Finds the time of the oldest dial of the last hours that still waits for its record. @param {string} provider @returns {Promise<Date | undefined>} */
    async waitingSince(provider) {
      const [{ since }] = await run({ text: WAITING_SINCE, values: [provider] });
      return since ?? undefined;
    },

    /**
     * Takes the lease for pulling a platform's records, unless another process has it, or pulled less than `pauseMs` ago.
     *
     * @param {string} provider
     * @param {string} puller
     * @param {number} pauseMs
     * @returns {Promise<{ pulledUntil: Date | undefined } | undefined>} The time up to which everything was pulled.
     */
    async takePull(provider, puller, pauseMs) {
      const [line] = await run({ text: TAKE_PULL, values: [provider, puller, Math.round(pauseMs)] });
      return line && { pulledUntil: line.pulled_until ?? undefined };
    },

    /** @param {string} provider @param {string} puller @returns {Promise<boolean>} False if another process has taken over. */
    async stillPulling(provider, puller) {
      return (await run({ text: STILL_PULLING, values: [provider, puller] })).length > 0;
    },

    /** @param {string} provider @param {string} puller @param {Date} [until] The time up to which everything is kept now; absent after a failure. */
    async endPull(provider, puller, until) {
      await run({ text: END_PULL, values: [provider, puller, until?.toISOString() ?? null] });
    },
  };
}

/** @param {DialRow} row @returns {Dial} */
function readDial({ id, provider, call_id: callId, caller, callee, state, error, dialed_at: dialedAt }) {
  return { id, provider, caller, callee, callId, state, dialedAt: new Date(dialedAt), failure: /** @type {DialFailure | null} */ (error) };
}

/** @param {DialRow & RecordRow & { id: string | null }} row @returns {Entry} */
function readEntry(row) {
  return {
    ...(row.id !== null && { dial: readDial(row) }), // a record of a call that was not dialed here has no dial row
    ...(row.record !== null && { record: tables.recordOf(row), keptAt: new Date(row.kept_at) }),
  };
}
