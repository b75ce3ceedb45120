// What the CRM keeps: its own dials, and the call records the platforms report. PGlite is PostgreSQL in the process.
import { createHash } from "node:crypto";
import { PGlite } from "@electric-sql/pglite";

/** @import { CallRecord } from "ringback" */

/**
 * @typedef {object} DialFailure What a failed dial leaves behind, without the secrets and numbers an error never shows.
 * @property {string} code
 * @property {"not-sent" | "refused" | "unknown"} delivery
 * @property {string} message
 * @property {string} [operation]
 * @property {string} [providerCode]
 * @property {string} [providerMessage]
 * @property {string} [hint]
 */

/**
 * @typedef {object} Dial
 * @property {string} id Sent along as the reference, where the platform takes one.
 * @property {string} provider
 * @property {string} caller As typed.
 * @property {string} callee As typed.
 * @property {string | null} seat
 * @property {"leaving" | "placed" | "failed"} state `leaving`: written before the request left. If it stays, nobody knows.
 * @property {Date} dialedAt
 * @property {DialFailure | null} failure
 */

/** @typedef {{ dial?: Dial, record?: CallRecord, keptAt?: Date }} Entry A dial, its record, or both. */

const SCHEMA = `
create table if not exists dial (
  id text primary key,
  provider text not null,
  caller text not null,
  callee text not null,
  seat text,
  state text not null default 'leaving',
  dialed_at timestamptz not null,
  call_id text,
  correlation text,
  failure json,
  record_key text unique
);
create table if not exists call_record (
  key text primary key,
  completeness bigint not null,
  provider text not null,
  call_id text,
  reference text,
  caller_digits text,
  callee_digits text,
  ended_at timestamptz,
  record json not null, -- json, not jsonb: a platform's payload may hold what jsonb turns away (\\u0000)
  kept_at timestamptz not null
);
create table if not exists unreadable (
  provider text not null,
  digest text not null,
  reason text not null,
  payload json not null,
  received_at timestamptz not null,
  primary key (provider, digest)
);
create index if not exists dial_by_time on dial (dialed_at desc);
create index if not exists record_by_time on call_record (kept_at desc);
`;

// A platform may push a record twice, late, or out of order. Whichever of two runs last, the fuller one stays.
const KEEP = `
insert into call_record (key, completeness, provider, call_id, reference, caller_digits, callee_digits, ended_at, record, kept_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (key) do update set
  completeness = excluded.completeness, call_id = excluded.call_id, reference = excluded.reference,
  caller_digits = excluded.caller_digits, callee_digits = excluded.callee_digits,
  ended_at = excluded.ended_at, record = excluded.record, kept_at = excluded.kept_at
where excluded.completeness > call_record.completeness
returning key`;

// By call id or reference where the platform gives one. Where it gives neither (Call.correlation is "none"), by both
// numbers: a phone is in one call at a time, so the oldest dial of the pair still without a record is the one.
const PAIR = `
update dial set record_key = $1 where id = (
  select dial.id from dial join call_record on call_record.key = $1 and call_record.provider = dial.provider
  where dial.record_key is null
    and not exists (select from dial as paired where paired.record_key = $1)
    and (dial.call_id = call_record.call_id or dial.id = call_record.reference
      or (dial.correlation = 'none'
        and right(regexp_replace(dial.caller, '\\D', '', 'g'), 10) = call_record.caller_digits
        and right(regexp_replace(dial.callee, '\\D', '', 'g'), 10) = call_record.callee_digits
        and call_record.ended_at between dial.dialed_at - interval '1 minute' and dial.dialed_at + interval '3 hours'))
  order by (dial.call_id = call_record.call_id or dial.id = call_record.reference) desc nulls last, dial.dialed_at
  limit 1
) returning id`;

const ENTRIES = `
select dial.id, dial.provider, dial.caller, dial.callee, dial.seat, dial.state, dial.dialed_at, dial.failure,
  call_record.record, call_record.kept_at
from dial full join call_record on dial.record_key = call_record.key
order by coalesce(dial.dialed_at, call_record.kept_at) desc
limit $1`;

/** @typedef {Awaited<ReturnType<typeof openStore>>} Store */

/**
 * @param {string} [directory] Where the database lives; in memory when absent.
 */
