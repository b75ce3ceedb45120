import type { Call } from "../generated/model.js";
import type { Provider } from "../generated/platforms.js";
import type { RingbackError } from "../model/error.js";
import type { Flavour } from "./flavour.js";
import { digitsOf } from "./number.js";
import type { TableNames } from "./schema.js";
import { type Fragment, raw, sql, type Statement, statement } from "./statement.js";
import { earlier, given, identifier, instant, json, limit, plain, text } from "./values.js";

/** Writes down what is dialed, and finds out what became of it. */
export interface DialStatements {
  /**
   * Writes a dial down, before the request leaves. Returns `id`; no row where that id is there already: then do not dial.
   *
   * @param intent - What is about to be dialed.
   */
  intend(intent: DialIntent): Statement;
  /**
   * The platform accepted the dial. A record that it was joined with before this was known is given back: the next `settle` joins it by
   * what is known now. Returns `id`.
   *
   * @param dialed - The dial's id, what `dial()` resolved to, and when.
   */
  placed(dialed: Dialed & { call: Call }): Statement;
  /**
   * `dial()` rejected. The state is then what the error's `delivery` says: `refused`, `not-sent` or `unknown`. Returns `id`.
   *
   * @param dialed - The dial's id, what `dial()` rejected with, and when.
   */
  failed(dialed: Dialed & { error: DialFailure }): Statement;
  /** The dial of this id. Returns {@link DialRow}, or nothing. */
  dial(id: string): Statement;
  /**
   * Joins dials that have no record yet with the records that are there: by call id, by reference, and where there is neither (the
   * correlation is `none`, or what became of the dial is not known) by both numbers, within 3 hours of the dial, incoming calls left
   * out. Numbers join a dial that is only intended no sooner than 5 minutes after it left: until then its answer may still come. No
   * record goes to two dials. A join by numbers is not final: a dial that the record's call id or reference names, or one that is nearer
   * in time, takes the record over, however late it is written down. Returns `id` and `record_key` of those joined now; `record_key` is
   * null where a dial gave its record back, and the next run joins that record. Run it after records were kept, and before `missing`;
   * several calls between the same numbers may take more than one run, so run it until it returns nothing.
   *
   * Run it in a transaction of its own. Where two processes settle at once, one may fail with a unique violation (PostgreSQL 23505) or a
   * deadlock (40P01): then nothing of it is done, and running it again is right.
   *
   * @param range - The time that it is: a Date, or ISO 8601 with an offset. Default now.
   */
  settle(range?: { at?: Date | string | undefined }): Statement;
  /**
   * Dials that should have a record by now and have none, oldest first: placed, unknown, or never heard of again since they were
   * intended. Those too whose record is not final (`record_key` is then its key): the platform may never push the rest of it. Returns
   * {@link DialRow}s.
   *
   * @param range - Those dialed before this instant; how many rows at most, up to 10000, default 100.
   */
  missing(range: { before: Date | string; limit?: number | undefined }): Statement;
}

/** A dial that is about to leave. */
export interface DialIntent {
  /** What one press of the button is known by, however often it reaches you. */
  id: string;
  /** The platform. */
  provider: Provider;
  /** The account's name, where the client has one. A dial that is never heard of again finds its record under this name only. */
  account?: string | undefined;
  /** The reference that goes with the dial, where you give one. */
  reference?: string | undefined;
  /** The calling party (主叫), as the dial has it. */
  caller: string;
  /** The called party (被叫). */
  callee: string;
  /** When: a Date, or ISO 8601 with an offset. */
  at: Date | string;
}

/** What became of a dial. */
export interface Dialed {
  /** The id that it was intended with. */
  id: string;
  /** When this was known: a Date, or ISO 8601 with an offset. */
  at: Date | string;
}

/** What is kept of an error: all of it that a RingbackError shows. Its account becomes the dial's. */
export type DialFailure = Pick<RingbackError, "code" | "delivery" | "message"> & Partial<Pick<RingbackError, "reason" | "account" | "providerCode" | "providerMessage" | "hint">>;

