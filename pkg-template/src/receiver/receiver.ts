import type { Answer, CallRecord, ParsedPush } from "../generated/model.js";
import type { Dialect, Provider } from "../generated/platforms.js";
import { asBytes, classOf, concatenated, hexOf, textOrBytes } from "../core/bytes.js";
import { expanded } from "./compression.js";
import { invalidArgument, isRingbackError, readable, RingbackError } from "../model/error.js";
import { announce } from "../model/hooks.js";
import { callFrom } from "../core/call-site.js";
import { callCore, handleOf, init, isReady } from "../core/instance.js";
import { plainJson } from "../core/plain-json.js";
import { settled } from "./keeping.js";
import { envelopeJson, processed, type Push } from "./push.js";
import { redactedError, shownError } from "../core/shown-error.js";
import * as core from "../wasm/ringback.js";
import type { Admission } from "./admission.js";
import { answerThrough, isRequest, misused } from "./wiring.js";

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
export type ReceiverOptions = (ReceiverAccount | ReceiverAccounts) & ReceiverLimits & ReceiverWatchers & Keeping;

/** Several accounts of one receiver. */
export interface ReceiverAccounts {
  /** The accounts. Their tokens tell them apart. */
  accounts: readonly ReceiverAccount[];
}

/** An account whose pushes are received. */
export type ReceiverAccount = Guard & { [P in Provider]: ReceiverAccountOf<P> }[Provider];

/** An account at one platform. */
export interface ReceiverAccountOf<P extends Provider> {
  /** A name. It is part of the records' keys; give the client of this account the same. */
  name?: string | undefined;
  /** The platform. */
  provider: P;
  /** The zone of times without a zone. Default `+08:00`. */
  timeZone?: string | undefined;
  /** The platform's dialect. */
  dialect?: Dialect<P> | undefined;
}

/** Who may push: senders that know a token, or that push from an allowed address, or both. Pushes are not signed. */
export type Guard = TokenGuard | AddressGuard;

/** Admits senders that know a token. */
export interface TokenGuard {
  /** The secrets in the push address, of which one must be there: several while they are being changed. See `createToken`. */
  tokens: readonly string[];
  /** The IP addresses and CIDR ranges from which this platform pushes. Default: any. */
  allow?: readonly string[] | undefined;
}

/** Admits senders by their address. */
export interface AddressGuard {
  /** Not given. */
  tokens?: undefined;
  /** The IP addresses and CIDR ranges from which this platform pushes. */
  allow: readonly string[];
}

/** The receiver's limits. */
export interface ReceiverLimits {
  /** A larger body is refused with 413: its bytes, and what they are when decompressed. Default 262144. */
  maxBodyBytes?: number | undefined;
  /**
   * The most records in one push, from 1 to 1000000. Nothing is parsed of a push that holds more: `onPush` keeps it as any other,
   * otherwise it goes to `onUnreadable`. Default 1000: no platform is known to send that many.
   */
  maxRecords?: number | undefined;
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
  /** Watches what comes in. */
  on?: ReceiverHooks | undefined;
  /**
   * Where `on.answer` is missing, each push that was not kept is one line of `console.error`: platform, account, reason, and the
   * error's name, code and redacted message. `true` ends that. Default `false`.
   */
  quiet?: boolean | undefined;
}

/** Watches a receiver. A hook is not awaited, and one that throws or rejects disturbs nothing. */
export interface ReceiverHooks {
  /** A request was answered. */
  answer?: ((event: AnswerEvent) => unknown) | undefined;
}

