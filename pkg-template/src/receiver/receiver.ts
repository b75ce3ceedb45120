import type { Answer, CallRecord, ParsedPush } from "../generated/model.js";
import type { Dialect, Provider } from "../generated/platforms.js";
import { toBytes, readClassName, joinBytes, toHex, decodeText } from "../core/bytes.js";
import { decompress, type DecompressedBody } from "./compression.js";
import { createArgumentError, filterId, filterName, isRingbackError, readSafely, RingbackError } from "../model/error.js";
import { beginWithin, callHook } from "../model/hooks.js";
import { callFrom } from "../core/call-site.js";
import { callCore, createHandle, init, isReady } from "../core/instance.js";
import { writePlainJson } from "../core/plain-json.js";
import { awaitAll } from "./keeping.js";
import type { Push } from "./push.js";
import { redactError, formatError } from "../core/shown-error.js";
import { createStepLog, formatMs, type StepLog } from "../core/step-log.js";
import { drawHex } from "../core/token.js";
import * as core from "../wasm/ringback.js";
import type { Admission, AdmittedAccount } from "./admission.js";
import { answerThrough, isRequest, explainMisuse } from "./wiring.js";

/** Answers one push. It never rejects: every failure becomes the answer that makes the platform push again. */
export type Receiver = (request: Request, context?: ReceiverContext) => Promise<Response>;

/** Facts about a request that a standard Request does not carry. */
export interface ReceiverContext {
  /** The sender's IP address, required for an allow-list. */
  remoteAddress?: string | undefined;
  /**
   * The body, if a framework has read it already: text, bytes, or the parsed plain object or list. Pass the bytes if possible, since a
   * parser rounds long integers.
   */
  body?: unknown;
}

/** The options of `createReceiver`: the accounts, the limits, and exactly one of `onPush`, `onRecords` and `onRecord`. */
export type ReceiverOptions = (ReceiverAccount | ReceiverAccounts) & ReceiverLimits & ReceiverWatchers & Keeping;

/** Several accounts of one receiver. */
export interface ReceiverAccounts {
  /** The accounts. They are told apart by their tokens. */
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
  /** The zone of times without one. Default `+08:00`. */
  timeZone?: string | undefined;
  /** The platform's dialect. */
  dialect?: Dialect<P> | undefined;
}

/** Restricts who may push: senders that know a token, or that push from an allowed address, or both. Pushes are not signed. */
export type Guard = TokenGuard | AddressGuard;

/** Admits senders that know a token. */
export interface TokenGuard {
  /** The secrets of which one must be in the push address. Give several while you change them. See `createToken`. */
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
  /** A larger body is refused with 413, measured as sent and when decompressed. Default 262144 bytes. */
  maxBodyBytes?: number | undefined;
  /**
   * The largest number of records in one push, from 1 to 1000000. A larger push is not parsed: `onPush` keeps it as usual,
   * otherwise it goes to `onUnreadable`. Default 1000: no platform is known to send that many.
   */
  maxRecords?: number | undefined;
  /** Milliseconds in which the platform gets its answer, whether kept or not. Default 10000. */
  deadlineMs?: number | undefined;
  /**
   * The header in which your own proxy writes the sender's address, such as `x-forwarded-for`. Its last address is checked, which is the
   * one that the proxy added. Default: no header is trusted, only `context.remoteAddress`.
   */
  trustProxy?: string | undefined;
}

/** Handlers for events besides records. The first two may return a promise, which is awaited. */
export interface ReceiverWatchers {
  /**
   * Keeps entries that cannot be parsed. When it resolves, the entry counts as kept; if it is missing or fails, the platform is told to
   * push
   * again.
   */
  onUnreadable?: ((unreadable: UnreadablePush, push: Push) => unknown) | undefined;
  /** Called for each refused request. Its errors are ignored. */
  onRefused?: ((refusal: Refusal) => unknown) | undefined;
  /** Observes the requests and their answers. */
  on?: ReceiverHooks | undefined;
  /**
   * Writes one line for each step of a request, without tokens, secrets and numbers: `true` to the console (standard error in Node, Deno
   * and Bun, otherwise `console.debug`), or a function that gets each line. What the function throws is ignored. Default `false`.
   */
  debug?: boolean | ((line: string) => unknown) | undefined;
  /**
   * Without `on.answer`, each push that was not kept is one line of `console.error`: platform, account, reason, and the error's name, code
   * and redacted message. `true` turns that off. Default `false`.
   */
  quiet?: boolean | undefined;
}

