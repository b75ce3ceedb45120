// Keeps the CRM's dials, call records and unreadable pushes in the tables of ringback/sql, and the push tokens in a table of its own. Several
// processes may share the database: each action that two of them could do at once is one statement, or takes a lock.
import { createHash } from "node:crypto";
import { createTables } from "ringback/sql";
import { openDatabase } from "./database.mjs";
import { MYSQL, POSTGRESQL } from "./dialects.mjs";
import { findBounds } from "./filter.mjs";

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
 * @property {string | null} recordKey
 */

/** @typedef {{ dial?: Dial, record?: CallRecord, keptAt?: Date }} Entry A dial, its record, or both. */

/** @typedef {typeof import("./filter.mjs").OUTCOMES[number]} CallOutcome */

/**
 * @typedef {object} Filter
 * @property {string} [number] The caller's or the callee's number, in any usual format; with less than ten digits, the end of it.
 * @property {string} [day] A day in China, such as 2026-03-01.
 * @property {string} [provider]
 * @property {CallOutcome} [outcome]
 */

/** @typedef {{ at: Date, kind: "dial" | "record", id: string }} Cursor The last entry of a page. `kind`: the table that it is from. */

/** @typedef {{ counts: Record<CallOutcome, number>, calls: number, talkSeconds: number }} Totals */

/** The lease for pulling, renewed while it is used. */
const LEASE_MS = "10000";
/** Platforms deliver a record within this time, or never. */
const WAITING_MS = 3 * 3_600_000;

/** A number with fewer digits has no area code, so it is compared with the end of the stored ones. */
const WHOLE_NUMBER_DIGITS = 10;

// The record decides, and without one the dial: "refused" by the platform, "not-sent" from here, or "unknown".
const OUTCOME = "coalesce(record.status, case when dial.state in ('refused', 'not-sent', 'unknown') then dial.state else 'waiting' end)";

/**
 * @param {{ url?: string, directory?: string }} [place] As {@link openDatabase} takes it; in memory if absent.
 */
