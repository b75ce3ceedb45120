// parse reads the files that receive writes: records, envelopes, and unreadable pushes.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { CallRecord, Provider } from "ringback";
import { forgePush } from "ringback/testing";
import { describe, expect, test } from "vitest";
import { createFolder, parseLines, PROVIDERS, run, start } from "./program.js";

const TOKEN = "a-token-of-the-tests-0123456789-abcdefghijk";

interface Sent {
  body: string | Uint8Array;
  headers: Record<string, string>;
}

/** Creates pushes of every kind: as documented, as a form, in GBK, compressed, binary, empty, and without a record. */
function createPushes(provider: Provider): Sent[] {
  const forge = (more: object): Sent => {
    const { body, contentType } = forgePush(provider, { caller: "13800000001", callee: "13900000002", ...more } as never) as { body: string | Uint8Array; contentType: string };
    return { body, headers: { "content-type": contentType } };
  };
  const plain = forge({ callId: "701" });
  return [
    plain,
    forge({ callId: "702", encoding: "form" }),
    forge({ callId: "703", charset: "gbk" }),
    { body: forge({ callId: "706", charset: "gbk", status: "unanswered" }).body, headers: { "content-type": "application/json" } },
    { body: gzipSync(forge({ callId: "704" }).body), headers: { ...plain.headers, "content-encoding": "gzip" } },
    { body: brotliCompressSync(forge({ callId: "705" }).body), headers: { ...plain.headers, "content-encoding": "br" } },
    { body: Uint8Array.from({ length: 200 }, (_, at) => 255 - at), headers: { "content-type": "application/octet-stream" } },
    { body: "", headers: {} },
    { body: "{no json", headers: plain.headers },
    { body: '[{"nothing":"of a call"}]', headers: plain.headers },
    { body: "\ufeff \r\n", headers: plain.headers },
  ];
}

/** Sends the pushes to a receiver, and returns the files that it has written. */
async function receiveAll(provider: Provider, typed: readonly string[]): Promise<{ output: string; unreadable: string; answers: number[] }> {
  const place = createFolder();
  const [output, unreadable] = [join(place, "calls.ndjson"), join(place, "unreadable.ndjson")];
  const receiver = start(["receive", provider, "--port", "0", "--output", output, "--unreadable", unreadable, ...typed], { env: { RINGBACK_TOKEN: TOKEN } });
  const [, url = ""] = await receiver.waitForOutput(/receiving at (http:\/\/\S+)/);
  const answers: number[] = [];
  for (const { body, headers } of createPushes(provider)) {
    answers.push((await fetch(`${url}/push/${TOKEN}`, { method: "POST", body: body as string, headers })).status);
  }
  receiver.child.kill("SIGINT");
  await receiver.ended;
  return { output, unreadable, answers };
}

const readKeys = (text: string): string[] => (parseLines(text) as CallRecord[]).map(({ key }) => key);

describe.each(PROVIDERS)("the files of receive for %s", (provider) => {
  test("as records are read unchanged, and written as a table, CSV or JSON", async () => {
    const { output } = await receiveAll(provider, []);
    const text = readFileSync(output, "utf8");
    expect(readKeys(text).slice(0, 3)).toEqual(["701", "702", "703"].map((id) => `${provider}:${id}`));
    expect(await run(["parse", provider, output])).toEqual({ code: 0, stdout: text, stderr: "" });
    const csv = await run(["parse", provider, output, "--format", "csv"]);
    expect(csv.code).toBe(0);
    expect(csv.stdout.trimEnd().split("\n").length).toBe(parseLines(text).length + 1);
    expect((await run(["parse", provider, output, "--format", "table"])).stdout).toContain("703");
    expect(JSON.parse((await run(["parse", provider, output, "--format", "json"])).stdout)).toEqual(parseLines(text));
  });

  test("as envelopes give the same records, and unreadable ones are reported by line", async () => {
    const records = readFileSync((await receiveAll(provider, [])).output, "utf8");
    const { output } = await receiveAll(provider, ["--envelopes"]);
    const ran = await run(["parse", provider, output, "--keep-going"]);
    expect(ran.stdout).toBe(records);
    const told = ran.stderr.split("\n").filter((line) => line.startsWith(output));
    expect(told.length).toBe(parseLines(readFileSync(output, "utf8")).length - parseLines(records).length);
    for (const line of told) expect(line).toMatch(/: line \d+, byte \d+/);
  });

  test("as unreadable pushes are read again: the reported reason is the push's own", async () => {
    const { unreadable } = await receiveAll(provider, []);
    const held = parseLines(readFileSync(unreadable, "utf8")) as { reason: string; push: { body?: string } }[];
    expect(held.length).toBeGreaterThan(2);
    const ran = await run(["parse", provider, unreadable, "--keep-going"]);
    expect(ran.code).toBe(6);
    const told = ran.stderr.split("\n").filter((line) => line.startsWith(unreadable));
    expect(told).toHaveLength(held.length);
    held.forEach(({ reason }, at) => expect(told[at]).toContain(reason));
    // After a correction, each is an ordinary push.
    const mended = held.map((line) => ({ ...line, push: { ...line.push, bodyHex: undefined, body: JSON.stringify(forgePush(provider, { callId: "799" }).payload) } }));
    const again = await run(["parse", provider], { input: mended.map((line) => JSON.stringify(line)).join("\n") });
    expect(again.code).toBe(0);
    expect(new Set(readKeys(again.stdout))).toEqual(new Set([`${provider}:799`]));
  });
});
