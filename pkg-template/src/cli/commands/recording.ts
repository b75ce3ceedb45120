import { statSync } from "node:fs";
import { type CallRecord, readRecords } from "ringback";
import { type AccountFlags, readAccount, createAccountClient } from "../account.js";
import { Failure } from "../failure.js";
import { openInput } from "../input.js";
import { createProgress, formatSize } from "../progress.js";
import { createWholeFile, refuseExisting } from "../target.js";
import { toSafeJson } from "../harmless.js";
import type { Terminal } from "../terminal.js";

/** Options of `recording`. */
export interface RecordingFlags {
  output?: string;
  force?: boolean;
}

export async function recording(terminal: Terminal, call: string, flags: AccountFlags & RecordingFlags): Promise<void> {
  const { words, signal } = terminal;
  const wanted = await readCall(call, terminal);
  const client = createAccountClient(readAccount(flags, terminal), terminal, {}, flags.verbose);
  const toStdout = flags.output === "-";
  if (toStdout && terminal.watched) throw new Failure("usage", words.recording.soundOnTerminal, words.recording.soundOnTerminalHint);
  if (toStdout && terminal.json) throw new Failure("usage", words.recording.jsonAndSound);
  const stem = toFileName(typeof wanted === "string" ? wanted : (wanted.callId ?? wanted.key));
  const file = toStdout ? undefined : await createWholeFile(flags.output ?? stem, flags.force === true || flags.output === undefined, terminal);
  const progress = createProgress(terminal, words.recording.label);
  let bytes = 0;
  try {
    const found = await client.recording(wanted, { signal });
    const path = flags.output ?? `${stem}${chooseExtension(found.contentType, found.url)}`;
    if (flags.output === undefined) refuseExisting(path, flags.force === true, terminal);
    for await (const piece of await found.body()) {
      if (file === undefined) await terminal.write(piece);
      else await file.write(piece);
      bytes += piece.length;
      progress.show(0, formatSize(bytes));
    }
    if (file === undefined) return;
    await file.finish(path);
    progress.stop();
    const { url, expiresAt, contentType } = found;
    if (terminal.json) await terminal.write(`${toSafeJson({ file: path, bytes, contentType, url, expiresAt })}\n`);
    else await terminal.write(`${words.recording.written(path, formatSize(bytes))}\n`);
  } finally {
    progress.stop();
    file?.discard();
  }
}

/** Returns the call id as given, or the record read from a file or stdin. */
async function readCall(call: string, terminal: Terminal): Promise<string | CallRecord> {
  const { words } = terminal;
  if (call === "-") return parseRecord(await readAll(call, terminal), words.stdin, terminal);
  const isFile = statSync(call, { throwIfNoEntry: false })?.isFile() === true;
  // No platform's call id looks like a path.
  if (!isFile && /[/\\]|\.(nd)?jsonl?$/i.test(call)) throw new Failure("usage", words.recording.noSuchFile(call));
  return isFile ? parseRecord(await readAll(call, terminal), call, terminal) : call;
}

async function readAll(path: string, terminal: Terminal): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of openInput(path, terminal).pieces) pieces.push(piece);
  if (terminal.signal.aborted) throw new Failure("interrupted", terminal.words.interrupted);
  return Buffer.concat(pieces);
}

async function parseRecord(bytes: Buffer, name: string, { words }: Terminal): Promise<CallRecord> {
  const found: CallRecord[] = [];
  for await (const record of readRecords(new Blob([toLines(bytes)]).stream() as ReadableStream<Uint8Array>)) found.push(record);
  const [record] = found;
  if (record === undefined || found.length > 1) throw new Failure("usage", words.recording.notOneRecord(name, found.length), words.recording.notOneRecordHint);
  if (typeof record.key !== "string" || typeof record.recording !== "object") throw new Failure("unreadable", words.recording.noRecord(name), words.recording.noRecordHint);
  return record;
}

/** Puts a JSON document on one line, and a JSON array on one line per record. Other input is taken as lines already. */
function toLines(bytes: Buffer): string {
  const text = bytes.toString("utf8").replace(/^\ufeff/, "");
  try {
    const parsed: unknown = JSON.parse(text);
    return (Array.isArray(parsed) ? parsed : [parsed]).map((record) => JSON.stringify(record)).join("\n");
  } catch {
    return text;
  }
}

/** Makes a safe file name from a call id: no path separators, no names that Windows reserves. */
function toFileName(callId: string): string {
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

function chooseExtension(contentType: string | undefined, url: string | undefined): string {
  const type = contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
  const inAddress = url === undefined ? undefined : /\.(wav|mp3|amr|ogg|m4a|v3)(?=$|[?#])/i.exec(url)?.[0]?.toLowerCase();
  return EXTENSIONS[type] ?? inAddress ?? ".wav";
}
