import type { DialRequest } from "../generated/dials.js";
import type { ClientOptions } from "../generated/accounts.js";
import type { Call, CallRecord, Prepared, SignatureTrace } from "../generated/model.js";
import type { Operation, Provider } from "../generated/platforms.js";
import { asyncFrom, callFrom, syncFrom } from "../core/call-site.js";
import { toBodyBytes, writePlainJson } from "../core/plain-json.js";
import { CLOCK, type Connection, drive } from "./driver.js";
import { readAttachedClock } from "./fetch-clock.js";
import { createArgumentError, isRingbackError, requireName, readSafely, filterReference, addReference } from "../model/error.js";
import { readHead, type Host, isRecordingStart } from "../core/exchange.js";
import { createStepLog } from "../core/step-log.js";
import { checkHooks, HOOKS } from "../model/hooks.js";
import { callCore, createHandle, isReady } from "../core/instance.js";
import type {
  Balance,
  CallOptions,
  PlainResponse,
  ExplainOptions,
  PrepareArguments,
  RecordList,
  RecordRange,
  Recording,
  ResultOf,
  SeatBinding,
} from "../model/operation.js";
import type { OperationOf, ProviderOf } from "../model/platform.js";
import { createRecordingFromBytes, createRecording } from "./recording.js";
import { toRange, createRecordList } from "./records.js";
import { createSender } from "./sender.js";
import { drawHex } from "../core/token.js";
import * as core from "../wasm/ringback.js";

/**
 * A client of one account at platform `P`. It has the operations that `P` offers; any other is a type error, and rejects with
 * `unsupported` at run time. Every operation rejects only with a RingbackError. Logging a client shows no secret.
 */
export type Client<P extends Provider = Provider> = P extends Provider ? ClientBase<P> & Pick<Operations<P>, OperationOf<P>> : never;

/** All operations. Each platform offers some of them. */
export interface Operations<P extends Provider> {
  /**
   * Places a call: the platform rings both parties and connects them. `providers[P].rungFirst` says which phone rings first, if known.
   * Sent at most once: no retry, no redirect. After an error with `delivery` `unknown` the call may have been placed: look for its record.
   */
  dial(request: DialRequest<P>, options?: CallOptions): Promise<Call<P>>;
  /** Ends a call. quanmayun, `endCall`. */
  hangUp(callId: string, options?: CallOptions): Promise<void>;
  /** Binds a phone to a seat, which is required before the seat dials. seatcall, `setingphone`. */
  bindSeat(binding: SeatBinding, options?: CallOptions): Promise<void>;
  /** Fetches the records of a range, page by page while they are iterated. seatcall, `call/record/voice`. */
  records(range: RecordRange, options?: CallOptions): RecordList;
  /**
   * Fetches the recording of a call: by record, or by call id (not at seatcall). A record's own address is used if its host is the
   * platform's or one of `recordingHosts`; otherwise the platform is asked by call id. Redirects are followed within these hosts, at
   * most 3, without credentials. A recording that is not ready yet rejects with `not-found`.
   */
  recording(call: string | CallRecord, options?: CallOptions): Promise<Recording>;
  /** Returns the call time that is left. seatcall, `isallow`. */
  balance(options?: CallOptions): Promise<Balance>;
}

/** The members of every client. */
export interface ClientBase<P extends Provider> {
  /** The platform's name. */
  readonly provider: P;
  /** Returns true if this platform offers an operation. A literal operation narrows the client, a variable is narrowed itself. */
  supports(operation: "dial"): this is Client<Extract<P, ProviderOf<"dial">>>;
  /** Returns true if calls can be ended. Narrows the client. */
  supports(operation: "hangUp"): this is Client<Extract<P, ProviderOf<"hangUp">>>;
  /** Returns true if phones are bound to seats. Narrows the client. */
  supports(operation: "bindSeat"): this is Client<Extract<P, ProviderOf<"bindSeat">>>;
  /** Returns true if records can be fetched. Narrows the client. */
  supports(operation: "records"): this is Client<Extract<P, ProviderOf<"records">>>;
  /** Returns true if recordings can be fetched. Narrows the client. */
  supports(operation: "recording"): this is Client<Extract<P, ProviderOf<"recording">>>;
  /** Returns true if the balance can be read. Narrows the client. */
  supports(operation: "balance"): this is Client<Extract<P, ProviderOf<"balance">>>;
  /** Returns true if the operation is offered. Narrows the variable. */
  supports(operation: Operation): operation is OperationOf<P>;
  /** Builds and signs a request without sending it, for a queue or another HTTP stack. */
  prepare<O extends OperationOf<P>>(operation: O, ...parameters: PrepareArguments<P, O>): Prepared<O>;
  /** Interprets the response to a prepared request. Throws the error that the operation would have rejected with. */
  interpret<O extends Operation>(prepared: Prepared<O>, response: PlainResponse): ResultOf<P>[O];
  /** Returns each step of a request's signature, with secrets and phone numbers masked, to compare with the platform's own. */
  explain<O extends OperationOf<P>>(operation: O, ...parameters: [...PrepareArguments<P, O>, options?: ExplainOptions]): SignatureTrace;
}

/**
 * Creates a client of one account.
 *
 * @example
 * const client = createClient({ provider: "mixcom", appKey, appSecret });
 * const call = await client.dial({ caller: "13800000001", callee: "13900000002" });
 *
 * @param options - The platform's name, the account's credentials, and {@link CommonOptions}.
 * @throws RingbackError `invalid-argument`, naming the option that is missing, unknown or wrong. In a browser before the wasm is
 * loaded, the first operation rejects with it instead.
 */
