// --lang zh: no command answers in English. A sentence is three English words in a row; values, names of options, files and commands, and
// what a platform itself said are not counted.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Provider } from "ringback";
import { createToken } from "ringback";
import { type Fault, forgePush } from "ringback/testing";
import { describe, expect, test } from "vitest";
import { CALLEE, CALLER, createFolder, createTestSimulator, PROVIDERS, run, type RunResult, SEAT, SECRET, servePlatforms, start, startProxy } from "./program.js";
import { findDeadAddress, serve } from "../support/servers.js";

const COMMANDS = ["dial", "hangup", "bind-seat", "records", "recording", "balance", "parse", "explain", "simulate", "receive", "listen", "init", "token", "doctor", "exit-codes", "help"];
const EXPLAINED = ["dial", "hangup", "bind-seat", "records", "recording", "balance", "code"].map((name) => `explain ${name}`);

/** Runs a command in Chinese. */
const speak = (typed: readonly string[], options: Parameters<typeof run>[1] = {}): Promise<RunResult> => run([...typed, "--lang", "zh"], options);

/** Removes what is no sentence of the program: commands to copy, quoted values, JSON, names with punctuation in them, addresses. */
function removeValues(text: string): string {
  return text
    .replace(/^(?:用法：|  +)(?: ?[A-Z_]+=\S+)? ?(?:npx )?ringback .*$/gm, "")
    // A platform's own answer is shown unchanged.
    .replace(/(平台返回|校验：|响应未说明签名是否正确（)[^；。\n]*/g, "·")
    .replace(/`[^`\n]*`|"[^"\n]*"|\{[^\n]*\}|<[^>\n]*>/g, "·")
    .replace(/https?:\/\/\S+/g, "·")
    .replace(/--?[a-z][a-z-]*/g, "·")
    .replace(/\S*[\d_/\\=.]\S*/g, "·");
}

/** Finds English sentences: three words in a row. */
function findSentences(text: string): string[] {
  return [...removeValues(text).matchAll(/[A-Za-z][A-Za-z'’]+(?:,? [A-Za-z'’]+){2,}/g)].map(([sentence]) => sentence);
}

function expectChinese({ stdout, stderr }: RunResult): void {
  expect(findSentences(stdout + stderr)).toEqual([]);
  expect(stdout + stderr).not.toContain(SECRET);
}

test("the search finds English sentences, and no values", () => {
  expect(findSentences("错误：caller: is a masked number, which cannot be dialed")).toHaveLength(1);
  expect(findSentences("unknown option")).toEqual([]);
  expect(findSentences("  npx ringback dial 1 2 --config accounts.json\n错误：`pass the value here` appKey、appSecret")).toEqual([]);
});

describe("help", () => {
  test.each(["", ...COMMANDS, ...EXPLAINED])("of %j", async (command) => {
    const ran = await speak([...command.split(" ").filter(Boolean), "--help"]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/^用法： ringback/);
    expect(ran.stdout).toContain("示例：");
    expectChinese(ran);
  });
});

describe.each(PROVIDERS)("a session at %s", (provider) => {
  test("speaks Chinese in every command", async () => {
    const { account } = await servePlatforms([provider], { script: undefined });
    const own = account(provider);
    const seat = provider === "seatcall" ? ["--seat", SEAT] : [];
    const runs: RunResult[] = [];
    const succeed = async (...typed: string[]): Promise<RunResult> => {
      const ran = await speak([...typed, ...own]);
      expect({ typed, code: ran.code, stderr: ran.stderr }).toMatchObject({ typed, code: 0 });
      runs.push(ran);
      return ran;
    };
    if (provider === "seatcall") await succeed("bind-seat", SEAT, CALLER);
    await succeed("dial", CALLER, CALLEE, ...seat, "--verbose");
    await succeed("explain", "dial", CALLER, CALLEE, ...seat);
    await succeed("doctor");
    if (provider === "seatcall") {
      await succeed("balance");
      const day = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
      await succeed("records", "--from", day, "--format", "table");
      await succeed("records", "--from", day, "--format", "csv", "--bom");
      await succeed("records", "--from", day, "--output", join(createFolder(), "calls.ndjson"));
      for (const typed of [["bind-seat", SEAT, CALLER], ["records", "--from", day], ["balance"]]) await succeed("explain", ...typed);
    } else await succeed("explain", "recording", "c1");
    if (provider === "quanmayun") await succeed("explain", "hangup", "c1");
    for (const ran of runs) expectChinese(ran);
  });

  test("parses and receives in Chinese", async () => {
    const { body, contentType } = forgePush(provider, { callId: "1" });
    for (const format of ["table", "csv", "json"]) {
      const ran = await speak(["parse", provider, "--format", format, "--bom", "--content-type", contentType], { input: body });
      expect(ran.code).toBe(0);
      if (format !== "json") expectChinese(ran);
    }
    const token = createToken();
    const receiver = start(["receive", provider, "--port", "0", "--lang", "zh", "--verbose"], { env: { RINGBACK_TOKEN: token } });
    const [, url = ""] = await receiver.waitForOutput(/正在 (http:\/\/\S+)/);
    const push = (text: string, path = token): Promise<Response> => fetch(`${url}/push/${path}`, { method: "POST", body: text, headers: { "content-type": "application/json" } });
    for (const text of [body as string, "", "{}", "[1]", '{"a":', "<html>", "{'a': 1}"]) await push(text);
    await push(body as string, createToken());
    await fetch(`${url}/push/${token}`, { method: "PUT", body: "x" });
    await receiver.waitForOutput(/PUT/);
    receiver.child.kill("SIGINT");
    const { code, stderr } = await receiver.ended;
    expect(code).toBe(0);
    expect(stderr.split("\n").length).toBeGreaterThan(8);
    expect(findSentences(stderr)).toEqual([]);
  });

  test("simulates in Chinese, also what it refuses", async () => {
    const simulator = start(["simulate", provider, "--port", "0", "--pace", "1000", "--lang", "zh", "--push-url", await findDeadAddress()]);
    const [, url = ""] = await simulator.waitForOutput(/运行于 (http:\/\/[\d.:]+)/);
    const [, typed = ""] = await simulator.waitForOutput(/npx ringback (dial .*)/);
    const bind = /npx ringback (bind-seat .*)/.exec((await simulator.waitForOutput(/doctor/)).input);
    if (bind?.[1] !== undefined) await speak(bind[1].split(" "));
    await speak(typed.split(" "));
    await speak(typed.replace(/--(app-secret|account-sid) \S+/, "--$1 wrongwrongwrongwrong").split(" "));
    await speak(typed.split(" ").concat("--time-zone", "Z"));
    for (const path of ["/", `/${provider}/unknown`]) await fetch(`${url}${path}`, { method: "POST", body: "{}" });
    await simulator.waitForOutput(/通话结束/);
    simulator.child.kill("SIGINT");
    const { stdout } = await simulator.ended;
    expect(stdout).toMatch(/✗ .*被拒绝/);
    expect(findSentences(stdout)).toEqual([]);
  });
});

test.each([
  ["mixcom", "514"],
  ["quanmayun", "CallerAbandon"],
  ["dingxin", "9001"],
  ["cyjcloud", "2016"],
  ["seatcall", "1"],
  ["mixcom", "99999"],
])("explain code %s %s", async (provider, code) => {
  const ran = await speak(["explain", "code", provider, code]);
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain("建议");
  expectChinese(ran);
});

test.each([["token"], ["exit-codes"], ["init", "mixcom", "--app-key", "k1"]])("%s", async (...typed) => {
  const ran = await speak(typed, { cwd: createFolder(), env: { RINGBACK_APP_SECRET: SECRET } });
  expect(ran.code).toBe(0);
  expectChinese(ran);
});

test("listen", async () => {
  const listening = start(["listen", "mixcom", "--port", "0", "--lang", "zh", "--forward-to", await findDeadAddress(), "--simulate"]);
  await listening.waitForOutput(/✗ .*由平台重推/);
  listening.child.kill("SIGINT");
  const { stdout, stderr } = await listening.ended;
  expect(findSentences(stdout + stderr)).toEqual([]);
});

describe("errors", () => {
  const mixcom = { provider: "mixcom", appKey: "k1", appSecret: SECRET };
  const seatcall = { provider: "seatcall", customerId: "c1", appSecret: SECRET, baseUrl: "https://seat.example" };
  /** Names of JavaScript that mean nothing in a shell. */
  const JAVASCRIPT = /createToken|bindSeat|hangUp|CallRecord|createClient|client\.|\bDate\b|timeoutMs|recordingHosts|recordingBaseUrl(?!")|dial\(|undefined|\[object/;

  const dial = (...more: string[]): string[] => ["dial", CALLER, CALLEE, ...more];
  const at = (account: string): string[] => ["--config", "accounts.json", "--account", account];
  const day = ["--from", "2026-11-26"];

  /** Mistakes in the arguments, the environment and the files: the arguments, and what the Chinese must name. */
  const MISTAKES: readonly (readonly [string[], RegExp])[] = [
    [["dail"], /dial/],
    [["dial", "--ap-key", "k"], /--app-key/],
    [["dial", CALLER], /callee/],
    [["records"], /--from/],
    [dial("--app-key"), /--app-key/],
    [["token", "more"], /参数过多/],
    [["token", "--lang", "fr"], /--lang/],
    [["parse", "mixcmo"], /mixcom/],
    [["balance"], /--provider/],
    [dial("--provider", "mixcom"), /--app-secret/],
    [["balance", "--config", "absent.json"], /absent\.json/],
    [["balance", "--config", "broken.json"], /JSON/],
    [["balance", "--config", "list.json"], /accounts/],
    [["balance", "--config", "old.json"], /node-crm/],
    [dial("--config", "accounts.json"), /--account/],
    [dial("--config", "accounts.json", "--account", "west"), /--account/],
    [dial("--config", "accounts.json", "--provider", "quanmayun"), /quanmayun/],
    [dial("--config", "accounts.json", "--provider", "mixcom"), /north、south/],
    [dial("--dialect", "signature", ...at("north")), /--dialect/],
    [dial("--dialect", "signatur=x", ...at("north")), /signatur/],
    [dial("--dialect", "signature=x", ...at("north")), /--dialect signature/],
    [["dial", "138****0001", CALLEE, ...at("north")], /<caller>/],
    [["dial", "1380000", CALLEE, ...at("north")], /<caller>/],
    [["dial", `${CALLER},${CALLEE}`, CALLEE, ...at("north")], /<caller>/],
    [["dial", "28000123", CALLEE, ...at("north")], /<caller>/],
    [["dial", "1.38E+10", CALLEE, ...at("north")], /<caller>/],
    [["dial", "hello", CALLEE, ...at("north")], /<caller>/],
    [["dial", CALLER, "110", ...at("north")], /<callee>/],
    [["dial", CALLER, CALLER, ...at("north")], /<callee>/],
    [dial("--seat", SEAT, ...at("north")), /--seat/],
    [dial(...at("seats")), /--seat/],
    [dial("--reference", "x".repeat(2000), ...at("north")), /--reference/],
    [dial("--reference", "a b\u0007", ...at("north")), /--reference/],
    [["hangup", "1", ...at("north")], /hangup/],
    [["hangup", "", "--provider", "quanmayun", "--app-id", "1696054309969104898", "--app-secret", SECRET], /<call-id>/],
    [["recording", "c1", ...at("seats")], /<call>/],
    [["records", "--from", "yesterday", "--to", "2026-11-26", ...at("seats")], /--from/],
    [["records", "--from", "2026-11-26T00:00:00", "--to", "2026-11-26", ...at("seats")], /--from/],
    [["records", "--from", "2026-11-27", "--to", "2026-11-26", ...at("seats")], /--from/],
    [["records", "--from", "2026-11-27T00:00:00Z", ...at("seats")], /--to/],
    [["records", ...day, "--after", "x", ...at("seats")], /--after/],
    [["records", ...day, ...at("north")], /records/],
    [["records", ...day, "--format", "xml", ...at("seats")], /--format/],
    [["records", ...day, "--format", "table", "--json", ...at("seats")], /--json/],
    [["records", ...day, "--output", "accounts.json", ...at("seats")], /--force/],
    [["records", ...day, "--output", "folder", ...at("seats")], /folder/],
    [["records", ...day, "--output", "link", ...at("seats")], /link/],
    [["records", ...day, "--output", "none/calls.csv", ...at("seats")], /none/],
    [dial("--timeout", "soon", ...at("north")), /--timeout/],
    [dial("--timeout", "0", ...at("north")), /--timeout/],
    [dial("--time-zone", "Asia/Shanghai", ...at("north")), /--time-zone/],
    [dial("--base-url", "nowhere", ...at("north")), /--base-url/],
    [dial("--base-url", "https://x.example/?a=1", ...at("north")), /--base-url/],
    [dial("--account", "a b", "--provider", "mixcom", "--app-key", "k", "--app-secret", SECRET), /--account/],
    [dial("--push-url", "nowhere", ...at("ding")), /--push-url/],
    [dial("--config", "extra.json"), /appSecert/],
    [dial("--config", "number.json"), /appKey/],
    [["recording", "absent.ndjson", ...at("seats")], /absent\.ndjson/],
    [["recording", "accounts.json", ...at("seats")], /accounts\.json/],
    [["recording", "c1", "--output", "-", "--json", ...at("north")], /--output/],
    [["parse", "mixcom", "absent.ndjson"], /absent\.ndjson/],
    [["parse", "mixcom", "accounts.json"], /accounts\.json/],
    [["parse", "mixcom", "garbage.txt"], /garbage\.txt/],
    [["parse", "mixcom", "pushes.ndjson"], /pushes\.ndjson/],
    [["simulate", "mixcom", "--port", "x"], /--port/],
    [["simulate", "mixcom", "--pace", "x"], /--pace/],
    [["simulate", "mixcom", "--seed", "1.5"], /--seed/],
    [["simulate", "mixcom", "--push-url", "x"], /--push-url/],
    [["simulate", "mixcom", "--outcome", "unanswered,recording"], /--outcome/],
    [["receive", "mixcom", "--token", "short"], /--token/],
    [["receive", "mixcom", "--allow", "everybody"], /--allow/],
    [["receive", "--config", "accounts.json", "--token", createToken()], /--token/],
    [["receive", "mixcom", "--output", "folder"], /folder/],
    [["listen", "mixcom", "--forward-to", "x"], /--forward-to/],
    [["listen", "mixcom", "--forward-to", "http://localhost:1", "--wait", "x"], /--wait/],
    [["init", "mixcom", "--output", "new.json"], /--app-secret/],
    [["init", "mixcom", "--app-key", "k", "--app-secret", SECRET, "--output", "accounts.json"], /--force/],
    [["init", "mixcom", "--app-key", "k", "--app-secret", SECRET, "--origin", "x", "--output", "new.json"], /--origin/],
    [["doctor", "--provider", "mixcom"], /appSecret/],
    [["doctor", "--offline", "--sample", "garbage.txt", ...at("north")], /Authorization|appkey|sign/],
    [["doctor", ...at("seats"), "--base-url", "https://ringback.invalid"], /ringback\.invalid/],
  ];

  test("are at least 100", () => {
    expect(MISTAKES.length + Object.keys(FAULTS).length * PROVIDERS.length).toBeGreaterThanOrEqual(100);
  });

  test.each(MISTAKES)("%j", async (typed, named) => {
    const cwd = createFolder();
    const write = (name: string, content: unknown): void => writeFileSync(join(cwd, name), typeof content === "string" ? content : JSON.stringify(content), { mode: 0o600 });
    write("accounts.json", { accounts: { north: mixcom, south: { ...mixcom, appKey: "k2" }, seats: seatcall, ding: { provider: "dingxin", appKey: "k", appSecret: SECRET } } });
    write("broken.json", `{ "appSecret": ${SECRET}`);
    write("list.json", []);
    write("old.json", { mixcom: { appKey: "k", appSecret: SECRET } });
    write("extra.json", { ...mixcom, appSecert: "x" });
    write("number.json", { ...mixcom, appKey: 17 });
    write("garbage.txt", "hello\n");
    write("pushes.ndjson", '{"hello":1}\n[1,2]\n{"event":\n');
    mkdirSync(join(cwd, "folder"));
    symlinkSync("accounts.json", join(cwd, "link"));
    const { code, stdout, stderr } = typed.includes("--lang") ? await run(typed, { cwd, env: { LANG: "zh_CN.UTF-8" } }) : await speak(typed, { cwd });
    expect(code).not.toBe(0);
    expect(findSentences(stdout + stderr)).toEqual([]);
    expect(stdout + stderr).toMatch(named);
    expect(stdout + stderr).toMatch(/\p{Script=Han}/u);
    if (!typed.includes(SECRET)) expect(stdout + stderr).not.toContain(SECRET);
    expect(stdout + stderr).not.toMatch(JAVASCRIPT);
    // Neither does the English name anything of JavaScript.
    const english = await run(typed.filter((word) => word !== "--lang" && word !== "fr"), { cwd });
    expect(english.stdout + english.stderr).not.toMatch(JAVASCRIPT);
  });

  const FAULTS: Readonly<Record<string, Fault>> = {
    "a gateway's page": { kind: "bad-gateway", on: "dial" },
    "a connection that breaks before": { kind: "reset", on: "dial" },
    "a connection that breaks after": { kind: "reset", on: "dial", when: "after" },
    "an answer that never comes": { kind: "timeout", on: "dial" },
    "an answer that is cut off": { kind: "truncated", on: "dial" },
    "too many requests": { kind: "rate-limited", on: "dial" },
    "a redirect": { kind: "redirect", on: "dial" },
    "a used-up balance": { kind: "insufficient-balance", on: "dial" },
    "a busy line": { kind: "line-busy", on: "dial" },
  };

  test.each(PROVIDERS.flatMap((provider) => Object.keys(FAULTS).map((name) => [provider, name] as const)))("at %s after %s", async (provider: Provider, name) => {
    const { account, simulator } = await servePlatforms([provider]);
    const seat = provider === "seatcall" ? ["--seat", SEAT] : [];
    if (provider === "seatcall") await speak(["bind-seat", SEAT, CALLER, ...account(provider)]);
    simulator(provider).fault({ ...(FAULTS[name] as Fault), times: Infinity } as Fault);
    const ran = await speak([...dial(...seat), "--timeout", "700", ...account(provider)]);
    expect(ran.code).not.toBe(0);
    expectChinese(ran);
  });

  test.each(PROVIDERS)("at %s: wrong secret, unknown recording, an answer that is not documented, no connection", async (provider) => {
    const { account } = await servePlatforms([provider]);
    const seat = provider === "seatcall" ? ["--seat", SEAT] : [];
    const wrong: Record<string, string> = provider === "cyjcloud" ? { RINGBACK_ACCOUNT_SID: "a-wrong-secret-98765" } : { RINGBACK_APP_SECRET: "a-wrong-secret-98765" };
    const page = await serve((_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html><body>Please log in to the network first</body></html>"));
    const dead = await findDeadAddress();
    const runs = await Promise.all([
      speak([...dial(...seat), ...account(provider)], { env: wrong }),
      speak(["recording", "unknown", ...account(provider)]),
      speak([...dial(...seat), ...account(provider), "--base-url", page.address]),
      speak([...dial(...seat), ...account(provider), "--base-url", dead]),
      speak([...dial(...seat), ...account(provider), "--base-url", "http://127.0.0.1:9"]),
      speak(["doctor", ...account(provider)], { env: wrong }),
    ]);
    // Where recordings have an address of their own, doctor asks that one.
    for (const address of [page.address, dead]) expectChinese(await speak(["doctor", ...account(provider), "--base-url", address]));
    await page.close();
    for (const ran of runs) {
      expect(ran.code).not.toBe(0);
      expectChinese(ran);
    }
  });

  test("a clock that is off", async () => {
    const before = await startProxy(createTestSimulator("mixcom"), () => ({ date: new Date(Date.now() + 3_600_000).toUTCString() }), { appSecret: "a-wrong-secret" });
    for (const typed of [["recording", "c1"], ["doctor"]]) {
      const ran = await speak([...typed, ...before.account]);
      expect(ran.code).toBe(3);
      expectChinese(ran);
    }
  });

  test("a port in use", async () => {
    const server = await serve((_, response) => response.end());
    const port = new URL(server.address).port;
    for (const typed of [["simulate", "mixcom"], ["receive", "mixcom"]]) {
      const ran = await speak([...typed, "--port", port]);
      expect(ran.code).not.toBe(0);
      expectChinese(ran);
    }
    await server.close();
  });
});
