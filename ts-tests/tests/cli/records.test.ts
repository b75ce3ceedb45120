// records: formats, and that an interruption loses nothing and doubles nothing.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CallRecord } from "ringback";
import { createVirtualClock, type Simulator } from "ringback/testing";
import { describe, expect, test } from "vitest";
import { configFile, CREDENTIALS, folder, type Front, front, lines, PATIENCE, run, simulated, start, toldError } from "./program.js";
import { serve } from "../support/servers.js";

const RANGE = ["--from", "2020-03-01T00:00:00+08:00", "--to", "2020-04-01T00:00:00+08:00"];

/** seatcall gives at most 100 records an answer: this many fill four pages. */
const CALLS = 350;

/** A seatcall account with so many calls behind it, all of them over. */
async function platform(calls: number): Promise<Simulator> {
  const simulator = simulated("seatcall", { clock: createVirtualClock("2020-03-02T09:00:00+08:00"), pace: 1 });
  for (let placed = 0; placed < calls; placed += 1) {
    simulator.placeCall({ caller: "+8613800000001", callee: `+86139${String(placed).padStart(8, "0")}` });
  }
  await simulator.idle();
  return simulator;
}

/** Asked for by a page that comes. */
const pagesOf = (before: Front): string[] => before.requests.map(({ body }) => body);

async function recordsIn(simulator: Simulator): Promise<string> {
  const before = await front(simulator);
  const { code, stdout } = await run(["records", ...RANGE, ...before.account]);
  expect(code).toBe(0);
  return stdout;
}

describe("formats", () => {
  test("NDJSON is the default of a pipe: every record once, in the platform's order", async () => {
    const simulator = await platform(CALLS);
    const records = lines(await recordsIn(simulator)) as CallRecord[];
    expect(records).toHaveLength(CALLS);
    expect(new Set(records.map(({ key }) => key)).size).toBe(CALLS);
    const ids = records.map(({ raw }) => BigInt((raw as { id: string }).id));
    expect(ids.every((id, at) => at === 0 || id > (ids[at - 1] ?? 0n))).toBe(true);
  });

  test("json is one list of the same records, empty where there are none", async () => {
    const simulator = await platform(3);
    const before = await front(simulator);
    const { stdout } = await run(["records", ...RANGE, "--format", "json", ...before.account]);
    expect(JSON.parse(stdout)).toEqual(lines(await recordsIn(simulator)));
    const none = await run(["records", "--from", "2019-01-01T00:00:00Z", "--to", "2019-01-02T00:00:00Z", "--format", "json", ...before.account]);
    expect(JSON.parse(none.stdout)).toEqual([]);
  });

  test("csv has a header, as many cells in each row, and the platform's payload only when it is asked for", async () => {
    const before = await front(await platform(3));
    const { stdout } = await run(["records", ...RANGE, "--format", "csv", ...before.account]);
    const rows = stdout.trimEnd().split("\n");
    expect(rows).toHaveLength(4);
    expect(rows[0]?.split(",").slice(0, 4)).toEqual(["provider", "account", "key", "callId"]);
    expect(new Set(rows.map((row) => row.split(",").length)).size).toBe(1);
    // A number in E.164 is no formula.
    expect(rows[1]).toContain(",+8613800000001,");
    expect(rows[1]).not.toContain("sessionId");
    const raw = await run(["records", ...RANGE, "--format", "csv", "--raw", "--bom", ...before.account]);
    expect(raw.stdout.startsWith("\ufeffprovider,")).toBe(true);
    expect(raw.stdout).toContain('""sessionId""');
  });

  test("a table is for people: in their language, with numbers, outcome and what the next command needs", async () => {
    const simulator = await platform(2);
    const before = await front(simulator);
    const english = await run(["records", ...RANGE, "--format", "table", ...before.account]);
    expect(english.stdout).toMatch(/^TIME +CALLER +CALLEE +OUTCOME/);
    for (const { callId } of simulator.calls) expect(english.stdout).toContain(callId);
    const chinese = await run(["records", ...RANGE, "--format", "table", "--lang", "zh", ...before.account]);
    expect(chinese.stdout).toMatch(/^时间 +主叫 +被叫/);
    // Two columns for each Chinese character: what stands below a title begins where it begins.
    const [title = "", row = ""] = chinese.stdout.split("\n");
    const width = [...title.slice(0, title.indexOf("被叫"))].reduce((sum, character) => sum + (/[\u4e00-\u9fff]/.test(character) ? 2 : 1), 0);
    expect(row.slice(width)).toMatch(/^\+86139/);
  });
});

