import { type CallRecord, normalizeStream, parsePush, type Provider, readRecords } from "ringback";
import { requireProvider } from "../account.js";
import { Failure } from "../failure.js";
import { type FormatFlags, chooseFormat, createRecordText } from "../formats.js";
import { openInput } from "../input.js";
import { createProgress, formatSize } from "../progress.js";
import { sayUnreadable } from "../words/phrases.js";
import { isRecordText, readRecordLines } from "../record-lines.js";
import type { Terminal } from "../terminal.js";

/** Options of `parse`. */
export interface ParseFlags extends FormatFlags {
  contentType?: string;
  query?: string;
  keepGoing?: boolean;
  account?: string;
  timeZone?: string;
}

/** Bytes of a JSON document over several lines, which is read into memory. */
const LARGEST_DOCUMENT = 64 * 1024 * 1024;

/** Bytes of one line. A longer line is reported as unreadable. */
const LONGEST_LINE = 16 * 1024 * 1024;

const NEWLINE = 0x0a;

export async function parse(terminal: Terminal, name: string, path: string | undefined, flags: ParseFlags): Promise<void> {
  const provider = requireProvider(name, terminal);
  const text = createRecordText(chooseFormat(flags, terminal), flags, terminal);
  const { words } = terminal;
  const input = openInput(path, terminal);
  const progress = createProgress(terminal, words.parse.label, input.size);
  let unreadable = 0;
  let stopped = false;
  const onUnreadable = (place: Place, reason: string): void => {
    unreadable += 1;
    if (flags.keepGoing !== true) stopped = true;
    progress.stop();
    terminal.note(words.parse.unreadable(input.name, formatPlace(place, terminal), sayUnreadable(terminal.language, reason)), { unreadable: { input: input.name, ...place, reason } });
  };

  let count = 0;
  let held: CallRecord[] = [];
  const flush = async (): Promise<void> => {
    const batch = held;
    held = [];
    if (batch.length === 0) return;
    const before = count;
    count += batch.length;
    await terminal.write(text.records(batch, before), text.exact);
  };
  // Writes pending records when the input pauses. A broken pipe is reported at the next record.
  const pulse = setInterval(() => void flush().catch(() => undefined), PULSE_MS);
  try {
    await terminal.write(text.head, text.exact);
    let read = 0;
    const watched = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
      for await (const piece of input.pieces) {
        read += piece.length;
        if (!terminal.watched) progress.show(read, formatSize(read));
        yield piece;
      }
    };
    for await (const record of readInputRecords(watched(), { provider, flags, words, onUnreadable, isStopped: () => stopped })) {
      held.push(record);
      if (held.length >= BATCH) await flush();
    }
    await flush();
    await terminal.write(text.tail(count), text.exact);
  } finally {
    clearInterval(pulse);
    progress.stop();
  }
  if (terminal.signal.aborted) throw new Failure("interrupted", words.interrupted);
  if (unreadable > 0) throw new Failure("unreadable", words.parse.someUnreadable(unreadable), stopped ? words.parse.keepGoingHint : undefined);
}

const BATCH = 100;
const PULSE_MS = 100;

/** The position of an unreadable entry, as far as it is known. */
interface Place {
  line?: number;
  offset?: number;
  index?: number | undefined;
  field?: string | undefined;
}

function formatPlace({ line, offset, index, field }: Place, { words }: Terminal): string {
  const parts = [line !== undefined && words.parse.line(line), offset !== undefined && words.parse.byte(offset), index !== undefined && `#${index}`, field];
  return parts.filter(Boolean).join(", ");
}

interface Reading {
  provider: Provider;
  flags: ParseFlags;
  words: Terminal["words"];
  onUnreadable(place: Place, reason: string): void;
  isStopped(): boolean;
}

