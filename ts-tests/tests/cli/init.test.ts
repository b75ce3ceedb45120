// init: writes a file with an account and a token, from options and the environment, or by asking on a terminal.
import { spawn } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CREDENTIALS, createFolder, PROVIDERS, run, SECRET, readError, servePlatforms } from "./program.js";
import { INSTALLED } from "../support/tarball.js";

/** Credentials as variables of the environment. */
const asVariables = (options: object): Record<string, string> =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [`RINGBACK_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`, String(value)]));

const readConfig = (path: string): { accounts: Record<string, { provider: string; tokens: string[] } & Record<string, unknown>> } => JSON.parse(readFileSync(path, "utf8"));

describe.each(PROVIDERS)("init %s", (provider) => {
  test("writes what the other commands read, for its owner only", async () => {
    const { simulator } = await servePlatforms([provider]);
    const cwd = createFolder();
    const { baseUrl = "", recordingBaseUrl } = simulator(provider).clientOptions;
    const addresses = ["--base-url", baseUrl, ...(recordingBaseUrl === undefined ? [] : ["--recording-base-url", recordingBaseUrl])];
    const ran = await run(["init", provider, ...addresses], { cwd, env: asVariables(CREDENTIALS[provider]) });
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    const path = join(cwd, "accounts.json");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const account = readConfig(path).accounts[provider];
    expect(account).toMatchObject({ provider, ...CREDENTIALS[provider], baseUrl });
    expect(account?.tokens).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
    expect(ran.stdout).toContain(`/push/${account?.tokens[0]}`);
    expect(ran.stdout).not.toContain(SECRET);
    // The commands that it prints can be typed as they are.
    const commands = [...ran.stdout.matchAll(/^  npx ringback (.*)$/gm)].map(([, typed = ""]) => typed.split(" "));
    expect(commands.map(([name]) => name)).toEqual(["doctor", "simulate", "dial", provider === "seatcall" ? "records" : "receive"]);
    const bind = ["bind-seat", "PP7568036551", "13800000001", "--config", "accounts.json"];
    if (provider === "seatcall") expect((await run(bind, { cwd })).code).toBe(0);
    for (const typed of commands.filter(([name]) => name === "doctor" || name === "dial" || name === "records")) {
      expect({ typed, code: (await run(typed, { cwd })).code }).toEqual({ typed, code: 0 });
    }
  });
});