/** Observes a receiver. Hooks are not awaited, and a hook that throws or rejects has no effect. */
export interface ReceiverHooks {
  /**
   * A request has come, and nothing of it is known yet. Call `begin` to process it within a context of your own, such as
   * `storage.run(value, begin)`; the keepers and `answer` are then called in that context. It begins once in any case: after the hook, if
   * you have not called `begin`.
   */
  start?: ((event: ArrivalEvent, begin: () => void) => unknown) | undefined;
  /** A request was answered. Called once for each request. */
  answer?: ((event: AnswerEvent) => unknown) | undefined;
}

/** A request that has come. */
export interface ArrivalEvent {
  /** Identifies the request: the same random text in both of its events. */
  requestId: string;
  /** The request's method. */
  method: string;
}

/** An answer to a request. Except for a keeper's own `error`, it contains no token and no phone number. */
export interface AnswerEvent {
  /** Identifies the request: the same random text as in the event of `on.start`. Absent without that hook. */
  requestId?: string;
  /**
   * `kept`: acknowledged. `not-kept`: a keeper failed, or none exists for an entry that cannot be parsed. `late`: `deadlineMs` passed.
   * `refused`: wrong token, address or method, a body too large or already read, or not a Request. `probe`: a GET or HEAD that
   * only tested the address. `fault`: the body broke off, or the library failed.
   */
  outcome: "kept" | "not-kept" | "late" | "refused" | "probe" | "fault";
  /** Why the push was not kept, as text for people, without secrets and numbers. Absent if it was kept. */
  reason?: string;
  /**
   * The error that the keeper threw or rejected with, or that the library met: with `not-kept`, `late` and `fault`. Of several, the
   * first. A keeper's own error is passed on unchanged; every other error is redacted.
   */
  error?: unknown;
  /** The platform's name, if known. */
  provider?: Provider;
  /** The account's name, if it has one. */
  account?: string;
  /** The HTTP status of the answer. */
  status: number;
  /** The body's size in bytes, if it was read completely. */
  bytes?: number;
  /** The number of parsed records. Absent with `onPush`, which parses nothing. */
  records?: number;
  /** The number of records that could not be parsed. */
  unreadable?: number;
  /**
   * The keys of the parsed records, in their order: the first 100. A key that may contain a phone number is left out. Absent with `onPush`,
   * which parses nothing.
   */
  keys?: string[];
  /** The references of the parsed records, under the same rules. Absent if no record has one. */
  references?: string[];
  /** Milliseconds from the request's arrival to its answer. */
  durationMs: number;
}

/**
 * The keeper of pushes. The platform gets its acknowledgement when everything that the keeper returns has resolved, and is told to push
 * again if any of it rejects. Platforms repeat pushes, so all three keepers must be idempotent, by `key`.
 *
 * A keeper may return a promise, an array or another iterable of promises (`records.map(save)`), nested or not, or a generator, which
 * is run to its end. A `Response` that is not `ok` (a queue's answer to `fetch`) and a rejected result of `Promise.allSettled` are
 * failures. Every other value counts as kept.
 */
export type Keeping = PushKeeper | RecordsKeeper | RecordKeeper;

