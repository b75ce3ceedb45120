import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Failure, systemCode } from "./failure.js";
import type { Terminal } from "./terminal.js";

/**
 * Makes a file this process's own until it ends: of two that write to it, each would cut off or overwrite what the other has kept.
 * `<path>.lock` beside it names the process. One that was killed leaves its lock behind, and the next takes it over.
 */
export function claim(path: string, { words }: Terminal): void {
  const lock = `${resolve(path)}.lock`;
  const taken = (owner: string): Failure => new Failure("unwritable", words.target.claimed(path, owner), words.target.claimedHint(lock));
  if (claimed.has(lock)) throw taken(String(process.pid));
  while (!made(lock)) {
    const owner = ownerOf(lock);
    if (owner !== undefined && isRunning(owner)) throw taken(owner);
    rmSync(lock, { force: true });
  }
}

/** The locks of this process. Its number alone says nothing: in a container that of a killed one comes again. */
const claimed = new Set<string>();

function made(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
  } catch (error) {
    // Where nothing can be made, whoever opens the file itself tells what is wrong with that, if anything is.
    return systemCode(error) !== "EEXIST";
  }
  claimed.add(lock);
  process.once("exit", () => rmSync(lock, { force: true }));
  return true;
}

/** Nothing where the lock has gone in the meantime. */
function ownerOf(lock: string): string | undefined {
  try {
    return readFileSync(lock, "utf8");
  } catch {
    return undefined;
  }
}

function isRunning(owner: string): boolean {
  // Made, and its number not yet written.
  if (owner === "") return true;
  const id = Number(owner);
  if (!Number.isSafeInteger(id) || id <= 0 || id === process.pid) return false;
  try {
    return process.kill(id, 0);
  } catch (error) {
    // It is there, and somebody else's.
    return systemCode(error) === "EPERM";
  }
}
