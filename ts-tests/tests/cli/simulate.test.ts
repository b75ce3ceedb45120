// simulate: the platforms in one terminal, the other commands in another.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Provider } from "ringback";
import { describe, expect, test } from "vitest";
import { CALLEE, CALLER, configFile, folder, lines, PROVIDERS, run, type Running, SEAT, start } from "./program.js";

const seatOf = (provider: Provider): string[] => (provider === "seatcall" ? ["--seat", SEAT] : []);

/** Simulated platforms, and the file that leads to them. */
async function simulating(typed: readonly string[] = []): Promise<Running & { config: string; account(provider: Provider): string[] }> {
  const config = join(folder(), "accounts.json");
  const program = start(["simulate", ...typed, "--port", "0", "--pace", "10000", "--write-config", config]);
  await program.said(/simulated at (http:\/\/127\.0\.0\.1:\d+)|"type":"listening"/);
  return { ...program, config, account: (provider) => ["--config", config, "--account", provider] };
}

describe.each(PROVIDERS)("%s in one terminal", (provider) => {
  test("takes a dial from another, logs each step with where it comes from, and ends by Ctrl-C with 0", async () => {
    const platform = await simulating([provider]);
    if (provider === "seatcall") expect((await run(["bind-seat", SEAT, CALLER, ...platform.account(provider)])).code).toBe(0);
    expect((await run(["dial", CALLER, CALLEE, ...seatOf(provider), ...platform.account(provider)])).code).toBe(0);
    expect((await run(["doctor", ...platform.account(provider)])).code).toBe(0);
    await platform.said(/the call is over/);
    platform.child.kill("SIGINT");
    const { code, stdout, stderr } = await platform.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/✓ dial accepted: .* \[documented\]/);
    expect(stdout).toMatch(/the caller answers/);
    expect(stdout).not.toContain("\u001b");
  });

  test("prints commands that work when they are copied, with a file and without one", { timeout: 90_000 }, async () => {
    for (const file of [[], ["--write-config", join(folder(), "accounts.json")]]) {
      const platform = start(["simulate", provider, "--port", "0", "--pace", "10000", ...file]);
      await platform.said(/The callee's last digit/);
      const printed = await printedBy(platform);
      expect(printed.length).toBeGreaterThanOrEqual(2);
      const cwd = folder();
      // What needs a call's id is for the reader to fill in.
      for (const command of printed.filter((line) => !line.includes("CALL-ID") && !line.startsWith("recording"))) {
        const ran = await run(command.split(" "), { cwd });
        expect({ command, code: ran.code, stderr: ran.stderr.replace(/^warning: .*\n/, "") }).toMatchObject({ code: 0 });
      }
      platform.child.kill("SIGTERM");
      expect((await platform.ended).code).toBe(0);
    }
  });
});

