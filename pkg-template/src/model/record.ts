import type { Provider } from "./platform.js";

/**
 * One call as a platform reported it (call detail record, 话单), in the vocabulary that all platforms share.
 *
 * Every time is an instant in ISO 8601 with an offset, like `2020-03-02T17:48:15+08:00`. A field that the platform does not
 * report is absent. What each platform means by its times and durations is in its document, section 话单推送; the words of
 * that document are in {@link CallRecord.raw}.
 */
export interface CallRecord {
  /** The platform's name. */
  provider: Provider;
  /** The account's name, where the client or receiver was given one. */
  account?: string;
  /**
   * The de-duplication key: `provider[/account]:callId`, or a digest of the payload where there is no call id.
   * All records of one call share it.
   */
  key: string;
  /** The platform's id of the call, as text: a 19-digit id keeps its digits. */
  callId?: string;
  /** The id that you gave the dial, where the platform echoes it. */
  reference?: string;
  /** The seat (坐席) that dialed. Only seatcall has seats. */
  seat?: string;
  /** `outbound`: the platform dialed both parties. `inbound`: a party dialed the display number. */
  direction: "outbound" | "inbound" | "unknown";
  /** The calling party (主叫). Whose phone rang first differs: `providers[P].rungFirst`. */
  caller: Leg;
  /** The called party (被叫). */
  callee: Leg;
  /** The number that the parties see (中间号, 业务号码): E.164 where that is certain, otherwise the platform's text. */
  displayNumber?: string;
  /** How the call ended. */
  outcome: Outcome;
  /** `false` where the platform reports a state before the end. */
  final: boolean;
  /** A record with a higher one replaces a record of the same {@link CallRecord.key} with a lower one. */
  completeness: number;
  /** When the platform began to set up the call. */
  startedAt?: string;
  /** When both parties were on the line. */
  connectedAt?: string;
  /** When the call ended. */
  endedAt?: string;
  /**
   * Seconds, as the platform reports them. mixcom: `Duration`, in the document's example counted from the first answer.
   * quanmayun: `callDuration`. dingxin: `duration`, the charged seconds. seatcall: `duration`. It is no common measure:
   * compare {@link CallRecord.talkSeconds} instead.
   */
  durationSeconds?: number;
  /** Whole seconds from `connectedAt` to `endedAt`, where both are known and the call lasted between 0 and 24 hours. */
  talkSeconds?: number;
  /** Seconds that are charged, where the document says so (dingxin). */
  billedSeconds?: number;
  /** Call minutes as the platform counts them (seatcall's `callmin`). No document says that they are charged. */
  billedMinutes?: number;
  /** The sound recording. Fetch it with `client.recording(record)`, which refuses hosts that are not the platform's. */
  recording: RecordingState;
  /**
   * Fields of the payload that could not be read. They are left out above, and stand in {@link CallRecord.raw}. Absent where there are
   * none. A record with problems has a lower {@link CallRecord.completeness} than the same one without.
   */
  problems?: RecordProblem[];
  /**
   * The platform's payload, whole, with unknown fields. An integer beyond 2^53 stands there as text, and what was only nearly JSON (a comma
   * too many, `NaN`, a bare line break in a text) as JSON.
   */
  raw: unknown;
}

/** A field of a payload that could not be read. */
export interface RecordProblem {
  /** The platform's name of the field, in the document's spelling; `talkSeconds` where the times give no possible talk time. */
  field: string;
  /** What is wrong, for a person. */
  reason: string;
}

/** One of the two halves of a callback call. Times are ISO 8601 with an offset. */
export interface Leg {
  /** E.164 (`+8613800000001`), where the platform's text is certain; a masked number has none. */
  number?: string;
  /** The platform's text. */
  rawNumber?: string;
  /** When this party was dialed. */
  startedAt?: string;
  /** When its phone rang. */
  ringingAt?: string;
  /** When it was picked up. */
  answeredAt?: string;
}

/** How a call ended. */
export interface Outcome {
  /** The broad answer. A code that no document lists gives `unknown`, never an error. */
  status: OutcomeStatus;
  /**
   * The leg that decided it, where one did: the one that was called and did not pick up, by the record's own times; else the one that the
   * code names, where the times do not contradict it.
   */
  leg?: "caller" | "callee";
  /** Why. */
  cause: Cause;
  /** The platform's own code, as text. */
  code?: string;
  /** The document's words for the code, or the platform's own. */
  message?: string;
}

/**
 * `answered`: both parties picked up, whatever the code says; the code then tells why the call ended. `unanswered`: a party did not pick up.
 * `failed`: the network or the platform could not make the call. `unknown`: the platform did not say, or in an undocumented code.
 */
export type OutcomeStatus = "answered" | "unanswered" | "failed" | "unknown";

/** Why a call ended as it did. */
export type Cause =
  | "hung-up"
  | "busy"
  | "no-answer"
  | "abandoned"
  | "cancelled"
  | "timeout"
  | "call-failed"
  | "recording"
  | "announcement"
  | "capacity"
  | "platform"
  | "other"
  | "unknown";

/** Whether a sound recording can be had. */
export interface RecordingState {
  /** `none`: it was not recorded. `failed`: it was to be recorded and is lost. */
  state: "available" | "none" | "failed" | "unknown";
  /** Where it lies, as the platform says. Absent where the platform wants to be asked by call id. */
  url?: string;
  /** When the platform deletes it, ISO 8601 with an offset. */
  expiresAt?: string;
}

/** What of a push or a page is no record. The records beside it are not lost. */
export interface UnreadableRecord {
  /** Its place in the push or page, counted from 0. */
  index: number;
  /** The platform's name of the field that stopped the reading. */
  field?: string;
  /** The byte of the body at which reading stopped. */
  offset?: number;
  /** What is wrong, for a person. */
  reason: string;
  /** Its payload. */
  raw: unknown;
}