describe("an interruption", () => {
  /** A run that is stopped while the third page is on its way, and then the same command once more. */
  async function interrupted(stop: "SIGINT" | "SIGTERM" | "SIGKILL" | "break", format: string[], name: string): Promise<{ path: string; first: number | null; said: string; asked: string[] }> {
    const simulator = await platform(CALLS);
    let isHeld = true;
    const before = await front(simulator, (count) => (isHeld && count > 2 ? (stop === "break" ? "break" : "hang") : undefined));
    const path = join(folder(), name);
    const command = ["records", ...RANGE, ...format, "--output", path, ...before.account];
    const { child, ended } = start(command);
    if (stop !== "break") {
      await expect.poll(() => before.requests.length, PATIENCE).toBe(3);
      child.kill(stop);
    }
    const { code, stderr } = await ended;
    expect(existsSync(`${path}.cursor`)).toBe(true);
    isHeld = false;
    const asked = before.requests.length;
    const again = await run(command);
    expect(again.code).toBe(0);
    expect(existsSync(`${path}.cursor`)).toBe(false);
    const whole = join(folder(), name);
    expect((await run(["records", ...RANGE, ...format, "--output", whole, ...before.account])).code).toBe(0);
    expect(readFileSync(path, "utf8")).toBe(readFileSync(whole, "utf8"));
    return { path, first: code, said: stderr, asked: pagesOf(before).slice(asked, asked + 2) };
  }

  test.each([
    ["SIGINT", [], "calls.ndjson", 130],
    ["SIGTERM", [], "calls.csv", 143],
    ["SIGKILL", [], "calls.json", null],
    ["SIGKILL", ["--format", "csv", "--bom", "--raw"], "calls.txt", null],
    ["break", [], "calls.ndjson", 4],
  ] as const)("by %s (%j) is gone on with by the same command, and the file is that of a run in one go", async (stop, format, name, exit) => {
    const { path, first, said, asked } = await interrupted(stop, [...format], name);
    expect(first).toBe(exit);
    if (stop !== "SIGKILL") expect(said).toContain("200 records so far");
    // It goes on behind the second page, and does not begin anew.
    const [next] = asked;
    expect(next).not.toMatch(/"maxId":\s*"?0"?[,}]/);
    if (name.endsWith("ndjson")) expect(lines(readFileSync(path, "utf8"))).toHaveLength(CALLS);
  });

  test("what was written behind the cursor is cut off: half a page does not come twice", async () => {
    const simulator = await platform(CALLS);
    let isHeld = true;
    const before = await front(simulator, (count) => (isHeld && count > 2 ? "hang" : undefined));
    const path = join(folder(), "calls.ndjson");
    const command = ["records", ...RANGE, "--output", path, ...before.account];
    const { child, ended } = start(command);
    await expect.poll(() => before.requests.length, PATIENCE).toBe(3);
    child.kill("SIGKILL");
    await ended;
    isHeld = false;
    const known = readFileSync(path, "utf8");
    // More than the pages that are still to come.
    writeFileSync(path, known.repeat(3) + known.slice(0, 1000));
    expect((await run(command)).code).toBe(0);
    expect(lines(readFileSync(path, "utf8"))).toHaveLength(CALLS);

    // A file that has become shorter than its cursor says cannot be gone on with.
    isHeld = true;
    const other = ["records", ...RANGE, "--output", `${path}2`, ...before.account];
    const second = start(other);
    await expect.poll(() => existsSync(`${path}2`), PATIENCE).toBe(true);
    second.child.kill("SIGKILL");
    await second.ended;
    writeFileSync(`${path}2.cursor`, readFileSync(`${path}2.cursor`, "utf8").replace(/"length": \d+/, '"length": 99999999'));
    expect((await run(other)).code).toBe(7);
  });

  test("without --output tells the cursor to go on from", async () => {
    const simulator = await platform(CALLS);
    let isHeld = true;
    const before = await front(simulator, (count) => (isHeld && count > 2 ? "hang" : undefined));
    const { child, ended } = start(["records", ...RANGE, ...before.account]);
    await expect.poll(() => before.requests.length, PATIENCE).toBe(3);
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(130);
    expect(lines(stdout)).toHaveLength(200);
    const cursor = /--after (\d+)/.exec(stderr)?.[1] ?? "";
    isHeld = false;
    const rest = await run(["records", ...RANGE, "--after", cursor, ...before.account]);
    expect(stdout + rest.stdout).toBe(await recordsIn(simulator));
  });

  test("a cursor of another command is not taken for this one's", async () => {
    const simulator = await platform(CALLS);
    const before = await front(simulator, (count) => (count > 2 ? "break" : undefined));
    const path = join(folder(), "calls.ndjson");
    expect((await run(["records", ...RANGE, "--output", path, ...before.account])).code).toBe(4);
    const asked = before.requests.length;
    const other = await run(["records", "--from", "2020-03-01T00:00:00+08:00", "--to", "2020-03-15T00:00:00+08:00", "--output", path, ...before.account]);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain(`${path}.cursor`);
    expect(before.requests).toHaveLength(asked);
  });
});

