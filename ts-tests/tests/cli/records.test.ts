// records: the formats, and that an interruption loses and repeats no record.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CallRecord } from "ringback";
import { createVirtualClock, type Simulator } from "ringback/testing";
import { describe, expect, test } from "vitest";
import { writeConfigFile, CREDENTIALS, createFolder, type Proxy, startProxy, parseLines, WAIT_LIMIT, run, createTestSimulator, start, readError } from "./program.js";
import { serve } from "../support/servers.js";

const RANGE = ["--from", "2020-03-01T00:00:00+08:00", "--to", "2020-04-01T00:00:00+08:00"];

/** seatcall returns at most 100 records per answer, so this many fill four pages. */
const CALLS = 350;

/** Creates a seatcall simulator with this many ended calls. */
async function createPlatform(calls: number): Promise<Simulator> {
  const simulator = createTestSimulator("seatcall", { clock: createVirtualClock("2020-03-02T09:00:00+08:00"), pace: 1 });
  for (let placed = 0; placed < calls; placed += 1) {
    simulator.placeCall({ caller: "+8613800000001", callee: `+86139${String(placed).padStart(8, "0")}` });
  }
  await simulator.idle();
  return simulator;
}

/** Lists the requests for pages. */
const listPageRequests = (before: Proxy): string[] => before.requests.map(({ body }) => body);

async function readRecords(simulator: Simulator): Promise<string> {
  const before = await startProxy(simulator);
  const { code, stdout } = await run(["records", ...RANGE, ...before.account]);
  expect(code).toBe(0);
  return stdout;
}

describe("formats", () => {
  test("NDJSON is the default of a pipe: every record once, in the platform's order", async () => {
    const simulator = await createPlatform(CALLS);
    const records = parseLines(await readRecords(simulator)) as CallRecord[];
    expect(records).toHaveLength(CALLS);
    expect(new Set(records.map(({ key }) => key)).size).toBe(CALLS);
    const ids = records.map(({ raw }) => BigInt((raw as { id: string }).id));
    expect(ids.every((id, at) => at === 0 || id > (ids[at - 1] ?? 0n))).toBe(true);
  });

  test("json is one list of the same records, empty where there are none", async () => {
    const simulator = await createPlatform(3);
    const before = await startProxy(simulator);
    const { stdout } = await run(["records", ...RANGE, "--format", "json", ...before.account]);
    expect(JSON.parse(stdout)).toEqual(parseLines(await readRecords(simulator)));
    const none = await run(["records", "--from", "2019-01-01T00:00:00Z", "--to", "2019-01-02T00:00:00Z", "--format", "json", ...before.account]);
    expect(JSON.parse(none.stdout)).toEqual([]);
  });

  test("csv has a header, the same number of cells in each row, and the platform's payload only with --raw", async () => {
    const before = await startProxy(await createPlatform(3));
    const { stdout } = await run(["records", ...RANGE, "--format", "csv", ...before.account]);
    const rows = stdout.trimEnd().split("\n");
    expect(rows).toHaveLength(4);
    expect(rows[0]?.split(",").slice(0, 4)).toEqual(["provider", "account", "key", "callId"]);
    expect(new Set(rows.map((row) => row.split(",").length)).size).toBe(1);
    // A number in E.164 is not escaped like a formula.
    expect(rows[1]).toContain(",+8613800000001,");
    expect(rows[1]).not.toContain("sessionId");
    const raw = await run(["records", ...RANGE, "--format", "csv", "--raw", "--bom", ...before.account]);
    expect(raw.stdout.startsWith("\ufeffprovider,")).toBe(true);
    expect(raw.stdout).toContain('""sessionId""');
  });

  test("a table is in the user's language, with numbers, outcome and the argument of the next command", async () => {
    const simulator = await createPlatform(2);
    const before = await startProxy(simulator);
    const english = await run(["records", ...RANGE, "--format", "table", ...before.account]);
    expect(english.stdout).toMatch(/^TIME +CALLER +CALLEE +OUTCOME/);
    for (const { callId } of simulator.calls) expect(english.stdout).toContain(callId);
    const chinese = await run(["records", ...RANGE, "--format", "table", "--lang", "zh", ...before.account]);
    expect(chinese.stdout).toMatch(/^时间 +主叫 +被叫/);
    // A Chinese character takes two columns, so that cells start below their title.
    const [title = "", row = ""] = chinese.stdout.split("\n");
    const width = [...title.slice(0, title.indexOf("被叫"))].reduce((sum, character) => sum + (/[\u4e00-\u9fff]/.test(character) ? 2 : 1), 0);
    expect(row.slice(width)).toMatch(/^\+86139/);
  });
});