/** The commands that an introduction shows, without `npx ringback`. */
async function printedBy(platform: Running): Promise<string[]> {
  const { input } = await platform.said(/The callee's last digit/);
  return [...input.matchAll(/^ {2}npx ringback (.*)$/gm)].map(([, command = ""]) => command);
}

describe("the file of accounts", () => {
  test("has an account for each platform, and is for its owner only", async () => {
    const { config } = await simulating();
    const { accounts } = JSON.parse(readFileSync(config, "utf8")) as { accounts: Record<string, { provider: string }> };
    expect(Object.entries(accounts).map(([name, { provider }]) => [name, provider])).toEqual(PROVIDERS.map((provider) => [provider, provider]));
    if (process.platform !== "win32") expect(statSync(config).mode & 0o777).toBe(0o600);
  });

  test("is written over when it is one of its own, and no other file is", async () => {
    const { config, child, ended } = await simulating(["mixcom"]);
    child.kill("SIGINT");
    await ended;
    const again = start(["simulate", "mixcom", "--port", "0", "--write-config", config]);
    await again.said(/simulated at/);
    const mine = configFile({ accounts: { north: { provider: "mixcom", appKey: "k1", appSecret: "of-my-own-account" } } });
    const content = readFileSync(mine, "utf8");
    expect((await run(["simulate", "mixcom", "--port", "0", "--write-config", mine])).code).toBe(7);
    expect(readFileSync(mine, "utf8")).toBe(content);
  });

  test("that cannot be written ends it with 7", async () => {
    const { code, stderr } = await run(["simulate", "--port", "0", "--write-config", join(folder(), "missing", "accounts.json")]);
    expect(code).toBe(7);
    expect(stderr).toContain("ENOENT");
  });
});

describe("options", () => {
  test("--json gives each step as a line of JSON, the address first", async () => {
    const platform = await simulating(["mixcom", "--json"]);
    await run(["dial", CALLER, CALLEE, ...platform.account("mixcom")]);
    await platform.said(/"moment":"ended"/);
    platform.child.kill("SIGINT");
    const steps = lines((await platform.ended).stdout) as { type: string; provider?: string; source?: string }[];
    expect(steps[0]).toMatchObject({ type: "listening", url: expect.stringMatching(/^http:/) as string, accounts: { mixcom: { provider: "mixcom" } } });
    expect(steps.find(({ type }) => type === "accepted")).toMatchObject({ provider: "mixcom", operation: "dial", source: "documented" });
  });

  test("--outcome decides how every call ends, and --balance-minutes how much there is to talk", async () => {
    const busy = await simulating(["seatcall", "--outcome", "callee-busy", "--balance-minutes", "7"]);
    await run(["bind-seat", SEAT, CALLER, ...busy.account("seatcall")]);
    await run(["dial", CALLER, CALLEE, "--seat", SEAT, ...busy.account("seatcall")]);
    await busy.said(/the call is over/);
    expect(JSON.parse((await run(["balance", "--json", ...busy.account("seatcall")])).stdout)).toMatchObject({ remaining: 7 });
    busy.child.kill("SIGINT");
    expect((await busy.ended).stdout).not.toContain("both are on the line");
  });

  test("--seed makes the same calls again", async () => {
    const idOf = async (seed: string): Promise<string> => {
      const platform = await simulating(["quanmayun", "--seed", seed]);
      const { stdout } = await run(["dial", CALLER, CALLEE, "--json", ...platform.account("quanmayun")]);
      platform.child.kill("SIGINT");
      await platform.ended;
      return (JSON.parse(stdout) as { id: string }).id;
    };
    const [one, same, other] = [await idOf("7"), await idOf("7"), await idOf("8")];
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

  test("a port that is taken ends it with 1", async () => {
    const platform = await simulating(["mixcom"]);
    const [, port = ""] = await platform.said(/http:\/\/127\.0\.0\.1:(\d+)/);
    const { code, stderr } = await run(["simulate", "mixcom", "--port", port]);
    expect(code).toBe(1);
    expect(stderr).toContain(port);
  });

  test("ends silently when nobody reads its log any more", async () => {
    const platform = await simulating(["mixcom"]);
    platform.child.stdout.destroy();
    await run(["dial", CALLER, CALLEE, ...platform.account("mixcom")]);
    expect(await platform.ended).toMatchObject({ code: 0, stderr: "" });
  });

  test("Chinese where the locale is", async () => {
    const platform = start(["simulate", "mixcom", "--port", "0", "--lang", "zh"]);
    await platform.said(/模拟平台运行于/);
    platform.child.kill("SIGINT");
    expect((await platform.ended).code).toBe(0);
  });
});

describe.each(PROVIDERS)("a call at %s through three terminals", (provider) => {
  test("is dialed, pushed, received, and acknowledged byte for byte", async () => {
    const kept = join(folder(), "calls.ndjson");
    const receiver = start(["receive", provider, "--port", "0", "--output", kept]);
    const [, address = ""] = await receiver.said(/(http:\/\/127\.0\.0\.1:\d+\/push\/[\w-]{43})/);
    const platform = await simulating([provider, "--push-url", `${provider}=${address}`]);
    if (provider === "seatcall") await run(["bind-seat", SEAT, CALLER, ...platform.account(provider)]);
    const dial = await run(["dial", CALLER, CALLEE, "--json", ...seatOf(provider), ...platform.account(provider)]);
    expect(dial.code).toBe(0);
    await platform.said(/acknowledged, byte for byte/);
    for (const { child } of [platform, receiver]) child.kill("SIGINT");
    await Promise.all([platform.ended, receiver.ended]);
    const [record] = lines(readFileSync(kept, "utf8")) as { provider: string; callId: string; reference?: string; outcome: { status: string } }[];
    expect(record).toMatchObject({ provider, outcome: { status: "answered" } });
    const call = JSON.parse(dial.stdout) as { id?: string; reference?: string; correlation: string };
    if (call.correlation === "call-id") expect(record?.callId).toBe(call.id);
    if (call.correlation === "reference") expect(record?.reference).toBe(call.reference);
  });
});
