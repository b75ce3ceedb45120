import type { ParsedPush } from "../generated/model.js";
import type { Dialect, Provider } from "../generated/platforms.js";
import { toBytes, readClassName } from "../core/bytes.js";
import { callFrom } from "../core/call-site.js";
import { callCore } from "../core/instance.js";
import { writePlainJson } from "../core/plain-json.js";
import { createArgumentError, requireName, readSafely, type RingbackError } from "../model/error.js";
import * as core from "../wasm/ringback.js";

/**
 * A raw push, before it is parsed: to be kept durably, or sent through a queue. `JSON.stringify(push)`, of
 * the push itself and not of a copy, makes one line of it, which `processPush` (after parsing the JSON) and `normalizeStream` read.
 */
export interface Push<P extends Provider = Provider> {
  /** The account's name, if it has one. */
  account?: string;
  /** The platform's name. */
  provider: P;
  /** When it was received, ISO 8601. */
  receivedAt: string;
  /** The `content-type` header, if there was one. */
  contentType?: string;
  /** The `content-encoding` header as sent, if there was one. `body` is decompressed nevertheless, if possible. */
  contentEncoding?: string;
  /** The address's query, without its token. Contains dingxin's reference. */
  query?: string;
  /** The body: text, or bytes if it is not UTF-8. In JSON, bytes are decoded by the content type's encoding, or written as `bodyHex`. */
  body: string | Uint8Array;
  /** The account's zone, if it is not the default. */
  timeZone?: string;
  /** The account's dialect, if it is not the default. */
  dialect?: Dialect<P>;
}

/** Facts about a push besides its body. */
export interface PushOptions<P extends Provider = Provider> {
  /** The `content-type` header. It is only a hint: the bytes decide. */
  contentType?: string | undefined;
  /** The address's query. Contains dingxin's reference. */
  query?: string | undefined;
  /** The account's name, which becomes part of record keys. */
  account?: string | undefined;
  /** The zone of times without one. Default `+08:00`. */
  timeZone?: string | undefined;
  /** The platform's dialect. */
  dialect?: Dialect<P> | undefined;
}

/**
 * Parses a push with the platform's own fields: JSON or a form, one record or many, bare or wrapped.
 *
 * Bytes are decoded as UTF-8 if they are valid UTF-8, whatever the content type says; else in the charset that it names; else as GB18030. A
 * field that cannot be parsed is left out of its record and named in {@link CallRecord.problems}.
 *
 * @param provider - The platform that pushed.
 * @param body - The body as sent. Pass bytes if possible, since not every platform sends UTF-8.
 * @param options - Further facts about the push.
 * @throws RingbackError `malformed-push` if nothing of it can be parsed; its `nack` is the answer to give.
 */
export function parsePush<P extends Provider>(provider: P, body: string | Uint8Array, options?: PushOptions<P>): ParsedPush {
  return callFrom(parsePush, () => {
    requireName("provider", provider);
    const bytes = toBodyBytes(body);
    const json = writePlainJson("options", options);
    return callCore(() => core.parsePush(provider, json, bytes));
  });
}

/** The options of `processPush`. */
export interface ProcessOptions {
  /** A push with more records is not parsed. Limits the memory for one push. Default: no limit. */
  maxRecords?: number | undefined;
}

/**
 * Parses a raw push that was kept: the consumer's side of `onPush` and of a queue.
 *
 * @param push - The push that `onPush` was given.
 * @param options - The largest number of records.
 * @throws RingbackError `malformed-push` if nothing of it can be parsed, or if it has more than `maxRecords` records.
 */
export function processPush(push: Push, options: ProcessOptions = {}): ParsedPush {
  return callFrom(processPush, () => parseKept(push, options));
}

function parseKept(push: Push, options: ProcessOptions): ParsedPush {
  if (typeof push !== "object" || push === null) throw createEnvelopeError();
  const { maxRecords } = readSafely("options", () => ({ ...options }));
  if (maxRecords !== undefined && !(Number.isSafeInteger(maxRecords) && maxRecords > 0 && maxRecords < 2 ** 32)) {
    throw createArgumentError("out-of-range", "maxRecords", "is not a whole number from 1 to 4294967295", "leave it out for no limit", { expected: ["1", "4294967295"] });
  }
  const { body, ...told } = readSafely("push", () => ({ ...push }));
  if (typeof body !== "string" && !isBytes(body)) return processEnvelope(writeEnvelope(push), undefined, maxRecords);
  return processEnvelope(writeEnvelope(told), toBodyBytes(body), maxRecords);
}

function processEnvelope(envelope: string, body: Uint8Array | undefined, maxRecords?: number): ParsedPush {
  return callCore(() => core.processPush(envelope, body, maxRecords));
}

/** Writes an envelope, with or without its body, as JSON. */
function writeEnvelope(envelope: object): string {
  try {
    return JSON.stringify(envelope) ?? "null";
  } catch {
    throw createEnvelopeError();
  }
}

function createEnvelopeError(): RingbackError {
  return createArgumentError("damaged-envelope", "push", "is not an envelope", "pass the envelope unchanged, as it was kept");
}

/** Converts the body to bytes. A body that a framework has parsed is serialized again. */
function toBodyBytes(body: unknown): Uint8Array {
  // A text has at least as many bytes as UTF-16 units, so a too long one is refused without encoding it.
  if (typeof body === "string" && body.length > LARGEST_BODY_BYTES) throw createTooLargeError();
  const bytes = toBytes(body) ?? (typeof body === "object" && body !== null && !isBytes(body) ? toBytes(serialize(body)) : undefined);
  if (bytes === undefined) throw createArgumentError("wrong-type", "body", "is neither text nor bytes", "pass the request's body as text or Uint8Array, before a framework reads it", { expected: ["text", "bytes"] });
  if (bytes.length > LARGEST_BODY_BYTES) throw createTooLargeError();
  return bytes;
}

function createTooLargeError(): RingbackError {
  return createArgumentError("body-too-large", "body", "is larger than 64 MiB", "read a file of many pushes with normalizeStream, line by line", { expected: [String(LARGEST_BODY_BYTES)] });
}

/** More than a thousand times the size of a push. A wasm instance has limited memory. */
const LARGEST_BODY_BYTES = 64 * 1024 * 1024;

/** Circular objects, and objects with a toJSON that returns undefined, have no JSON. */
function serialize(body: object): string | undefined {
  try {
    return JSON.stringify(body);
  } catch {
    return undefined;
  }
}

function isBytes(body: unknown): boolean {
  return ArrayBuffer.isView(body) || readClassName(body) === "ArrayBuffer";
}