/** An answer that was given. Apart from a keeper's own `error`, it holds no token and no phone number. */
export interface AnswerEvent {
  /**
   * `kept`: acknowledged. `not-kept`: a keeper failed, or there was none for what could not be read. `late`: `deadlineMs` passed.
   * `refused`: wrong token, address or method, a body that is too large or was read before, or no Request. `probe`: a GET or HEAD that
   * only tried the address. `fault`: the body broke off, or the library failed.
   */
  outcome: "kept" | "not-kept" | "late" | "refused" | "probe" | "fault";
  /** Why the push was not kept, for a person; without secrets and numbers. Absent where it was kept. */
  reason?: string;
  /**
   * What the keeper threw or rejected with, or the error that the library met: with `not-kept`, `late` and `fault`. Of several, the
   * first. A keeper's own error is passed on as it is, whatever it holds; every other one is redacted.
   */
  error?: unknown;
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
 * How pushes are kept. The platform gets its acknowledgement when all that a keeper returns has resolved, and is told to try again when
 * any of it rejects. Platforms repeat pushes: all three keepers must be idempotent, by `key`.
 *
 * A keeper may return a promise, an array or another iterable of promises (`records.map(save)`), nested or not, and a generator, which
 * is run to its end. A `Response` that is not `ok` (a queue's answer to `fetch`) and a rejected result of `Promise.allSettled` are
 * failures. Every other value counts as kept.
 */
export type Keeping = PushKeeper | RecordsKeeper | RecordKeeper;

/** Keeps pushes as they came. */
export interface PushKeeper {
  /** Gets the push as it came, to be kept durably before anything is parsed. The safe mode. See `processPush`. */
  onPush: (push: Push) => unknown;
  /** Not given beside `onPush`. */
  onRecords?: undefined;
  /** Not given beside `onPush`. */
  onRecord?: undefined;
}

/** Keeps all records of a push together. */
export interface RecordsKeeper {
  /** Not given beside `onRecords`. */
  onPush?: undefined;
  /** Gets all records of a push, for one transaction. */
  onRecords: (records: CallRecord[], push: Push) => unknown;
  /** Not given beside `onRecords`. */
  onRecord?: undefined;
}

/** Keeps records one by one. */
export interface RecordKeeper {
  /** Not given beside `onRecord`. */
  onPush?: undefined;
  /** Not given beside `onRecord`. */
  onRecords?: undefined;
  /** Gets the records of a push one by one. Each is tried; if one fails, the platform is asked for the whole push again. */
  onRecord: (record: CallRecord, push: Push) => unknown;
}

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
 * A push is acknowledged only when it was kept, and otherwise answered so that the platform tries again. A GET or HEAD with the right
 * token and nothing else is answered with 200, so that an address can be tried. A GET, or a POST without a body, whose query holds a
 * record is a push. A body may be compressed: gzip, deflate, and br where the host can.
 *
 * @example
 * const receive = createReceiver({ provider: "mixcom", tokens: [token], onRecord: (record) => save(record) });
 * export default { fetch: (request) => receive(request, { remoteAddress: request.headers.get("cf-connecting-ip") ?? undefined }) };
 *
 * @param options - The accounts, the limits, and how pushes are kept.
 * @throws RingbackError `invalid-argument`, naming the option that is missing, unknown or wrong.
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  return callFrom(createReceiver, () => buildReceiver(options));
}

function buildReceiver(options: ReceiverOptions): Receiver {
  const { handlers, settings, trustProxy, quiet } = readable("options", () => split(options));
  const config = plainJson("options", settings);
  const handle = handleOf(() => new core.Receiver(config));
  // Read at once where the wasm is there, at the first request where it is not.
  if (isReady()) callCore(handle);
  let hasSaidMisuse = false;

  return async (request, context) => {
    const startedAt = performance.now();
    const event: Event = { outcome: "fault" };
    const answer = isRequest(request)
      ? await answered(request, context ?? {}, event).catch((error: unknown) => faultOf(error, event))
      : await unfit(request, context, event);
    const { status } = answer;
    announce(handlers.on?.answer, { ...event, status, durationMs: performance.now() - startedAt });
    if (!quiet && !handlers.on?.answer && isAlarming(event)) logged(event, status);
    return responseOf(answer);
  };

  /** Without a Request nobody knows what to answer, but a mistake in the wiring must not hang, nor be taken for an acknowledgement. */
  async function unfit(given: unknown, second: unknown, event: Event): Promise<Answer> {
    const reason = misused(given, second);
    Object.assign(event, { outcome: "refused", reason });
    answerThrough(given, second, FAULT);
    // Said once, also where somebody listens to on.answer: nothing works before this is mended.
    if (!quiet && !hasSaidMisuse) logLine(reason);
    hasSaidMisuse = true;
    await within(REFUSED_MS, () => undefined, async () => handlers.onRefused?.({ reason, method: methodOf(given) })).catch(() => undefined);
    return FAULT;
  }

  async function answered(request: Request, context: ReceiverContext, event: Event): Promise<Answer> {
    const visit: Visit = { request, body: context.body, remoteAddress: textOrNothing(context.remoteAddress), doing: "the body" };
    await init();
    const { method, url, headers } = request;
    const forwarded = trustProxy === undefined ? undefined : headers.get(trustProxy) ?? undefined;
    const contentType = headers.get("content-type") ?? undefined;
    const arrival = JSON.stringify({ method, url, remoteAddress: visit.remoteAddress, forwarded, contentType });
    const admission = callCore(() => handle().admit(arrival));
    if ("reason" in admission) {
      Object.assign(event, { outcome: "refused", reason: admission.reason });
      await refused(handlers, { ...visit, remoteAddress: admission.remoteAddress }, admission.reason, admission.deadlineMs);
      return admission.answer;
    }
    event.provider = admission.provider;
    if (admission.account !== undefined) event.account = admission.account;
    if (admission.probe) {
      event.outcome = "probe";
      return admission.probe;
    }
    const late = (): Done => visit.verdict ?? { answer: admission.nack, event: { outcome: "late", ...lateOf(visit.doing, admission.deadlineMs) } };
    const done = await within(admission.deadlineMs, late, (deadline) => received(handlers, visit, admission, deadline)).catch(
      (error: unknown): Done => ({ answer: admission.nack, event: { outcome: "fault", reason: `${visit.doing} could not be read`, error: redactedError(error) } }),
    );
    Object.assign(event, done.event);
    return done.answer;
  }
}

type Event = Omit<AnswerEvent, "status" | "durationMs">;
type Handlers = Keeping & ReceiverWatchers;
interface Visit {
  request: Request;
  /** Where a framework has read it. */
  body: unknown;
  remoteAddress: string | undefined;
  /** What is waited for. */
  doing: string;
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

// A refused request may take this much of our time and memory, for onRefused to see.
const REFUSED_MS = 5_000;
const REFUSED_BYTES = 65_536;

const KEEPERS = ["onPush", "onRecords", "onRecord"] as const;

function split(options: ReceiverOptions): { handlers: Handlers; settings: object; trustProxy: string | undefined; quiet: boolean } {
  if (typeof options !== "object" || options === null) throw invalidArgument("wrong-type", "options", "are not an object", "pass { provider, tokens, onRecord, … }");
  const { onPush, onRecords, onRecord, onUnreadable, onRefused, on, quiet = false, ...settings } = options;
  const handlers = { onPush, onRecords, onRecord, onUnreadable, onRefused };
  const { answer, ...unknown } = on ?? {};
  const [strange] = Object.keys(unknown);
  if (strange !== undefined) throw invalidArgument("unknown-option", `on.${strange}`, "is no hook of a receiver", "answer is");
  if (answer !== undefined && typeof answer !== "function") throw invalidArgument("wrong-type", "on.answer", "is not a function", "pass a function, or leave it out");
  for (const [name, handler] of Object.entries(handlers)) {
    if (handler !== undefined && typeof handler !== "function") throw invalidArgument("wrong-type", name, "is not a function", "pass a function, or leave it out");
  }
  if (typeof quiet !== "boolean") throw invalidArgument("wrong-type", "quiet", "is not true or false", "pass true, or leave it out");
  const keepers = KEEPERS.filter((name) => handlers[name] !== undefined);
  if (keepers.length !== 1) {
    const isMissing = keepers.length === 0;
    const wrong = isMissing ? "are all missing" : `are given together (${keepers.join(", ")})`;
    throw invalidArgument(isMissing ? "missing" : "conflicting-options", "onPush, onRecords, onRecord", wrong, "give exactly one of them");
  }
  return { handlers: { ...handlers, on } as Handlers, settings, trustProxy: settings.trustProxy, quiet };
}

async function received(handlers: Handlers, visit: Visit, admission: Admission, deadline: Deadline): Promise<Done> {
  const { request } = visit;
  const { nack, tooLarge, maxBodyBytes } = admission;
  const refusedAs = async (answer: Answer, reason: string): Promise<Done> => {
    visit.verdict = { answer, event: { outcome: "refused", reason } };
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
  const plain = await expanded(body, request.headers.get("content-encoding"), maxBodyBytes);
  if (plain.isTooLarge) return refusedAs(tooLarge, TOO_LARGE);
  const done = await kept(handlers, visit, pushOf(admission, request, plain.bytes, plain.problem !== undefined), admission, plain);
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

const FORM = "application/x-www-form-urlencoded";

function pushOf(admission: Admission, request: Request, bytes: Uint8Array, isCompressed: boolean): Push {
  const { account, provider, query, pushInQuery, charset, timeZone, dialect } = admission;
  const isInQuery = bytes.length === 0 && pushInQuery;
  const given = request.headers.get("content-type");
  const contentType = isInQuery && !given?.toLowerCase().startsWith(FORM) ? FORM : given;
  const contentEncoding = request.headers.get("content-encoding");
  const body = isInQuery ? query : textOrBytes(bytes);
  const push: Push = {
    ...(account !== undefined && { account }),
    provider,
    receivedAt: new Date().toISOString(),
    ...(contentType !== null && { contentType }),
    ...(contentEncoding !== null && { contentEncoding }),
    query,
    body,
    ...(timeZone !== undefined && { timeZone }),
    ...(dialect !== undefined && { dialect: { ...dialect } }),
  };
  if (typeof body === "string") return push;
  // A structured clone keeps bytes as they are. JSON has none: there they are the text that they stand for, or else hex. A form's escapes
  // stand for bytes beside its own, which only the core can read together.
  const isForm = contentType?.toLowerCase().startsWith(FORM);
  const toJSON = (): object => {
    const text = isCompressed || isForm ? body : textOrBytes(body, charset);
    return typeof text === "string" ? { ...push, body: text } : { ...push, body: undefined, bodyHex: hexOf(body) };
  };
  return Object.defineProperty(push, "toJSON", { value: toJSON });
}

/** Why something was not kept. */
interface Failure {
  reason: string;
  error: unknown;
}

/** Hands everything to its keeper. The answer is an acknowledgement only when all of it was kept. */
async function kept(handlers: Handlers, visit: Visit, push: Push, admission: Admission, plain: { problem?: string }): Promise<Done> {
  const { ack, nack } = admission;
  const { onPush, onRecords, onRecord, onUnreadable } = handlers;
  const failures: Failure[] = [];
  const done = (answers: { ack: Answer; nack: Answer }, counts: Partial<AnswerEvent> = {}): Done => {
    const [first] = failures;
    return first === undefined
      ? { answer: answers.ack, event: { outcome: "kept", ...counts } }
      : { answer: answers.nack, event: { outcome: "not-kept", ...first, ...counts } };
  };
  const attempt = async (keeper: string, keep: () => unknown): Promise<void> => {
    visit.doing = keeper;
    try {
      await settled(keep());
    } catch (error) {
      failures.push({ reason: `${keeper} failed`, error });
    }
  };
  const attemptUnreadable = async (item: UnreadablePush, error: RingbackError): Promise<void> => {
    if (onUnreadable) await attempt("onUnreadable", () => onUnreadable(item, push));
    else failures.push({ reason: "it cannot be read, and there is no onUnreadable to keep it", error });
  };
  if (onPush) {
    await attempt("onPush", () => onPush(push));
    return done({ ack, nack });
  }

  let parsed: ParsedPush;
  try {
    if (plain.problem !== undefined) throw malformed(push, plain.problem);
    const { body, receivedAt, ...envelope } = push;
    parsed = processed(envelopeJson(envelope), typeof body === "string" ? asBytes(body) : body, admission.maxRecords);
  } catch (error) {
    if (!isRingbackError(error) || error.code === "internal") throw error;
    await attemptUnreadable({ reason: error.message, raw: push.body }, error);
    return done({ ack, nack: error.nack ?? nack }, { records: 0, unreadable: 1 });
  }
  const { records, unreadable } = parsed;
  if (onRecords && records.length > 0) await attempt("onRecords", () => onRecords(records, push));
  if (onRecord) for (const record of records) await attempt("onRecord", () => onRecord(record, push));
  for (const item of unreadable) await attemptUnreadable(item, malformed(push, `record ${item.index}: ${item.field === undefined ? "" : `${item.field}: `}${item.reason}`));
  return done(parsed, { records: records.length, unreadable: unreadable.length });
}

function malformed({ provider, account }: Push, reason: string): RingbackError {
  const message = `${provider} push cannot be read: ${reason}`;
  return new RingbackError(message, { code: "malformed-push", reason: "unreadable-push", delivery: "not-sent", retryable: false, provider, account });
}

function lateOf(doing: string, deadlineMs: number): Failure {
  const reason = `${doing} took longer than deadlineMs (${deadlineMs})`;
  return { reason, error: new RingbackError(reason, { code: "timeout", reason: "deadline-passed", delivery: "not-sent", retryable: true }) };
}

function faultOf(error: unknown, event: Event): Answer {
  Object.assign(event, { outcome: "fault", reason: "the library failed", error: redactedError(error) });
  return FAULT;
}

/** Whether somebody must hear of it: a push of somebody who knew the token was not kept. Who does not know it may be anybody. */
function isAlarming({ outcome, provider, reason }: Event): boolean {
  return outcome === "not-kept" || outcome === "late" || outcome === "fault" || (outcome === "refused" && provider !== undefined && reason !== undefined);
}

function logged({ provider, account, reason, error }: Event, status: number): void {
  const whose = [provider, account !== undefined && `account ${account}`].filter(Boolean).join(", ");
  // A deadline's error says nothing more.
  const what = error === undefined || (isRingbackError(error) && error.message === reason) ? "" : `: ${shownError(error)}`;
  logLine(`a push was not kept (${[whose, `answered ${status}`].filter(Boolean).join("; ")}): ${reason ?? "unknown"}${what}`);
}

function logLine(text: string): void {
  try {
    console.error(`ringback: ${text}`);
  } catch {
    // Nobody can be told.
  }
}

function methodOf(given: unknown): string {
  try {
    return String((given as { method?: unknown } | null | undefined)?.method);
  } catch {
    return "undefined";
  }
}

async function refused({ onRefused }: Handlers, visit: Visit, reason: string, deadlineMs = REFUSED_MS): Promise<void> {
  if (!onRefused) return;
  const { request, body, remoteAddress } = visit;
  const report = async (deadline: Deadline): Promise<void> => {
    const there = body != null || (request.body && !isConsumed(request));
    const begins = there ? await bodyOf(visit, REFUSED_BYTES, deadline) : undefined;
    await onRefused({
      reason,
      method: request.method,
      ...(remoteAddress !== undefined && { remoteAddress }),
      ...(begins !== undefined && { body: textOrBytes(begins.subarray(0, REFUSED_BYTES)) }),
    });
  };
  await within(Math.min(REFUSED_MS, deadlineMs), () => undefined, report).catch(() => undefined);
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

function responseOf(answer: Answer): Response {
  const { status, headers, body } = answer;
  // A status like 204 allows no body, not even an empty one.
  const response = new Response(body === "" ? null : body, { status, headers });
  return Object.defineProperty(response, "toJSON", { value: () => jsonOf(answer), configurable: true });
}

/**
 * What a framework makes of a Response that it does not know, like Koa 2: it answers 200 with the object's JSON. So that JSON is the
 * acknowledgement's. Where nothing was kept there is none: the error makes Koa give this very answer.
 */
function jsonOf({ status, body }: Answer): unknown {
  if (status < 400) {
    try {
      return JSON.parse(body);
    } catch {
      return body;
    }
  }
  logLine("a Response was written as JSON: this framework does not take standard Responses; use an adapter of ringback/node (Koa: toKoa(receive))");
  throw Object.assign(new Error(body), { name: "UnsentResponse", status, expose: true });
}
