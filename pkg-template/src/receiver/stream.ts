import type { CallRecord, UnreadableLine } from "../generated/model.js";
import type { Dialect, Provider } from "../generated/platforms.js";
import { toBytes, joinBytes } from "../core/bytes.js";
import { createArgumentError, requireName, readSafely, RingbackError } from "../model/error.js";
import { callCore, createHandle, init, isReady } from "../core/instance.js";
import { writePlainJson } from "../core/plain-json.js";
import * as core from "../wasm/ringback.js";

/** The options of `normalizeStream`. */
export interface NormalizeOptions<P extends Provider = Provider> {
  /** The account's name, which becomes part of record keys. An envelope's own name has priority. */
  account?: string | undefined;
  /** The zone of times without one. Default `+08:00`. */
  timeZone?: string | undefined;
  /** The platform's dialect. */
  dialect?: Dialect<P> | undefined;
  /** A longer line is not parsed. Limits the memory that is needed. */
  maxLineBytes?: number | undefined;
  /** Gets each entry that cannot be parsed, and is awaited; then the stream continues. Without it the stream errors with `malformed-push`. */
  onUnreadable?: ((unreadable: UnreadableLine) => unknown) | undefined;
}

/**
 * Creates a stream that converts pushes to call records: lines of JSON (NDJSON) to lines of {@link CallRecord}, in constant memory. A line
 * is a
 * push's body, an envelope from `onPush`, an object that contains one as `push` (a dead letter, as `onUnreadable` got it), or a call
 * record,
 * which is passed on. CRLF, a byte-order mark, blank lines and a missing last newline are accepted.
 *
 * @example
 * await file.pipeThrough(normalizeStream("mixcom")).pipeTo(out);
 *
 * @param provider - The platform that pushed.
 * @param options - The account, and the handler for lines that cannot be parsed.
 * @returns A stream that errors with a RingbackError `malformed-push`, naming line and byte, unless `onUnreadable` is given.
 */
export function normalizeStream<P extends Provider>(provider: P, options: NormalizeOptions<P> = {}): TransformStream<Uint8Array, Uint8Array> {
  const { onUnreadable, ...settings } = readSafely("options", () => ({ ...options }));
  const json = writePlainJson("options", settings);
  const handle = createHandle(() => new core.Normalizer(requireName("provider", provider), json));
  if (onUnreadable !== undefined && typeof onUnreadable !== "function") {
    throw createArgumentError("wrong-type", "onUnreadable", "is not a function", "pass a function, or leave it out", { expected: ["function"] });
  }
  let pieces: Uint8Array[] = [];
  let length = 0;
  // An unfinished line is parsed again only when it has doubled: otherwise many small pieces would take quadratic time.
  let nextLook = LOOK_BYTES;
  let line = 1;
  let offset = 0;
  let skipping = false;
  // Options are checked at once if the wasm is loaded.
  if (isReady()) callCore(handle);

  async function normalize(controller: TransformStreamDefaultController<Uint8Array>, last: boolean): Promise<void> {
    const chunk = joinBytes(pieces);
    const { output, consumed, lines, unreadable } = callCore(() => handle().normalize(chunk, last, line, offset));
    // The core gives up on a line that grows too long: it consumes and counts the part it got.
    skipping = !last && consumed > 0 && chunk[consumed - 1] !== NEWLINE;
    const rest = chunk.slice(consumed);
    pieces = rest.length > 0 ? [rest] : [];
    length = rest.length;
    nextLook = Math.max(LOOK_BYTES, 2 * length);
    line += lines;
    offset += consumed;
    if (output.length > 0) controller.enqueue(output);
    for (const item of unreadable) {
      if (onUnreadable === undefined) throw createUnreadableError(provider, item);
      await onUnreadable(item);
    }
  }

  /** Removes the rest of a line that was given up. */
  function dropSkipped(piece: Uint8Array): Uint8Array {
    if (!skipping) return piece;
    const newline = piece.indexOf(NEWLINE);
    const skipped = newline < 0 ? piece.length : newline + 1;
    offset += skipped;
    skipping = newline < 0;
    return piece.subarray(skipped);
  }

  // Cuts a large chunk into pieces, without copying it. The second stream takes a piece only when its reader asks for more, so the memory
  // does not depend on the chunks.
  const cutting = new TransformStream<Uint8Array, Uint8Array>({
    transform(given, controller) {
      const chunk = requireBytes(given);
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) controller.enqueue(chunk.subarray(at, at + PIECE_BYTES));
    },
  });
  const normalizing = new TransformStream<Uint8Array, Uint8Array>({
    start: () => init(),
    async transform(given, controller) {
      const piece = dropSkipped(given);
      if (piece.length === 0) return;
      pieces.push(piece);
      length += piece.length;
      if (length >= nextLook || piece.includes(NEWLINE)) await normalize(controller, false);
    },
    flush: (controller) => (length > 0 ? normalize(controller, true) : undefined),
  });
  return { readable: cutting.readable.pipeThrough(normalizing), writable: cutting.writable };
}

