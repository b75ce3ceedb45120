// recording: a call's sound, under its name only when it is whole.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Provider } from "ringback";
import { describe, expect, test } from "vitest";
import { CALLEE, CALLER, folder, lines, PATIENCE, PROVIDERS, run, SEAT, start, toldError, type World, world } from "./program.js";
import { serve } from "../support/servers.js";

const ANSWERED = { script: { outcome: "answered", talkSeconds: 20 }, seats: { [SEAT]: `+86${CALLER}` } } as const;
/** What there is while a recording is on its way: the lock, and an unfinished file of a name that nobody else has. */
const UNFINISHED = [expect.stringMatching(/^\.call\.wav\.[0-9a-f]{16}\.part$/), "call.wav.lock"] as string[];
const DAY = ["--from", new Date(Date.now() - 86_400_000).toISOString(), "--to", new Date(Date.now() + 86_400_000).toISOString()];

/** A call that is over, and what the program is to be given for its recording: its id, or a file with its record. */
async function calledAt(provider: Provider): Promise<{ there: World; call: string }> {
  const { seats, ...script } = ANSWERED;
  const there = await world([provider], provider === "seatcall" ? { ...script, seats } : script);
  const dial = await run(["dial", CALLER, CALLEE, ...(provider === "seatcall" ? ["--seat", SEAT] : []), ...there.account(provider)]);
  expect(dial.code).toBe(0);
  await there.simulator(provider).idle();
  if (provider !== "seatcall") return { there, call: there.simulator(provider).calls[0]?.callId ?? "" };
  const { stdout } = await run(["records", ...DAY, ...there.account(provider)]);
  const call = join(folder(), "record.json");
  writeFileSync(call, JSON.stringify(lines(stdout)[0], null, 2));
  return { there, call };
}

