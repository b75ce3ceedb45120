import type { DialRequest } from "../generated/dials.js";
import type { ClientOptions } from "../generated/accounts.js";
import type { Call, CallRecord, Prepared, SignatureTrace } from "../generated/model.js";
import type { Operation, Provider } from "../generated/platforms.js";
import { asyncFrom, callFrom, syncFrom } from "../core/call-site.js";
import { bodyBytes, plainJson } from "../core/plain-json.js";
import { CLOCK, type Connection, drive } from "./driver.js";
import { invalidArgument, isRingbackError, nameOf, readable, shownName, shownReference, withReference } from "../model/error.js";
import { headOf, type Host, isRecordingStart } from "../core/exchange.js";
import type { Hooks } from "../model/hooks.js";
import { callCore, handleOf, isReady } from "../core/instance.js";
import type {
  Balance,
  CallOptions,
  PlainResponse,
  PrepareArguments,
  RecordList,
  RecordRange,
  Recording,
  ResultOf,
  SeatBinding,
} from "../model/operation.js";
import type { OperationOf, ProviderOf } from "../model/platform.js";
import { recordingFrom, recordingOf } from "./recording.js";
import { rangeOf, recordList } from "./records.js";
import { senderOf } from "./sender.js";
import { freshHex } from "../core/token.js";
import * as core from "../wasm/ringback.js";

/**
 * A client of one account at platform `P`. It has the operations that `P` offers; any other is a type error, and rejects with
 * `unsupported` at run time. Every operation rejects with a RingbackError and nothing else. It shows no secret when it is
 * logged.
 */
export type Client<P extends Provider = Provider> = P extends Provider ? ClientBase<P> & Pick<Operations<P>, OperationOf<P>> : never;

/** The operations, of which each platform offers some. */
export interface Operations<P extends Provider> {
  /**
   * Places a call: the platform rings both parties and joins them. `providers[P].rungFirst` says whose phone rings first, where that is
   * known. It is sent at most once: no retry, no redirect. After an error with `delivery` `unknown` the call may have been placed all the same; look among the records.
   */
  dial(request: DialRequest<P>, options?: CallOptions): Promise<Call<P>>;
  /** Ends a call. quanmayun, `endCall`. */
  hangUp(callId: string, options?: CallOptions): Promise<void>;
  /** Ties a phone to a seat, which must be done before the seat dials. seatcall, `setingphone`. */
  bindSeat(binding: SeatBinding, options?: CallOptions): Promise<void>;
  /** The records of a range, pulled page by page while they are iterated. seatcall, `call/record/voice`. */
  records(range: RecordRange, options?: CallOptions): RecordList;
  /**
   * The sound recording of a call: by record, or by call id (not at seatcall). A record's own address is taken where its host is the
   * platform's or one of `recordingHosts`; otherwise the platform is asked by call id. Redirects are followed within these hosts, at
   * most 3, without credentials. A recording that is not ready yet rejects with `not-found`.
   */
  recording(call: string | CallRecord, options?: CallOptions): Promise<Recording>;
  /** The call time that is left. seatcall, `isallow`. */
  balance(options?: CallOptions): Promise<Balance>;
}

/** What every client has. */
export interface ClientBase<P extends Provider> {
  /** The platform's name. */
  readonly provider: P;
  /** Whether this platform offers an operation. With the operation's name written out it narrows the client, with a variable the variable. */
  supports(operation: "dial"): this is Client<Extract<P, ProviderOf<"dial">>>;
  /** Whether calls can be ended. Narrows the client. */
  supports(operation: "hangUp"): this is Client<Extract<P, ProviderOf<"hangUp">>>;
  /** Whether seats are bound to phones. Narrows the client. */
  supports(operation: "bindSeat"): this is Client<Extract<P, ProviderOf<"bindSeat">>>;
  /** Whether records can be pulled. Narrows the client. */
  supports(operation: "records"): this is Client<Extract<P, ProviderOf<"records">>>;
  /** Whether recordings can be fetched. Narrows the client. */
  supports(operation: "recording"): this is Client<Extract<P, ProviderOf<"recording">>>;
  /** Whether what is left of the account can be asked for. Narrows the client. */
  supports(operation: "balance"): this is Client<Extract<P, ProviderOf<"balance">>>;
  /** Whether the operation in a variable is offered. Narrows the variable. */
  supports(operation: Operation): operation is OperationOf<P>;
  /** Builds and signs a request without sending it, for a queue or another HTTP stack. */
  prepare<O extends OperationOf<P>>(operation: O, ...parameters: PrepareArguments<P, O>): Prepared<O>;
  /** What the response to a prepared request means. Throws what the operation would have rejected with. */
  interpret<O extends Operation>(prepared: Prepared<O>, response: PlainResponse): ResultOf<P>[O];
  /** Each step of a request's signature, with secrets and phone numbers masked: to be held against the platform's own. */
  explain<O extends OperationOf<P>>(operation: O, ...parameters: PrepareArguments<P, O>): SignatureTrace;
}

/**
 * A client of one account.
 *
 * @example
 * const client = createClient({ provider: "mixcom", appKey, appSecret });
 * const call = await client.dial({ caller: "13800000001", callee: "13900000002" });
 *
 * @param options - The platform's name, the account's credentials, and {@link CommonOptions}.
 * @throws RingbackError `invalid-argument`, naming the option that is missing, unknown or wrong. In a browser where the wasm is
 * not loaded yet, the first operation rejects with it instead.
 */
