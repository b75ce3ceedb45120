import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Failure, systemCode } from "./failure.js";
import { Locked, type Lock, NoLock, takeLock } from "./lock.js";
import type { Terminal } from "./terminal.js";

/** A file that is this process's own until it ends or another process takes over. */
export interface Claim {
  /** Throws where the file is no longer this process's own: nothing may be written to it any more. */
  check(): void;
  /** Aborted when another process has taken over. */
  readonly lost: AbortSignal;
}

/**
 * Makes a file this process's own: of two processes that write to it, each would cut off or overwrite what the other has kept.
 * `<path>.lock` beside it names the process, also for other containers and hosts on the same disk.
 */
export async function claim(path: string, { words, say, json }: Terminal): Promise<Claim> {
  const lock = `${placeOf(path)}.lock`;
  const taken = await takeLock(lock, () => !json && say(words.target.waiting(path))).catch((error: unknown): Lock => {
    if (error instanceof Locked) throw new Failure("unwritable", words.target.claimed(path, error.owner), words.target.claimedHint);
    if (error instanceof NoLock) throw new Failure("unwritable", words.target.noLock(lock), words.target.noLockHint);
    const code = systemCode(error) ?? "";
    throw new Failure("unwritable", words.target.unwritable(lock, code), words.target.hint(code));
  });
  return {
    check() {
      if (!taken.isHeld()) throw new Failure("unwritable", words.target.lost(path), words.target.lostHint);
    },
    lost: taken.lost,
  };
}

/** One name for a file, whatever way leads to its folder. */
function placeOf(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    // A folder that is not there: told when the lock cannot be made.
    return path;
  }
}
