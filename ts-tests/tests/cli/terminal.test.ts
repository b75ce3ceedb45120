// Output to a terminal: control characters in a platform's texts are removed, and secrets are never shown.
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CallRecord } from "ringback";
import { describe, expect, test } from "vitest";
import { CALLEE, CALLER, writeConfigFile, CREDENTIALS, createFolder, PROVIDERS, run, servePlatforms } from "./program.js";
import { serve } from "../support/servers.js";

/** Control sequences: a title, a cleared screen, a moved cursor, hidden text, C1 in one character, and bidirectional overrides. */
const HOSTILE = [
  "\u001b]0;pwned\u0007",
  "\u001b[2J\u001b[1;1H",
  "\u001b[8m",
  "\u001b[31m",
  "\u009b2J",
  "\u0090q\u009c",
  "\r\u0008\u007f",
  "\u202e\u2066\u2069\u200f\u061c",
  "\u2028\u2029",
  "\u{e0041}\u{e007f}",
].join("x");

/** All characters that control a terminal, except the line feeds of our own lines. */
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\u{e0000}-\u{e007f}]/u;

async function startServer(json: object, status = 200): Promise<{ address: string; close(): Promise<void> }> {
  return serve((_request, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(json));
  });
}

const MIXCOM = { provider: "mixcom", ...CREDENTIALS.mixcom };