export function createClient<P extends Provider>(options: ClientOptions<P> & { readonly provider: P }): Client<P> {
  return callFrom(createClient, () => buildClient<P>(options));
}

function buildClient<P extends Provider>(options: ClientOptions<P> & { readonly provider: P }): Client<P> {
  const connection = readable("options", () => connect(options));
  const { provider } = connection;
  const run = async (operation: Operation, parameters: unknown, given?: CallOptions): Promise<unknown> =>
    (await drive(connection, operation, parameters, given)).result;

  // Every operation is there at run time: the core says `unsupported` of those that this platform has not.
  const client = {
    provider,
    supports: syncFrom((operation: Operation) => callCore(() => connection.handle().supports(nameOf("operation", operation)))),
    dial: asyncFrom((request: unknown, given?: CallOptions) => run("dial", request, given)),
    hangUp: asyncFrom((callId: string, given?: CallOptions) => run("hangUp", { callId }, given)),
    bindSeat: asyncFrom((binding: SeatBinding, given?: CallOptions) => run("bindSeat", binding, given)),
    records: syncFrom((range: RecordRange, given?: CallOptions) => recordList(connection, range, given)),
    recording: asyncFrom(async (call: string | CallRecord, given?: CallOptions) =>
      recordingOf(connection, await drive(connection, "recording", { call }, given), given),
    ),
    balance: asyncFrom((given?: CallOptions) => run("balance", {}, given)),
    prepare: syncFrom((operation: Operation, parameters?: unknown) => signed(connection, "prepare", operation, parameters)),
    explain: syncFrom((operation: Operation, parameters?: unknown) => signed(connection, "explain", operation, parameters)),
    interpret: syncFrom((prepared: Prepared, response: PlainResponse) => {
      try {
        return interpreted(connection, prepared, response);
      } catch (error) {
        throw isRingbackError(error) ? withReference(error, referenceOf(prepared)) : error;
      }
    }),
  };
  return client as unknown as Client<P>;
}

function interpreted(connection: Connection, prepared: Prepared, given: PlainResponse): unknown {
  const sent = plainJson("prepared", prepared);
  // The request was already sent, so whatever is wrong with its response is of delivery "unknown".
  const mend = "pass { status, headers, body }";
  const [head, body] = readable("response", () => [headOf(given ?? {}), given?.body], mend, "unknown");
  const bytes = bodyBytes(body, "unknown");
  const receivedAt = timeNow(connection);
  const response = plainJson("response", { ...head, receivedAt }, "unknown");
  const result = callCore(() => connection.handle().interpret(sent, response, bytes), "unknown") ?? undefined;
  return isRecordingStart(result) ? recordingFrom(connection, result, bytes) : result;
}

/** This machine's clock, to be held against the platform's. A clock that fails must not hide what the response says. */
function timeNow({ now }: Connection): number | undefined {
  try {
    return Math.round(now());
  } catch {
    return undefined;
  }
}

function referenceOf(prepared: Partial<Prepared> | undefined): string | undefined {
  try {
    return shownReference(prepared?.reference);
  } catch {
    // Of something whose members cannot even be read.
    return undefined;
  }
}

function signed(connection: Connection, sign: "prepare" | "explain", operation: Operation, parameters: unknown = {}): unknown {
  const name = nameOf("operation", operation);
  const json = plainJson("params", operation === "records" ? rangeOf(parameters as RecordRange) : parameters);
  const host: Host = { now: readable("now", connection.now, CLOCK, "not-sent", "unusable-clock"), jitter: 0, fresh: freshHex };
  return callCore(() => connection.handle()[sign](name, json, host));
}

/** Takes out of the options what only JavaScript can hold; the core judges the rest. */
function connect(options: ClientOptions): Connection {
  if (typeof options !== "object" || options === null) throw invalidArgument("wrong-type", "options", "are not an object", "pass { provider, … }");
  const { fetch, now, on, ...account } = options;
  // Read at once where the wasm is there, at the first operation where it is not.
  let json: string | undefined;
  const handle = handleOf(() => new core.Client((json ??= plainJson("options", account))));
  if (isReady()) callCore(handle);
  return { provider: options.provider, account: options.account, handle, fetch: senderOf(fetch), now: clockOf(now), on: hooksOf(on) };
}

function clockOf(now: ClientOptions["now"]): Connection["now"] {
  if (now === undefined) return () => Date.now();
  if (typeof now !== "function") throw invalidArgument("wrong-type", "now", "is not a function", "pass () => Date.now(), or leave it out");
  return () => Number(now());
}

function hooksOf(on: Hooks = {}): Hooks {
  if (typeof on !== "object" || on === null) throw invalidArgument("wrong-type", "on", "is not an object", "pass { request, response, error }");
  for (const [name, hook] of Object.entries(on)) {
    if (!["request", "response", "error"].includes(name)) throw invalidArgument("unknown-option", `on.${shownName(name)}`, "is no hook", "request, response and error are");
    if (hook !== undefined && typeof hook !== "function") throw invalidArgument("wrong-type", `on.${name}`, "is not a function", "pass a function, or leave it out");
  }
  return { ...on };
}
