// Reads pushes that were pasted or dropped, and says of each line what it holds.
import { type Answer, type CallRecord, isRingbackError, parsePush, processPush, type ParsedPush, type Provider, type Push } from "ringback";

/** One input: pasted text, or the bytes of a file, in the encoding that the platform sent. */
export interface Input {
  name: string;
  bytes: Uint8Array;
}

/** The result of reading one part of an input. */
export interface Entry {
  input: string;
  /** Counted from 1, in an input of several lines. */
  line?: number;
  kind: "record" | "ignored" | "unreadable";
  record?: CallRecord;
  event?: string;
  field?: string | undefined;
  reason?: string;
  error?: unknown;
  raw: unknown;
}

export interface Read {
  entries: Entry[];
  /** The answers that the platform gets. Absent if the input holds records and no pushes. */
  answers?: { ack?: Answer; nack?: Answer };
}

export interface ReadOptions {
  contentType?: string | undefined;
  query?: string | undefined;
}

/** Reads the inputs: each is one push, or one push in each line. */
export function readInputs(provider: Provider, inputs: readonly Input[], options: ReadOptions): Read {
  const read: Read = { entries: [] };
  for (const { name, bytes } of inputs) {
    const lines = splitLines(bytes);
    if (lines === undefined) {
      readPush(read, { input: name }, bytes, () => parsePush(provider, bytes, options));
      continue;
    }
    for (const { line, bytes: part, value } of lines) readLine(read, { input: name, line }, provider, part, value, options);
  }
  return read;
}

type Place = Pick<Entry, "input" | "line">;

/** A line is a call record, an envelope of `onPush`, an object that holds one as `push`, or the body of a push. */
function readLine(read: Read, place: Place, provider: Provider, bytes: Uint8Array, value: unknown, options: ReadOptions): void {
  if (isRecord(value)) {
    read.entries.push({ ...place, kind: "record", record: value, raw: value.raw });
    return;
  }
  const envelope = isObject(value) && isEnvelope(value.push) ? value.push : value;
  readPush(read, place, bytes, () => (isEnvelope(envelope) ? processPush(envelope) : parsePush(provider, bytes, options)));
}

function readPush(read: Read, place: Place, bytes: Uint8Array, parse: () => ParsedPush): void {
  try {
    const { records, unreadable, ignored, ack, nack } = parse();
    for (const record of records) read.entries.push({ ...place, kind: "record", record, raw: record.raw });
    for (const { field, reason, raw } of unreadable) read.entries.push({ ...place, kind: "unreadable", field, reason, raw });
    for (const { event, raw } of ignored) read.entries.push({ ...place, kind: "ignored", event, raw });
    read.answers = { ack, nack };
  } catch (error) {
    if (!isRingbackError(error)) throw error;
    read.entries.push({ ...place, kind: "unreadable", error, raw: new TextDecoder().decode(bytes.subarray(0, 500)) });
    if (error.nack !== undefined) read.answers ??= { nack: error.nack };
  }
}

/**
 * Splits NDJSON: several lines of which the first is a whole JSON value, or one that is an envelope or a record. Returns undefined for
 * anything else, which is one push.
 */
function splitLines(bytes: Uint8Array): { line: number; bytes: Uint8Array; value: unknown }[] | undefined {
  const lines: { line: number; bytes: Uint8Array; value: unknown }[] = [];
  let start = 0;
  for (let at = 0, line = 1; at <= bytes.length; at++) {
    if (at < bytes.length && bytes[at] !== NEWLINE) continue;
    const part = bytes.subarray(start, at);
    const text = new TextDecoder().decode(part).trim();
    if (text !== "") lines.push({ line, bytes: part, value: parseJson(text) });
    start = at + 1;
    line++;
  }
  const [first] = lines;
  if (!isObject(first?.value) && !Array.isArray(first?.value)) return undefined;
  return lines.length > 1 || isRecord(first?.value) || isEnvelope(first?.value) || (isObject(first?.value) && isEnvelope(first.value.push)) ? lines : undefined;
}

const NEWLINE = 0x0a;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEnvelope(value: unknown): value is Push {
  return isObject(value) && typeof value.provider === "string" && typeof value.receivedAt === "string" && ("body" in value || "bodyHex" in value);
}

function isRecord(value: unknown): value is CallRecord {
  return isObject(value) && typeof value.key === "string" && isObject(value.outcome) && typeof value.completeness === "number" && "raw" in value;
}
