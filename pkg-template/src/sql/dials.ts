import type { Call } from "../generated/model.js";
import type { Provider } from "../generated/platforms.js";
import type { RingbackError } from "../model/error.js";
import { DIAL } from "./columns.js";
import type { Flavour, TableNames } from "./flavour.js";
import { toDigits } from "./number.js";
import { type Fragment, join, raw, sql, type Statement, toStatement } from "./statement.js";
import { bindEarlier, requireText, shortenId, bindInstant, bindJson, bindList, bindLimit, cleanText, bindText } from "./values.js";

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
   * Run it in a transaction of its own; in MySQL under READ COMMITTED, or else it locks the rows that it reads. If two processes settle at
   * once, one may fail with a unique violation (PostgreSQL 23505, MySQL 1062) or a deadlock (40P01, 1213): then nothing was changed, and it
   * can be run again.
   *
   * @param range - The current time, and the start of the time in which dials are joined.
   */
  settle(range?: SettleRange): Statement;
  /**
   * Finds dials that should have a record by now and have none, oldest first: placed, unknown, or still intended. Includes dials whose
   * record is not final (`record_key` is then its key), since the platform may never push the rest of it. Returns {@link DialRow}s.
   *
   * @param range - The time of the dials, and the page.
   */
  missing(range: MissingRange): Statement;
  /**
   * Gives up waiting for the records of dials: their state becomes `closed`, and neither `missing` nor `settle` finds them again. Use it for
   * dials that were looked up by hand. Returns the `id` of each dial that is closed now; a dial that was refused or never sent stays as it
   * is. An answer that arrives later (`placed`, `failed`) opens a dial again.
   *
   * @param ids - One id, or many.
   */
  close(ids: string | readonly string[]): Statement;
}

/** The dials that `settle` joins. */
export interface SettleRange {
  /** The current time: a Date, or ISO 8601 with an offset. Default now. */
  at?: Date | string | undefined;
  /**
   * Dials before this time are not joined: a Date, or ISO 8601 with an offset. Default 7 days before `at`. The cost of `settle` grows with
   * the dials without a record since then, so pass an earlier time only when you have kept older records, such as pulled ones.
   */
  since?: Date | string | undefined;
}

/** The dials that `missing` finds. */
export interface MissingRange {
  /**
   * Start: a Date, or ISO 8601 with an offset. Default: the first dial. A dial whose record is not final is found only if that record is no
   * more than a day older than this.
   */
  from?: Date | string | undefined;
  /** End (exclusive): a Date, or ISO 8601 with an offset. */
  before: Date | string;
  /** The last row of the page before: the new page starts after it. */
  after?: DialCursor | undefined;
  /** The largest number of rows, up to 10000. Default 100. */
  limit?: number | undefined;
}

/** A position in the list of dials. Every row is one. */
export interface DialCursor {
  /** When the row's dial was intended. */
  dialed_at: Date | string;
  /** The row's id. */
  id: string;
}

