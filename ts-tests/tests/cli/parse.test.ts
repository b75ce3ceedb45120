// parse: reads pushes and envelopes, writes records.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CallRecord, Provider } from "ringback";
import { forgePush } from "ringback/testing";
import { describe, expect, test } from "vitest";
import { createFolder, parseLines, PROVIDERS, run, start } from "./program.js";

/** Creates a platform's push as one line. */
function createLine(provider: Provider, callId: string): string {
  const { payload } = forgePush(provider, { callId, caller: "13800000001", callee: "13900000002" });
  return JSON.stringify(payload);
}

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(createFolder(), name);
  writeFileSync(path, content);
  return path;
};

const readKeys = (text: string): string[] => (parseLines(text) as CallRecord[]).map(({ key }) => key);

describe.each(PROVIDERS)("pushes of %s", (provider) => {
  const ids = ["101", "102", "103"];
  const content = ids.map((id) => createLine(provider, id)).join("\n");

  test("become records, from a file and from stdin", async () => {
    const [fromFile, fromStdin] = await Promise.all([run(["parse", provider, file("pushes.ndjson", content)]), run(["parse", provider], { input: content })]);
    expect(fromFile).toMatchObject({ code: 0, stderr: "" });
    expect(readKeys(fromFile.stdout)).toEqual(ids.map((id) => `${provider}:${id}`));
    expect(fromStdin.stdout).toBe(fromFile.stdout);
  });

  test("one document over many lines is one push", async () => {
    const document = JSON.stringify(JSON.parse(createLine(provider, "104")), null, 4).replaceAll("\n", "\r\n");
    const { code, stdout } = await run(["parse", provider, "-"], { input: document });
    expect(code).toBe(0);
    expect(readKeys(stdout)).toEqual([`${provider}:104`]);
  });
});

describe.each(PROVIDERS)("what `receive` writes for %s", (provider) => {
  const TOKEN = "a-token-of-the-tests-0123456789-abcdefghijk";

  test.each([
    ["records", []],
    ["envelopes", ["--envelopes"]],
  ])("as %s becomes a table, CSV and JSON", async (_, typed) => {
    const path = join(createFolder(), "kept.ndjson");
    const receiver = start(["receive", provider, "--port", "0", "--output", path, ...typed], { env: { RINGBACK_TOKEN: TOKEN } });
    const [, url = ""] = await receiver.waitForOutput(/receiving at (http:\/\/\S+)/);
    for (const callId of ["1001", "1002"]) {
      const { body, contentType } = forgePush(provider, { callId });
      expect((await fetch(`${url}/push/${TOKEN}`, { method: "POST", body: body as string, headers: { "content-type": contentType } })).status).toBe(200);
    }
    receiver.child.kill("SIGINT");
    expect((await receiver.ended).code).toBe(0);
    const parse = (...more: string[]): ReturnType<typeof run> => run(["parse", provider, path, ...more]);
    const [lines, table, csv, json] = await Promise.all([parse(), parse("--format", "table"), parse("--format", "csv"), parse("--format", "json")]);
    for (const { code, stderr } of [lines, table, csv, json]) expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(readKeys(lines.stdout)).toEqual([`${provider}:1001`, `${provider}:1002`]);
    expect(table.stdout).toMatch(/1001\n.*1002\n2 records\n$/);
    expect(csv.stdout.trim().split("\n")).toHaveLength(3);
    expect(csv.stdout).toContain(`,${provider}:1002,1002,`);
    // The list that --format json writes is read again, too.
    expect(await run(["parse", provider, "--format", "json"], { input: json.stdout })).toEqual(json);
  });
});

describe("a file of records", () => {
  const record = async (provider: Provider, callId: string): Promise<string> => (await run(["parse", provider], { input: createLine(provider, callId) })).stdout;

  test("with a line that is none, or of another platform, ends with 6 and names the line", async () => {
    const content = `${await record("mixcom", "1")}{"hello":1}\n${await record("dingxin", "2")}${await record("mixcom", "3")}`;
    const whole = await run(["parse", "mixcom", "--keep-going"], { input: content });
    expect(whole.code).toBe(6);
    expect(readKeys(whole.stdout)).toEqual(["mixcom:1", "mixcom:3"]);
    expect(whole.stderr).toContain("line 2: not a call record");
    expect(whole.stderr).toContain("line 3: a record of another platform");
    const first = await run(["parse", "mixcom"], { input: content });
    expect(first.code).toBe(6);
    expect(readKeys(first.stdout)).toEqual(["mixcom:1"]);
  });
});