export function createClient<P extends Provider>(options: ClientOptions<P> & { readonly provider: P }): Client<P> {
  return callFrom(createClient, () => buildClient<P>(options));
}

function buildClient<P extends Provider>(options: ClientOptions<P> & { readonly provider: P }): Client<P> {
  const connection = readSafely("options", () => connect(options));
  const { provider } = connection;
  const run = async (operation: Operation, parameters: unknown, given?: CallOptions): Promise<unknown> =>
    (await drive(connection, operation, parameters, given)).result;

  // Every operation exists at run time: the core throws `unsupported` for those that this platform lacks.
  const client = {
    provider,
    supports: syncFrom((operation: Operation) => callCore(() => connection.handle().supports(requireName("operation", operation)))),
    dial: asyncFrom((request: unknown, given?: CallOptions) => run("dial", request, given)),
    hangUp: asyncFrom((callId: string, given?: CallOptions) => run("hangUp", { callId }, given)),
    bindSeat: asyncFrom((binding: SeatBinding, given?: CallOptions) => run("bindSeat", binding, given)),
    records: syncFrom((range: RecordRange, given?: CallOptions) => createRecordList(connection, range, given)),
    recording: asyncFrom(async (call: string | CallRecord, given?: CallOptions) =>
      createRecording(connection, await drive(connection, "recording", { call }, given), given),
    ),
    balance: asyncFrom((given?: CallOptions) => run("balance", {}, given)),
    prepare: syncFrom((operation: Operation, parameters?: unknown) => signRequest(connection, "prepare", operation, parameters)),
    explain: syncFrom((operation: Operation, parameters?: unknown, options?: ExplainOptions) => signRequest(connection, "explain", operation, parameters, options)),
    interpret: syncFrom((prepared: Prepared, response: PlainResponse) => {
      try {
        return interpretResponse(connection, prepared, response);
      } catch (error) {
        throw isRingbackError(error) ? addReference(error, readReference(prepared)) : error;
      }
    }),
  };
  connections.set(client, connection);
  return client as unknown as Client<P>;
}

/** The connection of each client, for routers. */
const connections = new WeakMap<object, Connection>();

/**
 * Returns the connection of a client, or undefined if the value is not a client of this copy of the package.
 *
 * @internal
 */
export function findConnection(client: unknown): Connection | undefined {
  return typeof client === "object" && client !== null ? connections.get(client) : undefined;
}

function interpretResponse(connection: Connection, prepared: Prepared, given: PlainResponse): unknown {
  const sent = writePlainJson("prepared", prepared);
  // The request was already sent, so report delivery "unknown".
  const hint = "pass { status, headers, body }";
  const [head, body] = readSafely("response", () => [readHead(given ?? {}), given?.body], hint, "unknown");
  const bytes = toBodyBytes(body, "unknown");
  const receivedAt = readClock(connection);
  const response = writePlainJson("response", { ...head, receivedAt }, "unknown");
  const result = callCore(() => connection.handle().interpret(sent, response, bytes), "unknown") ?? undefined;
  return isRecordingStart(result) ? createRecordingFromBytes(connection, result, bytes) : result;
}

/** Reads this machine's clock, to compare it with the platform's. A clock that throws must not hide the response's meaning. */
function readClock({ now }: Connection): number | undefined {
  try {
    return Math.round(now());
  } catch {
    return undefined;
  }
}

function readReference(prepared: Partial<Prepared> | undefined): string | undefined {
  try {
    return filterReference(prepared?.reference);
  } catch {
    // The object's members cannot be read.
    return undefined;
  }
}

function signRequest(connection: Connection, sign: "prepare" | "explain", operation: Operation, parameters: unknown = {}, options: ExplainOptions = {}): unknown {
  const name = requireName("operation", operation);
  const json = writePlainJson("params", operation === "records" ? toRange(parameters as RecordRange) : parameters);
  const host: Host = { now: readSafely("now", connection.now, CLOCK, "not-sent", "unusable-clock"), jitter: 0, fresh: drawHex };
  const showNumbers = readSafely("options", () => options.showNumbers === true);
  return callCore(() => (sign === "explain" ? connection.handle().explain(name, json, host, showNumbers) : connection.handle().prepare(name, json, host)));
}

/** Takes the options that only JavaScript can hold out of the others, which the core checks. */
function connect(options: ClientOptions): Connection {
  if (typeof options !== "object" || options === null) throw createArgumentError("wrong-type", "options", "must be an object", "pass { provider, … }", { expected: ["object"] });
  const { fetch, now, on, debug, ...account } = options;
  // Checked at once if the wasm is loaded, otherwise by the first operation.
  let json: string | undefined;
  const handle = createHandle(() => new core.Client((json ??= writePlainJson("options", account))));
  if (isReady()) callCore(handle);
  return {
    provider: options.provider,
    account: options.account,
    handle,
    fetch: createSender(fetch),
    now: createClock(now, fetch),
    on: checkHooks(on, HOOKS),
    log: createStepLog(debug),
  };
}

/**
 * Creates the function that reads the clock.
 *
 * @internal
 */
export function createClock(now: ClientOptions["now"], fetch: ClientOptions["fetch"]): Connection["now"] {
  // A simulated platform has a time of its own.
  if (now === undefined) return readAttachedClock(fetch) ?? (() => Date.now());
  if (typeof now !== "function") throw createArgumentError("wrong-type", "now", "is not a function", "pass () => Date.now(), or leave it out", { expected: ["function"] });
  return () => Number(now());
}

