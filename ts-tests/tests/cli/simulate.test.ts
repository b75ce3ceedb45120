// simulate: runs the platforms in one terminal, with the other commands in another.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Provider } from "ringback";
import { describe, expect, test } from "vitest";
import { CALLEE, CALLER, writeConfigFile, createFolder, parseLines, PROVIDERS, run, type Running, SEAT, start } from "./program.js";

const seatOption = (provider: Provider): string[] => (provider === "seatcall" ? ["--seat", SEAT] : []);

/** Starts simulated platforms, and returns their configuration file. */
async function startSimulators(typed: readonly string[] = []): Promise<Running & { config: string; account(provider: Provider): string[] }> {
  const config = join(createFolder(), "accounts.json");
  const program = start(["simulate", ...typed, "--port", "0", "--pace", "10000", "--write-config", config]);
  await program.waitForOutput(/simulated platforms run at (http:\/\/127\.0\.0\.1:\d+)|"type":"listening"/);
  return { ...program, config, account: (provider) => ["--config", config, "--account", provider] };
}

describe.each(PROVIDERS)("%s in one terminal", (provider) => {
  test("accepts a dial from another, logs each step with its source, and ends by Ctrl-C with 0", async () => {
    const platform = await startSimulators([provider]);
    if (provider === "seatcall") expect((await run(["bind-seat", SEAT, CALLER, ...platform.account(provider)])).code).toBe(0);
    expect((await run(["dial", CALLER, CALLEE, ...seatOption(provider), ...platform.account(provider)])).code).toBe(0);
    expect((await run(["doctor", ...platform.account(provider)])).code).toBe(0);
    await platform.waitForOutput(/the call is over/);
    platform.child.kill("SIGINT");
    const { code, stdout, stderr } = await platform.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/✓ dial accepted: .* \[documented\]/);
    expect(stdout).toMatch(/the caller answers/);
    expect(stdout).not.toContain("\u001b");
  });

  test("prints commands that work when copied, with and without a file", { timeout: 90_000 }, async () => {
    for (const file of [[], ["--write-config", join(createFolder(), "accounts.json")]]) {
      const platform = start(["simulate", provider, "--port", "0", "--pace", "10000", ...file]);
      await platform.waitForOutput(/The callee's last digit/);
      const printed = await readCommands(platform);
      expect(printed.length).toBeGreaterThanOrEqual(2);
      const cwd = createFolder();
      // The user has to fill in the id of a call.
      for (const command of printed.filter((line) => !line.includes("CALL-ID") && !line.startsWith("recording"))) {
        const ran = await run(command.split(" "), { cwd });
        expect({ command, code: ran.code, stderr: ran.stderr.replace(/^warning: .*\n/, "") }).toMatchObject({ code: 0 });
      }
      platform.child.kill("SIGTERM");
      expect((await platform.ended).code).toBe(0);
    }
  });
});

