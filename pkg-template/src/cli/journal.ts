import { constants, fstatSync, ftruncateSync, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { type Claim, claim } from "./claim.js";
import { fileAt, flushFolder, NO_LINK, PRIVATE, unwritable } from "./target.js";
import type { Terminal } from "./terminal.js";
import { Failure } from "./failure.js";

/** Lines that are on the disk when `keep` resolves. Until then nobody may be told that they were kept. */
export interface Journal {
  keep(text: string): Promise<void>;
  close(): Promise<void>;
  /** Aborted when another process has taken over the file: nothing is kept any more. */
  readonly lost?: AbortSignal;
}

/** Appends to a file. What comes while the disk is busy goes together in the next write. */
export async function openJournal(path: string, terminal: Terminal): Promise<Journal> {
  const there = fileAt(path, terminal);
  const owned = await claim(path, terminal);
  let opened = await openedFor(path, terminal);
  if (there !== undefined && !endsWithNewline(opened.fd, there.size)) terminal.say(terminal.words.receive.halfLine(path));
  flushFolder(dirname(path));
  let waiting: { text: string; kept: () => void; failed: (error: unknown) => void }[] = [];
  let busy: Promise<void> | undefined;

  async function append(text: string): Promise<void> {
    if (fstatSync(opened.fd).nlink === 0) {
      // Somebody has removed the file or put another in its place: what goes on in this one is lost with it.
      await opened.close();
      opened = await openedFor(path, terminal);
      flushFolder(dirname(path));
    }
    await appended(opened, text, owned);
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

/** Stdout: the reader has it when the write is done. */
export function stdoutJournal(terminal: Terminal): Journal {
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

/** For appending only: whatever another process writes at the same time, neither overwrites the other. */
async function openedFor(path: string, terminal: Terminal): Promise<FileHandle> {
  try {
    const opened = await open(path, constants.O_APPEND | constants.O_CREAT | constants.O_RDWR | NO_LINK, PRIVATE);
    if (fstatSync(opened.fd).isFile()) return opened;
    await opened.close();
  } catch (error) {
    throw unwritable(path, error, terminal);
  }
  throw new Failure("unwritable", terminal.words.target.noFile(path));
}

/** Resolves when the text is on the disk, in a file that is still ours. */
async function appended(file: FileHandle, text: string, owned: Claim): Promise<void> {
  owned.check();
  const from = fstatSync(file.fd).size;
  // Half a line that a killed process or another program has left spoils no line of ours.
  const bytes = Buffer.from(endsWithNewline(file.fd, from) ? text : `\n${text}`);
  let written = 0;
  try {
    while (written < bytes.length) written += (await file.write(bytes, written)).bytesWritten;
    await file.datasync();
    // An append that another host has overwritten, or a file that was cut in the meantime, shows here.
    if (!contentFrom(file.fd, from, fstatSync(file.fd).size).includes(bytes)) throw new Error("the file changed while it was written");
    // Suspended, and replaced by another process: then this one must not tell anybody that something is kept.
    owned.check();
  } catch (error) {
    takeBack(file.fd, from, bytes.subarray(0, written), owned);
    throw error;
  }
}

/** Half a line would be in the way of whoever reads the file. Only what was just written is cut off, and only from a file that is still ours. */
function takeBack(file: number, from: number, written: Buffer, owned: Claim): void {
  try {
    if (written.length === 0 || fstatSync(file).size !== from + written.length || !contentFrom(file, from, from + written.length).equals(written)) return;
    owned.check();
    ftruncateSync(file, from);
  } catch {
    // Then it stays: the next line begins anew.
  }
}

function endsWithNewline(file: number, size: number): boolean {
  return size === 0 || contentFrom(file, size - 1, size)[0] === 0x0a;
}

function contentFrom(file: number, from: number, to: number): Buffer {
  const bytes = Buffer.alloc(Math.max(0, to - from));
  let length = 0;
  while (length < bytes.length) {
    const read = readSync(file, bytes, length, bytes.length - length, from + length);
    if (read === 0) break;
    length += read;
  }
  return bytes.subarray(0, length);
}