describe("a record that cannot be read", () => {
  /** Two records, and between them what is none. */
  async function halfReadable(): Promise<{ account: string[]; close(): Promise<void> }> {
    const [first, second] = lines(await rawRecords()) as object[];
    const server = await serve((_request, response, body) => {
      const isFirst = /"maxId":\s*"?0"?[,}]/.test(body);
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ meta: { success: true, message: "ok" }, data: isFirst ? [first, "no record", second] : [] }));
    });
    const account = { provider: "seatcall", ...CREDENTIALS.seatcall, baseUrl: server.address };
    return { account: ["--config", configFile(account)], close: server.close };
  }

  /** Two records as the platform writes them. */
  async function rawRecords(): Promise<string> {
    const { calls } = await platform(2);
    return calls.map(({ record }) => JSON.stringify(record)).join("\n");
  }

  test("ends it with 6, and what it wrote is complete all the same", async () => {
    const before = await halfReadable();
    const piped = await run(["records", ...RANGE, "--format", "json", ...before.account]);
    expect(piped.code).toBe(6);
    expect(JSON.parse(piped.stdout)).toHaveLength(2);
    const path = join(folder(), "calls.json");
    const command = ["records", ...RANGE, "--json", "--output", path, ...before.account];
    const kept = await run(command);
    expect(kept.code).toBe(6);
    expect(JSON.parse(readFileSync(path, "utf8"))).toHaveLength(2);
    expect(readdirSync(join(path, ".."))).toEqual(["calls.json"]);
    // On stderr a program reads JSON only.
    expect(lines(kept.stderr)).toMatchObject([{ unreadable: { index: 1, reason: expect.any(String) as string } }, { error: { code: "unreadable" } }]);
    await before.close();
  });
});

describe("two at once", () => {
  test("do not write to one file: the second ends with 7, asks nothing, and leaves the first alone", async () => {
    const simulator = await platform(CALLS);
    let isHeld = true;
    const before = await front(simulator, (count) => (isHeld && count === 3 ? "hang" : undefined));
    const path = join(folder(), "calls.ndjson");
    const command = ["records", ...RANGE, "--output", path, ...before.account];
    const first = start(command);
    await expect.poll(() => before.requests.length, PATIENCE).toBe(3);
    for (const more of [[], ["--force"]]) {
      const second = await run([...command, ...more]);
      expect(second.code).toBe(7);
      expect(second.stderr).toContain(`by process ${first.child.pid}`);
    }
    expect(before.requests).toHaveLength(3);
    first.child.kill("SIGINT");
    expect((await first.ended).stderr).toContain("200 records so far");
    isHeld = false;
    expect((await run(command)).code).toBe(0);
    expect(lines(readFileSync(path, "utf8"))).toHaveLength(CALLS);
    expect(readdirSync(join(path, ".."))).toEqual(["calls.ndjson"]);
  });

  test("a lock that a killed run has left holds nobody up", async () => {
    const before = await front(await platform(1));
    const path = join(folder(), "calls.ndjson");
    const killed = start(["receive", "mixcom", "--port", "0", "--output", path]);
    await killed.said(/receiving at/);
    killed.child.kill("SIGKILL");
    await killed.ended;
    expect(readdirSync(join(path, ".."))).toContain("calls.ndjson.lock");
    expect((await run(["records", ...RANGE, "--force", "--output", path, ...before.account])).code).toBe(0);
    expect(readdirSync(join(path, ".."))).toEqual(["calls.ndjson"]);
  });
});

