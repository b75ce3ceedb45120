// Locks a directory for one process, also when several containers or hosts share the disk. Two processes on one PGlite directory would
// overwrite each other's data.
import { createHash, randomBytes } from "node:crypto";
import { closeSync, linkSync, openSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";

// The owner touches the lock file regularly. A waiting process counts its own checks in which the file has not changed, because process ids
// cannot be compared between containers, nor times between hosts with different clocks. After 10 seconds without a change the owner counts as dead.
const TOUCH_MS = 500;
const CHECK_MS = 250;
const MOST_CHECKS = 40;

/** @typedef {{ id: string, pid: number, host: string, place?: string, began?: string }} Owner */

/**
 * @typedef {object} Lock
 * @property {() => void} check Throws if another process has taken over, which can happen after this one was suspended for long.
 * @property {AbortSignal} lost
 * @property {() => void} release
 */

/**
 * @param {string} path The lock file.
 * @param {string} what The name of the locked resource, for the messages.
 * @returns {Promise<Lock>}
 */
export async function takeLock(path, what) {
  /** @type {Owner} */
  const own = { id: randomBytes(16).toString("hex"), ...SELF };
  const content = `${JSON.stringify(own)}\n`;
  while (!tryCreate(path, content, own.id)) {
    const found = readIfExists(path);
    if (found === undefined) continue;
    const owner = parseOwner(found);
    if (owner === undefined) throw new Error(`${path} exists and is not a lock of this program: choose another directory, or move it away`);
    if (!(await isAbandoned(path, owner))) {
      throw new Error(`${what} is in use by process ${owner.pid} on ${owner.host}: PGlite is for one process. Stop that one, choose another directory, or use a server (DATABASE_URL) for several`);
    }
    if (await tryTakeOver(path, found, content, own.id)) break;
  }
  return startHolding(path, content, own.id, what);
}

/** @param {string} path @param {string} content @param {string} id @param {string} what @returns {Lock} */
function startHolding(path, content, id, what) {
  const lost = new AbortController();
  ownLocks.add(id);
  const isHeld = () => {
    if (readIfExists(path) !== content) lost.abort();
    return !lost.signal.aborted;
  };
  const touching = setInterval(() => {
    try {
      if (isHeld()) touch(path);
    } catch {
      // The disk did not respond: tried again at the next interval.
    }
  }, TOUCH_MS).unref();
  const release = () => {
    clearInterval(touching);
    process.removeListener("exit", release);
    ownLocks.delete(id);
    if (readIfExists(path) === content) rmSync(path, { force: true });
  };
  process.once("exit", release);
  return {
    lost: lost.signal,
    release,
    check() {
      if (!isHeld()) throw new Error(`${what} was taken over by another process`);
    },
  };
}

/** Tries to take over an abandoned lock. Of several processes, the one that can create the successor file succeeds. @param {string} path @param {string} abandoned @param {string} content @param {string} id */
async function tryTakeOver(path, abandoned, content, id) {
  const successor = `${path}.${createHash("sha256").update(abandoned).digest("hex").slice(0, 16)}`;
  if (!tryCreate(successor, content, id)) {
    const other = readIfExists(successor);
    const owner = other === undefined ? undefined : parseOwner(other);
    // A process that was killed while it took over has left this file.
    if (owner !== undefined && (await isAbandoned(successor, owner))) rmSync(successor, { force: true });
    else await pause(CHECK_MS);
    return false;
  }
  if (readIfExists(path) !== abandoned) {
    rmSync(successor, { force: true });
    return false;
  }
  renameSync(successor, path);
  return true;
}

/** Creates a file with its content in one step. Returns false if the file exists. @param {string} path @param {string} content @param {string} id */
function tryCreate(path, content, id) {
  const fresh = `${path}.${id}`;
  const descriptor = openSync(fresh, "wx", 0o600);
  try {
    writeFileSync(descriptor, content);
    touch(fresh);
    linkSync(fresh, path);
    return true;
  } catch (error) {
    if (readErrorCode(error) === "EEXIST") return false;
    throw error;
  } finally {
    closeSync(descriptor);
    rmSync(fresh, { force: true });
  }
}

/** @param {string} path @param {Owner} owner */
async function isAbandoned(path, owner) {
  const life = findLifeState(owner);
  if (life !== undefined) return life === "dead";
  const first = readState(path);
  for (let look = 0; look < MOST_CHECKS; look += 1) {
    await pause(CHECK_MS);
    if (readState(path) !== first) return readIfExists(path) === undefined;
  }
  return true;
}

/** Checks whether the owner is running. Undefined if that cannot be proved: on another kernel or in another process-id namespace. @param {Owner} owner @returns {"alive" | "dead" | undefined} */
function findLifeState(owner) {
  if (ownLocks.has(owner.id)) return "alive";
  if (owner.host !== SELF.host || owner.place !== SELF.place || (process.platform === "linux" && SELF.place === undefined)) return undefined;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (readErrorCode(error) === "ESRCH") return "dead";
  }
  const now = readProcess(String(owner.pid));
  if (now === undefined || owner.began === undefined) return undefined;
  // A zombie has ended, and another process may have got the same id.
  return now.began === owner.began && !["Z", "X"].includes(now.state) ? "alive" : "dead";
}

/** The locks of this process. @type {Set<string>} */
const ownLocks = new Set();
const SELF = identifySelf();

function identifySelf() {
  const self = { pid: process.pid, host: hostname() };
  try {
    // If /proc shows another process-id namespace, its ids cannot be compared with ours.
    if (readlinkSync("/proc/self") !== String(process.pid)) return self;
    const place = [readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(), readlinkSync("/proc/self/ns/pid"), readlinkSync("/proc/self/ns/time")].join(" ");
    return { ...self, place, began: readProcess("self")?.began };
  } catch {
    return self;
  }
}

/** @param {string} id */
function readProcess(id) {
  try {
    const text = readFileSync(`/proc/${id}/stat`, "utf8");
    // The name in parentheses may contain any character; the fields after it start with the third.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0], began: fields[19] };
  } catch {
    return undefined;
  }
}

/** @param {string} content @returns {Owner | undefined} */
function parseOwner(content) {
  try {
    const owner = JSON.parse(content);
    return typeof owner.id === "string" && Number.isSafeInteger(owner.pid) && typeof owner.host === "string" ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** Reads the state of the lock file, which changes each time the owner touches it. @param {string} path */
function readState(path) {
  try {
    return `${readFileSync(path, "utf8")}${statSync(path).mtimeMs}`;
  } catch (error) {
    return readErrorCode(error) ?? "";
  }
}

/** @param {string} path */
function readIfExists(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (readErrorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** @param {string} path */
function touch(path) {
  const now = new Date();
  utimesSync(path, now, now);
}

/** @param {unknown} error */
function readErrorCode(error) {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
