// Locks between processes, containers and hosts that share a disk: one writes, and what was acknowledged stays.
import { type ChildProcessByStdio, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import type { CallRecord } from "ringback";
import { forgePush } from "ringback/testing";
import { afterEach, describe, expect, test } from "vitest";
import { folder, lines } from "./program.js";
import { INSTALLED } from "../support/tarball.js";

const PROGRAM = join(INSTALLED, "dist/cli.cjs");
const TOKEN = "a-token-of-the-tests-0123456789-abcdefghijk";

/** Another process-id namespace, as a container has one: only root may make it, and only Linux has them. */
const NAMESPACE = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];
const hasNamespaces = process.platform === "linux" && spawnSync(NAMESPACE[0] ?? "", [...NAMESPACE.slice(1), "true"]).status === 0;

const running = new Set<ChildProcessByStdio<null, Readable, Readable>>();
const mounted: string[] = [];
afterEach(async () => {
  const ended = [...running].map((child) => new Promise((resolve) => child.once("close", resolve)));
  for (const child of running) child.kill("SIGKILL");
  await Promise.all(ended);
  for (const path of mounted.splice(0)) execFileSync("umount", ["--lazy", path]);
});

interface Program {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** Resolves with the first match of what it says, or when it ends. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<{ code: number | null; said: string }>;
}

function started(command: readonly string[], env: Record<string, string> = {}): Program {
  const [program = "", ...given] = command;
  const child = spawn(program, given, { stdio: ["ignore", "pipe", "pipe"], env: { PATH: process.env.PATH ?? "", LANG: "en_US.UTF-8", ...env } });
  running.add(child);
  let text = "";
  const watchers = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      for (const look of watchers) look();
    });
  }
  const ended = new Promise<{ code: number | null; said: string }>((resolve) => {
    child.once("close", (code) => {
      running.delete(child);
      resolve({ code, said: text });
    });
  });
  return {
    child,
    ended,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(text);
          if (found !== null) resolve(found);
        };
        watchers.add(look);
        void ended.then(() => reject(new Error(`it ended without ${String(pattern)}:\n${text}`)));
        look();
      }),
  };
}

/** A receiver in a container of its own, as far as process ids go: it is number 1 there. */
function container(path: string): Program {
  return started([...NAMESPACE, process.execPath, PROGRAM, "receive", "mixcom", "--port", "0", "--output", path], { RINGBACK_TOKEN: TOKEN });
}

/** The receiver's own process, which `unshare` has started. */
function inside({ child }: Program): number {
  const [id = ""] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim().split(" ");
  return Number(id);
}

async function listening(program: Program): Promise<string> {
  const [, url = ""] = await program.said(/receiving at (http:\/\/\S+)/);
  return url;
}

/** Sends a push, and says whether it was acknowledged. */
async function push(url: string, callId: string): Promise<boolean> {
  const { body, contentType } = forgePush("mixcom", { callId });
  const sending = fetch(`${url}/push/${TOKEN}`, { method: "POST", body, headers: { "content-type": contentType } });
  return sending.then(({ status }) => status === 200).catch(() => false);
}

/** The call ids in a file; half a line holds none. */
function keptIn(path: string): Set<string> {
  const whole = readFileSync(path, "utf8").split("\n").filter((line) => line.endsWith("}"));
  return new Set(whole.map((line) => (JSON.parse(line) as CallRecord).callId ?? ""));
}

describe.skipIf(!hasNamespaces)("two containers on one volume", () => {
  test("do not write to one file: the second ends with 7, and names the first", async () => {
    const path = join(folder(), "calls.ndjson");
    const first = container(path);
    const url = await listening(first);
    const { code, said } = await container(path).ended;
    expect(code).toBe(7);
    expect(said).toMatch(/is being written already, by process 1 on \S+/);
    expect(await push(url, "C-1")).toBe(true);
  });

  test("lose no acknowledged line on a disk that is full now and then", async () => {
    const place = folder();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", place]);
    mounted.push(place);
    const path = join(place, "calls.ndjson");
    const receivers = [container(path), container(path)];
    const urls = (await Promise.all(receivers.map((receiver) => listening(receiver).catch(() => undefined)))).filter((url) => url !== undefined);
    expect(urls).toHaveLength(1);
    const acknowledged: string[] = [];
    const ballast = join(place, "ballast");
    for (let round = 0; round < 12; round += 1) {
      // The disk is full from every third push on, and free again later.
      if (round % 3 === 1) fill(ballast);
      if (round % 3 === 0) rmSync(ballast, { force: true });
      const sent = Array.from({ length: 6 }, (_, at) => `C-${round}-${at}`);
      const answers = await Promise.all(sent.map((callId) => push(urls[0] ?? "", callId)));
      acknowledged.push(...sent.filter((_, at) => answers[at]));
    }
    const kept = keptIn(path);
    expect(acknowledged.length).toBeGreaterThan(10);
    expect(acknowledged.length).toBeLessThan(72);
    expect(acknowledged.filter((callId) => !kept.has(callId))).toEqual([]);
    // What was not acknowledged has left no half a line.
    expect(() => lines(readFileSync(path, "utf8"))).not.toThrow();
  });

  test("a container that was killed is followed by the next", { timeout: 60_000 }, async () => {
    const path = join(folder(), "calls.ndjson");
    const first = container(path);
    expect(await push(await listening(first), "C-1")).toBe(true);
    process.kill(inside(first), "SIGKILL");
    await first.ended;
    const second = container(path);
    expect(await push(await listening(second), "C-2")).toBe(true);
    expect(keptIn(path)).toEqual(new Set(["C-1", "C-2"]));
    expect(readdirSync(join(path, "..")).sort()).toEqual(["calls.ndjson", "calls.ndjson.lock"]);
  });

  test("one that was suspended and replaced acknowledges nothing more, and cuts nothing off", { timeout: 90_000 }, async () => {
    const path = join(folder(), "calls.ndjson");
    const first = container(path);
    const url = await listening(first);
    expect(await push(url, "C-1")).toBe(true);
    process.kill(inside(first), "SIGSTOP");
    // They wait in its socket until it goes on.
    const waiting = Array.from({ length: 20 }, (_, at) => push(url, `W-${at}`));
    const second = container(path);
    const other = await listening(second);
    expect(await push(other, "C-2")).toBe(true);
    process.kill(inside(first), "SIGCONT");
    const acknowledged = (await Promise.all(waiting)).filter(Boolean);
    expect(await push(other, "C-3")).toBe(true);
    const { code, said } = await first.ended;
    expect({ code, acknowledged }).toEqual({ code: 7, acknowledged: [] });
    expect(said).toContain("was taken over by another process");
    const kept = keptIn(path);
    expect(["C-1", "C-2", "C-3"].filter((callId) => !kept.has(callId))).toEqual([]);
  });
});

