import { createHash, randomBytes } from "node:crypto";
import { constants, linkSync, openSync, closeSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { systemCode } from "./failure.js";

/** The owner touches its lock this often. */
const BEAT_MS = 500;

/** A process that waits looks this often, and takes over a lock that did not change in so many looks: after 10 seconds. */
const LOOK_MS = 250;
const LOOKS = 40;

/** A lock file on a disk that several processes, containers or hosts share. */
export interface Lock {
  /** Reads the lock file: false once another process has taken over. Throws where it cannot be read. */
  isHeld(): boolean;
  /** Aborted when another process has taken over, or the lock file was removed. */
  readonly lost: AbortSignal;
  release(): void;
}

/** The owner of a lock, as the lock file names it. The id is new for each lock; the rest only helps to tell a dead owner sooner. */
interface Owner {
  id: string;
  pid: number;
  host: string;
  /** The boot of the kernel, the process-id and time namespaces, and when the process began: absent where they cannot be known. */
  kernel?: string;
  namespace?: string;
  began?: string;
}

/** Another process holds the lock. */
export class Locked extends Error {
  /** @param owner - For people: `4711`, or `1 on some-host`. */
  constructor(readonly owner: string) {
    super(`locked by process ${owner}`);
  }
}

/** There is a file of the lock's name that is no lock. It is left alone. */
export class NoLock extends Error {}

/**
 * Takes a lock, or throws {@link Locked}.
 *
 * A process id means nothing in another container, and an age means nothing on a host with another clock. So the owner touches the lock
 * file all the time, and it counts as dead when this process has seen no change in {@link LOOKS} looks. An owner whose end can be
 * proved (same kernel, same process-id namespace) is replaced at once, one that is proved to run never. An owner that was suspended for
 * long enough may be replaced while it lives: it has to ask `isHeld` before it tells anybody that something is kept.
 *
 * @param path - The lock file.
 * @param waiting - Called once when the owner is not known to run, before the waiting begins.
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
    if (created(path, content, own.id)) break;
    const found = readOr(path);
    // Released in the meantime.
    if (found === undefined) continue;
    if (!(await isAbandoned(path, found, say))) throw new Locked(describe(ownerIn(found)));
    if (await succeeded(path, found, content, own.id)) break;
  }
  return held(path, content, own.id);
}

/** Replaces an abandoned lock. Of several processes that try, the one that can make the successor's file does. */
async function succeeded(path: string, abandoned: string, content: string, id: string): Promise<boolean> {
  const successor = `${path}.${createHash("sha256").update(abandoned).digest("hex").slice(0, 16)}`;
  if (!created(successor, content, id)) {
    const other = readOr(successor);
    // Another process is about to replace it. One that was killed here has left its file behind.
    if (other !== undefined && ownerIn(other) !== undefined && (await isAbandoned(successor, other))) rmSync(successor, { force: true });
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

function held(path: string, content: string, id: string): Lock {
  const lost = new AbortController();
  own.add(id);
  const isHeld = (): boolean => {
    let found: string | undefined;
    try {
      found = readFileSync(path, "utf8");
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
    }
    if (found !== content) lost.abort();
    return !lost.signal.aborted;
  };
  const beat = (): void => {
    try {
      if (isHeld()) touch(path);
    } catch {
      // Tried again at the next beat. Whoever keeps something asks `isHeld` itself.
    }
  };
  const beating = setInterval(beat, BEAT_MS);
  beating.unref();
  const release = (): void => {
    clearInterval(beating);
    process.removeListener("exit", release);
    own.delete(id);
    if (readOr(path) === content) rmSync(path, { force: true });
  };
  process.once("exit", release);
  return { isHeld, lost: lost.signal, release };
}

/** The ids of the locks that this process holds. */
const own = new Set<string>();

/** Creates a file with its content, or leaves alone what is there. */
function created(path: string, content: string, id: string): boolean {
  const fresh = `${path}.${id}`;
  // Never through a link that somebody has put there, and never over a file of somebody else's.
  const descriptor = openSync(fresh, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0), 0o600);
  try {
    try {
      writeFileSync(descriptor, content);
    } finally {
      closeSync(descriptor);
    }
    // A file system that cannot do this would make every owner look dead.
    touch(fresh);
    linkSync(fresh, path);
    return true;
  } catch (error) {
    const code = systemCode(error) ?? "";
    if (code === "EEXIST") return false;
    if (WITHOUT_LINKS.has(code)) return createdWithoutLinks(path, content);
    throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
}

function createdWithoutLinks(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    rmSync(path, { force: true });
    throw error;
  }
}

const WITHOUT_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/** Nobody owns this lock any more. */
async function isAbandoned(path: string, found: string, waiting?: () => void): Promise<boolean> {
  const owner = ownerIn(found);
  if (owner === undefined) throw new NoLock();
  const isRunning = fateOf(owner);
  if (isRunning !== undefined) return !isRunning;
  waiting?.();
  const first = stateOf(path);
  for (let look = 0; look < LOOKS; look += 1) {
    await pause(LOOK_MS);
    if (stateOf(path) !== first) return readOr(path) === undefined;
  }
  return true;
}

/** Tells whether an owner runs. Undefined where that cannot be proved. */
function fateOf(owner: Owner): boolean | undefined {
  if (own.has(owner.id)) return true;
  // On Linux the same number means another process in another namespace; elsewhere there are none.
  if (process.platform === "linux" && SELF.namespace === undefined) return undefined;
  if (owner.host !== SELF.host || owner.kernel !== SELF.kernel || owner.namespace !== SELF.namespace) return undefined;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (systemCode(error) === "ESRCH") return false;
  }
  const now = processAt(String(owner.pid));
  if (now === undefined || owner.began === undefined) return undefined;
  // A zombie has ended, and another process may have got the number.
  return now.began === owner.began && now.state !== "Z" && now.state !== "X";
}

/** Identifies this process, as far as the system tells it. */
const SELF = identity();

function identity(): Omit<Owner, "id"> {
  const self = { pid: process.pid, host: hostname() };
  try {
    // Where /proc shows another namespace than ours, its numbers are not ours.
    if (readlinkSync("/proc/self") !== String(process.pid)) return self;
    const kernel = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const namespace = ["pid", "time"].map(namespaceOf).join(" ");
    const began = processAt("self")?.began;
    return began === undefined ? self : { ...self, kernel, namespace, began };
  } catch {
    return self;
  }
}

function namespaceOf(kind: string): string {
  try {
    return readlinkSync(`/proc/self/ns/${kind}`);
  } catch {
    // Older kernels have no time namespaces.
    if (kind === "pid") throw new Error("no namespaces");
    return "";
  }
}

/** A process's state, and the tick at which it began, which tells it from another that got its number later. */
function processAt(id: string): { state: string; began: string } | undefined {
  try {
    const text = readFileSync(`/proc/${id}/stat`, "utf8");
    // The name in parentheses may hold anything; behind it come the fields from the third on.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [state, began] = [fields[0], fields[19]];
    return state === undefined || began === undefined ? undefined : { state, began };
  } catch {
    return undefined;
  }
}

function ownerIn(content: string): Owner | undefined {
  try {
    const owner = JSON.parse(content) as Partial<Owner> | null;
    if (typeof owner?.id === "string" && Number.isSafeInteger(owner.pid) && typeof owner.host === "string") return owner as Owner;
  } catch {
    // No lock of ours.
  }
  return undefined;
}

function describe(owner: Owner | undefined): string {
  if (owner === undefined) return "?";
  return owner.host === SELF.host && owner.namespace === SELF.namespace ? String(owner.pid) : `${owner.pid} on ${owner.host}`;
}

/** Changes with every beat, and with the owner. */
function stateOf(path: string): string {
  try {
    // Opened, since a network file system is only asked anew when a file is opened.
    return `${readFileSync(path, "utf8")}${statSync(path).mtimeMs}`;
  } catch (error) {
    return systemCode(error) ?? "";
  }
}

/** Undefined where there is no such file. */
function readOr(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
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
