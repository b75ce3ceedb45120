import { constants, fstatSync, ftruncateSync, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { type Claim, claim } from "./claim.js";
import { findFile, flushFolder, NO_LINK, PRIVATE, createWriteFailure } from "./target.js";
import type { Terminal } from "./terminal.js";
import { Failure } from "./failure.js";

/** Keeps lines: when `keep` resolves, they are on the disk. Only then may a push be acknowledged. */
export interface Journal {
  keep(text: string): Promise<void>;
  close(): Promise<void>;
  /** Aborted when another process has taken over the file: then nothing more is kept. */
  readonly lost?: AbortSignal;
}

/** Opens a file for appending. Lines that arrive during a write are written together by the next one. */
export async function openJournal(path: string, terminal: Terminal): Promise<Journal> {
  const there = findFile(path, terminal);
  const owned = await claim(path, terminal);
  let opened = await openForAppending(path, terminal);
  if (there !== undefined && !endsWithNewline(opened.fd, there.size)) terminal.say(terminal.words.receive.halfLine(path));
  flushFolder(dirname(path));
  let waiting: { text: string; kept: () => void; failed: (error: unknown) => void }[] = [];
  let busy: Promise<void> | undefined;

  async function append(text: string): Promise<void> {
    if (fstatSync(opened.fd).nlink === 0) {
      // The file was removed or replaced, so data appended to it would be lost: open the path again.
      await opened.close();
      opened = await openForAppending(path, terminal);
      flushFolder(dirname(path));
    }
    await appendDurably(opened, text, owned);
    if (fstatSync(opened.fd).nlink === 0) throw new Failure("unwritable", terminal.words.target.removed(path));
  }

  async function work(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await append(batch.map(({ text }) => text).join(""));
        for (const { kept } of batch) kept();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    busy = undefined;
  }
  return {
    lost: owned.lost,
    keep: (text) =>
      new Promise((kept, failed) => {
        waiting.push({ text, kept, failed });
        busy ??= work();
      }),
    async close() {
      await busy;
      await opened.close();
    },
  };
}

/** Writes to stdout. `keep` resolves when the reader has the data. */
export function createStdoutJournal(terminal: Terminal): Journal {
  let last: Promise<void> = Promise.resolve();
  return {
    keep(text) {
      const written = last.then(() => terminal.write(text));
      last = written.catch(() => undefined);
      return written;
    },
    close: () => last,
  };
}

/** Opens the file in append mode, so that two processes never overwrite each other. */
async function openForAppending(path: string, terminal: Terminal): Promise<FileHandle> {
  try {
    const opened = await open(path, constants.O_APPEND | constants.O_CREAT | constants.O_RDWR | NO_LINK, PRIVATE);
    if (fstatSync(opened.fd).isFile()) return opened;
    await opened.close();
  } catch (error) {
    throw createWriteFailure(path, error, terminal);
  }
  throw new Failure("unwritable", terminal.words.target.noFile(path));
}

/** Appends text and resolves when it is on the disk and the lock is still held. */
async function appendDurably(file: FileHandle, text: string, owned: Claim): Promise<void> {
  owned.check();
  const from = fstatSync(file.fd).size;
  // A half line left by a killed process or another program must not join with ours.
  const bytes = Buffer.from(endsWithNewline(file.fd, from) ? text : `\n${text}`);
  let written = 0;
  try {
    while (written < bytes.length) written += (await file.write(bytes, written)).bytesWritten;
    await file.datasync();
    // Detects data that another host has overwritten, or a file truncated in the meantime.
    if (!readRange(file.fd, from, fstatSync(file.fd).size).includes(bytes)) throw new Error("the file changed while it was written");
    // This process may have been suspended and replaced: then it must not report the data as kept.
    owned.check();
  } catch (error) {
    truncatePartial(file.fd, from, bytes.subarray(0, written), owned);
    throw error;
  }
}

/** Removes a half-written line, which would disturb readers of the file. Truncates only data written just now, and only while the lock is held. */
function truncatePartial(file: number, from: number, written: Buffer, owned: Claim): void {
  try {
    if (written.length === 0 || fstatSync(file).size !== from + written.length || !readRange(file, from, from + written.length).equals(written)) return;
    owned.check();
    ftruncateSync(file, from);
  } catch {
    // It stays there. The next append starts on a new line.
  }
}

function endsWithNewline(file: number, size: number): boolean {
  return size === 0 || readRange(file, size - 1, size)[0] === 0x0a;
}

function readRange(file: number, from: number, to: number): Buffer {
  const bytes = Buffer.alloc(Math.max(0, to - from));
  let length = 0;
  while (length < bytes.length) {
    const read = readSync(file, bytes, length, bytes.length - length, from + length);
    if (read === 0) break;
    length += read;
  }
  return bytes.subarray(0, length);
}