/** A dial that is about to be sent. */
export interface DialIntent {
  /** Identifies one press of the button, even if the press reaches you several times. */
  id: string;
  /**
   * The platform. `any` for a dial through a router: then pass the `reference` that the router gets, too. Until a platform is known to have
   * placed the call, a record of any platform and account with this reference belongs to the dial, or one with both numbers that has none.
   */
  provider: Provider | "any";
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
export type DialFailure = Pick<RingbackError, "code" | "delivery" | "message"> &
  Partial<
    Pick<
      RingbackError,
      | "account"
      | "reason"
      | "field"
      | "expected"
      | "provider"
      | "operation"
      | "reference"
      | "callId"
      | "status"
      | "retryAfterMs"
      | "clockOffsetMs"
      | "providerCode"
      | "providerMessage"
      | "hint"
    >
  >;

/** The fields that are kept where the error has them: `ringback/zh` describes it from them. */
const KEPT_FIELDS = [
  "code",
  "reason",
  "delivery",
  "message",
  "field",
  "expected",
  "provider",
  "operation",
  "reference",
  "callId",
  "status",
  "retryAfterMs",
  "clockOffsetMs",
  "providerCode",
  "providerMessage",
  "hint",
] as const satisfies readonly (keyof DialFailure)[];

/** A row that a statement on dials returns. */
export interface DialRow extends DialCursor {
  /** The platform. Of a router's dial: the one that was tried last, or `any` as long as none is known. */
  provider: Provider | "any";
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
  /** `intended`: no outcome is known yet. `closed`: its record is not waited for any longer. */
  state: "intended" | "placed" | "refused" | "not-sent" | "unknown" | "closed";
  /** The {@link DialFailure}, as the driver returns JSON: an object, or text. */
  error: unknown;
  /** When its outcome was known. */
  answered_at: Date | string | null;
  /** The key of its record. */
  record_key: string | null;
}

/** Clocks differ, and for an unanswered call some platforms report only the end time. */
const NEAR_MINUTES = { before: 1, after: 180 };

/** Longer than a dial waits for its answer. Before that, a record with the same numbers may belong to another call. */
const IN_FLIGHT_MINUTES = 5;

/** How long `settle` looks for a dial's record, unless it is told otherwise: 7 days. */
const SETTLED_MINUTES = 7 * 24 * 60;

/** How much earlier than its dial a record may be, if `missing` has a start: one day. */
const EARLIEST_MINUTES = 24 * 60;

/** Creates the statements for dials. */
export function createDialStatements(flavour: Flavour, names: TableNames): DialStatements {
  const table = raw(names.dial);
  const { key } = flavour;
  const write = (whole: Fragment): Statement => toStatement(whole, flavour.bind);
  const columns = DIAL.map(({ name }) => name).filter((name) => name !== "correlation" && !name.endsWith("_digits"));
  const found = sql`select ${raw(columns.map((name) => `dial.${name}`).join(", "))} from`;

  const withoutRecord = flavour.useIndex(`${names.dial}_without_record`);

  const settle = ({ at = new Date(), since }: SettleRange = {}): Statement => {
    const answeredBy = bindEarlier("at", at, IN_FLIGHT_MINUTES);
    const start = since === undefined ? bindEarlier("at", at, SETTLED_MINUTES) : bindInstant("since", since);
    const distance = flavour.distance(raw("record.called_at"), raw("dial.dialed_at"));
    // The conditions of a join; the lower tier has priority. They are checked again when the join is written, because the dial's answer may
    // have arrived in the meantime.
    const isOpen = (dial: string): Fragment => raw(`${dial}.record_key is null and ${dial}.state in ('intended', 'placed', 'unknown')`);
    const tiers = (dial: string, callId: Fragment, reference: Fragment): [Fragment, Fragment, Fragment] => {
      const of = (column: string): Fragment => raw(`${dial}.${column}`);
      return [
        sql`${of("call_id")} = ${callId}`,
        // If both ids are known and differ, the record belongs to another call: a reference may be used again.
        sql`${of("reference")} = ${reference} and (${of("call_id")} is null or ${callId} is null)`,
        sql`(${of("correlation")} = 'none' or ${of("state")} = 'unknown' or (${of("state")} = 'intended' and ${of("dialed_at")} <= ${answeredBy}))
      and (${of("call_id")} is null or ${callId} is null) and (${of("reference")} is null or ${reference} is null)`,
      ];
    };
    const [byCallId, byReference, byNothing] = tiers("dial", raw("record.call_id"), raw("record.reference"));
    const unknown = (column: string): Fragment =>
      sql`not exists (select 1 from ${table} as known where known.provider = record.provider and known.account ${flavour.same} record.account and known.${raw(column)} = record.${raw(column)})`;
    const byNumbers = sql`record.caller_digits = dial.caller_digits and record.callee_digits = dial.callee_digits
      and ${byNothing} and record.direction <> 'inbound'
      and ${flavour.within(raw("record.called_at"), raw("dial.dialed_at"), NEAR_MINUTES)}
      and ${unknown("call_id")} and ${unknown("reference")}`;
    const ofAccount = sql`record.provider = dial.provider and record.account ${flavour.same} dial.account`;
    // A router's dial may have been placed by any of its accounts.
    const ofDial = sql`(dial.correlation = 'any' or (${ofAccount}))`;
    // A join by numbers is only the best match so far: it gives way to an id, and to a dial nearer in time. So the order in which the dials
    // were written down does not matter.
    const byNumbersOnly = raw("coalesce(holder.call_id <> record.call_id, true) and coalesce(holder.reference <> record.reference, true)");
    const farther = sql`${flavour.distance(raw("record.called_at"), raw("holder.dialed_at"))} > ${distance}`;
    const candidates = (tier: 1 | 2 | 3, condition: Fragment): Fragment => sql`
  select ${flavour.noIndex} dial.id as dial_id, record.${key} as found_key, record.call_id as found_call_id, record.reference as found_reference,
    ${raw(String(tier))} as tier, ${distance} as distance, holder.id as holder_id
  from ${table} as dial${withoutRecord} ${flavour.joinEach(names.record, "record", ["key", "call_id", "reference", "called_at"], sql`${tier === 1 ? ofAccount : ofDial} and ${condition}`)}
  left join ${table} as holder on holder.record_key = record.${key}
  where ${isOpen("dial")} and dial.dialed_at >= ${start} and (holder.id is null or (${byNumbersOnly}${tier === 3 ? sql` and ${farther}` : raw("")}))`;
    const ranked = sql`candidate as (${candidates(1, byCallId)}
  union all${candidates(2, byReference)}
  union all${candidates(3, byNumbers)}
), ranked as (
  select dial_id, found_key, found_call_id, found_reference, tier, holder_id,
    row_number() over (partition by found_key order by tier, distance, dial_id) as of_record,
    row_number() over (partition by dial_id order by tier, distance, found_key) as of_dial
  from candidate
)`;
    // Each dial takes its nearest record, and only if it is also that record's nearest dial: a dial whose own record is lost must not take
    // another's. A record that another dial must give back is free for the next run: no two rows may hold it, not even within one statement.
    return flavour.joinDials(names, {
      ranked,
      isStillRight: (dial, nearest) => {
        const [byCallId, byReference, byNothing] = tiers(dial, raw(`${nearest}.found_call_id`), raw(`${nearest}.found_reference`));
        const of = (column: string): Fragment => raw(`${nearest}.${column}`);
        return sql`(case when ${of("holder_id")} is not null then ${raw(dial)}.record_key = ${of("found_key")}
  else ${isOpen(dial)} and ((${of("tier")} = 1 and ${byCallId}) or (${of("tier")} = 2 and ${byReference}) or (${of("tier")} = 3 and ${byNothing})) end)`;
      },
    });
  };

  const missing = ({ from, before, after, limit }: MissingRange): Statement => {
    const cursor = after === undefined ? undefined : { at: bindInstant("after", after.dialed_at), id: bindText(requireText("after", after.id)) };
    const given = from === undefined ? undefined : bindInstant("from", from);
    const start = cursor !== undefined && (given === undefined || String(cursor.at.value) > String(given.value)) ? cursor.at : given;
    const conditions = [
      sql`dial.state in ('intended', 'placed', 'unknown') and dial.dialed_at < ${bindInstant("before", before)}`,
      ...(start === undefined ? [] : [sql`dial.dialed_at >= ${start}`]),
      ...(cursor === undefined ? [] : [sql`(dial.dialed_at, dial.id) > (${cursor.at}, ${cursor.id})`]),
    ];
    const due = join(conditions, " and ");
    const oldest = sql`order by dialed_at, id limit ${bindLimit(limit)}`;
    const recordStart = start === undefined ? raw("") : sql` and record.called_at >= ${bindEarlier("from", String(start.value), EARLIEST_MINUTES)}`;
    // Each part uses its own index.
    return write(sql`select ${raw(columns.join(", "))} from (
  select * from (${found} ${table} as dial${withoutRecord} where dial.record_key is null and ${due} ${oldest}) as without_record
  union all
  select * from (
    ${found} ${raw(names.record)} as record ${flavour.joinEach(names.dial, "dial", columns, sql`dial.record_key = record.${key} and ${due}`)}
    where ${flavour.notFinal}${recordStart} ${oldest}
  ) as not_final
) as dial ${oldest}`);
  };

  return {
    intend: ({ id, provider, account, reference, caller, callee, at }) =>
      flavour.insertOnce(names.dial, {
        id: bindText(shortenId(requireText("id", id))),
        provider: bindText(requireText("provider", provider)),
        account: bindText(shortenId(account)),
        reference: bindText(shortenId(reference)),
        caller: bindText(cleanText(requireText("caller", caller))),
        callee: bindText(cleanText(requireText("callee", callee))),
        caller_digits: bindText(toDigits(caller)),
        callee_digits: bindText(toDigits(callee)),
        correlation: bindText(provider === "any" ? "any" : undefined),
        state: raw("'intended'"),
        dialed_at: bindInstant("at", at),
      }),
    placed: ({ id, call, at }) =>
      flavour.change(
        names.dial,
        { id: bindText(shortenId(requireText("id", id))) },
        sql`state = 'placed', provider = coalesce(${bindText(call.provider)}, provider), call_id = ${bindText(shortenId(call.id))}, correlation = ${bindText(call.correlation)},
  reference = coalesce(${bindText(shortenId(call.reference))}, reference), account = coalesce(${bindText(shortenId(call.account))}, account), error = null, answered_at = ${bindInstant("at", at)}, record_key = null`,
      ),
    failed: ({ id, error, at }) =>
      flavour.change(
        names.dial,
        { id: bindText(shortenId(requireText("id", id))) },
        sql`state = ${bindText(toState(error))}, error = ${bindJson(copyError(error))},
  provider = case when correlation = 'any' then coalesce(${bindText(error.provider)}, provider) else provider end,
  account = coalesce(${bindText(shortenId(error.account))}, account), answered_at = ${bindInstant("at", at)}`,
        raw("state <> 'placed'"),
      ),
    dial: (id) => write(sql`${found} ${table} as dial where id = ${bindText(shortenId(requireText("id", id)))}`),
    settle,
    missing,
    close: (ids) =>
      flavour.change(names.dial, { ids: bindList("ids", ids) }, raw("state = 'closed'"), raw("state in ('intended', 'placed', 'unknown', 'closed')")),
  };
}

/** An error without `delivery` does not say whether a phone rang, so the state is unknown. */
function toState({ delivery }: DialFailure): "refused" | "not-sent" | "unknown" {
  return delivery === "refused" || delivery === "not-sent" ? delivery : "unknown";
}

/** Copies the kept fields explicitly, since not all fields of an error are enumerable. */
function copyError(error: DialFailure): DialFailure {
  return JSON.parse(JSON.stringify(Object.fromEntries(KEPT_FIELDS.map((field) => [field, error[field]])))) as DialFailure;
}
