// The program writes only to its own files: it does not truncate or delete other files, and does not follow links.
import { chmodSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createVirtualClock, forgePush, type Simulator } from "ringback/testing";
import { describe, expect, test } from "vitest";
import { CALLEE, CALLER, createFolder, startProxy, parseLines, WAIT_LIMIT, run, createTestSimulator, start, servePlatforms, type ServedPlatforms } from "./program.js";

const RANGE = ["--from", "2020-03-01T00:00:00+08:00", "--to", "2020-04-01T00:00:00+08:00"];
const TOKEN = "a-token-of-the-tests-0123456789-abcdefghijk";
const isWindows = process.platform === "win32";

/** Reads a folder: its file names and their contents. */
function readFolder(place: string): Record<string, string> {
  return Object.fromEntries(readdirSync(place).sort().map((name) => [name, readFileSync(join(place, name), "utf8")]));
}

function readMode(path: string): number {
  return statSync(path).mode & 0o777;
}

async function placeCall(): Promise<{ there: ServedPlatforms; call: string }> {
  const there = await servePlatforms(["dingxin"], { script: { status: "answered", talkSeconds: 5 } });
  expect((await run(["dial", CALLER, CALLEE, ...there.account("dingxin")])).code).toBe(0);
  await there.simulator("dingxin").idle();
  return { there, call: there.simulator("dingxin").calls[0]?.callId ?? "" };
}

async function createSeatcall(calls: number): Promise<Simulator> {
  const simulator = createTestSimulator("seatcall", { clock: createVirtualClock("2020-03-02T09:00:00+08:00"), pace: 1 });
  for (let placed = 0; placed < calls; placed += 1) simulator.placeCall({ caller: "+8613800000001", callee: `+86139${String(placed).padStart(8, "0")}` });
  await simulator.idle();
  return simulator;
}

/** Possible names of unfinished files of browsers, earlier versions and other programs. */
const NEIGHBOURS = ["call.wav.part", "call.wav.tmp", "call.wav.new", ".call.wav.new", ".call.wav.part", "call.wav~"];

describe("recording", () => {
  test("does not change any other file, whether it is saved or refused", async () => {
    const { there, call } = await placeCall();
    const place = createFolder();
    for (const name of NEIGHBOURS) writeFileSync(join(place, name), `precious ${name}`);
    const before = readFolder(place);
    expect((await run(["recording", "no-such-call", "--output", join(place, "call.wav"), ...there.account("dingxin")])).code).toBe(1);
    expect(readFolder(place)).toEqual(before);
    expect((await run(["recording", call, "--output", join(place, "call.wav"), ...there.account("dingxin")])).code).toBe(0);
    const { "call.wav": sound = "", ...others } = readFolder(place);
    expect(sound.slice(0, 4)).toBe("RIFF");
    expect(others).toEqual(before);
  });

  test.skipIf(isWindows)("does not write through symbolic links, of the file's name or of others beside it, even with --force", async () => {
    const { there, call } = await placeCall();
    const place = createFolder();
    const victim = join(createFolder(), "victim.txt");
    writeFileSync(victim, "precious");
    for (const name of [...NEIGHBOURS, "linked.wav", "dangling.wav"]) symlinkSync(name === "dangling.wav" ? join(place, "nowhere") : victim, join(place, name));
    for (const name of ["linked.wav", "dangling.wav"]) {
      for (const force of [[], ["--force"]]) {
        const ran = await run(["recording", call, "--output", join(place, name), ...force, ...there.account("dingxin")]);
        expect(ran.code).toBe(7);
        expect(ran.stderr).toContain("symbolic link");
      }
    }
    expect((await run(["recording", call, "--output", join(place, "call.wav"), ...there.account("dingxin")])).code).toBe(0);
    expect(readFileSync(victim, "utf8")).toBe("precious");
    expect(readdirSync(place).sort()).toEqual([...NEIGHBOURS, "linked.wav", "dangling.wav", "call.wav"].sort());
    expect(readlinkSync(join(place, "dangling.wav"))).toBe(join(place, "nowhere"));
  });

  test("does not change a lock file of another program", async () => {
    const { there, call } = await placeCall();
    const place = createFolder();
    writeFileSync(join(place, "yarn.lock"), "# precious\n");
    const ran = await run(["recording", call, "--output", join(place, "yarn"), ...there.account("dingxin")]);
    expect(ran.code).toBe(7);
    expect(ran.stderr).toContain("yarn.lock");
    expect(readFolder(place)).toEqual({ "yarn.lock": "# precious\n" });
  });

  test.skipIf(isWindows)("is readable for its owner only; an overwritten file keeps its mode", async () => {
    const { there, call } = await placeCall();
    const path = join(createFolder(), "call.wav");
    expect((await run(["recording", call, "--output", path, ...there.account("dingxin")])).code).toBe(0);
    expect(readMode(path)).toBe(0o600);
    chmodSync(path, 0o640);
    expect((await run(["recording", call, "--output", path, "--force", ...there.account("dingxin")])).code).toBe(0);
    expect(readMode(path)).toBe(0o640);
  });
});

