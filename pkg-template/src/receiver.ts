import { concatenated, textOrBytes } from "./bytes.js";
import { invalidArgument, isRingbackError } from "./error.js";
import { guarded, init, isReady } from "./instance.js";
import type { Dialect, Provider } from "./platform.js";
import { type Answer, type ParsedPush, processPush, type Push } from "./push.js";
import type { CallRecord } from "./record.js";
import * as core from "./wasm/ringback.js";

/**
 * Answers one push. It never rejects: whatever happens becomes an answer that is true for the platform.
 * `context.remoteAddress` is the sender's IP address, which an allow-list needs; a standard Request does not carry it.
 */
export type Receiver = (request: Request, context?: { remoteAddress?: string | undefined }) => Promise<Response>;

/** The options of `createReceiver`: the accounts, the limits, and exactly one of `onPush`, `onRecords` and `onRecord`. */
export type ReceiverOptions = (
  | ReceiverAccount
  | {
      /** The accounts. Their tokens tell them apart. */
      accounts: readonly ReceiverAccount[];
    }
) &
  ReceiverLimits &
  ReceiverWatchers &
  Keeping;

/** An account whose pushes are received. */
export type ReceiverAccount = {
  [P in Provider]: {
    /** A name. It enters the records' keys; give the client of this account the same. */
    name?: string | undefined;
    /** The platform. */
    provider: P;
    /** The secrets in the push address, of which one must be there: several while they are being changed. See `createToken`. */
    tokens: readonly string[];
    /** The IP addresses and ranges from which this platform pushes. Default: any. */
    allow?: readonly string[] | undefined;
    /** The zone of times without a zone. Default `+08:00`. */
    timeZone?: string | undefined;
    /** The platform's dialect. */
    dialect?: Dialect<P> | undefined;
  };
}[Provider];

/** The receiver's limits. */
export interface ReceiverLimits {
  /** A larger body is refused with 413. */
  maxBodyBytes?: number | undefined;
  /** Milliseconds within which the platform gets its answer, kept or not. */
  deadlineMs?: number | undefined;
}

/** What a receiver reports besides records. Both may return a promise, which is awaited. */
export interface ReceiverWatchers {
  /**
   * Keeps what cannot be read. When it resolves, that counts as kept; where it is missing or fails, the platform is told to try
   * again.
   */
  onUnreadable?: ((unreadable: UnreadablePush, push: Push) => unknown) | undefined;
  /** Called for each request that was refused. What it throws is ignored. */
  onRefused?: ((refusal: Refusal) => unknown) | undefined;
}

/**
 * How pushes are kept. The platform gets its acknowledgement when the promise resolves, and is told to try again when it
 * rejects. Platforms repeat pushes: all three must be idempotent, by `key`.
 */
export type Keeping =
  | {
      /** Gets the push as it came, to be kept durably before anything is parsed. The safe mode. See `processPush`. */
      onPush: (push: Push) => unknown;
      onRecords?: undefined;
      onRecord?: undefined;
    }
  | {
      onPush?: undefined;
      /** Gets all records of a push, for one transaction. */
      onRecords: (records: CallRecord[], push: Push) => unknown;
      onRecord?: undefined;
    }
  | {
      onPush?: undefined;
      onRecords?: undefined;
      /** Gets the records of a push one by one. Each is tried; one failure and the whole push is asked for again. */
      onRecord: (record: CallRecord, push: Push) => unknown;
    };

/** A record, or a whole push, that could not be read. */
export interface UnreadablePush {
  /** The record's place in the push, counted from 0. Absent where the whole push is unreadable. */
  index?: number;
  /** The platform's name of the field that stopped the reading. */
  field?: string;
  /** The byte of the body at which reading stopped. */
  offset?: number;
  /** What is wrong, for a person. */
  reason: string;
  /** The payload: the record's, or the whole body. */
  raw: unknown;
}

/** A request that was refused. */
export interface Refusal {
  /** Why, for a person. */
  reason: string;
  /** The request's method. */
  method: string;
  /** The sender's address, where the context had it. */
  remoteAddress?: string;
  /** The beginning of the body, where there was one that could be read. */
  body?: string | Uint8Array;
}