/** Keeps pushes as they came. */
export interface PushKeeper {
  /** Gets the raw push, to keep it durably before it is parsed: the safe mode. See `processPush`. */
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

/** A record, or a whole push, that could not be parsed. */
export interface UnreadablePush {
  /** The record's index in the push, from 0. Absent if the whole push cannot be parsed. */
  index?: number;
  /** The platform's name of the field at which parsing stopped. */
  field?: string;
  /** The byte of the body at which parsing stopped. */
  offset?: number;
  /** The problem, as text for people. */
  reason: string;
  /** The payload: the record's, or the whole body. */
  raw: unknown;
}

/** A request that was refused. */
export interface Refusal {
  /** The reason, as text for people. */
  reason: string;
  /** The request's method. */
  method: string;
  /** The sender's address, if known. */
  remoteAddress?: string;
  /** The beginning of the body, if it could be read. */
  body?: string | Uint8Array;
}

/**
 * Creates a web-standard handler for the platforms' pushes.
 *
 * A push is acknowledged only when it was kept, and otherwise answered so that the platform pushes again. A GET or HEAD with only the right
 * token is answered with 200, to test an address. A GET, or a POST without a body, whose query contains a
 * record is a push. A body may be compressed: gzip, deflate, and br if the host supports it.
 *
 * @example
 * const receive = createReceiver({ provider: "mixcom", tokens: [token], onRecord: (record) => save(record) });
 * export default { fetch: (request) => receive(request, { remoteAddress: request.headers.get("cf-connecting-ip") ?? undefined }) };
 *
 * @param options - The accounts, the limits, and the keeper.
 * @throws RingbackError `invalid-argument`, naming the option that is missing, unknown or wrong.
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  return callFrom(createReceiver, () => buildReceiver(options));
}

function buildReceiver(options: ReceiverOptions): Receiver {
  const { handlers, settings, trustProxy, quiet, log } = readSafely("options", () => splitOptions(options));
  const config = writePlainJson("options", settings);
  const handle = createHandle(() => new core.Receiver(config));
  /** The accounts that have been pushed to, by their place. */
  const accounts: AdmittedAccount[] = [];
  // Checked at once if the wasm is loaded, otherwise at the first request.
  if (isReady()) callCore(handle);
  let hasSaidMisuse = false;
  let hasSaidRounding = false;

  return async (request, context) => {
    const start = handlers.on?.start;
    const requestId = start === undefined ? undefined : drawHex();
    const work = (): Promise<Response> => receive(requestId, request, context);
    return start === undefined || requestId === undefined ? work() : beginWithin(start, { requestId, method: filterMethod(request) }, work);
  };

  async function receive(requestId: string | undefined, request: Request, context: ReceiverContext | undefined): Promise<Response> {
    const startedAt = performance.now();
    const event: Event = { ...(requestId !== undefined && { requestId }), outcome: "fault" };
    const step = log && createRequestLog(log, requestId ?? drawHex());
    step?.(`comes by ${filterMethod(request)}`);
    const answer = isRequest(request)
      ? await answerRequest(request, context ?? {}, event, step).catch((error: unknown) => reportFault(error, event))
      : await answerMisuse(request, context, event);
    const { status } = answer;
    const durationMs = performance.now() - startedAt;
    if (step) step(describe(event, status, durationMs));
    callHook(handlers.on?.answer, { ...event, status, durationMs });
    if (!quiet && !handlers.on?.answer && isAlarming(event)) logFailure(event, status);
    return toResponse(answer);
  }

  /** Answers a call without a Request. Such a mistake in the wiring must neither hang nor look like an acknowledgement. */
  async function answerMisuse(given: unknown, second: unknown, event: Event): Promise<Answer> {
    const reason = explainMisuse(given, second);
    Object.assign(event, { outcome: "refused", reason });
    answerThrough(given, second, FAULT);
    // Logged once, even with on.answer: nothing works until it is corrected.
    if (!quiet && !hasSaidMisuse) logLine(reason);
    hasSaidMisuse = true;
    await runWithin(REFUSED_MS, () => undefined, async () => handlers.onRefused?.({ reason, method: readMethod(given) })).catch(() => undefined);
    return FAULT;
  }