describe("an interruption", () => {
  /** Stops a run while it requests the third page, and then runs the same command again. */
  async function runTwice(stop: "SIGINT" | "SIGTERM" | "SIGKILL" | "break", format: string[], name: string): Promise<{ path: string; first: number | null; said: string; asked: string[] }> {
    const simulator = await createPlatform(CALLS);
    let isHeld = true;
    const before = await startProxy(simulator, (count) => (isHeld && count > 2 ? (stop === "break" ? "break" : "hang") : undefined));
    const path = join(createFolder(), name);
    const command = ["records", ...RANGE, ...format, "--output", path, ...before.account];
    const { child, ended } = start(command);
    if (stop !== "break") {
      await expect.poll(() => before.requests.length, WAIT_LIMIT).toBe(3);
      child.kill(stop);
    }
    const { code, stderr } = await ended;
    expect(existsSync(`${path}.cursor`)).toBe(true);
    isHeld = false;
    const asked = before.requests.length;
    const again = await run(command);
    expect(again.code).toBe(0);
    expect(existsSync(`${path}.cursor`)).toBe(false);
    const whole = join(createFolder(), name);
    expect((await run(["records", ...RANGE, ...format, "--output", whole, ...before.account])).code).toBe(0);
    expect(readFileSync(path, "utf8")).toBe(readFileSync(whole, "utf8"));
    return { path, first: code, said: stderr, asked: listPageRequests(before).slice(asked, asked + 2) };
  }

  test.each([
    ["SIGINT", [], "calls.ndjson", 130],
    ["SIGTERM", [], "calls.csv", 143],
    ["SIGKILL", [], "calls.json", null],
    ["SIGKILL", ["--format", "csv", "--bom", "--raw"], "calls.txt", null],
    ["break", [], "calls.ndjson", 4],
  ] as const)("by %s (%j) is continued by the same command, and the file is the same as of one complete run", async (stop, format, name, exit) => {
    const { path, first, said, asked } = await runTwice(stop, [...format], name);
    expect(first).toBe(exit);
    if (stop !== "SIGKILL") expect(said).toContain("200 records so far");
    // It continues after the second page, and does not start again.
    const [next] = asked;
    expect(next).not.toMatch(/"maxId":\s*"?0"?[,}]/);
    if (name.endsWith("ndjson")) expect(parseLines(readFileSync(path, "utf8"))).toHaveLength(CALLS);
  });

  test("lines after the cursor are truncated, so that half a page is not repeated", async () => {
    const simulator = await createPlatform(CALLS);
    let isHeld = true;
    const before = await startProxy(simulator, (count) => (isHeld && count > 2 ? "hang" : undefined));
    const path = join(createFolder(), "calls.ndjson");
    const command = ["records", ...RANGE, "--output", path, ...before.account];
    const { child, ended } = start(command);
    await expect.poll(() => before.requests.length, WAIT_LIMIT).toBe(3);
    child.kill("SIGKILL");
    await ended;
    isHeld = false;
    const known = readFileSync(path, "utf8");
    // More than the remaining pages.
    writeFileSync(path, known.repeat(3) + known.slice(0, 1000));
    expect((await run(command)).code).toBe(0);
    expect(parseLines(readFileSync(path, "utf8"))).toHaveLength(CALLS);

    // A file that is shorter than its cursor says cannot be continued.
    isHeld = true;
    const other = ["records", ...RANGE, "--output", `${path}2`, ...before.account];
    const second = start(other);
    await expect.poll(() => existsSync(`${path}2`), WAIT_LIMIT).toBe(true);
    second.child.kill("SIGKILL");
    await second.ended;
    writeFileSync(`${path}2.cursor`, readFileSync(`${path}2.cursor`, "utf8").replace(/"length": \d+/, '"length": 99999999'));
    expect((await run(other)).code).toBe(7);
  });

  test("without --output prints the cursor to continue with", async () => {
    const simulator = await createPlatform(CALLS);
    let isHeld = true;
    const before = await startProxy(simulator, (count) => (isHeld && count > 2 ? "hang" : undefined));
    const { child, ended } = start(["records", ...RANGE, ...before.account]);
    await expect.poll(() => before.requests.length, WAIT_LIMIT).toBe(3);
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(130);
    expect(parseLines(stdout)).toHaveLength(200);
    const cursor = /--after (\d+)/.exec(stderr)?.[1] ?? "";
    isHeld = false;
    const rest = await run(["records", ...RANGE, "--after", cursor, ...before.account]);
    expect(stdout + rest.stdout).toBe(await readRecords(simulator));
  });

  test("the cursor of another command is not used", async () => {
    const simulator = await createPlatform(CALLS);
    const before = await startProxy(simulator, (count) => (count > 2 ? "break" : undefined));
    const path = join(createFolder(), "calls.ndjson");
    expect((await run(["records", ...RANGE, "--output", path, ...before.account])).code).toBe(4);
    const asked = before.requests.length;
    const other = await run(["records", "--from", "2020-03-01T00:00:00+08:00", "--to", "2020-03-15T00:00:00+08:00", "--output", path, ...before.account]);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain(`${path}.cursor`);
    expect(before.requests).toHaveLength(asked);
  });
});