/** Reads the commands that the introduction shows, without `npx ringback`. */
async function readCommands(platform: Running): Promise<string[]> {
  const { input } = await platform.waitForOutput(/The callee's last digit/);
  return [...input.matchAll(/^ {2}npx ringback (.*)$/gm)].map(([, command = ""]) => command);
}

describe("the file of accounts", () => {
  test("has an account for each platform, and is readable for its owner only", async () => {
    const { config } = await startSimulators();
    const { accounts } = JSON.parse(readFileSync(config, "utf8")) as { accounts: Record<string, { provider: string }> };
    expect(Object.entries(accounts).map(([name, { provider }]) => [name, provider])).toEqual(PROVIDERS.map((provider) => [provider, provider]));
    if (process.platform !== "win32") expect(statSync(config).mode & 0o777).toBe(0o600);
  });

  test("is overwritten if simulate has written it, and no other file is", async () => {
    const { config, child, ended } = await startSimulators(["mixcom"]);
    child.kill("SIGINT");
    await ended;
    const again = start(["simulate", "mixcom", "--port", "0", "--write-config", config]);
    await again.waitForOutput(/simulated platforms run at/);
    const mine = writeConfigFile({ accounts: { north: { provider: "mixcom", appKey: "k1", appSecret: "of-my-own-account" } } });
    const content = readFileSync(mine, "utf8");
    expect((await run(["simulate", "mixcom", "--port", "0", "--write-config", mine])).code).toBe(7);
    expect(readFileSync(mine, "utf8")).toBe(content);
  });

  test("that cannot be written ends the program with 7", async () => {
    const { code, stderr } = await run(["simulate", "--port", "0", "--write-config", join(createFolder(), "missing", "accounts.json")]);
    expect(code).toBe(7);
    expect(stderr).toContain("ENOENT");
  });
});

describe("options", () => {
  test("--json prints each step as a line of JSON, the address first", async () => {
    const platform = await startSimulators(["mixcom", "--json"]);
    await run(["dial", CALLER, CALLEE, ...platform.account("mixcom")]);
    await platform.waitForOutput(/"moment":"ended"/);
    platform.child.kill("SIGINT");
    const steps = parseLines((await platform.ended).stdout) as { type: string; provider?: string; source?: string }[];
    expect(steps[0]).toMatchObject({ type: "listening", url: expect.stringMatching(/^http:/) as string, accounts: { mixcom: { provider: "mixcom" } } });
    expect(steps.find(({ type }) => type === "accepted")).toMatchObject({ provider: "mixcom", operation: "dial", source: "documented" });
  });

  test("--outcome sets the outcome of every call, and --balance-minutes the balance", async () => {
    const busy = await startSimulators(["seatcall", "--outcome", "unanswered,callee", "--balance-minutes", "7"]);
    await run(["bind-seat", SEAT, CALLER, ...busy.account("seatcall")]);
    await run(["dial", CALLER, CALLEE, "--seat", SEAT, ...busy.account("seatcall")]);
    await busy.waitForOutput(/the call is over/);
    expect(JSON.parse((await run(["balance", "--json", ...busy.account("seatcall")])).stdout)).toMatchObject({ remaining: 7 });
    busy.child.kill("SIGINT");
    expect((await busy.ended).stdout).not.toContain("both are on the line");
  });

  test("--seed repeats the same calls", async () => {
    const dialAndReadId = async (seed: string): Promise<string> => {
      const platform = await startSimulators(["quanmayun", "--seed", seed]);
      const { stdout } = await run(["dial", CALLER, CALLEE, "--json", ...platform.account("quanmayun")]);
      platform.child.kill("SIGINT");
      await platform.ended;
      return (JSON.parse(stdout) as { id: string }).id;
    };
    const [one, same, other] = [await dialAndReadId("7"), await dialAndReadId("7"), await dialAndReadId("8")];
    expect(same).toBe(one);
    expect(other).not.toBe(one);
  });

  test.each([
    [["mixcmo"], "one of mixcom"],
    [["--pace", "fast"], "--pace"],
    [["--port", "70000"], "--port"],
    [["--outcome", "callee-bussy"], "outcome"],
    [["--push-url", "nowhere"], "--push-url"],
    [["--push-url", "mixcmo=http://127.0.0.1/"], "one of mixcom"],
  ])("%j is wrong usage", async (typed, said) => {
    const { code, stderr } = await run(["simulate", ...(typed.includes("--port") ? [] : ["--port", "0"]), ...typed]);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });

  test("a port in use ends the program with 1", async () => {
    const platform = await startSimulators(["mixcom"]);
    const [, port = ""] = await platform.waitForOutput(/http:\/\/127\.0\.0\.1:(\d+)/);
    const { code, stderr } = await run(["simulate", "mixcom", "--port", port]);
    expect(code).toBe(1);
    expect(stderr).toContain(port);
  });

  test("ends silently when the reader of its log has closed", async () => {
    const platform = await startSimulators(["mixcom"]);
    platform.child.stdout.destroy();
    await run(["dial", CALLER, CALLEE, ...platform.account("mixcom")]);
    expect(await platform.ended).toMatchObject({ code: 0, stderr: "" });
  });

  test("uses Chinese with a Chinese locale", async () => {
    const platform = start(["simulate", "mixcom", "--port", "0", "--lang", "zh"]);
    await platform.waitForOutput(/模拟平台运行于/);
    platform.child.kill("SIGINT");
    expect((await platform.ended).code).toBe(0);
  });
});

describe.each(PROVIDERS)("a call at %s through three terminals", (provider) => {
  test("is dialed, pushed, received, and acknowledged byte for byte", async () => {
    const kept = join(createFolder(), "calls.ndjson");
    const receiver = start(["receive", provider, "--port", "0", "--output", kept]);
    const [, address = ""] = await receiver.waitForOutput(/(http:\/\/127\.0\.0\.1:\d+\/push\/[\w-]{43})/);
    const platform = await startSimulators([provider, "--push-url", `${provider}=${address}`]);
    if (provider === "seatcall") await run(["bind-seat", SEAT, CALLER, ...platform.account(provider)]);
    const dial = await run(["dial", CALLER, CALLEE, "--json", ...seatOption(provider), ...platform.account(provider)]);
    expect(dial.code).toBe(0);
    await platform.waitForOutput(/acknowledged, byte for byte/);
    for (const { child } of [platform, receiver]) child.kill("SIGINT");
    await Promise.all([platform.ended, receiver.ended]);
    const [record] = parseLines(readFileSync(kept, "utf8")) as { provider: string; callId: string; reference?: string; outcome: { status: string } }[];
    expect(record).toMatchObject({ provider, outcome: { status: "answered" } });
    const call = JSON.parse(dial.stdout) as { id?: string; reference?: string; correlation: string };
    if (call.correlation === "call-id") expect(record?.callId).toBe(call.id);
    if (call.correlation === "reference") expect(record?.reference).toBe(call.reference);
  });
});
