import { createHash, randomBytes } from "node:crypto";
import { constants, linkSync, openSync, closeSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { readSystemCode } from "./failure.js";

/** Interval at which the owner updates its lock, in milliseconds. */
const BEAT_MS = 500;

/** A waiting process checks at this interval, in milliseconds, and takes over a lock that did not change in so many checks: after 10 seconds. */
const LOOK_MS = 250;
const LOOKS = 40;

/** A lock file on a disk that several processes, containers or hosts may share. */
export interface Lock {
  /** Reads the lock file. Returns false if another process has taken over; throws if the file cannot be read. */
  isHeld(): boolean;
  /** Aborted when another process has taken over, or when the lock file was removed. */
  readonly lost: AbortSignal;
  release(): void;
}

/** The owner as the lock file names it. The id is new for each lock; the other fields only help to detect a dead owner sooner. */
interface Owner {
  id: string;
  pid: number;
  host: string;
  /** The kernel's boot id, the pid and time namespaces, and the start time of the process. Absent where unknown. */
  kernel?: string;
  namespace?: string;
  began?: string;
}

/** Thrown when another process holds the lock. */
export class Locked extends Error {
  /** @param owner - Text for people: `4711`, or `1 on some-host`. */
  constructor(readonly owner: string) {
    super(`locked by process ${owner}`);
  }
}

/** Thrown when the lock's name is taken by a file that is not a lock. That file is left alone. */
export class NoLock extends Error {}

/**
 * Takes a lock, or throws {@link Locked}.
 *
 * A process id is not unique across containers, and an age is not comparable across hosts with different clocks. So the owner touches the
 * lock file regularly, and counts as dead when this process has seen no change in {@link LOOKS} checks. An owner that is provably dead
 * (same kernel, same pid namespace) is replaced at once, one that provably runs never. An owner that was suspended may be replaced while
 * it lives: it must call `isHeld` before it reports anything as kept.
 *
 * @param path - The lock file.
 * @param waiting - Called once before waiting, if it is not known whether the owner runs.
 */
export async function takeLock(path: string, waiting: () => void = () => undefined): Promise<Lock> {
  const own: Owner = { id: randomBytes(16).toString("hex"), ...SELF };
  const content = `${JSON.stringify(own)}\n`;
  let said = false;
  const say = (): void => {
    if (!said) waiting();
    said = true;
  };
  for (;;) {
    if (tryCreate(path, content, own.id)) break;
    const found = readIfPresent(path);
    // Released in the meantime.
    if (found === undefined) continue;
    if (!(await isAbandoned(path, found, say))) throw new Locked(describeOwner(parseOwner(found)));
    if (await tryReplace(path, found, content, own.id)) break;
  }
  return keepAlive(path, content, own.id);
}

/** Replaces an abandoned lock. Of several processes that try, the one that creates the successor file wins. */
async function tryReplace(path: string, abandoned: string, content: string, id: string): Promise<boolean> {
  const successor = `${path}.${createHash("sha256").update(abandoned).digest("hex").slice(0, 16)}`;
  if (!tryCreate(successor, content, id)) {
    const other = readIfPresent(successor);
    // Another process is replacing it. If that one was killed, its file is still there.
    if (other !== undefined && parseOwner(other) !== undefined && (await isAbandoned(successor, other))) rmSync(successor, { force: true });
    else await pause(LOOK_MS);
    return false;
  }
  if (readIfPresent(path) !== abandoned) {
    rmSync(successor, { force: true });
    return false;
  }
  renameSync(successor, path);
  return true;
}

function keepAlive(path: string, content: string, id: string): Lock {
  const lost = new AbortController();
  own.add(id);
  const isHeld = (): boolean => {
    let found: string | undefined;
    try {
      found = readFileSync(path, "utf8");
    } catch (error) {
      if (readSystemCode(error) !== "ENOENT") throw error;
    }
    if (found !== content) lost.abort();
    return !lost.signal.aborted;
  };
  const beat = (): void => {
    try {
      if (isHeld()) touch(path);
    } catch {
      // Tried again at the next beat. Code that keeps data calls `isHeld` itself.
    }
  };
  const beating = setInterval(beat, BEAT_MS);
  beating.unref();
  const release = (): void => {
    clearInterval(beating);
    process.removeListener("exit", release);
    own.delete(id);
    if (readIfPresent(path) === content) rmSync(path, { force: true });
  };
  process.once("exit", release);
  return { isHeld, lost: lost.signal, release };
}

/** Ids of the locks that this process holds. */
const own = new Set<string>();

/** Creates a file with its content. Returns false if the file exists. */
function tryCreate(path: string, content: string, id: string): boolean {
  const fresh = `${path}.${id}`;
  // Never follows a symbolic link, and never overwrites a file of another user.
  const descriptor = openSync(fresh, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0), 0o600);
  try {
    try {
      writeFileSync(descriptor, content);
    } finally {
      closeSync(descriptor);
    }
    // On a file system without utimes every owner would look dead, so fail here.
    touch(fresh);
    linkSync(fresh, path);
    return true;
  } catch (error) {
    const code = readSystemCode(error) ?? "";
    if (code === "EEXIST") return false;
    if (WITHOUT_LINKS.has(code)) return tryCreateWithoutLinks(path, content);
    throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
}

function tryCreateWithoutLinks(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (readSystemCode(error) === "EEXIST") return false;
    rmSync(path, { force: true });
    throw error;
  }
}