describe("a record that cannot be read", () => {
  /** Starts a server with two records, and an element between them that is not a record. */
  async function startServer(): Promise<{ account: string[]; close(): Promise<void> }> {
    const [first, second] = parseLines(await readRawRecords()) as object[];
    const server = await serve((_request, response, body) => {
      const isFirst = /"maxId":\s*"?0"?[,}]/.test(body);
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ meta: { success: true, message: "ok" }, data: isFirst ? [first, "no record", second] : [] }));
    });
    const account = { provider: "seatcall", ...CREDENTIALS.seatcall, baseUrl: server.address };
    return { account: ["--config", writeConfigFile(account)], close: server.close };
  }

  /** Reads two records as the platform writes them. */
  async function readRawRecords(): Promise<string> {
    const { calls } = await createPlatform(2);
    return calls.map(({ record }) => JSON.stringify(record)).join("\n");
  }

  test("ends the program with 6, with complete output", async () => {
    const before = await startServer();
    const piped = await run(["records", ...RANGE, "--format", "json", ...before.account]);
    expect(piped.code).toBe(6);
    expect(JSON.parse(piped.stdout)).toHaveLength(2);
    const path = join(createFolder(), "calls.json");
    const command = ["records", ...RANGE, "--json", "--output", path, ...before.account];
    const kept = await run(command);
    expect(kept.code).toBe(6);
    expect(JSON.parse(readFileSync(path, "utf8"))).toHaveLength(2);
    expect(readdirSync(join(path, ".."))).toEqual(["calls.json"]);
    // With --json, stderr contains only JSON.
    expect(parseLines(kept.stderr)).toMatchObject([{ unreadable: { index: 1, reason: expect.any(String) as string } }, { error: { code: "unreadable" } }]);
    await before.close();
  });
});

describe("two runs at once", () => {
  test("do not write to one file: the second ends with 7, sends no request, and does not affect the first", async () => {
    const simulator = await createPlatform(CALLS);
    let isHeld = true;
    const before = await startProxy(simulator, (count) => (isHeld && count === 3 ? "hang" : undefined));
    const path = join(createFolder(), "calls.ndjson");
    const command = ["records", ...RANGE, "--output", path, ...before.account];
    const first = start(command);
    await expect.poll(() => before.requests.length, WAIT_LIMIT).toBe(3);
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
    expect(parseLines(readFileSync(path, "utf8"))).toHaveLength(CALLS);
    expect(readdirSync(join(path, ".."))).toEqual(["calls.ndjson"]);
  });

  test("are not blocked by the lock of a killed run", async () => {
    const before = await startProxy(await createPlatform(1));
    const path = join(createFolder(), "calls.ndjson");
    const killed = start(["receive", "mixcom", "--port", "0", "--output", path]);
    await killed.waitForOutput(/receiving at/);
    killed.child.kill("SIGKILL");
    await killed.ended;
    expect(readdirSync(join(path, ".."))).toContain("calls.ndjson.lock");
    expect((await run(["records", ...RANGE, "--force", "--output", path, ...before.account])).code).toBe(0);
    expect(readdirSync(join(path, ".."))).toEqual(["calls.ndjson"]);
  });
});

test("--output - is stdout", async () => {
  const before = await startProxy(await createPlatform(2));
  const cwd = createFolder();
  const { code, stdout } = await run(["records", ...RANGE, "--output", "-", ...before.account], { cwd });
  expect(code).toBe(0);
  expect(parseLines(stdout)).toHaveLength(2);
  expect(readdirSync(cwd)).toEqual([]);
});

test.skipIf(!existsSync("/dev/full"))("a full stdout ends the program with 7, like a full file", async () => {
  const before = await startProxy(await createPlatform(1));
  const { code, stderr } = await run(["records", ...RANGE, ...before.account], { stdout: "/dev/full" });
  expect(code).toBe(7);
  expect(stderr).toContain("stdout cannot be written (ENOSPC)");
});