test("--output - is stdout", async () => {
  const before = await front(await platform(2));
  const cwd = folder();
  const { code, stdout } = await run(["records", ...RANGE, "--output", "-", ...before.account], { cwd });
  expect(code).toBe(0);
  expect(lines(stdout)).toHaveLength(2);
  expect(readdirSync(cwd)).toEqual([]);
});

test.skipIf(!existsSync("/dev/full"))("a stdout that takes no more ends it with 7, as a file does", async () => {
  const before = await front(await platform(1));
  const { code, stderr } = await run(["records", ...RANGE, ...before.account], { stdout: "/dev/full" });
  expect(code).toBe(7);
  expect(stderr).toContain("stdout cannot be written (ENOSPC)");
});

describe("before anything is asked of the platform", () => {
  test("a file that cannot be written ends with 7", async () => {
    const before = await front(await platform(1));
    const there = join(folder(), "calls.ndjson");
    writeFileSync(there, "mine\n");
    const isFolder = join(folder(), "calls");
    mkdirSync(isFolder);
    for (const path of [join(folder(), "missing", "calls.ndjson"), there, isFolder]) {
      const ran = await run(["records", ...RANGE, "--json", "--output", path, ...before.account]);
      expect(ran.code).toBe(7);
      expect(toldError(ran)).toMatchObject({ code: "unwritable", delivery: "not-sent" });
    }
    expect(before.requests).toHaveLength(0);
    expect(readFileSync(there, "utf8")).toBe("mine\n");
    expect((await run(["records", ...RANGE, "--force", "--output", there, ...before.account])).code).toBe(0);
    expect(lines(readFileSync(there, "utf8"))).toHaveLength(1);
  });

  test("a date without a zone, or another bad argument, leaves no file behind", async () => {
    const before = await front(await platform(1));
    const cwd = folder();
    for (const from of ["2026-01-01", "yesterday", "2026-01-01T00:00:00"]) {
      const { code, stderr } = await run(["records", "--from", from, "--to", "2026-02-01T00:00:00+08:00", "--output", "calls.csv", ...before.account], { cwd });
      expect(code).toBe(2);
      expect(stderr).toContain("2020-03-02T17:48:15+08:00");
    }
    expect(readdirSync(cwd)).toEqual([]);
    expect(before.requests).toHaveLength(0);
  });
});

test("a reader that goes away ends it silently", async () => {
  const before = await front(await platform(CALLS));
  const { child, ended } = start(["records", ...RANGE, ...before.account]);
  child.stdout.once("data", () => child.stdout.destroy());
  const { code, stderr } = await ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

test("a slow reader gets every record", async () => {
  const simulator = await platform(CALLS);
  const before = await front(simulator);
  const { child, ended } = start(["records", ...RANGE, ...before.account]);
  child.stdout.pause();
  await expect.poll(() => before.requests.length, PATIENCE).toBeGreaterThan(0);
  setTimeout(() => child.stdout.resume(), 500);
  expect(lines((await ended).stdout)).toHaveLength(CALLS);
});

test("a complete file is the same whether its records came by one page or by four", async () => {
  const simulator = await platform(120);
  const before = await front(simulator);
  const path = join(folder(), "calls.json");
  const ran = await run(["records", ...RANGE, "--json", "--output", path, ...before.account]);
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(ran.stdout)).toEqual({ output: path, records: 120, format: "json" });
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(lines(await recordsIn(simulator)));
  expect(statSync(path).size).toBeGreaterThan(0);
});