  async function answerRequest(request: Request, context: ReceiverContext, event: Event, step: StepLog | undefined): Promise<Answer> {
    if (!isReady()) await init();
    const { method, url, headers } = request;
    const remoteAddress = toTextOrUndefined(context.remoteAddress);
    const forwarded = trustProxy === undefined ? undefined : readHeader(headers, trustProxy);
    const contentType = readHeader(headers, "content-type");
    const visit: PushRequest = { request, body: context.body, remoteAddress, contentType, contentEncoding: undefined, doing: "the body", step };
    const admission = callCore(() => handle().admit(method, url, remoteAddress, forwarded, contentType));
    if ("reason" in admission) {
      Object.assign(event, { outcome: "refused", reason: admission.reason });
      await reportRefusal(handlers, { ...visit, remoteAddress: admission.remoteAddress }, admission.reason, admission.deadlineMs);
      return admission.answer;
    }
    const { accountIndex } = admission;
    const account = (accounts[accountIndex] ??= callCore(() => handle().account(accountIndex)));
    event.provider = account.provider;
    if (account.account !== undefined) event.account = account.account;
    step?.(`is of ${account.provider}${account.account === undefined ? "" : `/${account.account}`}`);
    if (admission.probe) {
      event.outcome = "probe";
      return admission.probe;
    }
    const { deadlineMs } = account.limits;
    const parse: PushParser = ({ query = "", contentType, contentEncoding }, bytes) =>
      callCore(() => handle().parsePush(accountIndex, bytes, query, contentType, contentEncoding));
    const late = (): Decision => visit.verdict ?? { answer: account.nack, event: { outcome: "late", ...createLateFailure(visit.doing, deadlineMs) } };
    const done = await runWithin(deadlineMs, late, (deadline) => receivePush(handlers, visit, { ...account, ...admission, parse }, deadline)).catch(
      (error: unknown): Decision => ({ answer: account.nack, event: { outcome: "fault", reason: `${visit.doing} could not be read`, error: redactError(error) } }),
    );
    Object.assign(event, done.event);
    if (visit.isRounded && !quiet && !hasSaidRounding) logLine(ROUNDED);
    hasSaidRounding ||= visit.isRounded === true;
    return done.answer;
  }
}

type Event = Omit<AnswerEvent, "status" | "durationMs">;
type Handlers = Keeping & ReceiverWatchers;
type PushParser = (push: Push, bytes: Uint8Array) => ParsedPush;
type AdmittedPush = Admission & AdmittedAccount & { parse: PushParser };
interface PushRequest {
  request: Request;
  /** The body that a framework has read. */
  body: unknown;
  remoteAddress: string | undefined;
  contentType: string | undefined;
  contentEncoding: string | undefined;
  /** The current step, for messages. */
  doing: string;
  /** Writes a step, with `debug`. */
  step: StepLog | undefined;
  /** True if the framework's parser has rounded an integer, which may be a call's id. */
  isRounded?: true;
  /** An answer that is already decided, no matter how long `onRefused` takes. */
  verdict?: Decision;
}
/** An answer and its event. */
interface Decision {
  answer: Answer;
  event: Partial<AnswerEvent> & { outcome: AnswerEvent["outcome"] };
}

// Used before the platform is known. Has a JSON body, since mixcom does not push again after an answer without one.
const FAULT: Answer = { status: 500, headers: { "content-type": "application/json" }, body: '{"code":500}' };

const TOO_LARGE = "the body is larger than maxBodyBytes";

const CONSUMED =
  "the body was read already, before the receiver was called: mount the receiver before the framework's body parser " +
  "(Express: before express.json(); NestJS: app.use before app.listen, or { rawBody: true }; Koa: toKoa; Egg: config.bodyParser.ignore and config.security.csrf.ignore; " +
  "Next.js pages: config.api.bodyParser = false; Fastify: a raw content type parser; Hono: no c.req.text() before), or pass a clone";

const ROUNDED =
  "a body parser has rounded an integer of more than 15 digits, which may be a call's id: mount the receiver before the parser, or pass the bytes (NestJS: { rawBody: true })";

const UNKNOWN_BODY = "the body (or context.body) is not text, bytes, or a parsed JSON or form: pass the bytes";

