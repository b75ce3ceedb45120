// dial, hangup, bind-seat, balance: with every platform that offers them, over HTTP.
import type { Provider } from "ringback";
import { describe, expect, test } from "vitest";
import { CALLEE, CALLER, CREDENTIALS, startProxy, parseLines, WAIT_LIMIT, PROVIDERS, type RunResult, run, SEAT, SECRET, createTestSimulator, start, readError, servePlatforms } from "./program.js";
import { findDeadAddress } from "../support/servers.js";

const seatOption = (provider: Provider): string[] => (provider === "seatcall" ? ["--seat", SEAT] : []);
const bound = { seats: { [SEAT]: `+86${CALLER}` } };

/** Every secret of the accounts, as it is, and in the encodings of an address or a header. */
const SECRETS = [SECRET, Buffer.from(SECRET).toString("base64"), encodeURIComponent(SECRET)];

function expectNoSecret({ stdout, stderr }: RunResult): void {
  for (const secret of SECRETS) expect(stdout + stderr).not.toContain(secret);
}

describe.each(PROVIDERS)("dial at %s", (provider) => {
  test("places one call, and prints its id or reference", async () => {
    const { account, simulator } = await servePlatforms([provider], provider === "seatcall" ? bound : {});
    const { code, stdout, stderr } = await run(["dial", "138-0000-0001", "+86 139 0000 0002", ...seatOption(provider), "--json", ...account(provider)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [call] = simulator(provider).calls;
    expect(simulator(provider).calls).toHaveLength(1);
    const [told] = parseLines(stdout) as { provider: string; account: string; id?: string; reference?: string; correlation: string }[];
    expect(parseLines(stdout)).toHaveLength(1);
    expect(told).toMatchObject({ provider, account: provider });
    if (told?.correlation === "call-id") expect(told.id).toBe(call?.callId);
    if (told?.correlation === "reference") expect(told.reference).toBe(call?.reference);
  });

  test("prints the placed call, and with --verbose the request, without secrets or full numbers", async () => {
    const { account } = await servePlatforms([provider], provider === "seatcall" ? bound : {});
    const ran = await run(["dial", CALLER, CALLEE, ...seatOption(provider), "--verbose", ...account(provider)]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain(`call accepted by ${provider}`);
    expect(ran.stderr).toMatch(/> dial #1 POST http[\s\S]*< dial #1 200/);
    expectNoSecret(ran);
    expect(ran.stderr).not.toContain(CALLER);
    expect(ran.stderr).not.toContain(CALLEE);
  });

  test("with a wrong secret is refused, and shows neither the wrong nor the right secret", async () => {
    const { account, simulator } = await servePlatforms([provider], provider === "seatcall" ? bound : {});
    const wrong = "a-wrong-secret-9876543210";
    const env: Record<string, string> = provider === "cyjcloud" ? { RINGBACK_ACCOUNT_SID: wrong } : { RINGBACK_APP_SECRET: wrong };
    // seatcall checks its secret in all operations except dial.
    const typed = provider === "seatcall" ? ["balance"] : ["dial", CALLER, CALLEE];
    const ran = await run([...typed, "--json", ...account(provider)], { env });
    // seatcall's document has no code for a wrong secret, so the error is only `rejected`.
    const [exit, code] = provider === "seatcall" ? [1, "rejected"] : [3, "authentication"];
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: exit, stdout: "" });
    expect(readError(ran)).toMatchObject({ code, delivery: "refused", retryable: false, provider });
    expectNoSecret(ran);
    expect(ran.stderr).not.toContain(wrong);
    expect(simulator(provider).calls).toHaveLength(0);
  });

  test("of unknown delivery ends with 5, says so in both languages, and is sent once", async () => {
    const simulator = createTestSimulator(provider, provider === "seatcall" ? bound : {});
    const before = await startProxy(simulator, () => "break");
    const typed = ["dial", CALLER, CALLEE, ...seatOption(provider), ...before.account];
    const english = await run(typed);
    expect(english.code).toBe(5);
    expect(english.stderr).toContain("THE CALL MAY HAVE BEEN PLACED");
    const chinese = await run([...typed, "--lang", "zh"]);
    expect(chinese.code).toBe(5);
    expect(chinese.stderr).toContain("呼叫可能已经发出");
    expect(before.requests).toHaveLength(2);
  });

  test("that was not sent ends with 4", async () => {
    const simulator = createTestSimulator(provider);
    const before = await startProxy(simulator);
    const nobody = await findDeadAddress();
    const ran = await run(["dial", CALLER, CALLEE, ...seatOption(provider), "--json", ...before.account, "--base-url", nobody]);
    expect(ran.code).toBe(4);
    expect(readError(ran)).toMatchObject({ code: "network", delivery: "not-sent" });
  });

  test("with a field that this platform does not support sends nothing", async () => {
    const simulator = createTestSimulator(provider);
    const before = await startProxy(simulator);
    const strange = provider === "cyjcloud" ? ["--seat", SEAT] : ["--virtual-number", "17115230000"];
    const { code, stderr } = await run(["dial", CALLER, CALLEE, ...seatOption(provider), ...strange, ...before.account]);
    expect(code).toBe(2);
    expect(stderr).toContain(provider === "cyjcloud" ? "--seat: is not supported by cyjcloud" : `--virtual-number: is not supported by ${provider}`);
    expect(before.requests).toHaveLength(0);
  });
});

describe("dial", () => {
  test("sends a platform's own fields as typed", async () => {
    const { account, simulator } = await servePlatforms(["cyjcloud", "dingxin"], {});
    expect((await run(["dial", CALLER, CALLEE, "--area-code", "021", "--direction", "caller-to-callee", "--expires-in-minutes", "25", ...account("cyjcloud")])).code).toBe(0);
    expect((await run(["dial", CALLER, CALLEE, "--reference", "order-1042", "--push-url", "http://127.0.0.1:9/push", ...account("dingxin")])).code).toBe(0);
    expect(simulator("cyjcloud").calls).toHaveLength(1);
    expect(simulator("dingxin").calls[0]?.reference).toBe("order-1042");
  });

  test("that is interrupted during the request ends with 5, because it may have been placed", async () => {
    const simulator = createTestSimulator("mixcom");
    const before = await startProxy(simulator, () => "hang");
    const { child, ended } = start(["dial", CALLER, CALLEE, "--verbose", ...before.account]);
    await expect.poll(() => before.requests.length, WAIT_LIMIT).toBe(1);
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    expect(code).toBe(5);
    expect(stderr).toContain("THE CALL MAY HAVE BEEN PLACED");
  });

  test("without balance ends with 1, and names the platform's code", async () => {
    const { account } = await servePlatforms(["dingxin"], { balanceSeconds: 0 });
    const ran = await run(["dial", CALLER, CALLEE, "--json", ...account("dingxin")]);
    expect(ran.code).toBe(1);
    expect(readError(ran)).toMatchObject({ code: "insufficient-balance", delivery: "refused", providerCode: "9001" });
  });

  test("with --timeout gives up in time", async () => {
    const before = await startProxy(createTestSimulator("mixcom"), () => "hang");
    const startedAt = Date.now();
    const ran = await run(["dial", CALLER, CALLEE, "--timeout", "300", "--json", ...before.account]);
    expect(ran.code).toBe(5);
    expect(readError(ran)).toMatchObject({ code: "timeout", delivery: "unknown" });
    expect(Date.now() - startedAt).toBeLessThan(5000);
  });
});

describe("hangup", () => {
  test("ends a call at quanmayun", async () => {
    const { account, simulator } = await servePlatforms(["quanmayun"], { pace: 1, script: { status: "answered", talkSeconds: 600 } });
    const { stdout } = await run(["dial", CALLER, CALLEE, "--json", ...account("quanmayun")]);
    const { id } = JSON.parse(stdout) as { id: string };
    const ran = await run(["hangup", id, "--json", ...account("quanmayun")]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(ran.stdout)).toEqual({ provider: "quanmayun", callId: id, ended: true });
    expect(simulator("quanmayun").calls[0]?.endedAt).toBeDefined();
  });

  test("at a platform without hangUp is wrong usage, in the words of the shell", async () => {
    const { account, simulator } = await servePlatforms(["mixcom"]);
    const { code, stderr } = await run(["hangup", "x", ...account("mixcom")]);
    expect(code).toBe(2);
    expect(stderr).toContain("mixcom has no hangup\n  mixcom has dial, recording");
    expect(simulator("mixcom").steps).toHaveLength(0);
  });
});

describe("bind-seat and balance at seatcall", () => {
  test("a seat dials only after it was bound", async () => {
    const { account } = await servePlatforms(["seatcall"]);
    const dial = ["dial", CALLER, CALLEE, "--seat", SEAT, ...account("seatcall")];
    expect((await run(dial)).code).toBe(1);
    expect(await run(["bind-seat", SEAT, "138 0000 0001", "--json", ...account("seatcall")])).toMatchObject({ code: 0, stdout: `{"provider":"seatcall","seat":"${SEAT}","bound":true}\n` });
    expect((await run(dial)).code).toBe(0);
  });

  test("the balance is printed as the platform reports it", async () => {
    const { account } = await servePlatforms(["seatcall"], { balanceSeconds: 90 * 60 });
    const ran = await run(["balance", "--json", ...account("seatcall")]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(ran.stdout)).toMatchObject({ provider: "seatcall", remaining: 90 });
    expect((await run(["balance", ...account("seatcall")])).stdout).toMatch(/^90 left/);
  });

  test("a rate limit ends with 4, after the library's own retries", async () => {
    const { account, simulator } = await servePlatforms(["seatcall"]);
    simulator("seatcall").fault({ kind: "rate-limited", on: "balance", times: Infinity });
    const ran = await run(["balance", "--json", ...account("seatcall")]);
    expect(ran.code).toBe(4);
    expect(readError(ran)).toMatchObject({ code: "rate-limited", retryable: true });
  });
});

test("the tests use the simulators' accounts", () => {
  expect(Object.keys(CREDENTIALS)).toEqual([...PROVIDERS]);
});