/** A row of the statements that find dials. */
export interface DialRow {
  /** What the press of the button is known by. */
  id: string;
  /** The platform. */
  provider: Provider;
  /** The account's name. */
  account: string | null;
  /** The reference that went with the dial, or the one that was made for it. */
  reference: string | null;
  /** The platform's id of the call. */
  call_id: string | null;
  /** The calling party (主叫), as it was dialed. */
  caller: string;
  /** The called party (被叫). */
  callee: string;
  /** `intended`: nobody heard of it since. */
  state: "intended" | "placed" | "refused" | "not-sent" | "unknown";
  /** The {@link DialFailure}, as a driver gives JSON: an object, or text. */
  error: unknown;
  /** When it was intended. */
  dialed_at: Date | string;
  /** When its end was known: placed, or failed. */
  answered_at: Date | string | null;
  /** The key of its record. */
  record_key: string | null;
}

/** Clocks differ; and of a call that nobody answered some platforms tell the end only. */
const NEAR_MINUTES = { before: 1, after: 180 };

/** Longer than a dial waits for its answer. Before that, a record of the same numbers may be another call's. */
const IN_FLIGHT_MINUTES = 5;

/** The statements of the dials. */
export function dialStatements(flavour: Flavour, names: TableNames): DialStatements {
  const table = raw(names.dial);
  const written = (whole: Fragment): Statement => statement(whole, flavour.placeholder);
  const found = sql`select id, provider, account, reference, call_id, caller, callee, state, error, dialed_at, answered_at, record_key from ${table}`;

  const settle = (range?: { at?: Date | string | undefined }): Statement => {
    const answeredBy = earlier("at", range?.at ?? new Date(), IN_FLIGHT_MINUTES);
    const distance = flavour.distance(raw("record.called_at"), raw("dial.dialed_at"));
    // What a dial is joined by: the lower tier goes first. What it says of the dial is asked again when it is written: by then the
    // dial's own answer may be there.
    const open = raw("dial.record_key is null and dial.state in ('intended', 'placed', 'unknown')");
    const stillOpen = sql`${flavour.unindexed}${open}`; // By now it is looked up by its id.
    const tiers = (callId: Fragment, reference: Fragment): [Fragment, Fragment, Fragment] => [
      sql`dial.call_id = ${callId}`,
      // Of two ids that are both known and differ, one is another call's: a reference may be used again.
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
    // A join by numbers is no more than the best known so far: it gives way to an id, and to a dial that is nearer in time. So it does not
    // matter which of the dials was written down first.
    const byNumbersOnly = raw("coalesce(holder.call_id <> record.call_id, true) and coalesce(holder.reference <> record.reference, true)");
    const farther = sql`${flavour.distance(raw("record.called_at"), raw("holder.dialed_at"))} > ${distance}`;
    const candidates = (tier: 1 | 2 | 3, condition: Fragment): Fragment => sql`
  select ${flavour.unindexed} dial.id as dial_id, record.key as found_key, record.call_id as found_call_id, record.reference as found_reference,
    ${raw(String(tier))} as tier, ${distance} as distance, holder.id as holder_id
  from ${table} as dial join ${raw(names.record)} as record
    on record.provider = dial.provider and record.account ${flavour.same} dial.account and ${condition}
  left join ${table} as holder on holder.record_key = record.key
  where ${open} and (holder.id is null or (${byNumbersOnly}${tier === 3 ? sql` and ${farther}` : raw("")}))`;
    const [stillByCallId, stillByReference, stillByNothing] = tiers(raw("found_call_id"), raw("found_reference"));
    // Each takes its nearest, and only where that is so from both sides: the call of a dial whose own record is lost must not take
    // another's. Dials are taken in the order of their ids, so that two that settle at once wait for each other in one direction.
    // SQLite takes the two sides of a cross join in this order: the few first.
    // A record that another dial must give back is free for the next run: no two rows may hold it, not even within a statement.
    return written(sql`with candidate as (${candidates(1, byCallId)}
  union all${candidates(2, byReference)}
  union all${candidates(3, byNumbers)}
), ranked as (
  select dial_id, found_key, found_call_id, found_reference, tier, holder_id,
    row_number() over (partition by found_key order by tier, distance, dial_id) as of_record,
    row_number() over (partition by dial_id order by tier, distance, found_key) as of_dial
  from candidate
), nearest as (
  select coalesce(holder_id, dial_id) as target, found_key, found_call_id, found_reference, tier, holder_id
  from ranked cross join ${table} as dial where dial.id = coalesce(holder_id, dial_id) and of_record = 1 and of_dial = 1 order by target${flavour.held("dial")}
)
update ${table} as dial set record_key = case when holder_id is null then found_key end
from nearest
where dial.id = target and (
  (holder_id is not null and ${flavour.unindexed}dial.record_key = found_key)
  or (holder_id is null and ${stillOpen} and ((tier = 1 and ${stillByCallId}) or (tier = 2 and ${stillByReference}) or (tier = 3 and ${stillByNothing})))
)
returning id, record_key`);
  };

  const missing = (before: Date | string, rows: number | undefined): Statement => {
    const due = sql`state in ('intended', 'placed', 'unknown') and dialed_at < ${instant("before", before)}`;
    const oldest = sql`order by dialed_at, id limit ${limit(rows)}`;
    // Each kind by its own index.
    return written(sql`${found} where id in (
  select id from (select id from ${table} where record_key is null and ${due} ${oldest}) as without_record
  union all
  select id from (
    select dial.id from ${raw(names.record)} as record join ${table} as dial on dial.record_key = record.key where not record.final and ${due} ${oldest}
  ) as not_final
) ${oldest}`);
  };

  return {
    intend: ({ id, provider, account, reference, caller, callee, at }) =>
      written(sql`insert into ${table} (id, provider, account, reference, caller, callee, caller_digits, callee_digits, state, dialed_at)
values (${text(identifier(given("id", id)))}, ${text(given("provider", provider))}, ${text(identifier(account))}, ${text(identifier(reference))}, ${text(plain(given("caller", caller)))}, ${text(plain(given("callee", callee)))}, ${text(digitsOf(caller))}, ${text(digitsOf(callee))}, 'intended', ${instant("at", at)})
on conflict (id) do nothing
returning id`),
    placed: ({ id, call, at }) =>
      written(sql`update ${table} set state = 'placed', call_id = ${text(identifier(call.id))}, correlation = ${text(call.correlation)},
  reference = coalesce(${text(identifier(call.reference))}, reference), account = coalesce(${text(identifier(call.account))}, account), error = null, answered_at = ${instant("at", at)}, record_key = null
where id = ${text(identifier(given("id", id)))}
returning id`),
    failed: ({ id, error, at }) =>
      written(sql`update ${table} set state = ${text(stateOf(error))}, error = ${json(kept(error))},
  account = coalesce(${text(identifier(error.account))}, account), answered_at = ${instant("at", at)}
where id = ${text(identifier(given("id", id)))} and state <> 'placed'
returning id`),
    dial: (id) => written(sql`${found} where id = ${text(identifier(given("id", id)))}`),
    settle,
    missing: ({ before, limit: rows }) => missing(before, rows),
  };
}

/** An error that does not say so leaves it open whether a phone rang. */
function stateOf({ delivery }: DialFailure): "refused" | "not-sent" | "unknown" {
  return delivery === "refused" || delivery === "not-sent" ? delivery : "unknown";
}

/** An error's own fields are not all enumerable. */
function kept({ code, reason, delivery, message, providerCode, providerMessage, hint }: DialFailure): DialFailure {
  return JSON.parse(JSON.stringify({ code, reason, delivery, message, providerCode, providerMessage, hint })) as DialFailure;
}
