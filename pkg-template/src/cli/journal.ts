import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { claim } from "./claim.js";
import { Failure } from "./failure.js";
import { flushFolder, unwritable } from "./target.js";
import type { Terminal } from "./terminal.js";

/** Lines that are on the disk when `keep` resolves. Until then nobody may be told that they were kept. */
export interface Journal {
  keep(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Appends to a file. What comes while the disk is busy goes together in the next write. */
export async function openJournal(path: string, terminal: Terminal): Promise<Journal> {
  claim(path, terminal);
  const opened = await open(path, "a+").catch((error: unknown) => {
    throw unwritable(path, error, terminal);
  });
  let length = await wholeLines(opened, path, terminal);
  flushFolder(dirname(path));
  let waiting: { text: string; kept: () => void; failed: (error: unknown) => void }[] = [];
  let busy: Promise<void> | undefined;

  async function work(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      const bytes = Buffer.from(batch.map(({ text }) => text).join(""));
      try {
        await opened.appendFile(bytes);
        await opened.datasync();
        length += bytes.length;
        for (const { kept } of batch) kept();
      } catch (error) {
        // Half a line would spoil the next one. Nobody was told that it is kept.
        await opened.truncate(length).catch(() => undefined);
        for (const { failed } of batch) failed(error);
      }
    }
    busy = undefined;
  }
  return {
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

/** A process that was killed may have left half a line, which was never acknowledged: the next one begins anew. */
async function wholeLines(file: FileHandle, path: string, terminal: Terminal): Promise<number> {
  const { size, isFile } = await file.stat().then((stats) => ({ size: stats.size, isFile: stats.isFile() }));
  if (!isFile) throw new Failure("unwritable", terminal.words.target.noFile(path));
  if (size === 0) return 0;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  if (buffer[0] === 0x0a) return size;
  terminal.say(terminal.words.receive.halfLine(path));
  await file.appendFile("\n");
  return size + 1;
}
