// A directory for one process, also where several containers or hosts share the disk. Two processes on one PGlite directory would each
// write over what the other has kept.
import { createHash, randomBytes } from "node:crypto";
import { closeSync, linkSync, openSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";

// The owner touches the lock file all the time. Whoever waits counts the looks in which nothing changed, since a process id means
// nothing in another container, and an age nothing on a host with another clock: after 10 seconds the owner counts as dead.
const BEAT_MS = 500;
const LOOK_MS = 250;
const LOOKS = 40;

/** @typedef {{ id: string, pid: number, host: string, place?: string, began?: string }} Owner */

/**
 * @typedef {object} Lock
 * @property {() => void} check Throws once another process has taken over, as it may where this one was suspended for long.
 * @property {AbortSignal} lost
 * @property {() => void} release
 */

/**
 * @param {string} path The lock file.
 * @param {string} what What it locks, for the messages.
 * @returns {Promise<Lock>}
 */
export async function takeLock(path, what) {
  /** @type {Owner} */
  const own = { id: randomBytes(16).toString("hex"), ...SELF };
  const content = `${JSON.stringify(own)}\n`;
  while (!created(path, content, own.id)) {
    const found = readOr(path);
    if (found === undefined) continue;
    const owner = ownerIn(found);
    if (owner === undefined) throw new Error(`${path} is there, and is not a lock of this program: choose another directory, or move it away`);
    if (!(await isAbandoned(path, owner))) {
      throw new Error(`${what} is in use by process ${owner.pid} on ${owner.host}: PGlite is for one process. Stop that one, choose another directory, or use a PostgreSQL server (DATABASE_URL) for several`);
    }
    if (await succeeded(path, found, content, own.id)) break;
  }
  return held(path, content, own.id, what);
}

/** @param {string} path @param {string} content @param {string} id @param {string} what @returns {Lock} */
function held(path, content, id, what) {
  const lost = new AbortController();
  mine.add(id);
  const isHeld = () => {
    if (readOr(path) !== content) lost.abort();
    return !lost.signal.aborted;
  };
  const beating = setInterval(() => {
    try {
      if (isHeld()) touch(path);
    } catch {
      // A disk that does not answer: tried again at the next beat.
    }
  }, BEAT_MS).unref();
  const release = () => {
    clearInterval(beating);
    process.removeListener("exit", release);
    mine.delete(id);
    if (readOr(path) === content) rmSync(path, { force: true });
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

/** Of several processes that take over, the one that can make the successor's file does. @param {string} path @param {string} abandoned @param {string} content @param {string} id */
async function succeeded(path, abandoned, content, id) {
  const successor = `${path}.${createHash("sha256").update(abandoned).digest("hex").slice(0, 16)}`;
  if (!created(successor, content, id)) {
    const other = readOr(successor);
    const owner = other === undefined ? undefined : ownerIn(other);
    // One that was killed while it took over has left its file.
    if (owner !== undefined && (await isAbandoned(successor, owner))) rmSync(successor, { force: true });
    else await pause(LOOK_MS);
    return false;
  }
  if (readOr(path) !== abandoned) {
    rmSync(successor, { force: true });
    return false;
  }
  renameSync(successor, path);
  return true;
}

/** A file with its content, or nothing where there is one of its name. @param {string} path @param {string} content @param {string} id */
function created(path, content, id) {
  const fresh = `${path}.${id}`;
  const descriptor = openSync(fresh, "wx", 0o600);
  try {
    writeFileSync(descriptor, content);
    touch(fresh);
    linkSync(fresh, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    closeSync(descriptor);
    rmSync(fresh, { force: true });
  }
}

/** @param {string} path @param {Owner} owner */
async function isAbandoned(path, owner) {
  const fate = fateOf(owner);
  if (fate !== undefined) return fate === "dead";
  const first = stateOf(path);
  for (let look = 0; look < LOOKS; look += 1) {
    await pause(LOOK_MS);
    if (stateOf(path) !== first) return readOr(path) === undefined;
  }
  return true;
}

/** Tells whether the owner runs. Undefined where that cannot be proved: on another kernel or in another process-id namespace. @param {Owner} owner @returns {"alive" | "dead" | undefined} */
function fateOf(owner) {
  if (mine.has(owner.id)) return "alive";
  if (owner.host !== SELF.host || owner.place !== SELF.place || (process.platform === "linux" && SELF.place === undefined)) return undefined;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return "dead";
  }
  const now = processAt(String(owner.pid));
  if (now === undefined || owner.began === undefined) return undefined;
  // A zombie has ended, and another process may have got the number.
  return now.began === owner.began && !["Z", "X"].includes(now.state) ? "alive" : "dead";
}

/** The locks of this process. @type {Set<string>} */
const mine = new Set();
const SELF = identity();

function identity() {
  const self = { pid: process.pid, host: hostname() };
  try {
    // Where /proc shows another namespace than ours, its numbers are not ours.
    if (readlinkSync("/proc/self") !== String(process.pid)) return self;
    const place = [readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(), readlinkSync("/proc/self/ns/pid"), readlinkSync("/proc/self/ns/time")].join(" ");
    return { ...self, place, began: processAt("self")?.began };
  } catch {
    return self;
  }
}

/** @param {string} id */
function processAt(id) {
  try {
    const text = readFileSync(`/proc/${id}/stat`, "utf8");
    // The name in parentheses may hold anything; behind it come the fields from the third on.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0], began: fields[19] };
  } catch {
    return undefined;
  }
}

/** @param {string} content @returns {Owner | undefined} */
function ownerIn(content) {
  try {
    const owner = JSON.parse(content);
    return typeof owner.id === "string" && Number.isSafeInteger(owner.pid) && typeof owner.host === "string" ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** Changes with every beat. @param {string} path */
function stateOf(path) {
  try {
    return `${readFileSync(path, "utf8")}${statSync(path).mtimeMs}`;
  } catch (error) {
    return codeOf(error) ?? "";
  }
}

/** @param {string} path */
function readOr(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** @param {string} path */
function touch(path) {
  const now = new Date();
  utimesSync(path, now, now);
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
