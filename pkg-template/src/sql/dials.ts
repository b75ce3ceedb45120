import type { Call } from "../generated/model.js";
import type { Provider } from "../generated/platforms.js";
import type { RingbackError } from "../model/error.js";
import type { Flavour } from "./flavour.js";
import { toDigits } from "./number.js";
import type { TableNames } from "./schema.js";
import { type Fragment, raw, sql, type Statement, toStatement } from "./statement.js";
import { bindEarlier, requireText, shortenId, bindInstant, bindJson, bindLimit, cleanText, bindText } from "./values.js";

/** Writes dials down and finds their records. */
export interface DialStatements {
  /**
   * Writes a dial down before its request is sent. Returns `id`; returns no row if this id exists already: then do not dial.
   *
   * @param intent - The dial to be placed.
   */
  intend(intent: DialIntent): Statement;
  /**
   * Notes that the platform accepted the dial. If the dial had already been joined with a record by its numbers, that join is undone: the
   * next
   * `settle` joins it by the call id or the reference. Returns `id`.
   *
   * @param dialed - The dial's id, the result of `dial()`, and the time.
   */
  placed(dialed: Dialed & { call: Call }): Statement;
  /**
   * Notes that `dial()` rejected. The state is the error's `delivery`: `refused`, `not-sent` or `unknown`. Returns `id`.
   *
   * @param dialed - The dial's id, the error that `dial()` rejected with, and the time.
   */
  failed(dialed: Dialed & { error: DialFailure }): Statement;
  /** Finds the dial with this id. Returns one {@link DialRow} or no row. */
  dial(id: string): Statement;
  /**
   * Joins dials without a record with kept records: by call id, by reference, and where neither exists (the correlation is `none`, or the
   * fate of the dial is unknown) by both numbers, within 3 hours of the dial, without incoming calls. A dial that is only intended is
   * joined
   * by numbers no sooner than 5 minutes after it was sent, since its answer may still arrive. A record never belongs to two dials. A join
   * by
   * numbers is provisional: a dial that the record's call id or reference names, or one nearer in time, takes the record over, even if it
   * is
   * written down later. Returns `id` and `record_key` of the dials joined now; `record_key` is null for a dial that gave its record back,
   * and
   * the next run joins that record. Run it after keeping records and before `missing`; several calls between the same numbers may take more
   * than one run, so run it until it returns no row.
   *
   * Run it in a transaction of its own. If two processes settle at once, one may fail with a unique violation (PostgreSQL 23505) or a
   * deadlock (40P01): then nothing was changed, and it can be run again.
   *
   * @param range - The current time: a Date, or ISO 8601 with an offset. Default now.
   */
  settle(range?: { at?: Date | string | undefined }): Statement;
  /**
   * Finds dials that should have a record by now and have none, oldest first: placed, unknown, or still intended. Includes dials whose
   * record is not final (`record_key` is then its key), since the platform may never push the rest of it. Returns {@link DialRow}s.
   *
   * @param range - Dials before this time; and the largest number of rows, up to 10000, default 100.
   */
  missing(range: { before: Date | string; limit?: number | undefined }): Statement;
}

/** A dial that is about to be sent. */
export interface DialIntent {
  /** Identifies one press of the button, even if the press reaches you several times. */
  id: string;
  /** The platform. */
  provider: Provider;
  /** The account's name, if the client has one. A dial without an answer finds its record only under this name. */
  account?: string | undefined;
  /** The reference that is sent with the dial, if you give one. */
  reference?: string | undefined;
  /** The caller's number (主叫), as in the dial. */
  caller: string;
  /** The callee's number (被叫). */
  callee: string;
  /** The time: a Date, or ISO 8601 with an offset. */
  at: Date | string;
}

/** The outcome of a dial. */
export interface Dialed {
  /** The id that was given to `intend`. */
  id: string;
  /** When the outcome was known: a Date, or ISO 8601 with an offset. */
  at: Date | string;
}

/** The fields of an error that are kept: all that a RingbackError shows. Its account becomes the dial's account. */
export type DialFailure = Pick<RingbackError, "code" | "delivery" | "message"> & Partial<Pick<RingbackError, "reason" | "account" | "providerCode" | "providerMessage" | "hint">>;