export async function openStore(directory) {
  const database = await PGlite.create(directory);
  await database.exec(SCHEMA);

  return {
    /** @param {{ id: string, provider: string, caller: string, callee: string, seat?: string }} dial */
    async intend({ id, provider, caller, callee, seat }) {
      await database.query("insert into dial (id, provider, caller, callee, seat, dialed_at) values ($1, $2, $3, $4, $5, $6)", [id, provider, caller, callee, seat ?? null, new Date()]);
    },

    /** @param {string} id @param {import("ringback").Call} call */
    async placed(id, call) {
      await database.query("update dial set state = 'placed', call_id = $2, correlation = $3 where id = $1", [id, call.id ?? null, call.correlation]);
      // The record may have been faster than the answer to the dial.
      const { rows } = await database.query(
        "select key from call_record where provider = $1 and not exists (select from dial where record_key = key)",
        [call.provider],
      );
      for (const { key } of rows) await database.query(PAIR, [key]);
    },

    /** @param {string} id @param {DialFailure} failure */
    async failed(id, failure) {
      await database.query("update dial set state = 'failed', failure = $2 where id = $1", [id, JSON.stringify(failure)]);
    },

    /**
     * Keeps a record; a second time changes nothing, a fuller one replaces it.
     *
     * @param {CallRecord} record
     * @returns {Promise<boolean>} Whether anything changed.
     */
    async keep(record) {
      return database.transaction(async (transaction) => {
        const { rows } = await transaction.query(KEEP, [
          record.key,
          String(record.completeness),
          record.provider,
          record.callId ?? null,
          record.reference ?? null,
          lastDigits(record.caller),
          lastDigits(record.callee),
          record.endedAt ?? null,
          JSON.stringify(record),
          new Date(),
        ]);
        await transaction.query(PAIR, [record.key]);
        return rows.length > 0;
      });
    },

    /** What a platform sent and nobody could read, once, for a person to look at. @param {{ provider: string, reason: string, payload: unknown }} unreadable */
    async keepUnreadable({ provider, reason, payload }) {
      const text = JSON.stringify(payload ?? null);
      const digest = createHash("sha256").update(text).digest("hex");
      await database.query(
        "insert into unreadable (provider, digest, reason, payload, received_at) values ($1, $2, $3, $4, $5) on conflict do nothing",
        [provider, digest, reason, text, new Date()],
      );
    },

    /** @param {number} [limit] @returns {Promise<Entry[]>} Newest first. */
    async entries(limit = 100) {
      const { rows } = await /** @type {Promise<{ rows: EntryRow[] }>} */ (database.query(ENTRIES, [limit]));
      return rows.map(readEntry);
    },

    /** @param {string} key @returns {Promise<CallRecord | undefined>} */
    async record(key) {
      const { rows } = await database.query("select record from call_record where key = $1", [key]);
      return rows[0]?.record;
    },

    /** @returns {Promise<CallRecord[]>} Oldest first. */
    async records() {
      const { rows } = await database.query("select record from call_record order by kept_at, key");
      return rows.map(({ record }) => record);
    },

    /** The oldest placed dial that still waits for its record, if any of the last hours does. @param {string} provider @returns {Promise<Date | undefined>} */
    async waitingSince(provider) {
      const { rows } = await database.query(
        "select min(dialed_at) as since from dial where provider = $1 and record_key is null and dialed_at > now() - interval '3 hours' and (state <> 'failed' or failure ->> 'delivery' = 'unknown')",
        [provider],
      );
      return rows[0]?.since ?? undefined;
    },

    close: () => database.close(),
  };
}

/** @typedef {{ [Column in keyof Omit<Dial, "dialedAt">]: Dial[Column] } & { dialed_at: Date, record: CallRecord | null, kept_at: Date }} EntryRow */

/** @param {EntryRow} row @returns {Entry} */
function readEntry({ record, kept_at: keptAt, dialed_at: dialedAt, ...dial }) {
  return {
    ...(dial.id !== null && { dial: { ...dial, dialedAt } }), // a record of a call that was not dialed here has no such row
    ...(record !== null && { record, keptAt }),
  };
}

/** Enough to tell two numbers apart, however each was written. @param {{ number?: string, rawNumber?: string }} leg */
function lastDigits({ number, rawNumber }) {
  return (number ?? rawNumber ?? "").replace(/\D/g, "").slice(-10);
}