/**
 * A web-standard handler for the platforms' pushes.
 *
 * A push is acknowledged only when it was kept, and otherwise answered so that the platform tries again.
 *
 * @example
 * const receive = createReceiver({ provider: "mixcom", tokens: [token], onRecord: (record) => save(record) });
 * export default { fetch: (request) => receive(request, { remoteAddress: request.headers.get("cf-connecting-ip") ?? undefined }) };
 *
 * @param options - The accounts, the limits, and how pushes are kept.
 * @throws RingbackError `invalid-argument`, naming the option that is missing, unknown or wrong.
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  const { handlers, settings } = split(options);
  const check = (): string => guarded(() => core.receiverConfig(settings));
  let config = isReady() ? check() : undefined;

  return async (request, context) => {
    let nack = FAULT;
    try {
      await init();
      config ??= check();
      const known = config;
      const remoteAddress: unknown = context?.remoteAddress;
      const visit: Visit = { request, remoteAddress: typeof remoteAddress === "string" ? remoteAddress : undefined };
      if (!isRequest(request)) {
        await refused(handlers, visit, NO_REQUEST);
        return responseOf(nack);
      }
      const admission = guarded(() => core.admit(known, request.method, request.url, visit.remoteAddress));
      if (!admission.admitted) {
        await refused(handlers, visit, admission.reason);
        return responseOf(admission.answer);
      }
      nack = admission.nack;
      return responseOf(await within(admission.deadlineMs, nack, (expired) => received(handlers, visit, admission, expired)));
    } catch {
      return responseOf(nack);
    }
  };
}

type Handlers = Keeping & ReceiverWatchers;
type Admitted = Extract<core.Admission, { admitted: true }>;
interface Visit {
  request: Request;
  remoteAddress: string | undefined;
}

// Before it is known whose push it is: a JSON body, since mixcom takes an answer without one for final.
const FAULT: Answer = { status: 500, headers: { "content-type": "application/json" }, body: '{"code":500}' };

const TOO_LARGE = "the body is larger than maxBodyBytes";

const CONSUMED =
  "the body was read already, before the receiver got the request: mount the receiver before the framework's body parser " +
  "(Express: before express.json(); Next.js pages: config.api.bodyParser = false; Fastify: a raw content type parser), or hand over a clone";

const NO_REQUEST =
  "this is no standard Request: hand over the framework's own (Hono: c.req.raw), or make one of the method, address, headers and raw body";

// A refused request may take this much of our time and memory, for onRefused to see.
const REFUSED_MS = 5_000;
const REFUSED_BYTES = 65_536;

const KEEPERS = ["onPush", "onRecords", "onRecord"] as const;

function split(options: ReceiverOptions): { handlers: Handlers; settings: object } {
  if (typeof options !== "object" || options === null) throw invalidArgument("options", "are not an object", "pass { provider, tokens, onRecord, … }");
  const { onPush, onRecords, onRecord, onUnreadable, onRefused, ...settings } = options;
  const handlers = { onPush, onRecords, onRecord, onUnreadable, onRefused };
  for (const [name, handler] of Object.entries(handlers)) {
    if (handler !== undefined && typeof handler !== "function") throw invalidArgument(name, "is not a function", "pass a function, or leave it out");
  }
  const keepers = KEEPERS.filter((name) => handlers[name] !== undefined);
  if (keepers.length !== 1) {
    const wrong = keepers.length === 0 ? "are all missing" : `are given together (${keepers.join(", ")})`;
    throw invalidArgument("onPush, onRecords, onRecord", wrong, "give exactly one of them");
  }
  return { handlers: handlers as Handlers, settings };
}

async function received(handlers: Handlers, visit: Visit, admission: Admitted, expired: AbortSignal): Promise<Answer> {
  const { request } = visit;
  const { nack, tooLarge, maxBodyBytes } = admission;
  if (isConsumed(request)) {
    await refused(handlers, visit, CONSUMED);
    return nack;
  }
  const announced = Number(request.headers.get("content-length"));
  const body = announced > maxBodyBytes ? undefined : await bytesOf(request, maxBodyBytes + 1, expired);
  if (expired.aborted) return nack;
  if (body === undefined || body.length > maxBodyBytes) {
    await refused(handlers, visit, TOO_LARGE);
    return tooLarge;
  }
  return kept(handlers, pushOf(admission, request, body), admission);
}

function pushOf({ account, provider, query, timeZone, dialect }: Admitted, request: Request, body: Uint8Array): Push {
  const contentType = request.headers.get("content-type");
  return {
    ...(account !== undefined && { account }),
    provider,
    receivedAt: new Date().toISOString(),
    ...(contentType !== null && { contentType }),
    query,
    body: textOrBytes(body),
    ...(timeZone !== undefined && { timeZone }),
    ...(dialect !== undefined && { dialect }),
  };
}

/** Hands everything to its keeper. The answer is an acknowledgement only when all of it was kept. */
async function kept(handlers: Handlers, push: Push, { ack, nack }: { ack: Answer; nack: Answer }): Promise<Answer> {
  const { onPush, onRecords, onRecord, onUnreadable } = handlers;
  if (onPush) return (await succeeds(() => onPush(push))) ? ack : nack;

  let parsed: ParsedPush;
  try {
    parsed = processPush(push);
  } catch (error) {
    if (!isRingbackError(error) || error.code === "internal") throw error;
    const saved = onUnreadable && (await succeeds(() => onUnreadable({ reason: error.message, raw: push.body }, push)));
    return saved ? ack : (error.nack ?? nack);
  }
  const { records, unreadable } = parsed;
  const attempts: boolean[] = [];
  if (onRecords && records.length > 0) attempts.push(await succeeds(() => onRecords(records, push)));
  if (onRecord) for (const record of records) attempts.push(await succeeds(() => onRecord(record, push)));
  for (const item of unreadable) attempts.push(onUnreadable !== undefined && (await succeeds(() => onUnreadable(item, push))));
  return attempts.every(Boolean) ? parsed.ack : parsed.nack;
}

