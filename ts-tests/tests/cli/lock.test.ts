// Locks between processes, containers and hosts that share a disk: one process writes, and acknowledged records are not lost.
import { type ChildProcessByStdio, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import type { CallRecord } from "ringback";
import { forgePush } from "ringback/testing";
import { afterEach, describe, expect, test } from "vitest";
import { createFolder, parseLines } from "./program.js";
import { INSTALLED } from "../support/tarball.js";

const PROGRAM = join(INSTALLED, "dist/cli.cjs");
const TOKEN = "a-token-of-the-tests-0123456789-abcdefghijk";

/** Starts a command in another process-id namespace, as a container has. Needs root and Linux. */
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
  /** Resolves with the first match in its output; rejects if it ends before. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<{ code: number | null; said: string }>;
}

function startProgram(command: readonly string[], env: Record<string, string> = {}): Program {
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
        void ended.then(() => reject(new Error(`the program ended without printing ${String(pattern)}:\n${text}`)));
        look();
      }),
  };
}

/** Starts a receiver in its own process-id namespace, where its id is 1. */
function startContainer(path: string): Program {
  return startProgram([...NAMESPACE, process.execPath, PROGRAM, "receive", "mixcom", "--port", "0", "--output", path], { RINGBACK_TOKEN: TOKEN });
}

/** Finds the id of the receiver's process, which `unshare` has started. */
function findInnerProcess({ child }: Program): number {
  const [id = ""] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim().split(" ");
  return Number(id);
}

async function waitForAddress(program: Program): Promise<string> {
  const [, url = ""] = await program.said(/receiving at (http:\/\/\S+)/);
  return url;
}

/** Sends a push. Returns true if it was acknowledged. */
async function push(url: string, callId: string): Promise<boolean> {
  const { body, contentType } = forgePush("mixcom", { callId });
  const sending = fetch(`${url}/push/${TOKEN}`, { method: "POST", body, headers: { "content-type": contentType } });
  return sending.then(({ status }) => status === 200).catch(() => false);
}

/** Reads the call ids in a file. An incomplete line has none. */
function readKeptIds(path: string): Set<string> {
  const whole = readFileSync(path, "utf8").split("\n").filter((line) => line.endsWith("}"));
  return new Set(whole.map((line) => (JSON.parse(line) as CallRecord).callId ?? ""));
}

describe.skipIf(!hasNamespaces)("two containers on one volume", () => {
  test("do not write to the same file: the second ends with 7, and names the first", async () => {
    const path = join(createFolder(), "calls.ndjson");
    const first = startContainer(path);
    const url = await waitForAddress(first);
    const { code, said } = await startContainer(path).ended;
    expect(code).toBe(7);
    expect(said).toMatch(/is already being written by process 1 on \S+/);
    expect(await push(url, "C-1")).toBe(true);
  });

  test("lose no acknowledged line on a disk that is sometimes full", async () => {
    const place = createFolder();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", place]);
    mounted.push(place);
    const path = join(place, "calls.ndjson");
    const receivers = [startContainer(path), startContainer(path)];
    const urls = (await Promise.all(receivers.map((receiver) => waitForAddress(receiver).catch(() => undefined)))).filter((url) => url !== undefined);
    expect(urls).toHaveLength(1);
    const acknowledged: string[] = [];
    const ballast = join(place, "ballast");
    for (let round = 0; round < 12; round += 1) {
      // The disk is filled at every third round, and freed later.
      if (round % 3 === 1) fillDisk(ballast);
      if (round % 3 === 0) rmSync(ballast, { force: true });
      const sent = Array.from({ length: 6 }, (_, at) => `C-${round}-${at}`);
      const answers = await Promise.all(sent.map((callId) => push(urls[0] ?? "", callId)));
      acknowledged.push(...sent.filter((_, at) => answers[at]));
    }
    const kept = readKeptIds(path);
    expect(acknowledged.length).toBeGreaterThan(10);
    expect(acknowledged.length).toBeLessThan(72);
    expect(acknowledged.filter((callId) => !kept.has(callId))).toEqual([]);
    // A push that was not acknowledged has left no incomplete line.
    expect(() => parseLines(readFileSync(path, "utf8"))).not.toThrow();
  });

  test("the next container takes over after one was killed", { timeout: 60_000 }, async () => {
    const path = join(createFolder(), "calls.ndjson");
    const first = startContainer(path);
    expect(await push(await waitForAddress(first), "C-1")).toBe(true);
    process.kill(findInnerProcess(first), "SIGKILL");
    await first.ended;
    const second = startContainer(path);
    expect(await push(await waitForAddress(second), "C-2")).toBe(true);
    expect(readKeptIds(path)).toEqual(new Set(["C-1", "C-2"]));
    expect(readdirSync(join(path, "..")).sort()).toEqual(["calls.ndjson", "calls.ndjson.lock"]);
  });

  test("a container that was suspended and replaced acknowledges no more pushes, and truncates nothing", { timeout: 90_000 }, async () => {
    const path = join(createFolder(), "calls.ndjson");
    const first = startContainer(path);
    const url = await waitForAddress(first);
    expect(await push(url, "C-1")).toBe(true);
    process.kill(findInnerProcess(first), "SIGSTOP");
    // The pushes wait in its socket until it resumes.
    const waiting = Array.from({ length: 20 }, (_, at) => push(url, `W-${at}`));
    const second = startContainer(path);
    const other = await waitForAddress(second);
    expect(await push(other, "C-2")).toBe(true);
    process.kill(findInnerProcess(first), "SIGCONT");
    const acknowledged = (await Promise.all(waiting)).filter(Boolean);
    expect(await push(other, "C-3")).toBe(true);
    const { code, said } = await first.ended;
    expect({ code, acknowledged }).toEqual({ code: 7, acknowledged: [] });
    expect(said).toContain("was taken over by another process");
    const kept = readKeptIds(path);
    expect(["C-1", "C-2", "C-3"].filter((callId) => !kept.has(callId))).toEqual([]);
  });
});

test.skipIf(process.platform !== "linux")("a suspended process in the same namespace is not replaced, because it is known to be alive", async () => {
  const path = join(createFolder(), "calls.ndjson");
  const command = [process.execPath, PROGRAM, "receive", "mixcom", "--port", "0", "--output", path];
  const first = startProgram(command, { RINGBACK_TOKEN: TOKEN });
  const url = await waitForAddress(first);
  first.child.kill("SIGSTOP");
  expect((await startProgram(command, { RINGBACK_TOKEN: TOKEN }).ended).code).toBe(7);
  first.child.kill("SIGCONT");
  expect(await push(url, "C-1")).toBe(true);
  expect(readKeptIds(path)).toEqual(new Set(["C-1"]));
});

test("the owner of a removed lock ends before it acknowledges another push", async () => {
  const path = join(createFolder(), "calls.ndjson");
  const receiver = startProgram([process.execPath, PROGRAM, "receive", "mixcom", "--port", "0", "--output", path], { RINGBACK_TOKEN: TOKEN });
  const url = await waitForAddress(receiver);
  expect(await push(url, "C-1")).toBe(true);
  rmSync(`${path}.lock`);
  expect(await push(url, "C-2")).toBe(false);
  expect((await receiver.ended).code).toBe(7);
});

test("no acknowledged line is lost if the file is removed or replaced during the run", async () => {
  const path = join(createFolder(), "calls.ndjson");
  const receiver = startProgram([process.execPath, PROGRAM, "receive", "mixcom", "--port", "0", "--output", path], { RINGBACK_TOKEN: TOKEN });
  const url = await waitForAddress(receiver);
  expect(await push(url, "C-1")).toBe(true);
  rmSync(path);
  expect(await push(url, "C-2")).toBe(true);
  expect(readKeptIds(path)).toEqual(new Set(["C-2"]));
});

describe("many processes that start at once", () => {
  const LOCKER = fileURLToPath(new URL("../../../pkg-template/src/cli/lock.ts", import.meta.url));

  /** Builds a script that takes the lock, prints it, and holds it until its end. */
  function buildLocker(place: string): string {
    const driver = join(place, "driver.cjs");
    const source = `import { takeLock } from ${JSON.stringify(LOCKER)};
      takeLock(process.argv[2]).then(() => { console.log("owner"); setInterval(() => {}, 1000); }, (error) => { console.log(error.constructor.name); });`;
    buildSync({ stdin: { contents: source, resolveDir: place, loader: "ts" }, bundle: true, platform: "node", keepNames: true, outfile: driver });
    return driver;
  }

  test("after the owner was killed: each round of 72 starts has one owner", { timeout: 120_000 }, async () => {
    const place = createFolder();
    const driver = buildLocker(place);
    const lock = join(place, "calls.ndjson.lock");
    for (let round = 0; round < 6; round += 1) {
      const killed = startProgram([process.execPath, driver, lock]);
      await killed.said(/owner/);
      killed.child.kill("SIGKILL");
      await killed.ended;
      expect(existsSync(lock)).toBe(true);
      const starts = Array.from({ length: 12 }, () => startProgram([process.execPath, driver, lock]));
      const said = await Promise.all(starts.map(async (start) => (await start.said(/owner|Locked|\w+Error/))[0]));
      expect(said.filter((word) => word === "owner")).toHaveLength(1);
      expect(said.filter((word) => word === "Locked")).toHaveLength(11);
      // The end of the owner releases the lock, and the others leave no files.
      for (const { child } of starts) child.kill("SIGTERM");
      await Promise.all(starts.map(({ ended }) => ended));
      rmSync(lock);
      expect(readdirSync(place)).toEqual(["driver.cjs"]);
    }
  });

  test("do not change a file of the lock's name that is not a lock", async () => {
    const place = createFolder();
    const lock = join(place, "yarn.lock");
    writeFileSync(lock, "# not ours\n");
    const said = await startProgram([process.execPath, buildLocker(place), lock]).ended;
    expect(said.said).toContain("NoLock");
    expect(readFileSync(lock, "utf8")).toBe("# not ours\n");
  });
});

/** Fills the rest of a disk. */
function fillDisk(path: string): void {
  const piece = Buffer.alloc(4096);
  for (;;) {
    try {
      writeFileSync(path, piece, { flag: "a" });
    } catch {
      return;
    }
  }
}