// The time and the bytes that a refused request may cost, to be shown to onRefused.
const REFUSED_MS = 5_000;
const REFUSED_BYTES = 65_536;

const KEEPERS = ["onPush", "onRecords", "onRecord"] as const;

function splitOptions(options: ReceiverOptions): { handlers: Handlers; settings: object; trustProxy: string | undefined; quiet: boolean; log: StepLog | undefined } {
  if (typeof options !== "object" || options === null) throw createArgumentError("wrong-type", "options", "must be an object", "pass { provider, tokens, onRecord, … }", { expected: ["object"] });
  const { onPush, onRecords, onRecord, onUnreadable, onRefused, on, quiet = false, debug, ...settings } = options;
  const handlers = { onPush, onRecords, onRecord, onUnreadable, onRefused };
  checkHooks(on);
  for (const [name, handler] of Object.entries(handlers)) {
    if (handler !== undefined && typeof handler !== "function") throw createArgumentError("wrong-type", name, "is not a function", "pass a function, or leave it out", { expected: ["function"] });
  }
  if (typeof quiet !== "boolean") throw createArgumentError("wrong-type", "quiet", "is not true or false", "pass true, or leave it out", { expected: ["boolean"] });
  const keepers = KEEPERS.filter((name) => handlers[name] !== undefined);
  if (keepers.length !== 1) {
    const isMissing = keepers.length === 0;
    const wrong = isMissing ? "are all missing" : `are given together (${keepers.join(", ")})`;
    throw createArgumentError(isMissing ? "missing" : "conflicting-options", "onPush, onRecords, onRecord", wrong, "pass exactly one of them", { expected: [...KEEPERS] });
  }
  return { handlers: { ...handlers, on } as Handlers, settings, trustProxy: settings.trustProxy, quiet, log: createStepLog(debug) };
}

function checkHooks(on: ReceiverHooks = {}): void {
  if (typeof on !== "object" || on === null) throw createArgumentError("wrong-type", "on", "must be an object", "pass { start, answer }", { expected: ["object"] });
  const { start, answer, ...unknown } = on;
  const [strange] = Object.keys(unknown);
  if (strange !== undefined) throw createArgumentError("unknown-option", `on.${filterName(strange)}`, "is not a hook of a receiver", "use on.start or on.answer", { expected: ["on.start", "on.answer"] });
  for (const [name, hook] of Object.entries({ start, answer })) {
    if (hook !== undefined && typeof hook !== "function") throw createArgumentError("wrong-type", `on.${name}`, "is not a function", "pass a function, or leave it out", { expected: ["function"] });
  }
}

async function receivePush(handlers: Handlers, visit: PushRequest, admission: AdmittedPush, deadline: Deadline): Promise<Decision> {
  const { request } = visit;
  const { nack, tooLarge, limits } = admission;
  const { maxBodyBytes, deadlineMs } = limits;
  const refuseWith = async (answer: Answer, reason: string): Promise<Decision> => {
    visit.verdict = { answer, event: { outcome: "refused", reason } };
    await reportRefusal(handlers, visit, reason, deadlineMs);
    return visit.verdict;
  };
  if (visit.body == null && isConsumed(request)) return refuseWith(nack, CONSUMED);
  const announced = Number(request.headers.get("content-length"));
  const isTooLarge = announced > maxBodyBytes;
  const body = isTooLarge ? undefined : await readBody(visit, maxBodyBytes + 1, deadline);
  if (deadline.passed) return { answer: nack, event: { outcome: "late" } };
  if (isTooLarge || (body && body.length > maxBodyBytes)) return refuseWith(tooLarge, TOO_LARGE);
  if (body === undefined) return refuseWith(nack, UNKNOWN_BODY);
  visit.contentEncoding = readHeader(request.headers, "content-encoding");
  const plain = await decompress(body, visit.contentEncoding, maxBodyBytes);
  visit.step?.(plain.bytes.length === body.length ? `has ${body.length} bytes` : `has ${body.length} bytes, decompressed ${plain.bytes.length}`);
  if (plain.isTooLarge) return refuseWith(tooLarge, TOO_LARGE);
  const done = await keepPush(handlers, visit, createPush(admission, visit, plain), admission, plain);
  return { ...done, event: { ...done.event, bytes: body.length } };
}

