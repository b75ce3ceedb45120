import { asBytes, classOf, concatenated, hexOf, textOrBytes } from "./bytes.js";
import { crossed, plainJson } from "./crossing.js";
import { invalidArgument, isRingbackError, readable } from "./error.js";
import { announce } from "./hooks.js";
import { init, isReady } from "./instance.js";
import type { Dialect, Provider } from "./platform.js";
import { type Answer, envelopeJson, type ParsedPush, processed, type Push } from "./push.js";
import type { CallRecord } from "./record.js";
import * as core from "./wasm/ringback.js";

/** Answers one push. It never rejects: whatever happens becomes an answer that is true for the platform. */
export type Receiver = (request: Request, context?: ReceiverContext) => Promise<Response>;

/** What a host knows of a request that a standard Request does not carry. */
export interface ReceiverContext {
  /** The sender's IP address, which an allow-list needs. */
  remoteAddress?: string | undefined;
  /**
   * The body, where a framework has read it already: text or bytes, or the plain object or list that it has parsed. Hand over the
   * bytes where you can: a parser that knows numbers only has rounded long ones.
   */
  body?: unknown;
}

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
export type ReceiverAccount = Guard & {
  [P in Provider]: {
    /** A name. It enters the records' keys; give the client of this account the same. */
    name?: string | undefined;
    /** The platform. */
    provider: P;
    /** The zone of times without a zone. Default `+08:00`. */
    timeZone?: string | undefined;
    /** The platform's dialect. */
    dialect?: Dialect<P> | undefined;
  };
}[Provider];

/** Who may push: whoever knows a token, or comes from an address, or both. Pushes are not signed. */
export type Guard =
  | {
      /** The secrets in the push address, of which one must be there: several while they are being changed. See `createToken`. */
      tokens: readonly string[];
      /** The IP addresses and CIDR ranges from which this platform pushes. Default: any. */
      allow?: readonly string[] | undefined;
    }
  | {
      tokens?: undefined;
      /** The IP addresses and CIDR ranges from which this platform pushes. */
      allow: readonly string[];
    };

/** The receiver's limits. */
export interface ReceiverLimits {
  /** A larger body is refused with 413. Default 262144. */
  maxBodyBytes?: number | undefined;
  /** Milliseconds within which the platform gets its answer, kept or not. Default 10000. */
  deadlineMs?: number | undefined;
  /**
   * The header in which your own proxy writes the sender's address, as `x-forwarded-for`: its last address is judged, which is the
   * one that the proxy added itself. Default: no header is believed, only `context.remoteAddress`.
   */
  trustProxy?: string | undefined;
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
  /** Watches what comes in. What a hook gets holds no token and no phone number. */
  on?: ReceiverHooks | undefined;
}

/** Watches a receiver. A hook is not awaited, and one that throws or rejects disturbs nothing. */
export interface ReceiverHooks {
  /** A request was answered. */
  answer?: ((event: AnswerEvent) => unknown) | undefined;
}

/** An answer that was given. */
export interface AnswerEvent {
  /**
   * `kept`: acknowledged. `not-kept`: a keeper failed, or there was none for what could not be read. `late`: `deadlineMs` passed.
   * `refused`: wrong token, address or method, or a body that is too large or was read before. `fault`: the library failed.
   */
  outcome: "kept" | "not-kept" | "late" | "refused" | "fault";
  /** The platform's name, where it is known whose push it is. */
  provider?: Provider;
  /** The account's name, where it has one. */
  account?: string;
  /** The HTTP status of the answer. */
  status: number;
  /** The body's bytes, where it was read whole. */
  bytes?: number;
  /** How many records were read in it. Absent with `onPush`, which reads none. */
  records?: number;
  /** How many of its records could not be read. */
  unreadable?: number;
  /** Milliseconds from the request's arrival to its answer. */
  durationMs: number;
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
  /** The sender's address, where it is known. */
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
  const { handlers, settings, trustProxy } = readable("options", () => split(options));
  const check = (): string => {
    const json = plainJson("options", settings);
    crossed(() => core.receiverConfig(json));
    return json;
  };
  let config = isReady() ? check() : undefined;
  // A platform asks the same again and again, and the verdict depends on nothing else. Only those who were let in are remembered, and
  // found by their hash: how long the search takes tells nothing of a token.
  const admitted = new Map<string, Admitted>();

