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

/**
 * The parameters of a dial at platform `P`. A field that `P` does not know is a type error, and `invalid-argument` at run time.
 *
 * A number is one number in any usual spelling: `13800000001`, `+86 138 0000 0001`, `0755-28000123`, `tel:+86-138-0000-0001`,
 * `+852 6123 4567`. Refused before anything is sent: an extension, two numbers, a spreadsheet's `13800000001.0` or `1.38E+10`, a masked
 * number, a mobile of the wrong length, a local number without its area code, an emergency number (110, 112, 119, 120, 122), and a callee
 * that is the caller.
 */
export type DialRequest<P extends Provider = Provider> = {
  mixcom: DialParties;
  quanmayun: DialParties;
  dingxin: DingxinDial;
  cyjcloud: CyjcloudDial;
  seatcall: SeatcallDial;
}[P];

/** What every dial takes. */
export interface DialParties {
  /** The calling party (主叫). Whose phone rings first differs: `providers[P].rungFirst`. */
  caller: string;
  /** The called party (被叫). */
  callee: string;
  /**
   * Your own id for this dial, accepted on every platform. mixcom (documented): at most 128 of digits, letters, `_` and `-`. quanmayun
   * (documented): at most 64 characters. These two echo it with the record, and one is made where you give none. dingxin (chosen): it
   * travels in the push address's query. cyjcloud and seatcall send none: it stays in {@link Call.reference}.
   */
  reference?: string | undefined;
  /**
   * Fields that no document lists, by the platform's own name, for example mixcom's `maxduration`. They are sent with the others, and
   * signed where the platform signs all parameters (mixcom, dingxin). A field that the platform's document lists is refused.
   */
  extra?: Readonly<Record<string, string>> | undefined;
}

/** A dial at dingxin (`callByTelA`). */
export interface DingxinDial extends DialParties {
  /** Where this call's record is pushed to, instead of the account's `pushUrl`. */
  pushUrl?: string | undefined;
}

/** A dial at cyjcloud (`bind/callEvent`). */
export interface CyjcloudDial extends DialParties {
  /**
   * The number to show (`VirtualNum`), applied for beforehand. It wins over `areaCode`; with neither the platform chooses (documented).
   * Until {@link Call.boundUntil} the callee can call it back.
   */
  virtualNumber?: string | undefined;
  /** Who may call whom while the binding lives (`Direct`). Default: the platform's, undocumented. */
  direction?: "both" | "caller-to-callee" | "callee-to-caller" | undefined;
  /** How long the binding lives (`EndMinute`), 1 to 60 minutes (documented). Default: the platform's, 30 (documented). */
  expiresInMinutes?: number | undefined;
  /** The area code (`Code`, 区号, like `021`) from which a number to show is chosen. */
  areaCode?: string | undefined;
}

/** A dial at seatcall (`voiceCall`). */
export interface SeatcallDial extends DialParties {
  /** The seat (`setingNbr`, `PP…`) that dials. Its number must have been bound with `bindSeat`. */
  seat: string;
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
