import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Failure, readSystemCode } from "./failure.js";
import { Locked, type Lock, NoLock, takeLock } from "./lock.js";
import type { Terminal } from "./terminal.js";

/** A file that only this process may write, until it ends or another process takes the lock over. */
export interface Claim {
  /** Throws if the lock is lost: then nothing more may be written to the file. */
  check(): void;
  /** Aborted when another process has taken over the lock. */
  readonly lost: AbortSignal;
}

/**
 * Locks a file for this process, since two processes that write to one file would overwrite or truncate each other's data.
 * The lock file is `<path>.lock`. It also works between containers and hosts that share the disk.
 */
export async function claim(path: string, { words, say, json }: Terminal): Promise<Claim> {
  const lock = `${resolveFolder(path)}.lock`;
  const taken = await takeLock(lock, () => !json && say(words.target.waiting(path))).catch((error: unknown): Lock => {
    if (error instanceof Locked) throw new Failure("unwritable", words.target.claimed(path, error.owner), words.target.claimedHint);
    if (error instanceof NoLock) throw new Failure("unwritable", words.target.noLock(lock), words.target.noLockHint);
    const code = readSystemCode(error) ?? "";
    throw new Failure("unwritable", words.target.unwritable(lock, code), words.target.hint(code));
  });
  return {
    check() {
      if (!taken.isHeld()) throw new Failure("unwritable", words.target.lost(path), words.target.lostHint);
    },
    lost: taken.lost,
  };
}

/** The path with symbolic links of its folder resolved, so that one file has one lock. */
function resolveFolder(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    // The folder does not exist: taking the lock reports that.
    return path;
  }
}