describe("without a terminal", () => {
  test.each([
    [["init"], {}, "--provider or RINGBACK_PROVIDER"],
    [["init", "mixcom"], {}, "--app-key (RINGBACK_APP_KEY), --app-secret (RINGBACK_APP_SECRET)"],
    [["init", "mixcom", "--app-key", "k"], {}, "--app-secret (RINGBACK_APP_SECRET)"],
    [["init"], { RINGBACK_PROVIDER: "seatcall", RINGBACK_APP_SECRET: SECRET }, "--customer-id (RINGBACK_CUSTOMER_ID), --base-url (RINGBACK_BASE_URL)"],
    [["init", "mixcom", "--app-key", "k", "--origin", "crm.example.com"], { RINGBACK_APP_SECRET: SECRET }, "--origin"],
    [["init", "mixcom", "--app-key", "", "--app-secret", ""], {}, "--app-key"],
  ])("%j ends at once with what is missing, and writes nothing", async (typed, env, said) => {
    const cwd = createFolder();
    const { code, stdout, stderr } = await run(typed, { cwd, env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(said);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test("a stdin that stays open is not waited for", async () => {
    const child = spawn(process.execPath, [join(INSTALLED, "dist/cli.cjs"), "init"], { cwd: createFolder(), env: { PATH: process.env.PATH ?? "" }, stdio: ["pipe", "ignore", "ignore"] });
    expect(await new Promise((resolve) => child.once("close", resolve))).toBe(2);
  });

  test("a file that exists is kept without --force, and replaced with it, for its owner only", async () => {
    const cwd = createFolder();
    const path = join(cwd, "mine.json");
    writeFileSync(path, "mine\n");
    chmodSync(path, 0o644);
    const typed = ["init", "mixcom", "--app-key", "k1", "--output", "mine.json"];
    const env = { RINGBACK_APP_SECRET: SECRET };
    expect((await run(typed, { cwd, env })).code).toBe(7);
    expect(readFileSync(path, "utf8")).toBe("mine\n");
    expect((await run([...typed, "--force", "--account", "north"], { cwd, env })).code).toBe(0);
    expect(Object.keys(readConfig(path).accounts)).toEqual(["north"]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("--json gives the file, the push address and the next commands", async () => {
    const cwd = createFolder();
    const ran = await run(["init", "dingxin", "--app-key", "k1", "--origin", "https://crm.example.com/", "--json"], { cwd, env: { RINGBACK_APP_SECRET: SECRET } });
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    const { token, ...told } = JSON.parse(ran.stdout) as { token: string };
    expect(told).toMatchObject({ file: "accounts.json", account: "dingxin", provider: "dingxin", pushAddress: `https://crm.example.com/push/${token}` });
    // dingxin gets its address with each dial.
    expect(readConfig(join(cwd, "accounts.json")).accounts.dingxin).toMatchObject({ tokens: [token], pushUrl: `https://crm.example.com/push/${token}` });
  });

  test("a value that the library refuses is named by its option, and nothing is written", async () => {
    const cwd = createFolder();
    const ran = await run(["init", "mixcom", "--app-key", "k1", "--base-url", "nowhere", "--json"], { cwd, env: { RINGBACK_APP_SECRET: SECRET } });
    expect(ran.code).toBe(2);
    expect(readError(ran)).toMatchObject({ field: "baseUrl", message: expect.stringContaining("--base-url") });
    expect(existsSync(join(cwd, "accounts.json"))).toBe(false);
  });
});

describe.runIf(process.platform === "linux" && existsSync("/usr/bin/script"))("on a terminal", () => {
  /** Runs the program on a pseudo terminal, and types each answer when its question is there. */
  async function type(typed: string, answers: readonly (readonly [RegExp, string])[], cwd: string, env: Record<string, string> = {}): Promise<{ code: number | null; shown: string }> {
    // A pseudo terminal of its own has no size.
    const command = `stty cols 100 rows 30; exec ${process.execPath} ${join(INSTALLED, "dist/cli.cjs")} ${typed}`;
    const child = spawn("/usr/bin/script", ["-qec", command, "/dev/null"], { cwd, env: { PATH: process.env.PATH ?? "", TERM: "xterm", LANG: "en_US.UTF-8", ...env }, stdio: ["pipe", "pipe", "pipe"] });
    let shown = "";
    let [from, next] = [0, 0];
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      shown += piece;
      const [question, answer] = answers[next] ?? [];
      if (question === undefined || !question.test(shown.slice(from))) return;
      [from, next] = [shown.length, next + 1];
      setTimeout(() => child.stdin.write(answer ?? ""), 100);
    });
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, shown };
  }

  test("asks for the platform and its credentials, hides the secret, and repeats a question whose answer cannot be right", async () => {
    const cwd = createFolder();
    const { code, shown } = await type(
      "init",
      [
        [/platform/, "\r"],
        [/appKey/, "k1\r"],
        [/appSecret/, ` ${SECRET}\r`],
        [/has spaces/, `${"\u007f".repeat(SECRET.length + 1)}${SECRET}\r`],
      ],
      cwd,
    );
    expect(code).toBe(0);
    expect(shown).not.toContain(SECRET);
    expect(shown).toContain("npx ringback doctor --config accounts.json");
    expect(readConfig(join(cwd, "accounts.json")).accounts.mixcom).toMatchObject({ provider: "mixcom", appKey: "k1", appSecret: SECRET });
  });

  test("asks in Chinese", async () => {
    const cwd = createFolder();
    const { code, shown } = await type("init mixcom --app-key k1", [[/appSecret/, `${SECRET}\r`]], cwd, { LANG: "zh_CN.UTF-8" });
    expect(code).toBe(0);
    expect(shown).toContain("接下来：");
  });

  test("Ctrl-C at a question writes nothing", async () => {
    const cwd = createFolder();
    const { code } = await type("init mixcom --app-key k1", [[/appSecret/, "\u0003"]], cwd);
    expect(code).toBe(130);
    expect(readdirSync(cwd)).toEqual([]);
  });
});
