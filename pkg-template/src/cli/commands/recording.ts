import { statSync } from "node:fs";
import { type CallRecord, readRecords } from "ringback";
import { type AccountFlags, accountOf, clientOf } from "../account.js";
import { Failure } from "../failure.js";
import { inputOf } from "../input.js";
import { createProgress, sizeOf } from "../progress.js";
import { createWholeFile, refuseExisting } from "../target.js";
import { jsonText } from "../harmless.js";
import type { Terminal } from "../terminal.js";

/** What `recording` takes. */
export interface RecordingFlags {
  output?: string;
  force?: boolean;
}

export async function recording(terminal: Terminal, call: string, flags: AccountFlags & RecordingFlags): Promise<void> {
  const { words, signal } = terminal;
  const wanted = await wantedCall(call, terminal);
  const client = clientOf(accountOf(flags, terminal), terminal, {}, flags.verbose);
  const toStdout = flags.output === "-";
  if (toStdout && terminal.watched) throw new Failure("usage", words.recording.soundOnTerminal, words.recording.soundOnTerminalHint);
  if (toStdout && terminal.json) throw new Failure("usage", words.recording.jsonAndSound);
  const stem = nameOf(typeof wanted === "string" ? wanted : (wanted.callId ?? wanted.key));
  const file = toStdout ? undefined : await createWholeFile(flags.output ?? stem, flags.force === true || flags.output === undefined, terminal);
  const progress = createProgress(terminal, words.recording.label);
  let bytes = 0;
  try {
    const found = await client.recording(wanted, { signal });
    const path = flags.output ?? `${stem}${extensionOf(found.contentType, found.url)}`;
    if (flags.output === undefined) refuseExisting(path, flags.force === true, terminal);
    for await (const piece of await found.body()) {
      if (file === undefined) await terminal.write(piece);
      else await file.write(piece);
      bytes += piece.length;
      progress.show(0, sizeOf(bytes));
    }
    if (file === undefined) return;
    await file.finish(path);
    progress.stop();
    const { url, expiresAt, contentType } = found;
    if (terminal.json) await terminal.write(`${jsonText({ file: path, bytes, contentType, url, expiresAt })}\n`);
    else await terminal.write(`${words.recording.written(path, sizeOf(bytes))}\n`);
  } finally {
    progress.stop();
    file?.discard();
  }
}

/** A call id as it is, or the record of a file or of stdin. */
async function wantedCall(call: string, terminal: Terminal): Promise<string | CallRecord> {
  const { words } = terminal;
  if (call === "-") return recordIn(await everythingOf(call, terminal), words.stdin, terminal);
  const isFile = statSync(call, { throwIfNoEntry: false })?.isFile() === true;
  // No platform's call id looks like a path.
  if (!isFile && /[/\\]|\.(nd)?jsonl?$/i.test(call)) throw new Failure("usage", words.recording.noSuchFile(call));
  return isFile ? recordIn(await everythingOf(call, terminal), call, terminal) : call;
}

async function everythingOf(path: string, terminal: Terminal): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of inputOf(path, terminal).pieces) pieces.push(piece);
  if (terminal.signal.aborted) throw new Failure("interrupted", terminal.words.interrupted);
  return Buffer.concat(pieces);
}

async function recordIn(bytes: Buffer, name: string, { words }: Terminal): Promise<CallRecord> {
  const found: CallRecord[] = [];
  for await (const record of readRecords(new Blob([asLines(bytes)]).stream() as ReadableStream<Uint8Array>)) found.push(record);
  const [record] = found;
  if (record === undefined || found.length > 1) throw new Failure("usage", words.recording.notOneRecord(name, found.length), words.recording.notOneRecordHint);
  if (typeof record.key !== "string" || typeof record.recording !== "object") throw new Failure("unreadable", words.recording.noRecord(name), words.recording.noRecordHint);
  return record;
}

/** One JSON document, over however many lines, as a line; a list as a line for each of its records. Anything else is taken for lines already. */
function asLines(bytes: Buffer): string {
  const text = bytes.toString("utf8").replace(/^\ufeff/, "");
  try {
    const parsed: unknown = JSON.parse(text);
    return (Array.isArray(parsed) ? parsed : [parsed]).map((record) => JSON.stringify(record)).join("\n");
  } catch {
    return text;
  }
}

/** A call id as a file's name, wherever that file lies: no path, no name that a system keeps for itself. */
function nameOf(callId: string): string {
  const safe = callId.replace(/[^\w.-]+/g, "_").replace(/^[.-]+/, "_").slice(0, 120);
  return /^(con|prn|aux|nul|com\d|lpt\d)?$/i.test(safe) ? `recording_${safe}` : safe;
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  "audio/wav": ".wav",
  "audio/x-wav": ".wav",
  "audio/wave": ".wav",
  "audio/vnd.wave": ".wav",
  "audio/mpeg": ".mp3",
  "audio/mp3": ".mp3",
  "audio/amr": ".amr",
  "audio/ogg": ".ogg",
  "audio/mp4": ".m4a",
  "audio/x-m4a": ".m4a",
};

function extensionOf(contentType: string | undefined, url: string | undefined): string {
  const type = contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
  const inAddress = url === undefined ? undefined : /\.(wav|mp3|amr|ogg|m4a|v3)(?=$|[?#])/i.exec(url)?.[0]?.toLowerCase();
  return EXTENSIONS[type] ?? inAddress ?? ".wav";
}
