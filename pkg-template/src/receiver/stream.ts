import type { CallRecord, UnreadableLine } from "../generated/model.js";
import type { Dialect, Provider } from "../generated/platforms.js";
import { asBytes, concatenated } from "../core/bytes.js";
import { invalidArgument, nameOf, readable, RingbackError } from "../model/error.js";
import { callCore, handleOf, init, isReady } from "../core/instance.js";
import { plainJson } from "../core/plain-json.js";
import * as core from "../wasm/ringback.js";

/** The options of `normalizeStream`. */
export interface NormalizeOptions<P extends Provider = Provider> {
  /** The account's name. It enters the records' keys. An envelope's own wins. */
  account?: string | undefined;
  /** The zone of times without a zone. Default `+08:00`. */
  timeZone?: string | undefined;
  /** The platform's dialect. */
  dialect?: Dialect<P> | undefined;
  /** A longer line cannot be read. It bounds the memory that is needed. */
  maxLineBytes?: number | undefined;
  /** Gets what cannot be read, and the stream goes on. Without it the stream errors with `malformed-push`. It is awaited. */
  onUnreadable?: ((unreadable: UnreadableLine) => unknown) | undefined;
}

/**
 * Pushes in, call records out: lines of JSON (NDJSON) become lines of {@link CallRecord}, in constant memory. A line is a push's body,
 * an envelope from `onPush`, an object that holds one as `push` (a dead letter, what `onUnreadable` got), or a call record, which stays
 * as it is. CRLF, a byte-order mark, blank lines and a missing last newline are fine.
 *
 * @example
 * await file.pipeThrough(normalizeStream("mixcom")).pipeTo(out);
 *
 * @param provider - The platform that pushed.
 * @param options - The account, and what becomes of a line that cannot be read.
 * @returns A stream that errors with a RingbackError `malformed-push`, naming line and byte, unless `onUnreadable` is given.
 */
export function normalizeStream<P extends Provider>(provider: P, options: NormalizeOptions<P> = {}): TransformStream<Uint8Array, Uint8Array> {
  const { onUnreadable, ...settings } = readable("options", () => ({ ...options }));
  const json = plainJson("options", settings);
  const handle = handleOf(() => new core.Normalizer(nameOf("provider", provider), json));
  if (onUnreadable !== undefined && typeof onUnreadable !== "function") {
    throw invalidArgument("wrong-type", "onUnreadable", "is not a function", "pass a function, or leave it out");
  }
  let pieces: Uint8Array[] = [];
  let length = 0;
  // An unfinished line is looked at again only when it has doubled, or many small pieces would cost the square of their number.
  let nextLook = LOOK_BYTES;
  let line = 1;
  let offset = 0;
  let skipping = false;
  // The options are judged here and now where the wasm is there.
  if (isReady()) callCore(handle);

  async function normalize(controller: TransformStreamDefaultController<Uint8Array>, last: boolean): Promise<void> {
    const chunk = concatenated(pieces);
    const { output, consumed, lines, unreadable } = callCore(() => handle().normalize(chunk, last, line, offset));
    // The core gives up on a line that grows too long: it consumes and counts what there is of it.
    skipping = !last && consumed > 0 && chunk[consumed - 1] !== NEWLINE;
    const rest = chunk.slice(consumed);
    pieces = rest.length > 0 ? [rest] : [];
    length = rest.length;
    nextLook = Math.max(LOOK_BYTES, 2 * length);
    line += lines;
    offset += consumed;
    if (output.length > 0) controller.enqueue(output);
    for (const item of unreadable) {
      if (onUnreadable === undefined) throw unreadableLine(provider, item);
      await onUnreadable(item);
    }
  }

  /** What of a piece is not the tail of a line that was given up on. */
  function wanted(piece: Uint8Array): Uint8Array {
    if (!skipping) return piece;
    const newline = piece.indexOf(NEWLINE);
    const skipped = newline < 0 ? piece.length : newline + 1;
    offset += skipped;
    skipping = newline < 0;
    return piece.subarray(skipped);
  }

  return new TransformStream<Uint8Array, Uint8Array>({
    start: () => init(),
    async transform(given, controller) {
      const chunk = chunkOf(given);
      // A huge chunk goes through in pieces: memory that the wasm has once taken it never gives back.
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        const piece = wanted(chunk.subarray(at, at + PIECE_BYTES));
        if (piece.length === 0) continue;
        pieces.push(piece);
        length += piece.length;
        if (length >= nextLook || piece.includes(NEWLINE)) await normalize(controller, false);
      }
    },
    flush: (controller) => (length > 0 ? normalize(controller, true) : undefined),
  });
}