/** Reads the body, or serializes it again if a framework has parsed it. Returns undefined for any other value. */
async function readBody(visit: PushRequest, most: number, deadline: Deadline): Promise<Uint8Array | undefined> {
  const { request, body } = visit;
  if (body == null) return readBytes(request, most, deadline);
  try {
    const bytes = toBytes(body);
    if (bytes !== undefined || !["Object", "Array"].includes(readClassName(body))) return bytes;
    const noteRounding = (_name: string, value: unknown): unknown => {
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) visit.isRounded = true;
      return value;
    };
    return toBytes(JSON.stringify(body, noteRounding));
  } catch {
    return undefined;
  }
}

const FORM = "application/x-www-form-urlencoded";

function createPush(admission: AdmittedPush, { contentType: given, contentEncoding }: PushRequest, { bytes, problem }: DecompressedBody): Push {
  const { account, provider, query, pushInQuery, charset, timeZone, dialect } = admission;
  const isInQuery = bytes.length === 0 && pushInQuery;
  const contentType = isInQuery && !given?.toLowerCase().startsWith(FORM) ? FORM : given;
  const body = isInQuery ? query : decodeText(bytes);
  const push: Push = {
    ...(account !== undefined && { account }),
    provider,
    receivedAt: new Date().toISOString(),
    ...(contentType !== undefined && { contentType }),
    ...(contentEncoding !== undefined && { contentEncoding }),
    query,
    body,
    ...(timeZone !== undefined && { timeZone }),
    ...(dialect !== undefined && { dialect: { ...dialect } }),
  };
  if (typeof body === "string") return push;
  // A structured clone keeps bytes unchanged. JSON has no bytes: there they are text if they can be decoded, otherwise hex. The escapes of
  // a
  // form also stand for bytes, and only the core can decode both together.
  const isForm = contentType?.toLowerCase().startsWith(FORM);
  const toJSON = (): object => {
    const text = problem !== undefined || isForm ? body : decodeText(body, charset);
    return typeof text === "string" ? { ...push, body: text } : { ...push, body: undefined, bodyHex: toHex(body) };
  };
  return Object.defineProperty(push, "toJSON", { value: toJSON });
}

/** The reason why something was not kept. */
interface Failure {
  reason: string;
  error: unknown;
}

/** Passes everything to the keepers. Acknowledges only if all of it was kept. */
async function keepPush(handlers: Handlers, visit: PushRequest, push: Push, admission: AdmittedPush, { bytes, problem }: DecompressedBody): Promise<Decision> {
  const { ack, nack } = admission;
  const { onPush, onRecords, onRecord, onUnreadable } = handlers;
  const failures: Failure[] = [];
  const done = (answers: { ack: Answer; nack: Answer }, counts: Partial<AnswerEvent> = {}): Decision => {
    const [first] = failures;
    return first === undefined
      ? { answer: answers.ack, event: { outcome: "kept", ...counts } }
      : { answer: answers.nack, event: { outcome: "not-kept", ...first, ...counts } };
  };
  const attempt = async (keeper: string, keep: () => unknown): Promise<void> => {
    visit.doing = keeper;
    const startedAt = visit.step && performance.now();
    const report = (end: string): void => {
      if (startedAt !== undefined) visit.step?.(`${keeper} ${end} after ${formatMs(performance.now() - startedAt)}`);
    };
    try {
      await awaitAll(keep());
      report("resolved");
    } catch (error) {
      failures.push({ reason: `${keeper} failed`, error });
      report("failed");
    }
  };
  const attemptUnreadable = async (item: UnreadablePush, error: RingbackError): Promise<void> => {
    if (onUnreadable) await attempt("onUnreadable", () => onUnreadable(item, push));
    else failures.push({ reason: "it cannot be parsed, and there is no onUnreadable to keep it", error });
  };
  if (onPush) {
    await attempt("onPush", () => onPush(push));
    return done({ ack, nack });
  }

  let parsed: ParsedPush;
  try {
    if (problem !== undefined) throw createMalformedError(push, problem);
    // The body of a push in the query is the query.
    parsed = admission.parse(push, bytes.length > 0 ? bytes : toBytes(push.body) ?? bytes);
  } catch (error) {
    if (!isRingbackError(error) || error.code === "internal") throw error;
    await attemptUnreadable({ reason: error.message, raw: push.body }, error);
    return done({ ack, nack: error.nack ?? nack }, { records: 0, unreadable: 1 });
  }
  const { records, unreadable, ignored } = parsed;
  visit.step?.(`holds ${records.length} records, ${unreadable.length} unreadable entries, ${ignored.length} other events`);
  if (onRecords && records.length > 0) await attempt("onRecords", () => onRecords(records, push));
  if (onRecord) for (const record of records) await attempt("onRecord", () => onRecord(record, push));
  for (const item of unreadable) await attemptUnreadable(item, createMalformedError(push, `record ${item.index}: ${item.field === undefined ? "" : `${item.field}: `}${item.reason}`));
  return done(parsed, { records: records.length, unreadable: unreadable.length, ...(handlers.on?.answer && listIds(records)) });
}

