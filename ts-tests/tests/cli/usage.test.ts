// The command line's arguments: help, mistakes, credentials, languages.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeConfigFile, CREDENTIALS, createFolder, parseLines, run, type RunResult, SECRET, readError } from "./program.js";
import { INSTALLED } from "../support/tarball.js";

const COMMANDS = ["dial", "hangup", "bind-seat", "records", "recording", "balance", "parse", "explain", "simulate", "receive", "listen", "init", "token", "doctor", "exit-codes", "help"];
const EXPLAINED = ["dial", "hangup", "bind-seat", "records", "recording", "balance", "code"].map((name) => `explain ${name}`);

const CHINESE = { LANG: "zh_CN.UTF-8" };

describe("help", () => {
  test.each([
    ["English", {}],
    ["Chinese", CHINESE],
  ])("lists every command and every exit code, in %s", async (_language, env) => {
    const { code, stdout } = await run(["--help"], { env });
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
    for (const exit of [0, 1, 2, 3, 4, 5, 6, 7, 130, 143]) expect(stdout).toMatch(new RegExp(`^ +${exit}  \\S`, "m"));
    expect(/[\u4e00-\u9fff]/.test(stdout)).toBe(env === CHINESE);
  });

  test.each(COMMANDS)("of %s lists its options", async (command) => {
    const [asked, helped] = await Promise.all([run([command, "--help"]), run(["help", command])]);
    expect(asked.code).toBe(0);
    expect(asked.stdout).toContain(`Usage: ringback ${command}`);
    if (command !== "exit-codes") expect(helped.stdout).toBe(asked.stdout);
  });

  test.each([...COMMANDS, ...EXPLAINED])("of %s has its own options first, the common ones last, and examples", async (command) => {
    const { stdout } = await run([...command.split(" "), "--help"]);
    const headings = [...stdout.matchAll(/^(\S.*:)$/gm)].map(([, heading]) => heading);
    const order = ["Arguments:", "Options:", "Account options:", "Common options:", "Commands:", "Examples:"];
    expect(headings).toEqual(order.filter((heading) => headings.includes(heading)));
    expect(headings).toContain("Common options:");
    const [, common = ""] = stdout.split("Common options:\n");
    expect([...common.matchAll(/^  (?:-h, )?--?([a-z-]+)/gm)].map(([, name]) => name)).toEqual(["json", "lang", "no-color", "help"]);
    const [, examples = ""] = stdout.split("Examples:\n");
    expect(examples).toMatch(new RegExp(`^  (?:[A-Z_]+=\\S+ )?npx ringback ${command}\\b`, "m"));
  });

  test.each([
    ["balance", ["--app-secret", "--customer-id"], ["--push-url", "--recording-host", "--recording-base-url", "--app-key", "--dialect", "--time-zone"]],
    ["hangup", ["--app-id", "--app-secret", "--dialect"], ["--customer-id", "--push-url", "--recording-host", "--time-zone"]],
    ["dial", ["--push-url", "--app-key", "--customer-id", "--account-sid"], ["--recording-host", "--recording-base-url"]],
    ["recording", ["--recording-host", "--recording-base-url"], ["--push-url"]],
    ["explain dial", ["--dialect", "--app-secret"], ["--timeout", "--verbose", "--recording-host"]],
  ])("of %s lists only options that mean something for it", async (command, present, absent) => {
    const { stdout } = await run([...command.split(" "), "--help"]);
    const listed = [...stdout.matchAll(/^  (--[a-z-]+)/gm)].map(([, name]) => name);
    expect(listed).toEqual(expect.arrayContaining(present));
    expect(listed.filter((name) => absent.includes(name ?? ""))).toEqual([]);
  });

  test("of explain is in one language", async () => {
    const { code, stdout } = await run(["explain", "--help"], { env: CHINESE });
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/display help/);
  });

  test("of exit-codes is the table", async () => {
    const { code, stdout } = await run(["help", "exit-codes"]);
    expect(code).toBe(0);
    expect(stdout).toContain("  5  a dial that may have been placed");
  });

  test("is shown on stderr without a command, with the exit code of wrong usage", async () => {
    const { code, stdout, stderr } = await run([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Usage: ringback");
  });

  test("the version is the package's version", async () => {
    const { version } = JSON.parse(readFileSync(join(INSTALLED, "package.json"), "utf8")) as { version: string };
    expect(await run(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });
});

describe("a mistake in the arguments", () => {
  test.each([
    [["dail", "1", "2"], "did you mean dial?", "您是想输入 dial 吗？"],
    [["explain", "recrods"], "did you mean records?", "您是想输入 records 吗？"],
    [["help", "recieve"], "did you mean receive?", "您是想输入 receive 吗？"],
    [["dial", "--app-secert=0123456789abcdef0123456789", "1", "2"], "did you mean --app-secret?", "您是想输入 --app-secret 吗？"],
    [["dial", "--ap-key", "k", "1", "2"], "did you mean --app-key?", "您是想输入 --app-key 吗？"],
  ])("%j suggests the nearest name, in both languages", async (typed, english, chinese) => {
    const [one, other] = await Promise.all([run(typed), run(typed, { env: CHINESE })]);
    expect(one.code).toBe(2);
    expect(one.stderr).toContain(english);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain(chinese);
    expect(one.stdout + other.stdout).toBe("");
  });

  test.each([
    [["dial", `--app-secert=${SECRET}`, "1", "2"]],
    [["dial", "--app-secert", SECRET, "1", "2"]],
    [["balance", "--app-secret", "x", SECRET]],
    [["balance", "--json", `--secret=${SECRET}`]],
    [["token", `--json=${SECRET}`]],
    [[SECRET]],
    [["help", SECRET]],
    [["records", "--from", SECRET, "--to", SECRET, "--provider", "seatcall", "--base-url", "http://127.0.0.1:9", "--customer-id", "1", "--app-secret", SECRET]],
    [["balance", "--provider", SECRET]],
    [["balance", "--provider", "mixcom", "--app-key", "k", "--app-secret", SECRET]],
    [["balance", "--provider", "seatcall", "--customer-id", "1", "--app-secret", SECRET, "--base-url", `http://127.0.0.1:9/${SECRET}`, "--timeout", "x"]],
    [["records", "--format", SECRET, "--from", "a", "--to", "b", "--provider", "mixcom"]],
    [["doctor", "--dialect", SECRET, "--provider", "mixcom"]],
  ])("never repeats a secret: %j", async (typed) => {
    const { code, stdout, stderr } = await run(typed);
    expect(code).toBe(2);
    expect(stdout + stderr).not.toContain(SECRET);
    expect(stderr).not.toBe("");
  });

  test("is JSON on stderr with --json, and stdout is empty", async () => {
    const ran = await run(["dial", "--json", "1"]);
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(readError(ran)).toMatchObject({ code: "usage", delivery: "not-sent", retryable: false, exitCode: 2 });
  });

  test.each([
    [["dial", "1"], "<callee>|callee"],
    [["records", "--to", "2026-01-01T00:00:00Z"], "--from"],
    [["dial", "1", "2", "--app-key"], "--app-key"],
    [["balance"], "--provider or RINGBACK_PROVIDER"],
    [["token", "1"], "too many arguments"],
    [["parse", "mixcmo"], "one of mixcom, quanmayun"],
  ])("%j names the missing or superfluous argument", async (typed, said) => {
    const { code, stderr } = await run(typed);
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(said));
  });
});

describe("credentials", () => {
  test("that are missing are named with every place where they can be given", async () => {
    const { code, stderr } = await run(["dial", "13800000001", "13900000002", "--provider", "mixcom"]);
    expect(code).toBe(2);
    expect(stderr).toContain("--app-key (RINGBACK_APP_KEY), --app-secret (RINGBACK_APP_SECRET)");
    expect(stderr).toContain("--config");
  });

  test("are read from options first, then from the environment, then from the file", async () => {
    const config = writeConfigFile({ provider: "mixcom", appKey: "of-file", appSecret: SECRET });
    const explain = ["explain", "dial", "13800000001", "13900000002", "--json", "--config", config];
    const readKey = async (typed: string[], env: Record<string, string> = {}): Promise<unknown> => {
      const { stdout } = await run([...explain, ...typed], { env });
      const { sorted } = JSON.parse(stdout) as { sorted: { name: string; value: string }[] };
      return sorted.find(({ name }) => name === "appkey")?.value;
    };
    expect(await readKey([])).toBe("of-file");
    expect(await readKey([], { RINGBACK_APP_KEY: "of-environment" })).toBe("of-environment");
    expect(await readKey(["--app-key", "of-option"], { RINGBACK_APP_KEY: "of-environment" })).toBe("of-option");
  });

  test("of another platform in the environment are ignored", async () => {
    const env = { RINGBACK_PROVIDER: "mixcom", RINGBACK_APP_KEY: "k1", RINGBACK_APP_SECRET: SECRET, RINGBACK_CUSTOMER_ID: "1", RINGBACK_APP_ID: "2", RINGBACK_PUSH_URL: "http://127.0.0.1/" };
    expect(await run(["explain", "dial", "13800000001", "13900000002", "--json"], { env })).toMatchObject({ code: 0, stderr: "" });
  });

  test("as a secret in an option cause one line of warning on stderr, and none on stdout", async () => {
    const { code, stdout, stderr } = await run(["explain", "recording", "c1", "--json", "--provider", "mixcom", "--app-key", "k1", "--app-secret", SECRET]);
    expect(code).toBe(0);
    expect(parseLines(stdout)).toHaveLength(1);
    expect(stderr.trim().split("\n")).toEqual([expect.stringMatching(/^warning: .*--app-secret.*RINGBACK_APP_SECRET/)]);
    expect(stdout + stderr).not.toContain(SECRET);
  });

  test("in a file that everybody can read cause a warning", async () => {
    const account = { provider: "mixcom", appKey: "k1", appSecret: SECRET };
    const open = await run(["explain", "recording", "c1", "--config", writeConfigFile(account, 0o644)]);
    expect(open.code).toBe(0);
    expect(open.stderr).toMatch(/^warning: .*chmod 600/);
    const closed = await run(["explain", "recording", "c1", "--config", writeConfigFile(account, 0o600)]);
    expect(closed.stderr).toBe("");
  });

  test("in a file that is not JSON are not quoted", async () => {
    const { code, stdout, stderr } = await run(["balance", "--config", writeConfigFile(`{\n "provider": "mixcom",\n "appSecret": ${SECRET}\n}`)]);
    expect(code).toBe(2);
    expect(stderr).toContain("is not valid JSON");
    expect(stdout + stderr).not.toContain(SECRET);
  });

  test("in a file without accounts are reported as missing accounts", async () => {
    const config = writeConfigFile({ accounts: {} });
    const { code, stderr } = await run(["balance", "--config", config]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${config} must contain`);
  });

  test("of several accounts need a name", async () => {
    const config = writeConfigFile({ accounts: { north: { provider: "mixcom", appKey: "k1", appSecret: SECRET }, south: { provider: "mixcom", appKey: "k2", appSecret: SECRET } } });
    const nameless = await run(["explain", "recording", "c1", "--config", config]);
    expect(nameless.code).toBe(2);
    expect(nameless.stderr).toContain("north, south");
    expect((await run(["explain", "recording", "c1", "--config", config, "--account", "north"])).code).toBe(0);
    expect((await run(["explain", "recording", "c1", "--config", config, "--account", "west"])).code).toBe(2);
  });

  test("of the only account of a platform are picked by --provider", async () => {
    const accounts = {
      north: { provider: "mixcom", appKey: "k1", appSecret: SECRET },
      south: { provider: "mixcom", appKey: "k2", appSecret: SECRET },
      east: { provider: "dingxin", appKey: "k3", appSecret: SECRET },
    };
    const config = writeConfigFile({ accounts });
    const explain = (...typed: string[]): Promise<RunResult> => run(["explain", "recording", "c1", "--json", "--config", config, ...typed]);
    const east = await explain("--provider", "dingxin");
    expect(east).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(east.stdout)).toMatchObject({ provider: "dingxin" });
    const named = await run(["explain", "recording", "c1", "--json", "--config", config], { env: { RINGBACK_PROVIDER: "dingxin" } });
    expect(JSON.parse(named.stdout)).toMatchObject({ provider: "dingxin" });
    const several = await explain("--provider", "mixcom");
    expect(several.code).toBe(2);
    expect(several.stderr).toContain("north, south");
    expect(several.stderr).not.toContain("east");
    const none = await explain("--provider", "seatcall");
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("north (mixcom)");
    expect((await explain("--provider", "seatcal")).stderr).toContain("one of mixcom");
  });

  test("in the old form of node-crm are refused with the form to use", async () => {
    const { code, stdout, stderr } = await run(["balance", "--config", writeConfigFile({ mixcom: { appKey: "k1", appSecret: SECRET } })]);
    expect(code).toBe(2);
    expect(stderr).toContain('{"accounts": {"name": {"provider": ');
    expect(stdout + stderr).not.toContain(SECRET);
  });

  test("an unknown key of the file is named by the library's own error", async () => {
    const { code, stderr } = await run(["explain", "recording", "c1", "--config", writeConfigFile({ provider: "mixcom", appKey: "k1", appSecret: SECRET, appSecert: "x" })]);
    expect(code).toBe(2);
    expect(stderr).toContain("appSecert");
  });
});

describe("language and colours", () => {
  test.each([
    [{ LANG: "zh_CN.UTF-8" }, []],
    [{ LC_ALL: "zh_TW.UTF-8", LANG: "en_US.UTF-8" }, []],
    [{ LC_MESSAGES: "zh_CN", LANG: "C" }, []],
    [{ RINGBACK_LANG: "zh", LC_ALL: "C" }, []],
    [{ RINGBACK_LANG: "en" }, ["--lang", "zh"]],
    [{}, ["--lang=zh"]],
  ])("Chinese with %j %j", async (env, typed) => {
    expect((await run(["balance", ...typed], { env })).stderr).toContain("没有指定平台");
  });

  test.each([
    [{ LC_ALL: "en_US.UTF-8", LANG: "zh_CN.UTF-8" }, []],
    [{ LANG: "zh_CN.UTF-8" }, ["--lang", "en"]],
    [{ LANG: "de_DE.UTF-8" }, []],
  ])("English with %j %j", async (env, typed) => {
    expect((await run(["balance", ...typed], { env })).stderr).toContain("no platform was given");
  });

  test.each([["fr"], ["english"], [SECRET]])("--lang %s is wrong usage, and lists the languages", async (language) => {
    for (const typed of [["--lang", language], [`--lang=${language}`]]) {
      const { code, stdout, stderr } = await run(["token", ...typed]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain("--lang: one of zh, en");
      expect(stderr).not.toContain(SECRET);
    }
    expect((await run(["token", "--lang", language], { env: CHINESE })).stderr).toContain("--lang：zh、en 之一");
  });

  test("colours are not written to a pipe unless forced, and never with NO_COLOR", async () => {
    const ran = (env: Record<string, string>): Promise<{ stdout: string; stderr: string }> => run(["explain", "code", "mixcom", "514"], { env });
    expect((await ran({})).stdout).not.toContain("\u001b");
    // picocolors by default treats this as a terminal.
    expect((await ran({ CI: "true" })).stdout).not.toContain("\u001b");
    expect((await ran({ FORCE_COLOR: "1" })).stdout).toContain("\u001b[1m");
    expect((await ran({ FORCE_COLOR: "1", NO_COLOR: "1" })).stdout).not.toContain("\u001b");
  });
});

describe("without a platform", () => {
  test("a token has 43 characters, and is different each time", async () => {
    const [one, other] = await Promise.all([run(["token"]), run(["token", "--json"])]);
    expect(one).toMatchObject({ code: 0, stderr: "" });
    expect(one.stdout).toMatch(/^[\w-]{43}\n$/);
    expect(JSON.parse(other.stdout)).toEqual({ token: expect.stringMatching(/^[\w-]{43}$/) });
    expect(other.stdout).not.toContain(one.stdout.trim());
  });

  test("a code is explained in Chinese, and in English too where that is the language, with advice", async () => {
    const english = await run(["explain", "code", "mixcom", "514"]);
    expect(english.code).toBe(0);
    expect(english.stdout).toContain("振铃超时");
    expect(english.stdout).toContain("rang without being picked up");
    expect(english.stdout).toMatch(/try later/);
    const chinese = await run(["explain", "code", "mixcom", "514"], { env: CHINESE });
    expect(chinese.code).toBe(0);
    expect(chinese.stdout).toContain("振铃超时");
    expect(chinese.stdout).toMatch(/建议 .*请稍后再试/);
    expect(chinese.stdout).not.toContain("rang");
    expect(JSON.parse((await run(["explain", "code", "dingxin", "9001", "--json"])).stdout)).toMatchObject({ provider: "dingxin", code: "9001", error: "insufficient-balance" });
  });

  test("a signature is explained step by step, with secret and numbers masked", async () => {
    const env = { RINGBACK_PROVIDER: "dingxin", RINGBACK_APP_KEY: "k1", RINGBACK_APP_SECRET: SECRET };
    const { code, stdout } = await run(["explain", "dial", "13800000001", "13900000002"], { env });
    expect(code).toBe(0);
    expect(stdout).toMatch(/appkey=k1&appsecret=\*\*\*&tela=138\*+0001&telb=139\*+0002&timestamp=\d{10}/);
    expect(stdout).toMatch(/in the body, sign: [0-9a-f]{32}\n/);
    expect(stdout).not.toContain(SECRET);
  });

  test("with --show-numbers a digest can be computed again, and the secret is still masked", async () => {
    const explain = async (provider: string, ...typed: string[]): Promise<{ canonical: string; placed: { name: string; value: string }[] }> => {
      const env = { RINGBACK_PROVIDER: provider, RINGBACK_APP_KEY: "k1", RINGBACK_APP_SECRET: SECRET };
      const { code, stdout } = await run(["explain", "dial", "13800000001", "13900000002", "--json", ...typed], { env });
      expect(code).toBe(0);
      expect(stdout).not.toContain(SECRET);
      return JSON.parse(stdout) as Awaited<ReturnType<typeof explain>>;
    };
    const hash = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest("hex");
    const signOf = ({ placed }: Awaited<ReturnType<typeof explain>>): string | undefined => placed.find(({ name }) => name === "sign")?.value;

    const mixcom = await explain("mixcom", "--show-numbers");
    expect(mixcom.canonical).toContain("13900000002");
    expect(signOf(mixcom)).toBe(hash("sha1", `${mixcom.canonical}${SECRET}${hash("sha1", SECRET)}`));
    const dingxin = await explain("dingxin", "--show-numbers");
    expect(signOf(dingxin)).toBe(hash("md5", dingxin.canonical.replace("***", SECRET)));
    expect((await explain("mixcom")).canonical).not.toContain("13900000002");
  });

  test.each([
    ["seatcall", ["balance"], "balance"],
    ["seatcall", ["bind-seat", "PP0000001", "13800000001"], "bindSeat"],
    ["seatcall", ["records", "--from", "2026-01-01T00:00:00Z", "--to", "2026-01-02T00:00:00Z"], "records"],
    ["quanmayun", ["hangup", "1"], "hangUp"],
    ["cyjcloud", ["recording", "1"], "recording"],
  ] as const)("the signature at %s of %j is explained too", async (provider, typed, operation) => {
    const baseUrl = provider === "quanmayun" ? undefined : "http://127.0.0.1:9";
    const { code, stdout } = await run(["explain", ...typed, "--json", "--config", writeConfigFile({ provider, ...CREDENTIALS[provider], baseUrl })]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ provider, operation });
    expect(stdout).not.toContain(SECRET);
  });

  test("no file is written to the working directory, also after a mistake", async () => {
    const cwd = createFolder();
    await run(["token"], { cwd });
    const range = ["--from", "2026-01-01T00:00:00Z", "--to", "2026-01-02T00:00:00Z", "--output", "calls.csv"];
    await run(["records", "--provider", "mixcom", ...range], { cwd });
    // This platform has no records to pull.
    await run(["records", "--config", writeConfigFile({ provider: "mixcom", appKey: "k1", appSecret: SECRET }), ...range], { cwd });
    expect(readdirSync(cwd)).toEqual([]);
  });
});