async function succeeds(keep: () => unknown): Promise<boolean> {
  try {
    await keep();
    return true;
  } catch {
    return false;
  }
}

async function refused({ onRefused }: Handlers, { request, remoteAddress }: Visit, reason: string): Promise<void> {
  if (!onRefused) return;
  const report = async (expired: AbortSignal): Promise<void> => {
    const begins = request?.body && !isConsumed(request) ? await bytesOf(request, REFUSED_BYTES, expired) : undefined;
    await onRefused({
      reason,
      method: String(request?.method),
      ...(remoteAddress !== undefined && { remoteAddress }),
      ...(begins !== undefined && { body: textOrBytes(begins.subarray(0, REFUSED_BYTES)) }),
    });
  };
  await within(REFUSED_MS, undefined, report).catch(() => undefined);
}

/** The glue takes whatever comes for text: what is none would end in a trap. */
function isRequest(request: Request | undefined): request is Request {
  return typeof request?.headers?.get === "function" && typeof request.method === "string" && typeof request.url === "string";
}

function isConsumed(request: Request): boolean {
  return request.bodyUsed || request.body?.locked === true;
}

/** The body, but not much more than `most` bytes of it, nor longer than until `expired`. */
async function bytesOf(request: Request, most: number, expired: AbortSignal): Promise<Uint8Array> {
  // Firefox's requests have no stream.
  if (request.body === undefined) return new Uint8Array(await request.arrayBuffer());
  const reader = request.body?.getReader();
  if (reader === undefined) return new Uint8Array(0);
  const cancel = (): Promise<void> => reader.cancel().catch(() => undefined);
  expired.addEventListener("abort", cancel, { once: true });
  const pieces: Uint8Array[] = [];
  let length = 0;
  while (length < most) {
    const { done, value } = await reader.read();
    if (done) return concatenated(pieces);
    pieces.push(value);
    length += value.length;
  }
  void cancel();
  return concatenated(pieces);
}

/** Whatever `work` does, there is a result in time. */
function within<T>(ms: number, late: T, work: (expired: AbortSignal) => Promise<T>): Promise<T> {
  const expiry = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      resolve(late);
      expiry.abort();
    }, ms);
    work(expiry.signal)
      .finally(() => clearTimeout(timer))
      .then(resolve, reject);
  });
}

function responseOf({ status, headers, body }: Answer): Response {
  // A status like 204 allows no body, not even an empty one.
  return new Response(body === "" ? null : body, { status, headers });
}
