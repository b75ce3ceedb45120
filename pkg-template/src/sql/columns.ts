import type { CallRecord, Leg } from "../generated/model.js";
import type { Column } from "./flavour.js";
import { toDigits } from "./number.js";
import { shortenId, formatInstant, cleanText } from "./values.js";

/** The columns of the records. */
export const RECORD = [
  { name: "key", type: "id", constraint: "primary key" },
  { name: "provider", type: "word", constraint: "not null" },
  { name: "account", type: "id" },
  { name: "call_id", type: "id" },
  { name: "reference", type: "id" },
  { name: "seat", type: "text" },
  { name: "direction", type: "word", constraint: "not null" },
  { name: "caller", type: "text" },
  { name: "callee", type: "text" },
  { name: "caller_digits", type: "digits" },
  { name: "callee_digits", type: "digits" },
  { name: "display_number", type: "text" },
  { name: "status", type: "word", constraint: "not null" },
  { name: "cause", type: "word", constraint: "not null" },
  { name: "code", type: "text" },
  { name: "final", type: "boolean", constraint: "not null" },
  { name: "completeness", type: "integer", constraint: "not null" },
  { name: "called_at", type: "instant", constraint: "not null" },
  { name: "connected_at", type: "instant" },
  { name: "ended_at", type: "instant" },
  { name: "duration_seconds", type: "integer" },
  { name: "talk_seconds", type: "integer" },
  { name: "billed_seconds", type: "integer" },
  { name: "billed_minutes", type: "integer" },
  { name: "recording_state", type: "word", constraint: "not null" },
  { name: "recording_url", type: "text" },
  { name: "record", type: "json", constraint: "not null" },
  { name: "kept_at", type: "instant", constraint: "not null" },
] as const satisfies readonly (Column & { constraint?: string })[];

/** The columns of the dials. */
export const DIAL = [
  { name: "id", type: "id", constraint: "primary key" },
  { name: "provider", type: "word", constraint: "not null" },
  { name: "account", type: "id" },
  { name: "reference", type: "id" },
  { name: "call_id", type: "id" },
  { name: "correlation", type: "word" },
  { name: "caller", type: "text", constraint: "not null" },
  { name: "callee", type: "text", constraint: "not null" },
  { name: "caller_digits", type: "digits" },
  { name: "callee_digits", type: "digits" },
  { name: "state", type: "word", constraint: "not null" },
  { name: "error", type: "json" },
  { name: "dialed_at", type: "instant", constraint: "not null" },
  { name: "answered_at", type: "instant" },
  { name: "record_key", type: "id" },
] as const satisfies readonly (Column & { constraint?: string })[];

/** The columns of the pushes. */
export const PUSH = [
  { name: "id", type: "id", constraint: "primary key" },
  { name: "provider", type: "word", constraint: "not null" },
  { name: "account", type: "id" },
  { name: "received_at", type: "instant", constraint: "not null" },
  { name: "state", type: "word", constraint: "not null" },
  { name: "reason", type: "text" },
  { name: "settled_at", type: "instant" },
  { name: "envelope", type: "text", constraint: "not null" },
] as const satisfies readonly (Column & { constraint?: string })[];

/**
 * The further columns of a dialect whose writing statements return no rows: the id of the statement that created, last changed or last
 * joined a row, by which the rows are read back.
 */
export const MARKS = {
  record: [{ name: "changed_in", type: "mark" }],
  dial: [{ name: "created_in", type: "mark" }, { name: "joined_in", type: "mark" }],
  push: [{ name: "created_in", type: "mark" }],
} as const satisfies Record<string, readonly Column[]>;

type Columns = (typeof RECORD)[number]["name"];

/** Converts a record to its row. A value that does not fit its column is only kept in the JSON. */
export function toRow(record: CallRecord): { [Name in Columns]: string | number | boolean | undefined } {
  const { caller, callee, outcome, recording } = record;
  const now = new Date().toISOString();
  return {
    key: shortenId(record.key),
    provider: record.provider,
    account: shortenId(record.account),
    call_id: shortenId(record.callId),
    reference: shortenId(record.reference),
    seat: cleanText(record.seat),
    direction: record.direction,
    caller: cleanText(chooseNumber(caller)),
    callee: cleanText(chooseNumber(callee)),
    caller_digits: toDigits(chooseNumber(caller)),
    callee_digits: toDigits(chooseNumber(callee)),
    display_number: cleanText(record.displayNumber),
    status: outcome.status,
    cause: outcome.cause,
    code: cleanText(outcome.code),
    final: record.final,
    completeness: record.completeness,
    called_at: findCallTime(record) ?? now,
    connected_at: formatInstant(record.connectedAt),
    ended_at: formatInstant(record.endedAt),
    duration_seconds: toInteger(record.durationSeconds),
    talk_seconds: toInteger(record.talkSeconds),
    billed_seconds: toInteger(record.billedSeconds),
    billed_minutes: toInteger(record.billedMinutes),
    recording_state: recording.state,
    recording_url: cleanText(recording.url),
    record: JSON.stringify(record),
    kept_at: now,
  };
}

function chooseNumber({ number, rawNumber }: Leg): string | undefined {
  return number ?? rawNumber;
}

/** The earliest time in the record. */
function findCallTime({ startedAt, connectedAt, endedAt, caller, callee }: CallRecord): string | undefined {
  const legs = [caller, callee].flatMap((leg) => [leg.startedAt, leg.ringingAt, leg.answeredAt]);
  return [startedAt, ...legs, connectedAt, endedAt].flatMap((time) => formatInstant(time) ?? []).sort()[0];
}

function toInteger(value: number | undefined): number | undefined {
  return Number.isSafeInteger(value) ? value : undefined;
}
