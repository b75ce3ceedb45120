import type { DialRequest } from "../generated/dials.js";
import type { Call, CallRecord, InterpretedPage } from "../generated/model.js";
import type { Provider } from "../generated/platforms.js";
import type { OperationOf } from "./platform.js";

/** Options of every operation, besides its parameters. */
export interface CallOptions {
  /** Aborts the operation: error `aborted`, with `delivery` `not-sent` only if nothing was sent. */
  signal?: AbortSignal | undefined;
  /** Replaces the client's `timeoutMs`: milliseconds for one attempt, including reading the body. */
  timeoutMs?: number | undefined;
}

/** A seat and the phone that it dials from. A seat has one number. */
export interface SeatBinding {
  /** The seat's number, `PP…` (`setingNbr`). */
  seat: string;
  /** The phone number, in any usual format (`userPhone`). */
  phone: string;
}

/** The range of records to fetch. */
export interface RecordRange {
  /** Start: a Date, or ISO 8601 with an offset. A text without a zone is `invalid-argument`. */
  from: Date | string;
  /** End, not before `from`. */
  to: Date | string;
  /** A page's cursor, to continue after that page. */
  after?: string | undefined;
}

/** The records of a range, one by one or page by page. Each iteration starts from the beginning; errors are thrown while iterating. */
export interface RecordList extends AsyncIterable<CallRecord> {
  /** Iterates page by page (seatcall: at most 100 records each), with a cursor to continue from. */
  pages(): AsyncIterable<RecordPage>;
}

/** A page of fetched records. */
export interface RecordPage extends Omit<InterpretedPage, "end"> {}

/** A recording. */
export interface Recording {
  /**
   * Its address: the record's, or the one that the platform gave. Absent if the platform streams the recording directly, or if the address
   * would contain a secret.
   */
  url?: string;
  /** When the platform deletes it, ISO 8601 with an offset, if known. */
  expiresAt?: string;
  /** The media type, if the platform gave one. */
  contentType?: string;
  /**
   * Streams the recording. Read it to its end or cancel it. If the platform streams the recording directly, this can be called only once.
   * Each piece must arrive within `timeoutMs`; a broken stream errors with a RingbackError.
   */
  body(): Promise<ReadableStream<Uint8Array>>;
}

/** The balance of an account. */
export interface Balance {
  /** The call time left. The document does not give the unit. */
  remaining: number;
  /** The platform's whole answer. */
  raw: unknown;
}

/** The parameters of each operation, as `prepare` and `explain` take them. */
export interface ParametersOf<P extends Provider> {
  /** The parties, and the platform's own fields. */
  dial: DialRequest<P>;
  /** The platform's call id. */
  hangUp: string | { callId: string };
  /** The seat and its phone. */
  bindSeat: SeatBinding;
  /** The range, and the cursor to continue from. */
  records: RecordRange;
  /** The platform's call id, or the record. */
  recording: string | CallRecord | { callId: string };
  /** No parameters. */
  balance: Record<string, never>;
}

/** The result of each operation, as `interpret` gives it. */
export interface ResultOf<P extends Provider> {
  /** The call that was accepted. */
  dial: Call<P>;
  /** No result: the call was ended. */
  hangUp: undefined;
  /** No result: the phone is bound. */
  bindSeat: undefined;
  /** One page. */
  records: InterpretedPage;
  /** The recording or its address. */
  recording: Recording;
  /** The balance. */
  balance: Balance;
}

/** The arguments of `prepare`: only `balance` needs no parameters. */
export type PrepareArguments<P extends Provider, O extends OperationOf<P>> = O extends "balance"
  ? [parameters?: ParametersOf<P>[O]]
  : [parameters: ParametersOf<P>[O]];

/** The options of `explain`. */
export interface ExplainOptions {
  /** Shows phone numbers in full, so that the digest can be computed again. Secrets stay masked. Default `false`. */
  showNumbers?: boolean | undefined;
}

/** A response from another HTTP stack. */
export interface PlainResponse {
  /** The HTTP status. */
  status: number;
  /** Header names in any case. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** The body. */
  body: string | Uint8Array;
}