describe("a platform's error", () => {
  test.each([
    ["refused", { success: false, code: 1001, msg: HOSTILE }, 1],
    ["of unknown delivery", { success: false, code: 500, msg: HOSTILE }, 5],
    ["with a hostile code", { success: false, code: HOSTILE, msg: "no" }, undefined],
  ])("%s does not control the terminal, in either language, coloured or as JSON", async (_, answer, exit) => {
    const server = await startServer(answer);
    const config = writeConfigFile({ ...MIXCOM, baseUrl: server.address });
    for (const more of [[], ["--lang", "zh"], ["--json"], ["--verbose"]]) {
      const { code, stdout, stderr } = await run(["dial", CALLER, CALLEE, "--config", config, ...more]);
      if (exit !== undefined) expect(code).toBe(exit);
      expect(stdout + stderr).not.toMatch(OBEYED);
      if (more[0] === "--json") for (const line of stderr.trim().split("\n")) expect(() => JSON.parse(line) as unknown).not.toThrow();
    }
    await server.close();
  });

  test("cannot change our colours or erase the warning", async () => {
    const server = await startServer({ success: false, code: 500, msg: `${HOSTILE}\n\u001b[33m\u001b[1m${"\n".repeat(200)}` });
    const { code, stderr } = await run(["dial", CALLER, CALLEE, "--config", writeConfigFile({ ...MIXCOM, baseUrl: server.address })], { env: { FORCE_COLOR: "1" } });
    expect(code).toBe(5);
    // Each of our colour codes starts and ends on its line; there are no other control characters.
    const ours = /\u001b\[(?:1|2|22|31|33|39)m/g;
    expect(stderr.replaceAll(ours, "")).not.toMatch(OBEYED);
    for (const line of stderr.split("\n").filter((line) => line.includes("\u001b"))) expect(line.match(ours)?.at(-1)).toMatch(/\[(22|39)m/);
    const warning = stderr.split("\n").find((line) => line.includes("THE CALL MAY HAVE BEEN PLACED"));
    expect(warning).toMatch(/^\u001b\[1m\u001b\[33m {2}THE CALL/);
    expect(stderr.split("\n").length).toBeLessThan(8);
    await server.close();
  });
});

describe("a record", () => {
  const push = { event: "fee", callIdentifier: `C-${HOSTILE}`, uuid: HOSTILE, caller: `+8613800000001${HOSTILE}`, callEndTime: "2020-03-02 17:48:17", ulFailReason: HOSTILE };
  const input = JSON.stringify(push);

  test("in a table has no control characters", async () => {
    const { stdout, stderr } = await run(["parse", "mixcom", "--format", "table"], { input });
    expect(stdout).toContain("C-");
    expect(stdout + stderr).not.toMatch(OBEYED);
  });

  test.each(["ndjson", "json"])("as %s is escaped, without changing its values", async (format) => {
    const { code, stdout } = await run(["parse", "mixcom", "--format", format], { input });
    expect(code).toBe(0);
    expect(stdout).not.toMatch(OBEYED);
    const [record] = [JSON.parse(stdout) as CallRecord | CallRecord[]].flat();
    expect(record?.raw).toEqual(push);
  });

  test("as csv in a pipe is unchanged, for programs", async () => {
    const { stdout } = await run(["parse", "mixcom", "--format", "csv"], { input: JSON.stringify({ ...push, uuid: "a\u009b2Jb" }) });
    expect(stdout).toContain("a\u009b2Jb");
  });

  test("that cannot be read, and a typed path, are reported without control characters", async () => {
    const unreadable = await run(["parse", "mixcom"], { input: `{"event":"fee","callIdentifier":{"${HOSTILE.replace(/[\u0000-\u001f]/g, "")}":1}` });
    expect(unreadable.code).toBe(6);
    expect(unreadable.stdout + unreadable.stderr).not.toMatch(OBEYED);
    const missing = await run(["parse", "mixcom", join(createFolder(), `a${HOSTILE.replaceAll("\u0000", "")}b`)]);
    expect(missing.code).toBe(6);
    expect(missing.stderr).not.toMatch(OBEYED);
  });
});

describe.each(PROVIDERS)("the secrets of %s", (provider) => {
  test("are not shown by any check of doctor or by a verbose dial", async () => {
    const there = await servePlatforms([provider]);
    const secrets = Object.entries(CREDENTIALS[provider]).filter(([name]) => ["appSecret", "accountSid", "customerId"].includes(name) || provider === "cyjcloud");
    expect(secrets.length).toBeGreaterThan(0);
    for (const command of [["doctor"], ["doctor", "--json"], ["doctor", "--verbose"], ["dial", CALLER, CALLEE, "--verbose"], ["explain", "dial", CALLER, CALLEE]]) {
      const seat = provider === "seatcall" && command.includes("dial") ? ["--seat", "PP0000001"] : [];
      const { stdout, stderr } = await run([...command, ...seat, ...there.account(provider)]);
      for (const [, secret] of secrets) expect(stdout + stderr).not.toContain(secret);
    }
  });
});

describe.skipIf(process.platform === "win32")("a file with accounts", () => {
  const causesWarning = async (content: object, mode: number): Promise<boolean> => {
    const path = join(createFolder(), "accounts.json");
    writeFileSync(path, JSON.stringify(content));
    chmodSync(path, mode);
    const { stderr } = await run(["explain", "dial", CALLER, CALLEE, "--provider", "mixcom", "--app-key", "k", "--config", path], { env: { RINGBACK_APP_SECRET: "an-invented-secret" } });
    return stderr.includes("other users of this machine can read the secrets");
  };

  test.each([
    ["a secret", { appSecret: "an-invented-secret" }],
    ["an account id that is a secret", { accountSid: "an-invented-sid-0123" }],
    ["a customer id that is a secret", { customerId: "1000001" }],
    ["tokens of a receiver", { tokens: ["a-token"] }],
    ["a push address", { pushUrl: "https://crm.example.com/push/a-token" }],
    ["accounts", { accounts: { north: { provider: "mixcom", tokens: ["a-token"] } } }],
  ])("with %s causes a warning if the group or others can read it", async (_, content) => {
    expect(await Promise.all([0o644, 0o640, 0o604, 0o660, 0o600, 0o400].map((mode) => causesWarning(content, mode)))).toEqual([true, true, true, true, false, false]);
  });

  test("without any of these causes no warning", async () => {
    expect(await causesWarning({ timeoutMs: 1000, account: "north" }, 0o644)).toBe(false);
  });
});

test.each([[[], /THE CALL MAY HAVE BEEN PLACED.*by reference ([\w-]{8,})\./], [["--json"], /"reference":"([\w-]{8,})"/], [["--lang", "zh"], /用 reference ([\w-]{8,}) 查话单/]] as const)(
  "a dial of unknown delivery names the sent reference, with %j",
  async (more, pattern) => {
    const server = await serve((_request, response) => {
      response.writeHead(502);
      response.end();
    });
    const config = writeConfigFile({ ...MIXCOM, baseUrl: server.address });
    for (const given of [[], ["--reference", "order-4711"]]) {
      const { code, stderr } = await run(["dial", CALLER, CALLEE, "--config", config, ...given, ...more]);
      expect(code).toBe(5);
      const [, reference = ""] = pattern.exec(stderr) ?? [];
      expect(server.requests.at(-1)?.body).toContain(reference);
      if (given.length > 0) expect(reference).toBe("order-4711");
    }
    await server.close();
  },
);
