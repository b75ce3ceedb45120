import { randomBytes } from "node:crypto";
import { closeSync, constants, fchmodSync, fsyncSync, linkSync, lstatSync, openSync, renameSync, rmSync, type Stats, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { claim } from "./claim.js";
import { Failure, readSystemCode } from "./failure.js";
import type { Terminal } from "./terminal.js";

/** New files are readable by their owner only, since they hold phone numbers or sound. An existing file keeps its mode. */
export const PRIVATE = 0o600;

/** Never follows a symbolic link. Windows has no such flag. */
export const NO_LINK = constants.O_NOFOLLOW ?? 0;

/** A file that appears under its name only when complete. Until then it has a temporary name beside it. */
export interface WholeFile {
  write(bytes: Uint8Array): Promise<void>;
  /** Flushes the file to the disk and gives it its name. @param path - The final name, if it is only known now. */
  finish(path?: string): Promise<void>;
  /** Deletes the temporary file. Does nothing after `finish`. */
  discard(): void;
}

/** Creates the temporary file. Call it before fetching, so that a file that cannot be written costs no request. */
export async function createWholeFile(path: string, overwrite: boolean, terminal: Terminal): Promise<WholeFile> {
  refuseExisting(path, overwrite, terminal);
  await claim(path, terminal);
  const part = `${createTemporaryName(path)}.part`;
  let handle: FileHandle;
  try {
    handle = await open(part, FRESH, PRIVATE);
  } catch (error) {
    throw createWriteFailure(path, error, terminal);
  }
  let unfinished = true;
  return {
    async write(bytes) {
      await handle.writeFile(bytes).catch((error: unknown) => {
        throw createWriteFailure(path, error, terminal);
      });
    },
    async finish(named = path) {
      try {
        copyMode(handle.fd, named);
        await handle.sync();
        await handle.close();
        place(part, named, overwrite, terminal);
        unfinished = false;
        flushFolder(dirname(named));
      } catch (error) {
        throw error instanceof Failure ? error : createWriteFailure(named, error, terminal);
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

/** Writes a small file atomically: after a power failure it has either the old or the new content. On an error the old file is unchanged. */
export function writeWhole(path: string, text: string, overwrite: boolean, terminal: Terminal): void {
  const fresh = createTemporaryName(path);
  try {
    const descriptor = openSync(fresh, FRESH, PRIVATE);
    try {
      writeFileSync(descriptor, text);
      copyMode(descriptor, path);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    place(fresh, path, overwrite, terminal);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error instanceof Failure ? error : createWriteFailure(path, error, terminal);
  }
  flushFolder(dirname(path));
}

/** Throws if the file exists and `--force` was not given. */
export function refuseExisting(path: string, overwrite: boolean, terminal: Terminal): void {
  const { words } = terminal;
  const there = findFile(path, terminal);
  if (there !== undefined && !overwrite) throw new Failure("unwritable", words.target.exists(path), words.target.existsHint);
}

/** Returns the regular file at this path, or undefined if there is none. Refuses symbolic links, devices and folders. */
export function findFile(path: string, { words }: Terminal): Stats | undefined {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory()) throw new Failure("unwritable", words.target.isFolder(path));
  if (there?.isSymbolicLink()) throw new Failure("unwritable", words.target.isLink(path), words.target.isLinkHint);
  // Writing would replace the device by a regular file.
  if (there?.isFile() === false) throw new Failure("unwritable", words.target.noFile(path));
  return there;
}

/** Creates the error for a file that cannot be written. */
export function createWriteFailure(path: string, error: unknown, { words }: Terminal): Failure {
  // The system reports ELOOP for a symbolic link at the end of the path.
  if (readSystemCode(error) === "ELOOP") return new Failure("unwritable", words.target.isLink(path), words.target.isLinkHint);
  return new Failure("unwritable", words.target.unwritable(path, readSystemCode(error) ?? String(error)), words.target.hint(readSystemCode(error) ?? ""));
}

/** Flushes a folder: a file's name is on the disk only when its folder is. */
export function flushFolder(path: string): void {
  try {
    const folder = openSync(path, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch {
    // Windows cannot flush folders.
  }
}

/** Creates the file, or fails if the name exists. */
const FRESH = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | NO_LINK;

/** A random temporary name beside this file, which nobody can predict. */
function createTemporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(8).toString("hex")}`);
}

/** Copies the mode of the file that will be replaced. */
function copyMode(descriptor: number, path: string): void {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there?.isFile()) fchmodSync(descriptor, there.mode & 0o777);
}

/** Gives a finished file its name. */
function place(fresh: string, path: string, overwrite: boolean, terminal: Terminal): void {
  if (overwrite) {
    findFile(path, terminal);
    renameSync(fresh, path);
    return;
  }
  try {
    // Unlike rename, link fails if another process has created the file in the meantime.
    linkSync(fresh, path);
    rmSync(fresh);
    return;
  } catch (error) {
    if (readSystemCode(error) === "EEXIST") refuseExisting(path, false, terminal);
  }
  // The file system has no hard links: create the name exclusively, then replace that empty file.
  try {
    closeSync(openSync(path, FRESH, PRIVATE));
  } catch (error) {
    if (readSystemCode(error) === "EEXIST") refuseExisting(path, false, terminal);
    throw error;
  }
  renameSync(fresh, path);
}
