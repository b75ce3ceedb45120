// recording: saves a call's audio, under its final name only when it is complete.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Provider } from "ringback";
import { describe, expect, test } from "vitest";
import { CALLEE, CALLER, createFolder, parseLines, WAIT_LIMIT, PROVIDERS, run, SEAT, start, readError, type ServedPlatforms, servePlatforms } from "./program.js";
import { serve } from "../support/servers.js";

const ANSWERED = { script: { status: "answered", talkSeconds: 20 }, seats: { [SEAT]: `+86${CALLER}` } } as const;
/** The files during a download: the lock, and an unfinished file with a random name. */
const UNFINISHED = [expect.stringMatching(/^\.call\.wav\.[0-9a-f]{16}\.part$/), "call.wav.lock"] as string[];
const DAY = ["--from", new Date(Date.now() - 86_400_000).toISOString(), "--to", new Date(Date.now() + 86_400_000).toISOString()];

/** Places a call that ends, and returns the argument for its recording: its id, or a file with its record. */
async function placeCall(provider: Provider): Promise<{ there: ServedPlatforms; call: string }> {
  const { seats, ...script } = ANSWERED;
  const there = await servePlatforms([provider], provider === "seatcall" ? { ...script, seats } : script);
  const dial = await run(["dial", CALLER, CALLEE, ...(provider === "seatcall" ? ["--seat", SEAT] : []), ...there.account(provider)]);
  expect(dial.code).toBe(0);
  await there.simulator(provider).idle();
  if (provider !== "seatcall") return { there, call: there.simulator(provider).calls[0]?.callId ?? "" };
  const { stdout } = await run(["records", ...DAY, ...there.account(provider)]);
  const call = join(createFolder(), "record.json");
  writeFileSync(call, JSON.stringify(parseLines(stdout)[0], null, 2));
  return { there, call };
}