const WITHOUT_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/** Returns true if the lock's owner is dead. */
async function isAbandoned(path: string, found: string, waiting?: () => void): Promise<boolean> {
  const owner = parseOwner(found);
  if (owner === undefined) throw new NoLock();
  const isRunning = isOwnerRunning(owner);
  if (isRunning !== undefined) return !isRunning;
  waiting?.();
  const first = readLockState(path);
  for (let look = 0; look < LOOKS; look += 1) {
    await pause(LOOK_MS);
    if (readLockState(path) !== first) return readIfPresent(path) === undefined;
  }
  return true;
}

/** Returns true if the owner runs, false if it has ended, undefined if neither can be proved. */
function isOwnerRunning(owner: Owner): boolean | undefined {
  if (own.has(owner.id)) return true;
  // On Linux a pid is only unique within its namespace. Other systems have no namespaces.
  if (process.platform === "linux" && SELF.namespace === undefined) return undefined;
  if (owner.host !== SELF.host || owner.kernel !== SELF.kernel || owner.namespace !== SELF.namespace) return undefined;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (readSystemCode(error) === "ESRCH") return false;
  }
  const now = readProcess(String(owner.pid));
  if (now === undefined || owner.began === undefined) return undefined;
  // A zombie has ended, and its pid may belong to another process by now.
  return now.began === owner.began && now.state !== "Z" && now.state !== "X";
}

/** The identity of this process, as far as the system tells it. */
const SELF = readIdentity();

function readIdentity(): Omit<Owner, "id"> {
  const self = { pid: process.pid, host: hostname() };
  try {
    // If /proc belongs to another namespace, its pids are not comparable with ours.
    if (readlinkSync("/proc/self") !== String(process.pid)) return self;
    const kernel = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const namespace = ["pid", "time"].map(readNamespace).join(" ");
    const began = readProcess("self")?.began;
    return began === undefined ? self : { ...self, kernel, namespace, began };
  } catch {
    return self;
  }
}

function readNamespace(kind: string): string {
  try {
    return readlinkSync(`/proc/self/ns/${kind}`);
  } catch {
    // Older kernels have no time namespace.
    if (kind === "pid") throw new Error("no namespaces");
    return "";
  }
}

/** A process's state and its start time in ticks, which tells it from a later process with the same pid. */
function readProcess(id: string): { state: string; began: string } | undefined {
  try {
    const text = readFileSync(`/proc/${id}/stat`, "utf8");
    // The name in parentheses may contain anything; the third and further fields follow it.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [state, began] = [fields[0], fields[19]];
    return state === undefined || began === undefined ? undefined : { state, began };
  } catch {
    return undefined;
  }
}

function parseOwner(content: string): Owner | undefined {
  try {
    const owner = JSON.parse(content) as Partial<Owner> | null;
    if (typeof owner?.id === "string" && Number.isSafeInteger(owner.pid) && typeof owner.host === "string") return owner as Owner;
  } catch {
    // Not a lock of this program.
  }
  return undefined;
}

function describeOwner(owner: Owner | undefined): string {
  if (owner === undefined) return "?";
  return owner.host === SELF.host && owner.namespace === SELF.namespace ? String(owner.pid) : `${owner.pid} on ${owner.host}`;
}

/** A text that changes with every beat and with the owner. */
function readLockState(path: string): string {
  try {
    // Opens the file: a network file system refreshes its cache only when a file is opened.
    return `${readFileSync(path, "utf8")}${statSync(path).mtimeMs}`;
  } catch (error) {
    return readSystemCode(error) ?? "";
  }
}

/** Returns undefined if the file does not exist. */
function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (readSystemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function touch(path: string): void {
  const now = new Date();
  utimesSync(path, now, now);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