/** Lists what identifies the records of a push, for the hook. */
function listIds(records: readonly CallRecord[]): Pick<AnswerEvent, "keys" | "references"> {
  const listed = records.slice(0, MOST_KEYS);
  // A record without a call id has a digest in its key.
  const keys = listed.filter(({ callId }) => callId === undefined || filterId(callId) !== undefined).map(({ key }) => key);
  const references = listed.flatMap(({ reference }) => filterId(reference) ?? []);
  return { keys, ...(references.length > 0 && { references }) };
}

/** The largest number of records whose ids an event lists. */
const MOST_KEYS = 100;

function createMalformedError({ provider, account }: Push, reason: string): RingbackError {
  const message = `${provider} push cannot be read: ${reason}`;
  return new RingbackError(message, { code: "malformed-push", reason: "unreadable-push", delivery: "not-sent", retryable: false, provider, account });
}

function createLateFailure(doing: string, deadlineMs: number): Failure {
  const reason = `${doing} took longer than deadlineMs (${deadlineMs})`;
  return { reason, error: new RingbackError(reason, { code: "timeout", reason: "deadline-passed", delivery: "not-sent", retryable: true, expected: [String(deadlineMs)] }) };
}

function reportFault(error: unknown, event: Event): Answer {
  Object.assign(event, { outcome: "fault", reason: "the library failed", error: redactError(error) });
  return FAULT;
}

/** Returns true if the operator must know: a push with a valid token was not kept. Requests without one may come from anyone. */
function isAlarming({ outcome, provider, reason }: Event): boolean {
  return outcome === "not-kept" || outcome === "late" || outcome === "fault" || (outcome === "refused" && provider !== undefined && reason !== undefined);
}

function logFailure({ provider, account, reason, error }: Event, status: number): void {
  const whose = [provider, account !== undefined && `account ${account}`].filter(Boolean).join(", ");
  // The error of a deadline repeats the reason.
  const what = error === undefined || (isRingbackError(error) && error.message === reason) ? "" : `: ${formatError(error)}`;
  logLine(`a push was not kept (${[whose, `answered ${status}`].filter(Boolean).join("; ")}): ${reason ?? "unknown"}${what}`);
}

/** Describes an answer for the step log. A keeper's own error is redacted. */
function describe({ outcome, reason, error }: Event, status: number, durationMs: number): string {
  const shown = error === undefined || (isRingbackError(error) && error.message === reason) ? undefined : formatError(error);
  return [`is answered with ${status} after ${formatMs(durationMs)}: ${outcome}`, reason, shown].filter((part) => part !== undefined).join("; ");
}