test.skipIf(process.platform !== "linux")("one that is suspended in the same namespace is not replaced: it is known to live", async () => {
  const path = join(folder(), "calls.ndjson");
  const command = [process.execPath, PROGRAM, "receive", "mixcom", "--port", "0", "--output", path];
  const first = started(command, { RINGBACK_TOKEN: TOKEN });
  const url = await listening(first);
  first.child.kill("SIGSTOP");
  expect((await started(command, { RINGBACK_TOKEN: TOKEN }).ended).code).toBe(7);
  first.child.kill("SIGCONT");
  expect(await push(url, "C-1")).toBe(true);
  expect(keptIn(path)).toEqual(new Set(["C-1"]));
});

test("a lock that is removed ends its owner, before it acknowledges another push", async () => {
  const path = join(folder(), "calls.ndjson");
  const receiver = started([process.execPath, PROGRAM, "receive", "mixcom", "--port", "0", "--output", path], { RINGBACK_TOKEN: TOKEN });
  const url = await listening(receiver);
  expect(await push(url, "C-1")).toBe(true);
  rmSync(`${path}.lock`);
  expect(await push(url, "C-2")).toBe(false);
  expect((await receiver.ended).code).toBe(7);
});

test("a file that is removed or replaced meanwhile takes no acknowledged line with it", async () => {
  const path = join(folder(), "calls.ndjson");
  const receiver = started([process.execPath, PROGRAM, "receive", "mixcom", "--port", "0", "--output", path], { RINGBACK_TOKEN: TOKEN });
  const url = await listening(receiver);
  expect(await push(url, "C-1")).toBe(true);
  rmSync(path);
  expect(await push(url, "C-2")).toBe(true);
  expect(keptIn(path)).toEqual(new Set(["C-2"]));
});

describe("many that start at once", () => {
  const LOCKER = fileURLToPath(new URL("../../../pkg-template/src/cli/lock.ts", import.meta.url));

  /** A process that takes the lock, says so, and holds it until its end. */
  function locker(place: string): string {
    const driver = join(place, "driver.cjs");
    const source = `import { takeLock } from ${JSON.stringify(LOCKER)};
      takeLock(process.argv[2]).then(() => { console.log("owner"); setInterval(() => {}, 1000); }, (error) => { console.log(error.constructor.name); });`;
    buildSync({ stdin: { contents: source, resolveDir: place, loader: "ts" }, bundle: true, platform: "node", keepNames: true, outfile: driver });
    return driver;
  }

  test("over the lock of one that was killed: of 72 starts each round has one owner", { timeout: 120_000 }, async () => {
    const place = folder();
    const driver = locker(place);
    const lock = join(place, "calls.ndjson.lock");
    for (let round = 0; round < 6; round += 1) {
      const killed = started([process.execPath, driver, lock]);
      await killed.said(/owner/);
      killed.child.kill("SIGKILL");
      await killed.ended;
      expect(existsSync(lock)).toBe(true);
      const starts = Array.from({ length: 12 }, () => started([process.execPath, driver, lock]));
      const said = await Promise.all(starts.map(async (start) => (await start.said(/owner|Locked|\w+Error/))[0]));
      expect(said.filter((word) => word === "owner")).toHaveLength(1);
      expect(said.filter((word) => word === "Locked")).toHaveLength(11);
      // The owner's end frees it, and nothing of the others is left.
      for (const { child } of starts) child.kill("SIGTERM");
      await Promise.all(starts.map(({ ended }) => ended));
      rmSync(lock);
      expect(readdirSync(place)).toEqual(["driver.cjs"]);
    }
  });

  test("a file of the lock's name that is no lock is left alone", async () => {
    const place = folder();
    const lock = join(place, "yarn.lock");
    writeFileSync(lock, "# not ours\n");
    const said = await started([process.execPath, locker(place), lock]).ended;
    expect(said.said).toContain("NoLock");
    expect(readFileSync(lock, "utf8")).toBe("# not ours\n");
  });
});

/** Takes what is left of a disk. */
function fill(path: string): void {
  const piece = Buffer.alloc(4096);
  for (;;) {
    try {
      writeFileSync(path, piece, { flag: "a" });
    } catch {
      return;
    }
  }
}
