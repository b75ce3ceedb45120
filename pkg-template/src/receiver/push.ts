import type { ParsedPush } from "../generated/model.js";
import type { Dialect, Provider } from "../generated/platforms.js";
import { asBytes, classOf } from "../core/bytes.js";
import { callFrom } from "../core/call-site.js";
import { callCore } from "../core/instance.js";
import { plainJson } from "../core/plain-json.js";
import { invalidArgument, nameOf, readable, type RingbackError } from "../model/error.js";
import * as core from "../wasm/ringback.js";

/**
 * A push as it came, before anything of it is parsed: what to keep durably, and what a queue carries. `JSON.stringify(push)`, of
 * the push itself and not of a copy, makes one line of it, which `processPush` (parsed again) and `normalizeStream` read.
 */
export interface Push<P extends Provider = Provider> {
  /** The account's name, where it has one. */
  account?: string;
  /** The platform's name. */
  provider: P;
  /** When it came, ISO 8601. */
  receivedAt: string;
  /** The `content-type` header, where there was one. */
  contentType?: string;
  /**
   * The `content-encoding` header, as it came, where there was one. `body` is decompressed all the same, where that was possible.
   */
  contentEncoding?: string;
  /** The address's query, without its token. dingxin's reference stands there. */
  query?: string;
  /** The body: text, or bytes where it is no UTF-8. In JSON these are text by the content type's encoding, or else `bodyHex`. */
  body: string | Uint8Array;
  /** The account's zone, where it has one of its own. */
  timeZone?: string;
  /** The account's dialect, where it has one of its own. */
  dialect?: Dialect<P>;
}

/** What is known of a push besides its body. */
export interface PushOptions<P extends Provider = Provider> {
  /** The `content-type` header. It is a hint only: the bytes decide. */
  contentType?: string | undefined;
  /** The address's query. dingxin's reference stands there. */
  query?: string | undefined;
  /** The account's name. It enters the records' keys. */
  account?: string | undefined;
  /** The zone of times without a zone. Default `+08:00`. */
  timeZone?: string | undefined;
  /** The platform's dialect. */
  dialect?: Dialect<P> | undefined;
}

/**
 * Reads a push in the platform's own fields: JSON or a form, one record or many, bare or wrapped.
 *
 * Bytes are read as UTF-8 where they are UTF-8, whatever the content type says; else in the charset that it names; else as GB18030. A
 * field that cannot be read is left out of its record and named in {@link CallRecord.problems}.
 *
 * @param provider - The platform that pushed.
 * @param body - The body as it came; bytes are best, since not every platform sends UTF-8.
 * @param options - What else is known of it.
 * @throws RingbackError `malformed-push` when nothing of it can be read; its `nack` is the answer to give.
 */
export function parsePush<P extends Provider>(provider: P, body: string | Uint8Array, options?: PushOptions<P>): ParsedPush {
  return callFrom(parsePush, () => {
    nameOf("provider", provider);
    const bytes = bytesOf(body);
    const json = plainJson("options", options);
    return callCore(() => core.parsePush(provider, json, bytes));
  });
}

/** The options of `processPush`. */
export interface ProcessOptions {
  /** Nothing is read of a push that holds more. It bounds the memory that one push can take. Default: no limit. */
  maxRecords?: number | undefined;
}

/**
 * Reads a push that was kept as it came: the consumer's side of `onPush` and a queue.
 *
 * @param push - What `onPush` was given.
 * @param options - The most records that it may hold.
 * @throws RingbackError `malformed-push` when nothing of it can be read, or when it holds more than `maxRecords`.
 */
export function processPush(push: Push, options: ProcessOptions = {}): ParsedPush {
  return callFrom(processPush, () => parseKept(push, options));
}

function parseKept(push: Push, options: ProcessOptions): ParsedPush {
  if (typeof push !== "object" || push === null) throw noEnvelope();
  const { maxRecords } = readable("options", () => ({ ...options }));
  if (maxRecords !== undefined && !(Number.isSafeInteger(maxRecords) && maxRecords > 0 && maxRecords < 2 ** 32)) {
    throw invalidArgument("out-of-range", "maxRecords", "is not a whole number from 1 to 4294967295", "leave it out for no limit");
  }
  const { body, ...told } = readable("push", () => ({ ...push }));
  if (typeof body !== "string" && !isBytes(body)) return processed(envelopeJson(push), undefined, maxRecords);
  return processed(envelopeJson(told), bytesOf(body), maxRecords);
}

/**
 * Reads a push whose envelope is JSON already.
 *
 * @param envelope - The envelope; of its body only what is not given as `body`.
 * @param body - The body, as it came or as the UTF-8 of a text.
 * @param maxRecords - Nothing is read of a push that holds more. Default: no limit.
 *
 * @internal
 */
export function processed(envelope: string, body: Uint8Array | undefined, maxRecords?: number): ParsedPush {
  return callCore(() => core.processPush(envelope, body, maxRecords));
}

/**
 * An envelope, or what of it is not its body, as JSON.
 *
 * @internal
 */
export function envelopeJson(envelope: object): string {
  try {
    return JSON.stringify(envelope) ?? "null";
  } catch {
    throw noEnvelope();
  }
}

function noEnvelope(): RingbackError {
  return invalidArgument("damaged-envelope", "push", "is not an envelope", "pass the envelope as it was kept");
}

/** The body as bytes; what a framework has parsed is written again. */
function bytesOf(body: unknown): Uint8Array {
  // A text has at least as many bytes as units: what is too long anyway is not encoded first.
  if (typeof body === "string" && body.length > LARGEST_BODY_BYTES) throw tooLarge();
  const bytes = asBytes(body) ?? (typeof body === "object" && body !== null && !isBytes(body) ? asBytes(writtenAgain(body)) : undefined);
  if (bytes === undefined) throw invalidArgument("wrong-type", "body", "is neither text nor bytes", "pass the request's body as text or Uint8Array, before a framework reads it");
  if (bytes.length > LARGEST_BODY_BYTES) throw tooLarge();
  return bytes;
}

function tooLarge(): RingbackError {
  return invalidArgument("body-too-large", "body", "is larger than 64 MiB", "read a file of many pushes with normalizeStream, line by line");
}

/** No push is a thousandth of it. The memory of a wasm instance, in which it is read, has an end. */
const LARGEST_BODY_BYTES = 64 * 1024 * 1024;

/** What contains itself, or makes nothing of itself, has no JSON. */
function writtenAgain(body: object): string | undefined {
  try {
    return JSON.stringify(body);
  } catch {
    return undefined;
  }
}

function isBytes(body: unknown): boolean {
  return ArrayBuffer.isView(body) || classOf(body) === "ArrayBuffer";
}