describe("before any request to the platform", () => {
  test("a file that cannot be written ends with 7", async () => {
    const before = await startProxy(await createPlatform(1));
    const there = join(createFolder(), "calls.ndjson");
    writeFileSync(there, "mine\n");
    const isFolder = join(createFolder(), "calls");
    mkdirSync(isFolder);
    for (const path of [join(createFolder(), "missing", "calls.ndjson"), there, isFolder]) {
      const ran = await run(["records", ...RANGE, "--json", "--output", path, ...before.account]);
      expect(ran.code).toBe(7);
      expect(readError(ran)).toMatchObject({ code: "unwritable", delivery: "not-sent" });
    }
    expect(before.requests).toHaveLength(0);
    expect(readFileSync(there, "utf8")).toBe("mine\n");
    expect((await run(["records", ...RANGE, "--force", "--output", there, ...before.account])).code).toBe(0);
    expect(parseLines(readFileSync(there, "utf8"))).toHaveLength(1);
  });

  test("a date without a time zone, or another invalid argument, leaves no file", async () => {
    const before = await startProxy(await createPlatform(1));
    const cwd = createFolder();
    for (const from of ["2026-01-32", "yesterday", "2026-01-01T00:00:00"]) {
      const { code, stderr } = await run(["records", "--from", from, "--to", "2026-02-01T00:00:00+08:00", "--output", "calls.csv", ...before.account], { cwd });
      expect(code).toBe(2);
      expect(stderr).toContain("--from: ");
      expect(stderr).toContain("2026-03-01T09:00:00+08:00");
    }
    expect(readdirSync(cwd)).toEqual([]);
    expect(before.requests).toHaveLength(0);
  });
});

describe("a day", () => {
  test.each([
    [["--from", "2026-11-26"], "2026-11-26 00:00:00", "2026-11-26 23:59:59"],
    [["--from", "2026-11-26", "--to", "2026-11-27"], "2026-11-26 00:00:00", "2026-11-27 23:59:59"],
    [["--from", "2026-11-26", "--to", "2026-11-27T12:00:00+08:00"], "2026-11-26 00:00:00", "2026-11-27 12:00:00"],
    [["--from", "2026-11-26T10:00:00+08:00", "--to", "2026-11-26"], "2026-11-26 10:00:00", "2026-11-26 23:59:59"],
  ])("%j is from its first to its last second, in Beijing", async (typed, from, to) => {
    const before = await startProxy(await createPlatform(1));
    expect((await run(["records", ...typed, ...before.account])).code).toBe(0);
    expect(JSON.parse(before.requests[0]?.body ?? "")).toMatchObject({ starTime: from, endTime: to });
  });

  test.each([
    ["an option", ["--time-zone", "Z"], {}],
    ["the file", [], { timeZone: "Z" }],
  ])("is of the zone that %s names", async (_, typed, changes) => {
    const before = await startProxy(await createPlatform(1), () => undefined, changes);
    expect((await run(["records", "--from", "2026-11-26", ...typed, ...before.account])).code).toBe(0);
    expect(JSON.parse(before.requests[0]?.body ?? "")).toMatchObject({ starTime: "2026-11-26 00:00:00", endTime: "2026-11-26 23:59:59" });
    const beijing = ["--from", "2026-11-26T00:00:00+08:00", "--to", "2026-11-26T08:00:00+08:00"];
    expect((await run(["records", ...beijing, ...typed, ...before.account])).code).toBe(0);
    expect(JSON.parse(before.requests[1]?.body ?? "")).toMatchObject({ starTime: "2026-11-25 16:00:00", endTime: "2026-11-26 00:00:00" });
  });

  test("is needed as the end where the start is a time", async () => {
    const { code, stderr } = await run(["records", "--from", "2026-11-26T00:00:00+08:00", "--provider", "seatcall"]);
    expect(code).toBe(2);
    expect(stderr).toContain("--to is required");
  });
});

test("ends silently if its reader closes", async () => {
  const before = await startProxy(await createPlatform(CALLS));
  const { child, ended } = start(["records", ...RANGE, ...before.account]);
  child.stdout.once("data", () => child.stdout.destroy());
  const { code, stderr } = await ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

test("a slow reader gets every record", async () => {
  const simulator = await createPlatform(CALLS);
  const before = await startProxy(simulator);
  const { child, ended } = start(["records", ...RANGE, ...before.account]);
  child.stdout.pause();
  await expect.poll(() => before.requests.length, WAIT_LIMIT).toBeGreaterThan(0);
  setTimeout(() => child.stdout.resume(), 500);
  expect(parseLines((await ended).stdout)).toHaveLength(CALLS);
});

test("a complete file is the same for records from one page as from four", async () => {
  const simulator = await createPlatform(120);
  const before = await startProxy(simulator);
  const path = join(createFolder(), "calls.json");
  const ran = await run(["records", ...RANGE, "--json", "--output", path, ...before.account]);
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(ran.stdout)).toEqual({ output: path, records: 120, format: "json" });
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(parseLines(await readRecords(simulator)));
  expect(statSync(path).size).toBeGreaterThan(0);
});