async function* readInputRecords(pieces: AsyncGenerator<Uint8Array, void, undefined>, reading: Reading): AsyncGenerator<CallRecord, void, undefined> {
  const { provider, flags, onUnreadable, isStopped } = reading;
  const { contentType, query, account, timeZone } = flags;
  const start = await detectInput(pieces);
  const isWhole = contentType !== undefined || query !== undefined || start.kind === "form";
  if (isWhole) {
    const body = await readToEnd(start.bytes, pieces);
    const parsed = parsePush(provider, body, { contentType, query, account, timeZone });
    yield* parsed.records;
    for (const { index, field, reason } of parsed.unreadable) onUnreadable({ index, field }, reason);
    return;
  }
  const lines = start.kind === "document" ? [joinLines(start.bytes)] : joinPieces(start.bytes, pieces);
  const maxLineBytes = start.kind === "document" ? LARGEST_DOCUMENT : LONGEST_LINE;
  // Line by line, so that nothing behind an unreadable line is read, except with --keep-going.
  const readable = flags.keepGoing === true ? lines : untilStopped(lines, isStopped);
  if (start.holdsRecords) {
    for await (const { line, records, problem } of readRecordLines(readable, provider, maxLineBytes)) {
      yield* records;
      if (problem !== undefined) onUnreadable({ line }, reading.words.parse.recordProblems[problem]);
    }
    return;
  }
  const settings = { account, timeZone, maxLineBytes };
  const normalize = normalizeStream(provider, {
    ...settings,
    onUnreadable({ line, offset, index, field, reason }) {
      onUnreadable({ line, offset, index: index > 0 ? index : undefined, field }, reason);
    },
  });
  const fed = feed(normalize.writable, readable);
  yield* readRecords(normalize.readable);
  await fed;
}

/** Writes each piece only after the one before was read. A pipe would run several pieces ahead. */
async function feed(writable: WritableStream<Uint8Array>, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
  const writer = writable.getWriter();
  try {
    for await (const piece of pieces) await writer.write(piece);
    await writer.close();
  } catch (error) {
    // The reader of the records gets this error from the stream.
    await writer.abort(error).catch(() => undefined);
  }
}

async function* untilStopped(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, isStopped: () => boolean): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      if (isStopped()) return;
      const newline = piece.indexOf(NEWLINE, at);
      const end = newline < 0 ? piece.length : newline + 1;
      yield piece.subarray(at, end);
      at = end;
    }
  }
}

async function* joinPieces(first: Uint8Array, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield first;
  yield* pieces;
}

/** The kind of an input, and the bytes read so far. */
interface DetectedInput {
  kind: "lines" | "document" | "form";
  /** It consists of records that were written before, not of pushes. */
  holdsRecords: boolean;
  bytes: Uint8Array;
}

/** Detects the kind of input by its first line. */
async function detectInput(pieces: AsyncGenerator<Uint8Array, void, undefined>): Promise<DetectedInput> {
  let bytes: Buffer = Buffer.alloc(0);
  const more = async (atLeast: number): Promise<boolean> => {
    const read: Uint8Array[] = [bytes];
    let [length, open] = [0, true];
    while (open && length < atLeast) {
      const { done, value } = await pieces.next();
      open = done !== true;
      if (done === true) break;
      read.push(value);
      length += value.length;
    }
    // Concatenated once: adding piece by piece would copy a long document as often as it has pieces.
    bytes = Buffer.concat(read);
    return open;
  };
  let open = true;
  const firstLine = (): string | undefined => {
    const text = bytes.toString("utf8").replace(/^\ufeff/, "").trimStart();
    const newline = text.indexOf("\n");
    return newline < 0 ? (open ? undefined : text) : text.slice(0, newline);
  };
  while (open && firstLine() === undefined && bytes.length < LONGEST_LINE) open = await more(1);
  const line = firstLine() ?? "";
  if (line !== "" && !/^[[{]/.test(line)) return { kind: /^[^\s{}[\]"]+=/.test(line) ? "form" : "lines", holdsRecords: false, bytes };
  if (isJson(line) || line === "") return { kind: "lines", holdsRecords: isRecordText(line), bytes };
  // A document over several lines, or an unreadable first line.
  if (open) open = await more(LARGEST_DOCUMENT - bytes.length);
  const text = bytes.toString("utf8").replace(/^\ufeff/, "");
  const isDocument = !open && isJson(text);
  return { kind: isDocument ? "document" : "lines", holdsRecords: isDocument && isRecordText(text), bytes };
}

async function readToEnd(first: Uint8Array, pieces: AsyncGenerator<Uint8Array, void, undefined>): Promise<Uint8Array> {
  const all = [first];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

/** Joins the lines of a JSON document. Line breaks stand only between tokens there. */
function joinLines(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => (byte === NEWLINE || byte === 0x0d ? 0x20 : byte));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
