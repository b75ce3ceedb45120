import type { DialRequest } from "../generated/dials.js";
import type { Call, CallRecord, InterpretedPage } from "../generated/model.js";
import type { Provider } from "../generated/platforms.js";
import type { OperationOf } from "./platform.js";

/** What every operation takes besides its parameters. */
export interface CallOptions {
  /** Gives up when it is aborted: error `aborted`, with `delivery` `not-sent` only where nothing was sent. */
  signal?: AbortSignal | undefined;
  /** Instead of the client's `timeoutMs`: milliseconds for one attempt, the body's reading included. */
  timeoutMs?: number | undefined;
}

/** A seat and the phone that it dials from. One seat, one number. */
export interface SeatBinding {
  /** The seat's number, `PP…` (`setingNbr`). */
  seat: string;
  /** The phone, in any usual spelling (`userPhone`). */
  phone: string;
}

/** Which records to pull. */
export interface RecordRange {
  /** From this instant: a Date, or ISO 8601 with an offset. A text without a zone is `invalid-argument`. */
  from: Date | string;
  /** To this instant, not before `from`. */
  to: Date | string;
  /** A page's cursor, to go on behind that page. */
  after?: string | undefined;
}

/** The records of a range, record by record or page by page. Each iteration starts anew; errors come while iterating. */
export interface RecordList extends AsyncIterable<CallRecord> {
  /** Page by page (seatcall: at most 100 records each), with the cursor to go on from. */
  pages(): AsyncIterable<RecordPage>;
}

/** A page of pulled records. */
export interface RecordPage extends Omit<InterpretedPage, "end"> {}

/** A sound recording. */
export interface Recording {
  /** Where it lies: the record's own address, or the one that the platform gave. Absent where the platform streams it at once, or where its address would hold a secret. */
  url?: string;
  /** When the platform deletes it, ISO 8601 with an offset, where that is known. */
  expiresAt?: string;
  /** The media type, where the platform named one. */
  contentType?: string;
  /**
   * The sound, streamed. Read it to its end or cancel it. Where the platform streams it at once, it can be taken only once.
   * Each further piece must arrive within `timeoutMs`; a broken stream errors with a RingbackError.
   */
  body(): Promise<ReadableStream<Uint8Array>>;
}

/** What is left of an account. */
export interface Balance {
  /** The call time left. The document does not say in which unit. */
  remaining: number;
  /** The platform's answer, whole. */
  raw: unknown;
}

/** The parameters of each operation, as `prepare` and `explain` take them. */
export interface ParametersOf<P extends Provider> {
  /** The parties, and what this platform takes besides. */
  dial: DialRequest<P>;
  /** The platform's id of the call. */
  hangUp: string | { callId: string };
  /** The seat and its phone. */
  bindSeat: SeatBinding;
  /** The range, and the cursor to go on from. */
  records: RecordRange;
  /** The platform's id of the call, or its record. */
  recording: string | CallRecord | { callId: string };
  /** Nothing. */
  balance: Record<string, never>;
}

/** The result of each operation, as `interpret` gives it. */
export interface ResultOf<P extends Provider> {
  /** The call that was accepted. */
  dial: Call<P>;
  /** Nothing: the call was ended. */
  hangUp: undefined;
  /** Nothing: the phone is bound. */
  bindSeat: undefined;
  /** One page. */
  records: InterpretedPage;
  /** The sound, or where it lies. */
  recording: Recording;
  /** What is left. */
  balance: Balance;
}

/** `balance` needs no parameters, every other operation does. */
export type PrepareArguments<P extends Provider, O extends OperationOf<P>> = O extends "balance"
  ? [parameters?: ParametersOf<P>[O]]
  : [parameters: ParametersOf<P>[O]];

/** A response that another HTTP stack brought. */
export interface PlainResponse {
  /** The HTTP status. */
  status: number;
  /** Header names in any case. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** The body. */
  body: string | Uint8Array;
}