/** A row that a statement on dials returns. */
export interface DialRow {
  /** Identifies the press of the button. */
  id: string;
  /** The platform. */
  provider: Provider;
  /** The account's name. */
  account: string | null;
  /** The reference that was sent with the dial, given or created. */
  reference: string | null;
  /** The platform's call id. */
  call_id: string | null;
  /** The caller's number (主叫), as dialed. */
  caller: string;
  /** The callee's number (被叫), as dialed. */
  callee: string;
  /** `intended`: no outcome is known yet. */
  state: "intended" | "placed" | "refused" | "not-sent" | "unknown";
  /** The {@link DialFailure}, as the driver returns JSON: an object, or text. */
  error: unknown;
  /** When it was intended. */
  dialed_at: Date | string;
  /** When its outcome was known. */
  answered_at: Date | string | null;
  /** The key of its record. */
  record_key: string | null;
}

/** Clocks differ, and for an unanswered call some platforms report only the end time. */
const NEAR_MINUTES = { before: 1, after: 180 };

/** Longer than a dial waits for its answer. Before that, a record with the same numbers may belong to another call. */
const IN_FLIGHT_MINUTES = 5;

/** Creates the statements for dials. */
export function createDialStatements(flavour: Flavour, names: TableNames): DialStatements {
  const table = raw(names.dial);
  const write = (whole: Fragment): Statement => toStatement(whole, flavour.placeholder);
  const found = sql`select id, provider, account, reference, call_id, caller, callee, state, error, dialed_at, answered_at, record_key from ${table}`;

  const settle = (range?: { at?: Date | string | undefined }): Statement => {
    const answeredBy = bindEarlier("at", range?.at ?? new Date(), IN_FLIGHT_MINUTES);
    const distance = flavour.distance(raw("record.called_at"), raw("dial.dialed_at"));
    // The conditions of a join; the lower tier has priority. They are checked again when the join is written, because the dial's answer may
    // have arrived in the meantime.
    const open = raw("dial.record_key is null and dial.state in ('intended', 'placed', 'unknown')");
    const stillOpen = sql`${flavour.noIndex}${open}`; // Found by its id at this point.
    const tiers = (callId: Fragment, reference: Fragment): [Fragment, Fragment, Fragment] => [
      sql`dial.call_id = ${callId}`,
      // If both ids are known and differ, the record belongs to another call: a reference may be used again.
      sql`dial.reference = ${reference} and (dial.call_id is null or ${callId} is null)`,
      sql`(dial.correlation = 'none' or dial.state = 'unknown' or (dial.state = 'intended' and dial.dialed_at <= ${answeredBy}))
      and (dial.call_id is null or ${callId} is null) and (dial.reference is null or ${reference} is null)`,
    ];
    const [byCallId, byReference, byNothing] = tiers(raw("record.call_id"), raw("record.reference"));
    const byNumbers = sql`record.caller_digits = dial.caller_digits and record.callee_digits = dial.callee_digits
      and ${byNothing} and record.direction <> 'inbound'
      and ${flavour.within(raw("record.called_at"), raw("dial.dialed_at"), NEAR_MINUTES)}
      and not exists (
        select 1 from ${table} as known where known.provider = record.provider and known.account ${flavour.same} record.account
          and (known.call_id = record.call_id or known.reference = record.reference)
      )`;
    // A join by numbers is only the best match so far: it gives way to an id, and to a dial nearer in time. So the order in which the dials
    // were written down does not matter.
    const byNumbersOnly = raw("coalesce(holder.call_id <> record.call_id, true) and coalesce(holder.reference <> record.reference, true)");
    const farther = sql`${flavour.distance(raw("record.called_at"), raw("holder.dialed_at"))} > ${distance}`;
    const candidates = (tier: 1 | 2 | 3, condition: Fragment): Fragment => sql`
  select ${flavour.noIndex} dial.id as dial_id, record.key as found_key, record.call_id as found_call_id, record.reference as found_reference,
    ${raw(String(tier))} as tier, ${distance} as distance, holder.id as holder_id
  from ${table} as dial join ${raw(names.record)} as record
    on record.provider = dial.provider and record.account ${flavour.same} dial.account and ${condition}
  left join ${table} as holder on holder.record_key = record.key
  where ${open} and (holder.id is null or (${byNumbersOnly}${tier === 3 ? sql` and ${farther}` : raw("")}))`;
    const [stillByCallId, stillByReference, stillByNothing] = tiers(raw("found_call_id"), raw("found_reference"));
    // Each dial takes its nearest record, and only if it is also that record's nearest dial: a dial whose own record is lost must not take
    // another's. Dials are locked in the order of their ids, so that two concurrent runs wait for each other in one direction.
    // SQLite takes the two sides of a cross join in this order: the small one first.
    // A record that another dial must give back is free for the next run: no two rows may hold it, not even within one statement.
    return write(sql`with candidate as (${candidates(1, byCallId)}
  union all${candidates(2, byReference)}
  union all${candidates(3, byNumbers)}
), ranked as (
  select dial_id, found_key, found_call_id, found_reference, tier, holder_id,
    row_number() over (partition by found_key order by tier, distance, dial_id) as of_record,
    row_number() over (partition by dial_id order by tier, distance, found_key) as of_dial
  from candidate
), nearest as (
  select coalesce(holder_id, dial_id) as target, found_key, found_call_id, found_reference, tier, holder_id
  from ranked cross join ${table} as dial where dial.id = coalesce(holder_id, dial_id) and of_record = 1 and of_dial = 1 order by target${flavour.lockRows("dial")}
)
update ${table} as dial set record_key = case when holder_id is null then found_key end
from nearest
where dial.id = target and (
  (holder_id is not null and ${flavour.noIndex}dial.record_key = found_key)
  or (holder_id is null and ${stillOpen} and ((tier = 1 and ${stillByCallId}) or (tier = 2 and ${stillByReference}) or (tier = 3 and ${stillByNothing})))
)
returning id, record_key`);
  };

  const missing = (before: Date | string, rows: number | undefined): Statement => {
    const due = sql`state in ('intended', 'placed', 'unknown') and dialed_at < ${bindInstant("before", before)}`;
    const oldest = sql`order by dialed_at, id limit ${bindLimit(rows)}`;
    // Each part uses its own index.
    return write(sql`${found} where id in (
  select id from (select id from ${table} where record_key is null and ${due} ${oldest}) as without_record
  union all
  select id from (
    select dial.id from ${raw(names.record)} as record join ${table} as dial on dial.record_key = record.key where not record.final and ${due} ${oldest}
  ) as not_final
) ${oldest}`);
  };

  return {
    intend: ({ id, provider, account, reference, caller, callee, at }) =>
      write(sql`insert into ${table} (id, provider, account, reference, caller, callee, caller_digits, callee_digits, state, dialed_at)
values (${bindText(shortenId(requireText("id", id)))}, ${bindText(requireText("provider", provider))}, ${bindText(shortenId(account))}, ${bindText(shortenId(reference))}, ${bindText(cleanText(requireText("caller", caller)))}, ${bindText(cleanText(requireText("callee", callee)))}, ${bindText(toDigits(caller))}, ${bindText(toDigits(callee))}, 'intended', ${bindInstant("at", at)})
on conflict (id) do nothing
returning id`),
    placed: ({ id, call, at }) =>
      write(sql`update ${table} set state = 'placed', call_id = ${bindText(shortenId(call.id))}, correlation = ${bindText(call.correlation)},
  reference = coalesce(${bindText(shortenId(call.reference))}, reference), account = coalesce(${bindText(shortenId(call.account))}, account), error = null, answered_at = ${bindInstant("at", at)}, record_key = null
where id = ${bindText(shortenId(requireText("id", id)))}
returning id`),
    failed: ({ id, error, at }) =>
      write(sql`update ${table} set state = ${bindText(toState(error))}, error = ${bindJson(copyError(error))},
  account = coalesce(${bindText(shortenId(error.account))}, account), answered_at = ${bindInstant("at", at)}
where id = ${bindText(shortenId(requireText("id", id)))} and state <> 'placed'
returning id`),
    dial: (id) => write(sql`${found} where id = ${bindText(shortenId(requireText("id", id)))}`),
    settle,
    missing: ({ before, limit: rows }) => missing(before, rows),
  };
}

/** An error without `delivery` does not say whether a phone rang, so the state is unknown. */
function toState({ delivery }: DialFailure): "refused" | "not-sent" | "unknown" {
  return delivery === "refused" || delivery === "not-sent" ? delivery : "unknown";
}

/** Copies the kept fields explicitly, since not all fields of an error are enumerable. */
function copyError({ code, reason, delivery, message, providerCode, providerMessage, hint }: DialFailure): DialFailure {
  return JSON.parse(JSON.stringify({ code, reason, delivery, message, providerCode, providerMessage, hint })) as DialFailure;
}