/** Creates the log of one request. */
function createRequestLog(log: StepLog, requestId: string): StepLog {
  const head = `push ${requestId.slice(0, SHOWN_DIGITS)}`;
  return (step) => log(`${head} ${step}`);
}

/** Enough to tell the requests of one log apart. */
const SHOWN_DIGITS = 8;

function logLine(text: string): void {
  try {
    console.error(`ringback: ${text}`);
  } catch {
    // The console is not available.
  }
}

/** Returns a request's method, or `unknown` for a call without a Request. */
function filterMethod(given: unknown): string {
  const method = readMethod(given);
  return /^[A-Z]{1,20}$/.test(method) ? method : "unknown";
}

function readMethod(given: unknown): string {
  try {
    return String((given as { method?: unknown } | null | undefined)?.method);
  } catch {
    return "undefined";
  }
}

async function reportRefusal({ onRefused }: Handlers, visit: PushRequest, reason: string, deadlineMs = REFUSED_MS): Promise<void> {
  if (!onRefused) return;
  const { request, body, remoteAddress } = visit;
  const report = async (deadline: Deadline): Promise<void> => {
    const there = body != null || (request.body && !isConsumed(request));
    const begins = there ? await readBody(visit, REFUSED_BYTES, deadline) : undefined;
    await onRefused({
      reason,
      method: request.method,
      ...(remoteAddress !== undefined && { remoteAddress }),
      ...(begins !== undefined && { body: decodeText(begins.subarray(0, REFUSED_BYTES)) }),
    });
  };
  await runWithin(Math.min(REFUSED_MS, deadlineMs), () => undefined, report).catch(() => undefined);
}

function readHeader(headers: Headers, name: string): string | undefined {
  return toTextOrUndefined(headers.get(name));
}

function toTextOrUndefined(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function isConsumed(request: Request): boolean {
  return request.bodyUsed || request.body?.locked === true;
}

/** Reads the body until slightly more than `most` bytes, or until the deadline. */
async function readBytes(request: Request, most: number, deadline: Deadline): Promise<Uint8Array | undefined> {
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
    if (done) return joinBytes(pieces);
    // A custom stream may yield text or any other value.
    const piece = toBytes(value);
    if (piece === undefined) {
      void cancel();
      return undefined;
    }
    pieces.push(piece);
    length += piece.length;
  }
  void cancel();
  return joinBytes(pieces);
}

interface Deadline {
  passed: boolean;
  onPassed?: () => unknown;
}

/** Runs `work` and returns a result in time in any case. */
function runWithin<T>(ms: number, late: () => T, work: (deadline: Deadline) => Promise<T>): Promise<T> {
  const deadline: Deadline = { passed: false };
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      resolve(late());
      deadline.passed = true;
      deadline.onPassed?.();
    }, ms);
    const settle =
      <V>(settleWith: (value: V) => void) =>
      (value: V): void => {
        clearTimeout(timer);
        settleWith(value);
      };
    work(deadline).then(settle(resolve), settle(reject));
  });
}

function toResponse(answer: Answer): Response {
  const { status, headers, body } = answer;
  // A status like 204 allows no body, not even an empty one.
  const response = new Response(body === "" ? null : body, { status, headers });
  return Object.defineProperty(response, "toJSON", { value: () => toJson(answer), configurable: true });
}

/**
 * Defines the JSON of a Response. A framework without support for Responses, such as Koa 2, answers 200 with the object's JSON, so the JSON
 * is
 * the acknowledgement. If nothing was kept, or if the acknowledgement is not JSON, it throws: the error makes Koa send the right answer.
 */
function toJson({ status, body }: Answer): unknown {
  if (status < 400) {
    try {
      return JSON.parse(body);
    } catch {
      // JSON would put the text into quotes, and the platform would not recognize it.
    }
  }
  logLine("a Response was written as JSON: this framework does not support standard Responses; use an adapter of ringback/node (Koa: toKoa(receive))");
  throw Object.assign(new Error(body), { name: "UnsentResponse", status, expose: true });
}