  return async (request, context) => {
    const startedAt = performance.now();
    const event: Omit<AnswerEvent, "status" | "durationMs"> = { outcome: "fault" };
    const answer = await answered(request, context ?? {}, event).catch(() => undefined);
    const { status } = answer ?? FAULT;
    announce(handlers.on?.answer, { ...event, status, durationMs: performance.now() - startedAt });
    return responseOf(answer ?? FAULT);
  };

  async function answered(request: Request, context: ReceiverContext, event: Omit<AnswerEvent, "status" | "durationMs">): Promise<Answer> {
    const visit: Visit = { request, body: context.body, remoteAddress: textOrNothing(context.remoteAddress) };
    await init();
    config ??= check();
    const known = config;
    if (!isRequest(request)) {
      event.outcome = "refused";
      await refused(handlers, visit, NO_REQUEST);
      return FAULT;
    }
    const { method, url, headers } = request;
    const forwarded = trustProxy === undefined ? undefined : headers.get(trustProxy) ?? undefined;
    const contentType = headers.get("content-type") ?? undefined;
    // No header and no address holds a line break.
    const asked = [method, visit.remoteAddress, forwarded, contentType, url].join("\n");
    const arrival = { method, url, remoteAddress: visit.remoteAddress, forwarded, contentType };
    const admission = admitted.get(asked) ?? crossed<Admitted | Rejected>(() => core.admit(known, JSON.stringify(arrival)));
    if ("reason" in admission) {
      event.outcome = "refused";
      await refused(handlers, { ...visit, remoteAddress: admission.remoteAddress }, admission.reason, admission.deadlineMs);
      return admission.answer;
    }
    if (admitted.size >= MOST_ADMITTED) admitted.clear();
    admitted.set(asked, admission);
    event.provider = admission.provider;
    if (admission.account !== undefined) event.account = admission.account;
    const late = (): Done => visit.verdict ?? { answer: admission.nack, event: { outcome: "late" } };
    const done = await within(admission.deadlineMs, late, (deadline) => received(handlers, visit, admission, deadline)).catch(
      (): Done => ({ answer: admission.nack, event: { outcome: "fault" } }),
    );
    Object.assign(event, done.event);
    return done.answer;
  }
}

type Handlers = Keeping & ReceiverWatchers;
/** The core's word on who may come in. */
interface Admitted {
  account?: string;
  provider: Provider;
  query: string;
  charset?: string;
  timeZone?: string;
  dialect?: Push["dialect"];
  ack: Answer;
  nack: Answer;
  tooLarge: Answer;
  maxBodyBytes: number;
  deadlineMs: number;
  /** What the core is told of each such push besides its body: the same again and again, so it is written once. */
  envelope?: string;
}
/** And on who may not. */
interface Rejected {
  reason: string;
  remoteAddress?: string;
  answer: Answer;
  deadlineMs: number;
}
interface Visit {
  request: Request;
  /** Where a framework has read it. */
  body: unknown;
  remoteAddress: string | undefined;
  /** What is certain already, however long `onRefused` takes. */
  verdict?: Done;
}
/** An answer, and what is to be told of it. */
interface Done {
  answer: Answer;
  event: Partial<AnswerEvent> & { outcome: AnswerEvent["outcome"] };
}

// Before it is known whose push it is: a JSON body, since mixcom takes an answer without one for final.
const FAULT: Answer = { status: 500, headers: { "content-type": "application/json" }, body: '{"code":500}' };

const TOO_LARGE = "the body is larger than maxBodyBytes";

const CONSUMED =
  "the body was read already, before the receiver got the request: mount the receiver before the framework's body parser " +
  "(Express: before express.json(); Next.js pages: config.api.bodyParser = false; Fastify: a raw content type parser; Hono: no c.req.text() before), or hand over a clone";

const UNKNOWN_BODY = "the body (context.body, where that was given) is neither text nor bytes, nor what a parser makes of JSON or a form: hand over the bytes";

const NO_REQUEST =
  "this is no standard Request: hand over the framework's own (Hono: c.req.raw), or make one of the method, address, headers and raw body";

// A refused request may take this much of our time and memory, for onRefused to see.
const REFUSED_MS = 5_000;
const REFUSED_BYTES = 65_536;

const MOST_ADMITTED = 64;

const KEEPERS = ["onPush", "onRecords", "onRecord"] as const;