describe("records", () => {
  test.skipIf(isWindows)("does not write through symbolic links: of the file, of its cursor, or of names that it might use", async () => {
    const before = await startProxy(await createSeatcall(3));
    const victim = join(createFolder(), "victim.txt");
    writeFileSync(victim, "precious");
    const place = createFolder();
    const path = join(place, "rec.ndjson");
    for (const name of [".rec.ndjson.cursor.new", "rec.ndjson.part"]) symlinkSync(victim, join(place, name));
    expect((await run(["records", ...RANGE, "--output", path, ...before.account])).code).toBe(0);
    expect(parseLines(readFileSync(path, "utf8"))).toHaveLength(3);
    expect([readMode(path), readdirSync(place).length]).toEqual([0o600, 3]);
    for (const name of ["linked.ndjson", "other.ndjson.cursor"]) {
      symlinkSync(victim, join(place, name));
      for (const force of [[], ["--force"]]) {
        const ran = await run(["records", ...RANGE, "--output", join(place, name.replace(/\.cursor$/, "")), ...force, ...before.account]);
        expect(ran.code).toBe(7);
        expect(ran.stderr).toContain("symbolic link");
      }
    }
    expect(readFileSync(victim, "utf8")).toBe("precious");
  });

  test("does not overwrite a cursor file of another program, even with --force", async () => {
    const before = await startProxy(await createSeatcall(3));
    const place = createFolder();
    for (const content of ["precious", '{"asked":null}', "[]", ""]) {
      writeFileSync(join(place, "rec.ndjson.cursor"), content);
      for (const force of [[], ["--force"]]) expect((await run(["records", ...RANGE, "--output", join(place, "rec.ndjson"), ...force, ...before.account])).code).toBe(2);
      expect(readFolder(place)).toEqual({ "rec.ndjson.cursor": content });
    }
  });

  test("continues only its own file: another file of the same name is not truncated", async () => {
    let isHeld = true;
    const before = await startProxy(await createSeatcall(150), (count) => (isHeld && count > 1 ? "hang" : undefined));
    const place = createFolder();
    const path = join(place, "rec.ndjson");
    const command = ["records", ...RANGE, "--output", path, ...before.account];
    const { child, ended } = start(command);
    await expect.poll(() => before.requests.length, WAIT_LIMIT).toBe(2);
    child.kill("SIGKILL");
    await ended;
    isHeld = false;
    // Longer than the file, and with other content.
    const other = readFileSync(path, "utf8").replaceAll("1", "2") + "mine\n".repeat(1000);
    writeFileSync(path, other);
    const ran = await run(command);
    expect(ran.code).toBe(7);
    expect(ran.stderr).toContain("is not the file that");
    expect(readFileSync(path, "utf8")).toBe(other);
  });
});

describe.skipIf(isWindows)("receive", () => {
  test("does not append through symbolic links; new files are for their owner, existing ones keep their mode", async () => {
    const place = createFolder();
    const victim = join(createFolder(), "victim.txt");
    writeFileSync(victim, "precious\n");
    symlinkSync(victim, join(place, "linked.ndjson"));
    for (const option of ["--output", "--unreadable"]) {
      const ran = await run(["receive", "mixcom", "--port", "0", option, join(place, "linked.ndjson")]);
      expect(ran.code).toBe(7);
      expect(ran.stderr).toContain("symbolic link");
    }
    expect(readFileSync(victim, "utf8")).toBe("precious\n");

    const shared = join(place, "shared.ndjson");
    writeFileSync(shared, "");
    chmodSync(shared, 0o644);
    const receiver = start(["receive", "mixcom", "--port", "0", "--output", join(place, "calls.ndjson"), "--unreadable", shared], { env: { RINGBACK_TOKEN: TOKEN } });
    const [, url = ""] = await receiver.waitForOutput(/receiving at (http:\/\/\S+)/);
    for (const { body, contentType } of [forgePush("mixcom", { callId: "C-1" }), { body: "{no json", contentType: "application/json" }]) {
      expect((await fetch(`${url}/push/${TOKEN}`, { method: "POST", body, headers: { "content-type": contentType } })).status).toBe(200);
    }
    expect([readMode(join(place, "calls.ndjson")), readMode(shared), readMode(join(place, "calls.ndjson.lock"))]).toEqual([0o600, 0o644, 0o600]);
  });
});

describe("simulate --write-config", () => {
  test.skipIf(isWindows)("writes a new file for its owner only, and not through a link", async () => {
    const place = createFolder();
    const victim = join(createFolder(), "victim.json");
    writeFileSync(victim, "precious");
    symlinkSync(victim, join(place, ".accounts.json.new"));
    symlinkSync(victim, join(place, "linked.json"));
    const linked = await run(["simulate", "mixcom", "--port", "0", "--write-config", join(place, "linked.json")]);
    expect(linked.code).toBe(7);
    const path = join(place, "accounts.json");
    for (let time = 0; time < 2; time += 1) {
      const { waitForOutput, child, ended } = start(["simulate", "mixcom", "--port", "0", "--write-config", path]);
      await waitForOutput(/simulated platforms run at/);
      child.kill("SIGINT");
      await ended;
      expect(readMode(path)).toBe(0o600);
    }
    expect(readFileSync(victim, "utf8")).toBe("precious");
    mkdirSync(join(place, "folder.json"));
    expect((await run(["simulate", "mixcom", "--port", "0", "--write-config", join(place, "folder.json")])).code).toBe(7);
    expect(readdirSync(place).sort()).toEqual([".accounts.json.new", "accounts.json", "folder.json", "linked.json"]);
  });
});