/**
 * Reads lines of {@link CallRecord}, as `normalizeStream` writes them. Leaving the loop early cancels the stream.
 *
 * @param stream - The bytes, in pieces of any length.
 * @throws RingbackError `malformed-push`, naming the line and its byte offset, when a line is no JSON object.
 */
export async function* readRecords(stream: ReadableStream<Uint8Array>): AsyncGenerator<CallRecord, void, undefined> {
  const reader = readable("stream", () => stream.getReader(), "pass a ReadableStream that nobody reads yet", "not-sent", "wrong-type");
  // Strips a BOM, which only the first line can have.
  const decoder = new TextDecoder();
  let open = true;
  let line = 0;
  let offset = 0;
  let unfinished: Uint8Array[] = [];
  try {
    while (open) {
      const { done, value } = await reader.read();
      open = !done;
      let rest = done ? new Uint8Array(0) : chunkOf(value);
      for (;;) {
        const end = rest.indexOf(NEWLINE);
        // The last line may lack its newline.
        if (end < 0 && (open || (rest.length === 0 && unfinished.length === 0))) break;
        const bytes = concatenated([...unfinished, end < 0 ? rest : rest.subarray(0, end)]);
        unfinished = [];
        line += 1;
        const text = decoder.decode(bytes);
        if (text.trim() !== "") yield recordOf(text, line, offset);
        offset += bytes.length + 1;
        rest = end < 0 ? new Uint8Array(0) : rest.subarray(end + 1);
      }
      if (rest.length > 0) unfinished.push(rest);
    }
  } finally {
    if (open) await reader.cancel().catch(() => undefined);
    reader.releaseLock();
  }
}

function chunkOf(given: unknown): Uint8Array {
  const chunk = ArrayBuffer.isView(given) ? asBytes(given) : undefined;
  if (chunk === undefined) throw invalidArgument("wrong-type", "stream", "does not consist of bytes", "pipe text through a TextEncoderStream first");
  return chunk;
}

/** What the core made of a chunk. */
export interface NormalizedChunk {
  /** Lines of records. */
  output: Uint8Array;
  /** Bytes of the chunk that are done with. The rest belongs before the next chunk. */
  consumed: number;
  /** Lines that are done with. */
  lines: number;
  unreadable: UnreadableLine[];
}

const NEWLINE = 0x0a;
const LOOK_BYTES = 65_536;
const PIECE_BYTES = 262_144;

function recordOf(text: string, line: number, offset: number): CallRecord {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    // Told below: what JSON.parse says would quote the line.
  }
  if (typeof record === "object" && record !== null) return record as CallRecord;
  throw new RingbackError(`line ${line} (from byte ${offset}) is no JSON object`, { code: "malformed-push", reason: "unreadable-line", delivery: "not-sent", retryable: false });
}

function unreadableLine(provider: Provider, { line, offset, index, field, reason }: UnreadableLine): RingbackError {
  const place = [`line ${line} (from byte ${offset})`, index > 0 && `record ${index}`, field].filter(Boolean).join(", ");
  const hint = "give onUnreadable to keep such lines and go on";
  return new RingbackError(`${place}: ${reason}; ${hint}`, { code: "malformed-push", reason: "unreadable-push", delivery: "not-sent", retryable: false, provider, hint });
}