test("CSV for Excel has headings in the user's language, other CSV the names of the fields", async () => {
  const input = createLine("mixcom", "1");
  const heading = async (...typed: string[]): Promise<string | undefined> => (await run(["parse", "mixcom", "--format", "csv", ...typed], { input })).stdout.split("\n")[0];
  const names = "provider,account,key,callId";
  expect(await heading()).toMatch(new RegExp(`^${names}`));
  expect(await heading("--lang", "zh")).toMatch(new RegExp(`^${names}`));
  expect(await heading("--bom")).toMatch(new RegExp(`^\ufeff${names}`));
  expect(await heading("--bom", "--lang", "zh")).toMatch(/^\ufeff平台,账号,去重键,通话标识/);
  expect(await heading("--bom", "--lang", "zh", "--raw")).not.toMatch(/[a-z]/i);
});

describe("other input", () => {
  test("a form is one push", async () => {
    const { body, contentType } = forgePush("mixcom", { callId: "C-1", encoding: "form" });
    const known = await run(["parse", "mixcom", "--content-type", contentType], { input: body });
    const guessed = await run(["parse", "mixcom"], { input: body });
    expect(known.code).toBe(0);
    expect(readKeys(known.stdout)).toEqual(["mixcom:C-1"]);
    expect(guessed.stdout).toBe(known.stdout);
  });

  test("GBK is read by its content type", async () => {
    const { body, contentType, payload } = forgePush("dingxin", { callId: "C-1", status: "unanswered", charset: "gbk" });
    const { code, stdout } = await run(["parse", "dingxin", "--content-type", contentType, "--query", "reference=order-7"], { input: body });
    expect(code).toBe(0);
    const [record] = parseLines(stdout) as CallRecord[];
    expect(record).toMatchObject({ reference: "order-7", raw: payload });
  });

  test("envelopes have their own account; blank lines, CRLF and a byte-order mark are accepted", async () => {
    const envelope = JSON.stringify({ account: "north", provider: "quanmayun", receivedAt: "2020-03-02T09:00:00Z", body: createLine("quanmayun", "105") });
    const { code, stdout } = await run(["parse", "quanmayun"], { input: `\ufeff${envelope}\r\n\r\n${envelope.replace("105", "106")}` });
    expect(code).toBe(0);
    expect(readKeys(stdout)).toEqual(["quanmayun/north:105", "quanmayun/north:106"]);
  });

  test("empty input gives no output", async () => {
    expect(await run(["parse", "mixcom"], { input: "" })).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("--format and --account work here too", async () => {
    const input = createLine("mixcom", "C-1");
    expect(JSON.parse((await run(["parse", "mixcom", "--format", "json", "--account", "north"], { input })).stdout)).toMatchObject([{ key: "mixcom/north:C-1" }]);
    expect((await run(["parse", "mixcom", "--format", "table"], { input })).stdout).toContain("C-1");
    expect((await run(["parse", "mixcom", "--format", "xml"], { input })).code).toBe(2);
  });

  test("csv escapes formulas and does not change numbers", async () => {
    const formulas = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "－1＋1"];
    const input = formulas.map((uuid, at) => JSON.stringify({ ...forgePush("mixcom", { callId: `C-${at}`, caller: "13800000001" }).payload, uuid })).join("\n");
    const { stdout } = await run(["parse", "mixcom", "--format", "csv"], { input });
    expect(stdout).toContain("+8613800000001");
    // No cell begins like a spreadsheet formula, except numbers in E.164.
    expect(stdout).not.toMatch(/(^|,)"?[=@\t\uff0d\uff0b-][^,]/m);
    expect(stdout).not.toMatch(/(^|,)"?\+(?!\d+(,|$))/m);
    for (const formula of ["=1+1", "@SUM(1)"]) expect(stdout).toContain(`'${formula}`);
  });
});

describe("a line that cannot be read", () => {
  const content = [createLine("mixcom", "C-1"), createLine("mixcom", "C-2"), "{no json", createLine("mixcom", "C-4"), ""].join("\n");
  const offset = Buffer.byteLength(content.slice(0, content.indexOf("{no json")));

  test("is named with its position, and ends the reading with 6; the lines before it are read", async () => {
    const path = file("pushes.ndjson", content);
    const { code, stdout, stderr } = await run(["parse", "mixcom", path]);
    expect(code).toBe(6);
    expect(readKeys(stdout)).toEqual(["mixcom:C-1", "mixcom:C-2"]);
    expect(stderr).toContain(`${path}: line 3, byte ${offset}`);
    expect(stderr).toContain("--keep-going");
  });

  test("is reported in Chinese too, and as JSON for programs", async () => {
    const chinese = await run(["parse", "mixcom", "--lang", "zh"], { input: content });
    expect(chinese.stderr).toContain(`第 3 行, 第 ${offset} 字节`);
    const told = parseLines((await run(["parse", "mixcom", "--json"], { input: content })).stderr);
    expect(told).toMatchObject([{ unreadable: { input: "stdin", line: 3, offset, reason: expect.any(String) as string } }, { error: { code: "unreadable" } }]);
  });

  test("is skipped with --keep-going, and the exit code is still 6", async () => {
    const { code, stdout, stderr } = await run(["parse", "mixcom", "--keep-going"], { input: content });
    expect(code).toBe(6);
    expect(readKeys(stdout)).toEqual(["mixcom:C-1", "mixcom:C-2", "mixcom:C-4"]);
    expect(stderr).toContain(`line 3, byte ${offset}`);
  });

  test("is named if it is the first, as in a file that is not NDJSON", async () => {
    for (const input of ["{no json\n", "a,b,c\n1,2,3\n", "\u0000\u0001\u0002"]) {
      const { code, stdout, stderr } = await run(["parse", "mixcom"], { input });
      expect(code).toBe(6);
      expect(stdout).toBe("");
      expect(stderr).toContain("line 1, byte 0");
    }
  });

  test("a missing file ends with 6 and its name", async () => {
    const path = join(createFolder(), "missing.ndjson");
    const { code, stderr } = await run(["parse", "mixcom", path]);
    expect(code).toBe(6);
    expect(stderr).toContain(`${path} cannot be read (ENOENT)`);
  });
});

describe("a stream", () => {
  test("writes records while it is still open", async () => {
    const { child, ended, waitForOutput } = start(["parse", "mixcom"]);
    child.stdin.write(Array.from({ length: 200 }, (_, at) => `${createLine("mixcom", `C-${at}`)}\n`).join(""));
    await waitForOutput(/mixcom:C-99"/);
    child.stdin.end(`${createLine("mixcom", "C-last")}\n`);
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(readKeys(stdout)).toHaveLength(201);
  });

  test("that pauses after one push has its record written without waiting", async () => {
    const { child, ended, waitForOutput } = start(["parse", "mixcom"]);
    child.stdin.write(`${createLine("mixcom", "C-only")}\n`);
    await waitForOutput(/mixcom:C-only"/);
    child.stdin.end();
    expect(readKeys((await ended).stdout)).toEqual(["mixcom:C-only"]);
  });

  test("is interrupted by Ctrl-C with 130", async () => {
    const { child, ended, waitForOutput } = start(["parse", "mixcom"]);
    child.stdin.write(Array.from({ length: 200 }, (_, at) => `${createLine("mixcom", `C-${at}`)}\n`).join(""));
    await waitForOutput(/mixcom:C-99"/);
    child.kill("SIGINT");
    expect((await ended).code).toBe(130);
  });

  test("whose reader has closed ends silently", async () => {
    const path = file("pushes.ndjson", Array.from({ length: 20_000 }, (_, at) => `${createLine("mixcom", `C-${at}`)}\n`).join(""));
    const { child, ended } = start(["parse", "mixcom", path]);
    child.stdout.once("data", () => child.stdout.destroy());
    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});
