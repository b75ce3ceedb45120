import { type CallRecord, normalizeStream, parsePush, type Provider, readRecords } from "ringback";
import { knownProvider } from "../account.js";
import { Failure } from "../failure.js";
import { type FormatFlags, formatOf, recordText } from "../formats.js";
import { inputOf } from "../input.js";
import { createProgress, sizeOf } from "../progress.js";
import type { Terminal } from "../terminal.js";

/** What `parse` takes. */
export interface ParseFlags extends FormatFlags {
  contentType?: string;
  query?: string;
  keepGoing?: boolean;
  account?: string;
  timeZone?: string;
}

/** A document that is no line of its own must fit into memory. */
const LARGEST_DOCUMENT = 64 * 1024 * 1024;

/** A line that is longer is no push. */
const LONGEST_LINE = 16 * 1024 * 1024;

const NEWLINE = 0x0a;

export async function parse(terminal: Terminal, name: string, path: string | undefined, flags: ParseFlags): Promise<void> {
  const provider = knownProvider(name, terminal);
  const text = recordText(formatOf(flags, terminal), flags, terminal);
  const { words } = terminal;
  const input = inputOf(path, terminal);
  const progress = createProgress(terminal, words.parse.label, input.size);
  let unreadable = 0;
  let stopped = false;
  const onUnreadable = (place: Place, reason: string): void => {
    unreadable += 1;
    if (flags.keepGoing !== true) stopped = true;
    progress.stop();
    terminal.note(words.parse.unreadable(input.name, placeOf(place, terminal), reason), { unreadable: { input: input.name, ...place, reason } });
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
  // What a stream gave that now pauses is not held back. A reader that has gone is met at the next record.
  const pulse = setInterval(() => void flush().catch(() => undefined), PULSE_MS);
  try {
    await terminal.write(text.head, text.exact);
    let read = 0;
    const watched = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
      for await (const piece of input.pieces) {
        read += piece.length;
        if (!terminal.watched) progress.show(read, sizeOf(read));
        yield piece;
      }
    };
    for await (const record of recordsOf(watched(), { provider, flags, onUnreadable, isStopped: () => stopped })) {
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

/** Where something stands that cannot be read: what of this is known. */
interface Place {
  line?: number;
  offset?: number;
  index?: number | undefined;
  field?: string | undefined;
}

function placeOf({ line, offset, index, field }: Place, { words }: Terminal): string {
  const parts = [line !== undefined && words.parse.line(line), offset !== undefined && words.parse.byte(offset), index !== undefined && `#${index}`, field];
  return parts.filter(Boolean).join(", ");
}

interface Reading {
  provider: Provider;
  flags: ParseFlags;
  onUnreadable(place: Place, reason: string): void;
  isStopped(): boolean;
}

async function* recordsOf(pieces: AsyncGenerator<Uint8Array, void, undefined>, reading: Reading): AsyncGenerator<CallRecord, void, undefined> {
  const { provider, flags, onUnreadable, isStopped } = reading;
  const { contentType, query, account, timeZone } = flags;
  const start = await beginning(pieces);
  const isWhole = contentType !== undefined || query !== undefined || start.kind === "form";
  if (isWhole) {
    const body = await everything(start.bytes, pieces);
    const parsed = parsePush(provider, body, { contentType, query, account, timeZone });
    yield* parsed.records;
    for (const { index, field, reason } of parsed.unreadable) onUnreadable({ index, field }, reason);
    return;
  }
  const lines = start.kind === "document" ? [onOneLine(start.bytes)] : followed(start.bytes, pieces);
  const settings = { account, timeZone, maxLineBytes: start.kind === "document" ? LARGEST_DOCUMENT : LONGEST_LINE };
  const normalize = normalizeStream(provider, {
    ...settings,
    onUnreadable({ line, offset, index, field, reason }) {
      onUnreadable({ line, offset, index: index > 0 ? index : undefined, field }, reason);
    },
  });
  // Line by line, so that what stands behind a line that cannot be read is not read, unless it is wanted.
  const fed = feed(normalize.writable, flags.keepGoing === true ? lines : untilStopped(lines, isStopped));
  yield* readRecords(normalize.readable);
  await fed;
}

/** Writes one piece after the other has been read, and no further. Not a pipe, which would be some pieces ahead. */
async function feed(writable: WritableStream<Uint8Array>, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
  const writer = writable.getWriter();
  try {
    for await (const piece of pieces) await writer.write(piece);
    await writer.close();
  } catch (error) {
    // Whoever reads the records gets it from there.
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

async function* followed(first: Uint8Array, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield first;
  yield* pieces;
}

/** What the input is, judged by its first line; what was read for that is handed on. */
async function beginning(pieces: AsyncGenerator<Uint8Array, void, undefined>): Promise<{ kind: "lines" | "document" | "form"; bytes: Uint8Array }> {
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
    // Once for all of them: piece by piece, a long document would be copied as often as it has pieces.
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
  if (line !== "" && !/^[[{]/.test(line)) return { kind: /^[^\s{}[\]"]+=/.test(line) ? "form" : "lines", bytes };
  if (isJson(line) || line === "") return { kind: "lines", bytes };
  // A document over many lines, or a first line that cannot be read.
  if (open) open = await more(LARGEST_DOCUMENT - bytes.length);
  const isDocument = !open && isJson(bytes.toString("utf8").replace(/^\ufeff/, ""));
  return { kind: isDocument ? "document" : "lines", bytes };
}

async function everything(first: Uint8Array, pieces: AsyncGenerator<Uint8Array, void, undefined>): Promise<Uint8Array> {
  const all = [first];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

/** JSON has line breaks between its words only. */
function onOneLine(bytes: Uint8Array): Uint8Array {
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