function split(options: ReceiverOptions): { handlers: Handlers; settings: object; trustProxy: string | undefined } {
  if (typeof options !== "object" || options === null) throw invalidArgument("options", "are not an object", "pass { provider, tokens, onRecord, … }");
  const { onPush, onRecords, onRecord, onUnreadable, onRefused, on, ...settings } = options;
  const handlers = { onPush, onRecords, onRecord, onUnreadable, onRefused };
  const { answer, ...unknown } = on ?? {};
  const [strange] = Object.keys(unknown);
  if (strange !== undefined) throw invalidArgument(`on.${strange}`, "is no hook of a receiver", "answer is");
  if (answer !== undefined && typeof answer !== "function") throw invalidArgument("on.answer", "is not a function", "pass a function, or leave it out");
  for (const [name, handler] of Object.entries(handlers)) {
    if (handler !== undefined && typeof handler !== "function") throw invalidArgument(name, "is not a function", "pass a function, or leave it out");
  }
  const keepers = KEEPERS.filter((name) => handlers[name] !== undefined);
  if (keepers.length !== 1) {
    const wrong = keepers.length === 0 ? "are all missing" : `are given together (${keepers.join(", ")})`;
    throw invalidArgument("onPush, onRecords, onRecord", wrong, "give exactly one of them");
  }
  return { handlers: { ...handlers, on } as Handlers, settings, trustProxy: settings.trustProxy };
}

async function received(handlers: Handlers, visit: Visit, admission: Admitted, deadline: Deadline): Promise<Done> {
  const { request } = visit;
  const { nack, tooLarge, maxBodyBytes } = admission;
  const refusedAs = async (answer: Answer, reason: string): Promise<Done> => {
    visit.verdict = { answer, event: { outcome: "refused" } };
    await refused(handlers, visit, reason, admission.deadlineMs);
    return visit.verdict;
  };
  if (visit.body == null && isConsumed(request)) return refusedAs(nack, CONSUMED);
  const announced = Number(request.headers.get("content-length"));
  const isTooLarge = announced > maxBodyBytes;
  const body = isTooLarge ? undefined : await bodyOf(visit, maxBodyBytes + 1, deadline);
  if (deadline.passed) return { answer: nack, event: { outcome: "late" } };
  if (isTooLarge || (body && body.length > maxBodyBytes)) return refusedAs(tooLarge, TOO_LARGE);
  if (body === undefined) return refusedAs(nack, UNKNOWN_BODY);
  const done = await kept(handlers, pushOf(admission, request, body), admission, body);
  return { ...done, event: { ...done.event, bytes: body.length } };
}

/** A framework may have read the body, or parsed it: then it is written again. Nothing where it is none of these. */
async function bodyOf({ request, body }: Visit, most: number, deadline: Deadline): Promise<Uint8Array | undefined> {
  if (body == null) return bytesOf(request, most, deadline);
  try {
    const bytes = asBytes(body);
    if (bytes !== undefined || !["Object", "Array"].includes(classOf(body))) return bytes;
    return asBytes(JSON.stringify(body));
  } catch {
    return undefined;
  }
}

function pushOf({ account, provider, query, charset, timeZone, dialect }: Admitted, request: Request, bytes: Uint8Array): Push {
  const contentType = request.headers.get("content-type");
  const body = textOrBytes(bytes);
  const push: Push = {
    ...(account !== undefined && { account }),
    provider,
    receivedAt: new Date().toISOString(),
    ...(contentType !== null && { contentType }),
    query,
    body,
    ...(timeZone !== undefined && { timeZone }),
    ...(dialect !== undefined && { dialect: { ...dialect } }),
  };
  if (typeof body === "string") return push;
  // A structured clone keeps bytes as they are. JSON has none: there they are the text that they stand for, or else hex.
  const toJSON = (): object => {
    const text = textOrBytes(body, charset);
    return typeof text === "string" ? { ...push, body: text } : { ...push, body: undefined, bodyHex: hexOf(body) };
  };
  return Object.defineProperty(push, "toJSON", { value: toJSON });
}

