import { closeSync, constants, fsyncSync, linkSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { claim } from "./claim.js";
import { Failure, systemCode } from "./failure.js";
import type { Terminal } from "./terminal.js";

/** A file that appears under its name only when it is whole. Until then it is `<name>.part`. */
export interface WholeFile {
  write(bytes: Uint8Array): Promise<void>;
  /** On the disk, and under its name. @param path - Another name, where it is known only now. */
  finish(path?: string): Promise<void>;
  /** Nothing is left of it. Does nothing once it is finished. */
  discard(): void;
}

/** Opens `<path>.part`, before anything is fetched for it. */
export async function createWholeFile(path: string, overwrite: boolean, terminal: Terminal): Promise<WholeFile> {
  refuseExisting(path, overwrite, terminal);
  claim(path, terminal);
  const part = `${path}.part`;
  const handle = await open(part, "w").catch((error: unknown) => {
    throw unwritable(path, error, terminal);
  });
  let unfinished = true;
  return {
    async write(bytes) {
      await handle.writeFile(bytes).catch((error: unknown) => {
        throw unwritable(path, error, terminal);
      });
    },
    async finish(named = path) {
      try {
        await handle.sync();
        await handle.close();
        place(part, named, overwrite, terminal);
        unfinished = false;
        flushFolder(dirname(named));
      } catch (error) {
        throw error instanceof Failure ? error : unwritable(named, error, terminal);
      }
    },
    discard() {
      if (!unfinished) return;
      unfinished = false;
      void handle.close().catch(() => undefined);
      rmSync(part, { force: true });
    },
  };
}

/** A file that is there stays as it is, unless `--force` says otherwise. */
export function refuseExisting(path: string, overwrite: boolean, { words }: Terminal): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory()) throw new Failure("unwritable", words.target.isFolder(path));
  // A device would be replaced by a file of its name.
  if (there?.isFile() === false) throw new Failure("unwritable", words.target.noFile(path));
  if (there !== undefined && !overwrite) throw new Failure("unwritable", words.target.exists(path), words.target.existsHint);
}

/** What is told of a file that cannot be written. */
export function unwritable(path: string, error: unknown, { words }: Terminal): Failure {
  return new Failure("unwritable", words.target.unwritable(path, systemCode(error) ?? String(error)), words.target.hint(systemCode(error) ?? ""));
}

/** Writes a small file whole: after a power cut it is the old one or the new one. */
export function replaceFile(path: string, text: string, write: (descriptor: number, text: string) => void, mode = 0o666): void {
  const fresh = join(dirname(path), `.${basename(path)}.new`);
  const descriptor = openSync(fresh, constants.O_CREAT | constants.O_TRUNC | constants.O_WRONLY, mode);
  try {
    write(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(fresh, path);
  flushFolder(dirname(path));
}

/** A name is on the disk only when its folder is. */
export function flushFolder(path: string): void {
  try {
    const folder = openSync(path, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch {
    // Windows flushes no folders.
  }
}

function place(part: string, path: string, overwrite: boolean, terminal: Terminal): void {
  if (!overwrite) {
    try {
      // Unlike a rename it fails where somebody else has made the file in the meantime.
      linkSync(part, path);
      rmSync(part);
      return;
    } catch (error) {
      if (systemCode(error) === "EEXIST") refuseExisting(path, false, terminal);
      // A file system without links.
    }
  }
  renameSync(part, path);
}
