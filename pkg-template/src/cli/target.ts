import { randomBytes } from "node:crypto";
import { closeSync, constants, fchmodSync, fsyncSync, linkSync, lstatSync, openSync, renameSync, rmSync, type Stats, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { claim } from "./claim.js";
import { Failure, systemCode } from "./failure.js";
import type { Terminal } from "./terminal.js";

/** New files are for their owner only, since they hold phone numbers or sound. An existing file keeps its mode. */
export const PRIVATE = 0o600;

/** Never through a symbolic link. Windows has no such flag. */
export const NO_LINK = constants.O_NOFOLLOW ?? 0;

/** A file that appears under its name only when it is whole. Until then it has a name of its own beside it. */
export interface WholeFile {
  write(bytes: Uint8Array): Promise<void>;
  /** On the disk, and under its name. @param path - Another name, where it is known only now. */
  finish(path?: string): Promise<void>;
  /** Nothing is left of it. Does nothing once it is finished. */
  discard(): void;
}

/** Creates the unfinished file, before anything is fetched for it. */
export async function createWholeFile(path: string, overwrite: boolean, terminal: Terminal): Promise<WholeFile> {
  refuseExisting(path, overwrite, terminal);
  await claim(path, terminal);
  const part = `${besides(path)}.part`;
  let handle: FileHandle;
  try {
    handle = await open(part, FRESH, PRIVATE);
  } catch (error) {
    throw unwritable(path, error, terminal);
  }
  let unfinished = true;
  return {
    async write(bytes) {
      await handle.writeFile(bytes).catch((error: unknown) => {
        throw unwritable(path, error, terminal);
      });
    },
    async finish(named = path) {
      try {
        keepMode(handle.fd, named);
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

/** Writes a small file whole: after a power cut it is the old one or the new one. What is refused leaves everything as it was. */
export function writeWhole(path: string, text: string, overwrite: boolean, terminal: Terminal): void {
  const fresh = besides(path);
  try {
    const descriptor = openSync(fresh, FRESH, PRIVATE);
    try {
      writeFileSync(descriptor, text);
      keepMode(descriptor, path);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    place(fresh, path, overwrite, terminal);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error instanceof Failure ? error : unwritable(path, error, terminal);
  }
  flushFolder(dirname(path));
}

/** A file that is there stays as it is, unless `--force` says otherwise. */
export function refuseExisting(path: string, overwrite: boolean, terminal: Terminal): void {
  const { words } = terminal;
  const there = fileAt(path, terminal);
  if (there !== undefined && !overwrite) throw new Failure("unwritable", words.target.exists(path), words.target.existsHint);
}

/** What there is of this name: a regular file or nothing. A link, a device or a folder is refused. */
export function fileAt(path: string, { words }: Terminal): Stats | undefined {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory()) throw new Failure("unwritable", words.target.isFolder(path));
  if (there?.isSymbolicLink()) throw new Failure("unwritable", words.target.isLink(path), words.target.isLinkHint);
  // A device would be replaced by a file of its name.
  if (there?.isFile() === false) throw new Failure("unwritable", words.target.noFile(path));
  return there;
}

/** What is told of a file that cannot be written. */
export function unwritable(path: string, error: unknown, { words }: Terminal): Failure {
  // What a link at the end of the path is answered with.
  if (systemCode(error) === "ELOOP") return new Failure("unwritable", words.target.isLink(path), words.target.isLinkHint);
  return new Failure("unwritable", words.target.unwritable(path, systemCode(error) ?? String(error)), words.target.hint(systemCode(error) ?? ""));
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

/** Creates the file, or fails where there is anything of its name. */
const FRESH = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | NO_LINK;

/** A name beside this one that nobody else has or can foresee. */
function besides(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(8).toString("hex")}`);
}

/** What replaces a file has its mode. */
function keepMode(descriptor: number, path: string): void {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there?.isFile()) fchmodSync(descriptor, there.mode & 0o777);
}

/** Gives a finished file its name. */
function place(fresh: string, path: string, overwrite: boolean, terminal: Terminal): void {
  if (overwrite) {
    fileAt(path, terminal);
    renameSync(fresh, path);
    return;
  }
  try {
    // Unlike a rename it fails where somebody else has made the file in the meantime.
    linkSync(fresh, path);
    rmSync(fresh);
    return;
  } catch (error) {
    if (systemCode(error) === "EEXIST") refuseExisting(path, false, terminal);
  }
  // A file system without links: the name is taken first, which fails likewise, and then what we made is replaced.
  try {
    closeSync(openSync(path, FRESH, PRIVATE));
  } catch (error) {
    if (systemCode(error) === "EEXIST") refuseExisting(path, false, terminal);
    throw error;
  }
  renameSync(fresh, path);
}