export async function openStore(place = {}) {
  const database = await openDatabase(place);
  const { run, transaction } = database;
  const tables = createTables({ dialect: database.dialect });
  const { dial: DIAL, record: RECORD } = tables.names;
  const { createSchema, now, nowPlus, lock, addLine, number: numberPlaceholders } = database.dialect === "mysql" ? MYSQL : POSTGRESQL;
  /** @param {string} text With `?` as the placeholder. @param {(string | number | null)[]} [values] */
  const sql = (text, values = []) => ({ text: numberPlaceholders(text), values });

  for (const text of tables.schema) await run(sql(text));
  await transaction((run) => createSchema(run, DIAL));

  /** The two parts of the list: dials with or without a record, and records of calls that were not dialed here. */
  const PARTS = /** @type {const} */ ({
    dial: { from: `${DIAL} as dial left join ${RECORD} as record on record.key = dial.record_key`, where: [], table: "dial", time: "dial.dialed_at", id: "dial.id" },
    record: { from: `${RECORD} as record left join ${DIAL} as dial on dial.record_key = record.key`, where: ["dial.id is null"], table: "record", time: "record.called_at", id: "record.key" },
  });
  const columns = ["id", "provider", "call_id", "caller", "callee", "state", "error", "dialed_at", "record_key"].map((name) => `dial.${name}`).join(", ");

  /** @param {string} number @returns {{ operator: string, digits: string }} */
  function findDigits(number) {
    const typed = number.replace(/\D/g, "");
    if (typed.length < WHOLE_NUMBER_DIGITS) return { operator: "like", digits: `%${typed}` };
    // The first value of this statement is the number in the form of the columns caller_digits and callee_digits.
    return { operator: "=", digits: String(tables.recordsByNumber({ number }).values[0]) };
  }

  /** Writes the conditions of a part of the list. @param {keyof typeof PARTS} kind @param {Filter} filter @param {{ from?: Date, after?: Cursor }} [range] */
  function writeConditions(kind, { number, day, provider, outcome }, { from, after } = {}) {
    const { table, time, id, where } = PARTS[kind];
    /** @type {string[]} */
    const conditions = [...where];
    /** @type {(string | number | null)[]} */
    const values = [];
    /** @param {string} condition @param {string[]} bound */
    const add = (condition, ...bound) => {
      conditions.push(condition);
      values.push(...bound);
    };
    const { from: begins, to: ends } = day ? findBounds(day) : {};
    if (begins && ends) add(`${time} >= ? and ${time} < ?`, begins.toISOString(), ends.toISOString());
    if (from) add(`${time} >= ?`, from.toISOString());
    if (provider) add(`${table}.provider = ?`, provider);
    if (number) {
      const { operator, digits } = findDigits(number);
      add(`(${table}.caller_digits ${operator} ? or ${table}.callee_digits ${operator} ?)`, digits, digits);
    }
    if (outcome) add(`${OUTCOME} = ?`, outcome);
    if (after) {
      const at = after.at.toISOString();
      // Of the entries of one instant, dials come before records.
      if (after.kind === kind) add(`${time} <= ? and (${time}, ${id}) < (?, ?)`, at, at, after.id);
      else add(`${time} ${kind === "record" ? "<=" : "<"} ?`, at);
    }
    return { where: conditions.length > 0 ? `where ${conditions.join(" and ")}` : "", values };
  }

  /** Reads a part of the list, newest first. @param {keyof typeof PARTS} kind @param {Filter} filter @param {number} limit @param {{ from?: Date, after?: Cursor }} range @returns {Promise<{ cursor: Cursor, entry: Entry }[]>} */
  async function readPart(kind, filter, limit, range) {
    const { from, time, id } = PARTS[kind];
    const { where, values } = writeConditions(kind, filter, range);
    const rows = await run(sql(`select ${columns}, record.record, record.kept_at, ${time} as listed_at, ${id} as listed_id from ${from} ${where} order by ${time} desc, ${id} desc limit ${limit}`, values));
    return rows.map((row) => ({ cursor: { at: new Date(row.listed_at), kind, id: row.listed_id }, entry: readEntry(row) }));
  }

  /** @param {DialRow & RecordRow & { id: string | null }} row @returns {Entry} */
  function readEntry(row) {
    return {
      ...(row.id !== null && { dial: readDial(row) }), // a record of a call that was not dialed here has no dial row
      ...(row.record !== null && { record: tables.recordOf(row), keptAt: new Date(row.kept_at) }),
    };
  }

  return {
    name: database.name,
    close: database.close,

    /** Returns the token of a line's push address, and stores `fresh` if it has none. @param {string} provider @param {string} fresh @returns {Promise<string>} */
    async pushToken(provider, fresh) {
      await run(sql(`insert into crm_line (provider, push_token) values (?, ?) ${addLine}`, [provider, fresh]));
      const [line] = await run(sql("select push_token from crm_line where provider = ?", [provider]));
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
        await run(sql(lock("crm_settle")));
        return run(tables.settle());
      });
    },

    /** Lists dials older than `afterMs` that should have a record and have none, oldest first. @param {number} afterMs @param {number} [limit] @returns {Promise<Dial[]>} */
    async missing(afterMs, limit = 100) {
      return (await run(tables.missing({ before: new Date(Date.now() - afterMs), limit }))).map(readDial);
    },

    /**
     * Lists calls, newest first.
     *
     * @param {Filter} [filter]
     * @param {{ limit?: number, after?: Cursor }} [page] `after`: the `next` of the page before.
     * @returns {Promise<{ entries: Entry[], next?: Cursor }>} `next`: there are more.
     */
    async entries(filter = {}, { limit = 100, after } = {}) {
      // One more than asked for, to know whether there are more.
      const dials = await readPart("dial", filter, limit + 1, { after });
      // Where dials fill the page, older records are not looked for: there may be very many, nearly all of them of dials.
      const records = await readPart("record", filter, limit + 1, { after, from: dials[limit]?.cursor.at });
      const listed = [...dials, ...records].sort((one, other) => other.cursor.at.getTime() - one.cursor.at.getTime());
      const page = listed.slice(0, limit);
      return { entries: page.map(({ entry }) => entry), ...(listed.length > limit && { next: page.at(-1)?.cursor }) };
    },

    /** Counts all calls of a filter by outcome, and adds up the time talked. @param {Filter} filter @returns {Promise<Totals>} */
    async totals(filter) {
      /** @type {Totals} */
      const totals = { counts: { answered: 0, unanswered: 0, failed: 0, waiting: 0, refused: 0, "not-sent": 0, unknown: 0 }, calls: 0, talkSeconds: 0 };
      const parts = await Promise.all(/** @type {const} */ (["dial", "record"]).map((kind) => {
        const { where, values } = writeConditions(kind, filter);
        return run(sql(`select ${OUTCOME} as outcome, count(*) as calls, sum(record.talk_seconds) as talked from ${PARTS[kind].from} ${where} group by 1`, values));
      }));
      for (const { outcome, calls, talked } of parts.flat()) {
        totals.counts[/** @type {CallOutcome} */ (outcome)] += Number(calls);
        totals.calls += Number(calls);
        totals.talkSeconds += Number(talked ?? 0);
      }
      return totals;
    },

    /** @param {string} key @returns {Promise<CallRecord | undefined>} */
    async record(key) {
      const [row] = await run(tables.record(key));
      return row && tables.recordOf(row);
    },

    /** @param {string} provider @param {string} callId @returns {Promise<CallRecord | undefined>} */
    async recordOfCall(provider, callId) {
      const [row] = await run(sql(`select record from ${RECORD} where call_id = ? and provider = ?`, [callId, provider]));
      return row && tables.recordOf(row);
    },

    /** Finds the time of the oldest dial of the last hours that still waits for its record. @param {string} provider @returns {Promise<Date | undefined>} */
    async waitingSince(provider) {
      const recent = new Date(Date.now() - WAITING_MS).toISOString();
      const [{ since }] = await run(sql(`select min(dialed_at) as since from ${DIAL} where provider = ? and record_key is null and state in ('intended', 'placed', 'unknown') and dialed_at > ?`, [provider, recent]));
      return since === null ? undefined : new Date(since);
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
      // A lease instead of a lock: no transaction stays open while a platform is asked, and the lease of a killed process expires.
      return transaction(async (run) => {
        const [line] = await run(sql(`select pulled_until from crm_line where provider = ? and pulling_until < ${now} and pulled_at <= ${nowPlus("?")} for update`, [provider, -Math.round(pauseMs)]));
        if (line === undefined) return undefined;
        await run(sql(`update crm_line set puller = ?, pulling_until = ${nowPlus(LEASE_MS)} where provider = ?`, [puller, provider]));
        return { pulledUntil: line.pulled_until === null ? undefined : new Date(line.pulled_until) };
      });
    },

    /** @param {string} provider @param {string} puller @returns {Promise<boolean>} False if another process has taken over. */
    async stillPulling(provider, puller) {
      await run(sql(`update crm_line set pulling_until = ${nowPlus(LEASE_MS)} where provider = ? and puller = ?`, [provider, puller]));
      return (await run(sql("select provider from crm_line where provider = ? and puller = ?", [provider, puller]))).length > 0;
    },

    /** @param {string} provider @param {string} puller @param {Date} [until] The time up to which everything is kept now; absent after a failure. */
    async endPull(provider, puller, until) {
      const pulled = until ? { set: ", pulled_until = ?", values: [until.toISOString()] } : { set: "", values: [] };
      await run(sql(`update crm_line set puller = null, pulling_until = ${now}, pulled_at = ${now}${pulled.set} where provider = ? and puller = ?`, [...pulled.values, provider, puller]));
    },
  };
}

/** @param {DialRow} row @returns {Dial} */
function readDial({ id, provider, call_id: callId, caller, callee, state, error, dialed_at: dialedAt, record_key: recordKey }) {
  // MySQL has JSON as text.
  const failure = /** @type {DialFailure | null} */ (typeof error === "string" ? JSON.parse(error) : error);
  return { id, provider, caller, callee, callId, state, dialedAt: new Date(dialedAt), failure, recordKey };
}