describe.each(PROVIDERS)("the recording of a call at %s", (provider) => {
  test("is saved as a complete WAV under the given name", async () => {
    const { there, call } = await placeCall(provider);
    const path = join(createFolder(), "call.wav");
    const ran = await run(["recording", call, "--output", path, "--json", ...there.account(provider)]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    const bytes = readFileSync(path);
    expect(bytes.subarray(0, 4).toString()).toBe("RIFF");
    expect(bytes.readUInt32LE(4) + 8).toBe(bytes.length);
    expect(JSON.parse(ran.stdout)).toMatchObject({ file: path, bytes: bytes.length });
    expect(readdirSync(join(path, ".."))).toEqual(["call.wav"]);
  });

  test("is written to stdout byte for byte", async () => {
    const { there, call } = await placeCall(provider);
    const path = join(createFolder(), "call.wav");
    await run(["recording", call, "--output", path, ...there.account(provider)]);
    const { child, ended } = start(["recording", call, "--output", "-", ...there.account(provider)]);
    const pieces: Buffer[] = [];
    child.stdout.setEncoding("latin1").on("data", (piece: string) => pieces.push(Buffer.from(piece, "latin1")));
    expect((await ended).code).toBe(0);
    expect(Buffer.concat(pieces).equals(readFileSync(path))).toBe(true);
  });
});

describe("without a name", () => {
  test("the file is named after the call, in the working directory", async () => {
    const { there, call } = await placeCall("mixcom");
    const cwd = createFolder();
    expect((await run(["recording", call, ...there.account("mixcom")], { cwd })).code).toBe(0);
    expect(readdirSync(cwd)).toEqual([`${call}.wav`]);
    // The second time, the file exists.
    const again = await run(["recording", call, ...there.account("mixcom")], { cwd });
    expect(again.code).toBe(7);
    expect(readdirSync(cwd)).toEqual([`${call}.wav`]);
  });

  test("a record from stdin cannot make it write outside of the folder", async () => {
    const { there, call } = await placeCall("seatcall");
    const record = { ...(JSON.parse(readFileSync(call, "utf8")) as object), callId: "../../outside/CON" };
    const cwd = join(createFolder(), "inside");
    mkdirSync(cwd);
    const { code } = await run(["recording", "-", ...there.account("seatcall")], { cwd, input: JSON.stringify(record) });
    expect(code).toBe(0);
    expect(readdirSync(cwd)).toEqual([expect.stringMatching(/^\w[\w.]*outside_CON\.wav$/)]);
    expect(readdirSync(join(cwd, ".."))).toEqual(["inside"]);
  });
});

describe("before any request to the platform", () => {
  test("a file that exists or cannot be written ends with 7", async () => {
    const { there, call } = await placeCall("dingxin");
    const taken = join(createFolder(), "call.wav");
    writeFileSync(taken, "mine");
    const steps = there.simulator("dingxin").steps.length;
    for (const path of [join(createFolder(), "missing", "call.wav"), taken, createFolder()]) {
      const ran = await run(["recording", call, "--output", path, "--json", ...there.account("dingxin")]);
      expect(ran.code).toBe(7);
      expect(readError(ran)).toMatchObject({ code: "unwritable" });
    }
    expect(there.simulator("dingxin").steps).toHaveLength(steps);
    expect(readFileSync(taken, "utf8")).toBe("mine");
    expect((await run(["recording", call, "--output", taken, "--force", ...there.account("dingxin")])).code).toBe(0);
    expect(readFileSync(taken).subarray(0, 4).toString()).toBe("RIFF");
  });

  test.skipIf(process.platform === "win32")("a device or a pipe is not replaced by a file, even with --force", async () => {
    const { there, call } = await placeCall("dingxin");
    const pipe = join(createFolder(), "pipe");
    execFileSync("mkfifo", [pipe]);
    expect((await run(["recording", call, "--output", pipe, "--force", ...there.account("dingxin")])).code).toBe(7);
    expect(statSync(pipe).isFIFO()).toBe(true);
  });

  test("a file without a record, with several, or with a line that is not JSON is reported by name and line", async () => {
    const { there, call } = await placeCall("seatcall");
    const record = JSON.stringify(JSON.parse(readFileSync(call, "utf8")));
    const place = createFolder();
    const file = (name: string, content: string): string => {
      writeFileSync(join(place, name), content);
      return join(place, name);
    };
    const tryFile = async (path: string): Promise<[number | null, string]> => {
      const { code, stderr } = await run(["recording", path, "--output", join(place, "x.wav"), ...there.account("seatcall")]);
      return [code, stderr];
    };
    expect(await tryFile(file("two.ndjson", `${record}\n${record}\n`))).toEqual([2, expect.stringContaining("2 records")]);
    expect(await tryFile(file("bad.ndjson", `${record}\n{bad\n`))).toEqual([6, expect.stringContaining("line 2")]);
    expect(await tryFile(file("other.json", `{"a":1}`))).toEqual([6, expect.stringContaining("does not contain a call record")]);
    expect(await tryFile(join(place, "missing.json"))).toEqual([2, expect.stringContaining("does not exist")]);
  });
});

describe("an incomplete recording", () => {
  /** Starts a server with endless audio, for a record of seatcall. */
  async function startEndlessServer(): Promise<{ command: (path: string) => string[]; there: ServedPlatforms }> {
    const { there, call } = await placeCall("seatcall");
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
    const { command } = await startEndlessServer();
    const place = createFolder();
    const { child, ended } = start(command(join(place, "call.wav")));
    await expect.poll(() => readdirSync(place), WAIT_LIMIT).toEqual(UNFINISHED);
    child.kill(signal);
    expect((await ended).code).toBe(exit);
    expect(readdirSync(place)).toEqual([]);
    for (const close of servers.splice(0)) await close();
  });

  test("is not changed by another run, which ends with 7", async () => {
    const { command } = await startEndlessServer();
    const place = createFolder();
    const first = start(command(join(place, "call.wav")));
    await expect.poll(() => readdirSync(place), WAIT_LIMIT).toEqual(UNFINISHED);
    const second = await run(command(join(place, "call.wav")));
    expect(second.code).toBe(7);
    expect(second.stderr).toContain(`by process ${first.child.pid}`);
    expect(readdirSync(place)).toEqual(UNFINISHED);
    first.child.kill("SIGINT");
    expect((await first.ended).code).toBe(130);
    for (const close of servers.splice(0)) await close();
  });

  test("by a broken connection leaves no file, and can be repeated", async () => {
    const { command } = await startEndlessServer();
    const place = createFolder();
    const { ended } = start(command(join(place, "call.wav")));
    await expect.poll(() => readdirSync(place), WAIT_LIMIT).toEqual(UNFINISHED);
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const close of servers.splice(0)) await close();
    expect((await ended).code).toBe(4);
    expect(readdirSync(place)).toEqual([]);
  });

  test("that does not exist leaves no file", async () => {
    const { there } = await placeCall("mixcom");
    const place = createFolder();
    const ran = await run(["recording", "CAE-20200302174758-1", "--output", join(place, "call.wav"), "--json", ...there.account("mixcom")]);
    expect(ran.code).toBe(1);
    expect(readError(ran)).toMatchObject({ code: "not-found" });
    expect(readdirSync(place)).toEqual([]);
  });
});