/**
 * Reads lines of {@link CallRecord}, as `normalizeStream` writes them. Leaving the loop early cancels the stream.
 *
 * @param stream - The bytes, in pieces of any length.
 * @throws RingbackError `malformed-push`, naming the line and its byte offset, if a line is not a JSON object.
 */
export async function* readRecords(stream: ReadableStream<Uint8Array>): AsyncGenerator<CallRecord, void, undefined> {
  const reader = readSafely("stream", () => stream.getReader(), "pass a ReadableStream that nobody reads yet", "not-sent", "wrong-type");
  // Removes a byte-order mark, which only the first line can have.
  const decoder = new TextDecoder();
  let open = true;
  let line = 0;
  let offset = 0;
  let unfinished: Uint8Array[] = [];
  try {
    while (open) {
      const { done, value } = await reader.read();
      open = !done;
      let rest = done ? new Uint8Array(0) : requireBytes(value);
      for (;;) {
        const end = rest.indexOf(NEWLINE);
        // The last line may have no newline.
        if (end < 0 && (open || (rest.length === 0 && unfinished.length === 0))) break;
        const bytes = joinBytes([...unfinished, end < 0 ? rest : rest.subarray(0, end)]);
        unfinished = [];
        line += 1;
        const text = decoder.decode(bytes);
        if (text.trim() !== "") yield parseRecord(text, line, offset);
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

function requireBytes(given: unknown): Uint8Array {
  const chunk = ArrayBuffer.isView(given) ? toBytes(given) : undefined;
  if (chunk === undefined) throw createArgumentError("wrong-type", "stream", "does not consist of bytes", "pipe text through a TextEncoderStream first", { expected: ["bytes"] });
  return chunk;
}

/** The result of a chunk. */
export interface NormalizedChunk {
  /** Lines of records. */
  output: Uint8Array;
  /** Bytes of the chunk that are finished. The rest belongs to the next chunk. */
  consumed: number;
  /** Lines that are finished. */
  lines: number;
  unreadable: UnreadableLine[];
}

const NEWLINE = 0x0a;
const LOOK_BYTES = 65_536;
const PIECE_BYTES = 262_144;

function parseRecord(text: string, line: number, offset: number): CallRecord {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    // Reported below, since the message of JSON.parse would quote the line.
  }
  if (typeof record === "object" && record !== null) return record as CallRecord;
  throw new RingbackError(`line ${line} (from byte ${offset}) is not a JSON object`, { code: "malformed-push", reason: "unreadable-line", delivery: "not-sent", retryable: false });
}

function createUnreadableError(provider: Provider, { line, offset, index, field, reason }: UnreadableLine): RingbackError {
  const place = [`line ${line} (from byte ${offset})`, index > 0 && `record ${index}`, field].filter(Boolean).join(", ");
  const hint = "pass onUnreadable to keep such lines and continue";
  return new RingbackError(`${place}: ${reason}; ${hint}`, { code: "malformed-push", reason: "unreadable-push", delivery: "not-sent", retryable: false, provider, hint });
}