describe.each(PROVIDERS)("the recording of a call at %s", (provider) => {
  test("is a whole WAV under the name that was asked for", async () => {
    const { there, call } = await calledAt(provider);
    const path = join(folder(), "call.wav");
    const ran = await run(["recording", call, "--output", path, "--json", ...there.account(provider)]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    const bytes = readFileSync(path);
    expect(bytes.subarray(0, 4).toString()).toBe("RIFF");
    expect(bytes.readUInt32LE(4) + 8).toBe(bytes.length);
    expect(JSON.parse(ran.stdout)).toMatchObject({ file: path, bytes: bytes.length });
    expect(readdirSync(join(path, ".."))).toEqual(["call.wav"]);
  });

  test("goes to stdout byte for byte", async () => {
    const { there, call } = await calledAt(provider);
    const path = join(folder(), "call.wav");
    await run(["recording", call, "--output", path, ...there.account(provider)]);
    const { child, ended } = start(["recording", call, "--output", "-", ...there.account(provider)]);
    const pieces: Buffer[] = [];
    child.stdout.setEncoding("latin1").on("data", (piece: string) => pieces.push(Buffer.from(piece, "latin1")));
    expect((await ended).code).toBe(0);
    expect(Buffer.concat(pieces).equals(readFileSync(path))).toBe(true);
  });
});

describe("without a name", () => {
  test("it is named after the call, in the folder in which the program runs", async () => {
    const { there, call } = await calledAt("mixcom");
    const cwd = folder();
    expect((await run(["recording", call, ...there.account("mixcom")], { cwd })).code).toBe(0);
    expect(readdirSync(cwd)).toEqual([`${call}.wav`]);
    // A second time it is there.
    const again = await run(["recording", call, ...there.account("mixcom")], { cwd });
    expect(again.code).toBe(7);
    expect(readdirSync(cwd)).toEqual([`${call}.wav`]);
  });

  test("a record from stdin cannot lead out of the folder", async () => {
    const { there, call } = await calledAt("seatcall");
    const record = { ...(JSON.parse(readFileSync(call, "utf8")) as object), callId: "../../outside/CON" };
    const cwd = join(folder(), "inside");
    mkdirSync(cwd);
    const { code } = await run(["recording", "-", ...there.account("seatcall")], { cwd, input: JSON.stringify(record) });
    expect(code).toBe(0);
    expect(readdirSync(cwd)).toEqual([expect.stringMatching(/^\w[\w.]*outside_CON\.wav$/)]);
    expect(readdirSync(join(cwd, ".."))).toEqual(["inside"]);
  });
});

describe("before anything is asked of the platform", () => {
  test("a file that cannot be written, or is there, ends with 7", async () => {
    const { there, call } = await calledAt("dingxin");
    const taken = join(folder(), "call.wav");
    writeFileSync(taken, "mine");
    const steps = there.simulator("dingxin").steps.length;
    for (const path of [join(folder(), "missing", "call.wav"), taken, folder()]) {
      const ran = await run(["recording", call, "--output", path, "--json", ...there.account("dingxin")]);
      expect(ran.code).toBe(7);
      expect(toldError(ran)).toMatchObject({ code: "unwritable" });
    }
    expect(there.simulator("dingxin").steps).toHaveLength(steps);
    expect(readFileSync(taken, "utf8")).toBe("mine");
    expect((await run(["recording", call, "--output", taken, "--force", ...there.account("dingxin")])).code).toBe(0);
    expect(readFileSync(taken).subarray(0, 4).toString()).toBe("RIFF");
  });

  test.skipIf(process.platform === "win32")("what is no file, a device or a pipe, is not replaced by one, not even with --force", async () => {
    const { there, call } = await calledAt("dingxin");
    const pipe = join(folder(), "pipe");
    execFileSync("mkfifo", [pipe]);
    expect((await run(["recording", call, "--output", pipe, "--force", ...there.account("dingxin")])).code).toBe(7);
    expect(statSync(pipe).isFIFO()).toBe(true);
  });

  test("a file that holds no record, or several, or a line that is no JSON, is told by name and line", async () => {
    const { there, call } = await calledAt("seatcall");
    const record = JSON.stringify(JSON.parse(readFileSync(call, "utf8")));
    const place = folder();
    const file = (name: string, content: string): string => {
      writeFileSync(join(place, name), content);
      return join(place, name);
    };
    const tried = async (path: string): Promise<[number | null, string]> => {
      const { code, stderr } = await run(["recording", path, "--output", join(place, "x.wav"), ...there.account("seatcall")]);
      return [code, stderr];
    };
    expect(await tried(file("two.ndjson", `${record}\n${record}\n`))).toEqual([2, expect.stringContaining("2 records")]);
    expect(await tried(file("bad.ndjson", `${record}\n{bad\n`))).toEqual([6, expect.stringContaining("line 2")]);
    expect(await tried(file("other.json", `{"a":1}`))).toEqual([6, expect.stringContaining("no call record")]);
    expect(await tried(join(place, "missing.json"))).toEqual([2, expect.stringContaining("no file")]);
  });
});

describe("a recording that does not come to its end", () => {
  /** A server whose sound never ends, for a record of seatcall's. */
  async function endless(): Promise<{ command: (path: string) => string[]; there: World }> {
    const { there, call } = await calledAt("seatcall");
    const server = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "audio/x-wav", "content-length": "1000000" });
      response.write(Buffer.alloc(5000, 1));
    });
    servers.push(server.close);
    const record = JSON.parse(readFileSync(call, "utf8")) as { recording: object };
    writeFileSync(call, JSON.stringify({ ...record, recording: { state: "available", url: `${server.address}/endless.wav` } }));
    return { there, command: (path) => ["recording", call, "--output", path, "--recording-host", "127.0.0.1", ...there.account("seatcall")] };
  }
  const servers: (() => Promise<void>)[] = [];

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s leaves no file", async (signal, exit) => {
    const { command } = await endless();
    const place = folder();
    const { child, ended } = start(command(join(place, "call.wav")));
    await expect.poll(() => readdirSync(place), PATIENCE).toEqual(UNFINISHED);
    child.kill(signal);
    expect((await ended).code).toBe(exit);
    expect(readdirSync(place)).toEqual([]);
    for (const close of servers.splice(0)) await close();
  });

  test("is not written to by another run, which ends with 7 and leaves it alone", async () => {
    const { command } = await endless();
    const place = folder();
    const first = start(command(join(place, "call.wav")));
    await expect.poll(() => readdirSync(place), PATIENCE).toEqual(UNFINISHED);
    const second = await run(command(join(place, "call.wav")));
    expect(second.code).toBe(7);
    expect(second.stderr).toContain(`by process ${first.child.pid}`);
    expect(readdirSync(place)).toEqual(UNFINISHED);
    first.child.kill("SIGINT");
    expect((await first.ended).code).toBe(130);
    for (const close of servers.splice(0)) await close();
  });

  test("by a broken connection leaves no file, and can be tried again", async () => {
    const { command } = await endless();
    const place = folder();
    const { ended } = start(command(join(place, "call.wav")));
    await expect.poll(() => readdirSync(place), PATIENCE).toEqual(UNFINISHED);
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const close of servers.splice(0)) await close();
    expect((await ended).code).toBe(4);
    expect(readdirSync(place)).toEqual([]);
  });

  test("because there is none leaves no file", async () => {
    const { there } = await calledAt("mixcom");
    const place = folder();
    const ran = await run(["recording", "CAE-20200302174758-1", "--output", join(place, "call.wav"), "--json", ...there.account("mixcom")]);
    expect(ran.code).toBe(1);
    expect(toldError(ran)).toMatchObject({ code: "not-found" });
    expect(readdirSync(place)).toEqual([]);
  });
});