/** Hands everything to its keeper. The answer is an acknowledgement only when all of it was kept. */
async function kept(handlers: Handlers, push: Push, admission: Admitted, bytes: Uint8Array): Promise<Done> {
  const { ack, nack } = admission;
  const { onPush, onRecords, onRecord, onUnreadable } = handlers;
  const done = (saved: boolean, answers: { ack: Answer; nack: Answer }, counts: Partial<AnswerEvent> = {}): Done => ({
    answer: saved ? answers.ack : answers.nack,
    event: { outcome: saved ? "kept" : "not-kept", ...counts },
  });
  if (onPush) return done(await succeeds(() => onPush(push)), { ack, nack });

  let parsed: ParsedPush;
  try {
    const { body, receivedAt, ...envelope } = push;
    parsed = processed((admission.envelope ??= envelopeJson(envelope)), bytes, typeof body === "string" ? 1 : 0);
  } catch (error) {
    if (!isRingbackError(error) || error.code === "internal") throw error;
    const saved = onUnreadable !== undefined && (await succeeds(() => onUnreadable({ reason: error.message, raw: push.body }, push)));
    return done(saved, { ack, nack: error.nack ?? nack }, { records: 0, unreadable: 1 });
  }
  const { records, unreadable } = parsed;
  const attempts: boolean[] = [];
  if (onRecords && records.length > 0) attempts.push(await succeeds(() => onRecords(records, push)));
  if (onRecord) for (const record of records) attempts.push(await succeeds(() => onRecord(record, push)));
  for (const item of unreadable) attempts.push(onUnreadable !== undefined && (await succeeds(() => onUnreadable(item, push))));
  return done(attempts.every(Boolean), parsed, { records: records.length, unreadable: unreadable.length });
}

async function succeeds(keep: () => unknown): Promise<boolean> {
  try {
    await keep();
    return true;
  } catch {
    return false;
  }
}

async function refused({ onRefused }: Handlers, visit: Visit, reason: string, deadlineMs = REFUSED_MS): Promise<void> {
  if (!onRefused) return;
  const { request, body, remoteAddress } = visit;
  const report = async (deadline: Deadline): Promise<void> => {
    const there = body != null || (request?.body && !isConsumed(request));
    const begins = there ? await bodyOf(visit, REFUSED_BYTES, deadline) : undefined;
    await onRefused({
      reason,
      method: String(request?.method),
      ...(remoteAddress !== undefined && { remoteAddress }),
      ...(begins !== undefined && { body: textOrBytes(begins.subarray(0, REFUSED_BYTES)) }),
    });
  };
  await within(Math.min(REFUSED_MS, deadlineMs), () => undefined, report).catch(() => undefined);
}

/** The glue takes whatever comes for text: what is none would end in a trap. */
function isRequest(request: Request | undefined): request is Request {
  return typeof request?.headers?.get === "function" && typeof request.method === "string" && typeof request.url === "string";
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function isConsumed(request: Request): boolean {
  return request.bodyUsed || request.body?.locked === true;
}

/** The body, but not much more than `most` bytes of it, nor longer than until the deadline. */
async function bytesOf(request: Request, most: number, deadline: Deadline): Promise<Uint8Array | undefined> {
  // Firefox's requests have no stream.
  if (request.body === undefined) return new Uint8Array(await request.arrayBuffer());
  const reader = request.body?.getReader();
  if (reader === undefined) return new Uint8Array(0);
  const cancel = (): Promise<void> => reader.cancel().catch(() => undefined);
  deadline.onPassed = cancel;
  const pieces: Uint8Array[] = [];
  let length = 0;
  while (length < most) {
    const { done, value } = await reader.read();
    if (done) return concatenated(pieces);
    // A stream of somebody's own may give text, or whatever it likes.
    const piece = asBytes(value);
    if (piece === undefined) {
      void cancel();
      return undefined;
    }
    pieces.push(piece);
    length += piece.length;
  }
  void cancel();
  return concatenated(pieces);
}

interface Deadline {
  passed: boolean;
  onPassed?: () => unknown;
}

/** Whatever `work` does, there is a result in time. */
function within<T>(ms: number, late: () => T, work: (deadline: Deadline) => Promise<T>): Promise<T> {
  const deadline: Deadline = { passed: false };
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      resolve(late());
      deadline.passed = true;
      deadline.onPassed?.();
    }, ms);
    work(deadline)
      .finally(() => clearTimeout(timer))
      .then(resolve, reject);
  });
}

function responseOf({ status, headers, body }: Answer): Response {
  // A status like 204 allows no body, not even an empty one.
  return new Response(body === "" ? null : body, { status, headers });
}
