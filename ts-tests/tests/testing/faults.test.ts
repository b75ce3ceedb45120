import { createClient, isRingbackError, type RingbackError } from "ringback";
import { createSimulator, createVirtualClock, type Fault } from "ringback/testing";
import { describe, expect, test } from "vitest";
import { CALLEE, CALLER, convertToReported, findLastStep, PROVIDERS, SEAT, simulate } from "./simulations.js";

async function expectFailure(work: Promise<unknown>): Promise<RingbackError> {
  try {
    await work;
  } catch (error) {
    if (isRingbackError(error)) return error;
    throw error;
  }
  throw new Error("expected a failure");
}

describe.each(PROVIDERS)("a dial at %s", (provider) => {
  const faults: [string, Fault, object, number][] = [
    ["a reset before the platform acted", { kind: "reset" }, { code: "network", delivery: "unknown" }, 0],
    ["a reset after it", { kind: "reset", when: "after" }, { code: "network", delivery: "unknown" }, 1],
    ["a gateway's page", { kind: "bad-gateway" }, { code: "provider-unavailable", delivery: "unknown" }, 0],
    ["a gateway's error page after it acted", { kind: "bad-gateway", when: "after" }, { code: "provider-unavailable", delivery: "unknown" }, 1],
    ["a redirect", { kind: "redirect" }, { delivery: "unknown" }, 0],
    ["JSON that breaks off", { kind: "truncated" }, { code: "malformed-response", delivery: "unknown" }, 1],
    ["too many requests", { kind: "rate-limited" }, { code: "rate-limited", delivery: "refused" }, 0],
    ["an empty balance", { kind: "insufficient-balance" }, { delivery: "refused" }, 0],
    ["a busy line", { kind: "line-busy" }, { delivery: "refused" }, 0],
  ];

  test.each(faults)("meets %s, once", async (_, fault, expected, placed) => {
    const { simulator, dial } = simulate(provider);
    simulator.fault(fault);
    expect(await expectFailure(dial())).toMatchObject(expected);
    expect(simulator.calls).toHaveLength(placed);
    expect(findLastStep(simulator, "fault")).toMatchObject({ kind: fault.kind, on: "dial" });
    await simulator.idle();
    await dial({ callee: "13700000002" });
    expect(simulator.calls).toHaveLength(placed + 1);
  });

  test("is answered in GBK, declared by its content type", async () => {
    const { simulator, client } = simulate(provider);
    const { url, method, headers, body } = client.prepare("dial", {
      caller: CALLER,
      callee: CALLEE,
      ...(provider === "seatcall" && { seat: SEAT }),
    } as never);
    simulator.fault({ kind: "gbk" });
    const response = await simulator.fetch(url, { method, headers, body: body as string });
    expect(response.headers.get("content-type")).toBe("application/json;charset=GBK");
    const bytes = await response.arrayBuffer();
    expect(response.headers.get("content-length")).toBe(String(bytes.byteLength));
    const answer = JSON.parse(new TextDecoder("gbk", { fatal: true }).decode(bytes)) as { msg?: string };
    if (provider === "quanmayun") expect(answer.msg).toBe("操作成功");
    if (provider === "dingxin") expect(answer.msg).toBe("请求成功");
    expect(simulator.calls).toHaveLength(1);
  });

  test("is answered late, by the virtual clock", async () => {
    const { simulator, clock, dial } = simulate(provider);
    const before = clock.now();
    simulator.fault({ kind: "delay", ms: 5_000 });
    await dial();
    expect(clock.now() - before).toBe(5_000);
  });

  test("times out if the answer is later than the time-out, although the platform acted", async () => {
    const { simulator, clock, dial } = simulate(provider);
    const before = clock.now();
    simulator.fault({ kind: "delay", ms: 20_000 });
    // The default time-out is 15 seconds.
    expect(await expectFailure(dial())).toMatchObject({ code: "timeout", delivery: "unknown" });
    await simulator.idle();
    expect(clock.now() - before).toBeGreaterThanOrEqual(20_000);
    expect(simulator.calls).toHaveLength(1);
  });

  test.each([
    ["before the platform acted", undefined, 0],
    ["after it", "after", 1],
  ] as const)("times out if no answer comes, %s", async (_, when, placed) => {
    const { simulator, clock, client, dial } = simulate(provider, {}, { timeoutMs: 4_000 });
    const before = clock.now();
    simulator.fault({ kind: "timeout", when });
    expect(await expectFailure(dial())).toMatchObject({ code: "timeout", delivery: "unknown" });
    expect(clock.now() - before).toBe(4_000);
    expect(simulator.calls).toHaveLength(placed);
    await simulator.idle();
    await dial({ callee: "13700000002" });
    expect(simulator.calls).toHaveLength(placed + 1);
    expect(client.provider).toBe(provider);
  });

  test("is answered only after the record was delivered", async () => {
    const { simulator, dial, received } = simulate(provider, { script: { talkSeconds: 3 } });
    simulator.fault({ kind: "early" });
    await dial();
    expect(received).toHaveLength(1);
    expect(simulator.calls[0]?.pushes[0]?.acknowledged).toBe(true);
  });
});

describe("a dial that times out on a virtual clock", () => {
  const account = { provider: "mixcom", appKey: "k1", appSecret: "s1" } as const;
  const parties = { caller: CALLER, callee: CALLEE };

  test.each([
    ["no answer comes", { kind: "timeout", on: "dial" }],
    ["the answer takes a minute", { kind: "delay", on: "dial", ms: 60_000 }],
  ] as const)("because %s: it takes timeoutMs of the clock's time, and hardly any of real time", async (_, fault) => {
    for (const options of ["client", "dial"] as const) {
      const clock = createVirtualClock();
      const simulator = createSimulator({ ...account, clock }).fault(fault);
      const client = createClient({ ...account, fetch: simulator.fetch, timeoutMs: options === "client" ? 10_000 : 30_000 });
      const [began, dialed] = [performance.now(), clock.now()];
      const passed: number[] = [];
      const given = options === "dial" ? { timeoutMs: 10_000 } : {};
      const failed = await expectFailure(client.dial(parties, given).catch((error: unknown) => (passed.push(clock.now() - dialed), Promise.reject(error as Error))));
      expect(failed).toMatchObject({ code: "timeout", delivery: "unknown", retryable: false });
      expect(performance.now() - began).toBeLessThan(5000);
      expect(passed[0]).toBeGreaterThanOrEqual(10_000);
    }
  });

  test("does not, if the answer comes just in time", async () => {
    const simulator = createSimulator({ ...account, clock: createVirtualClock() }).fault({ kind: "delay", on: "dial", ms: 9_999 });
    await createClient({ ...account, fetch: simulator.fetch, timeoutMs: 10_000 }).dial(parties);
  });

  // A fetch around the simulator's may pass a Request, whose signal is another one.
  test.each([
    ["the client's time-out", { timeoutMs: 60 }, "timeout"],
    ["the caller's signal", { signal: true }, "aborted"],
  ] as const)("ends by %s in real time, where the simulator cannot know when", async (_, { signal, timeoutMs }: { signal?: true; timeoutMs?: number }, code) => {
    const simulator = createSimulator({ ...account, clock: createVirtualClock() });
    const client = createClient({ ...simulator.clientOptions, fetch: (url, init) => simulator.fetch(new Request(url, init as RequestInit)) });
    for (const fault of [{ kind: "delay", on: "dial", ms: 300 }, { kind: "timeout", on: "dial" }] as const) {
      simulator.fault(fault);
      const options = { ...(timeoutMs !== undefined && { timeoutMs }), ...(signal && { signal: AbortSignal.timeout(60) }) };
      expect(await expectFailure(client.dial(parties, options))).toMatchObject({ code, delivery: "unknown" });
    }
  });

  test("is not kept waiting in real time by a fetch without a signal", async () => {
    const { simulator, client, clock } = simulate("mixcom");
    const { url, method, headers, body } = client.prepare("dial", parties as never);
    const [began, dialed] = [performance.now(), clock.now()];
    simulator.fault({ kind: "delay", ms: 3_600_000 });
    await simulator.fetch(url, { method, headers, body: body as string });
    expect(performance.now() - began).toBeLessThan(5000);
    expect(clock.now() - dialed).toBe(3_600_000);
  });
});

describe("a fault", () => {
  test("without an answer ends at the client's own time-out if the clock is real", async () => {
    const simulator = createSimulator({ provider: "mixcom", appKey: "k1", appSecret: "s1" });
    const client = createClient({ ...simulator.clientOptions, timeoutMs: 50 });
    for (const fault of [{ kind: "timeout" }, { kind: "timeout", when: "after" }, { kind: "delay", ms: 300 }] as const) {
      simulator.fault(fault);
      const began = performance.now();
      expect(await expectFailure(client.dial({ caller: CALLER, callee: CALLEE }))).toMatchObject({ code: "timeout", delivery: "unknown" });
      expect(performance.now() - began).toBeGreaterThanOrEqual(45);
    }
  });

  test("without an answer does not block idle() or other fetches", async () => {
    const { simulator, client } = simulate("mixcom");
    const { url, method, headers, body } = client.prepare("dial", { caller: CALLER, callee: CALLEE } as never);
    simulator.fault({ kind: "timeout" });
    const gone = new AbortController();
    const asked = simulator.fetch(url, { method, headers, body: body as string, signal: gone.signal });
    await simulator.idle();
    gone.abort();
    await expect(asked).rejects.toMatchObject({ name: "AbortError" });
  });

  test("applies the given number of times, and then no more", async () => {
    const { simulator, dial } = simulate("mixcom");
    simulator.fault({ kind: "bad-gateway", times: 2 });
    for (const _ of [1, 2]) await expect(dial()).rejects.toMatchObject({ code: "provider-unavailable" });
    await dial();
    simulator.fault({ kind: "bad-gateway", times: Infinity });
    for (const _ of [1, 2, 3]) await expect(dial()).rejects.toMatchObject({ code: "provider-unavailable" });
  });

  test("applies to the next request of its operation", async () => {
    const { simulator, client, dial } = simulate("seatcall", {}, { retries: 0 });
    simulator.fault({ kind: "bad-gateway", on: "balance" }).fault({ kind: "rate-limited", on: "dial" }).fault({ kind: "line-busy" });
    await expect(dial()).rejects.toMatchObject({ code: "rate-limited" });
    await expect(dial()).rejects.toMatchObject({ code: "rejected", providerMessage: "线路繁忙" });
    await expect(client.balance()).rejects.toMatchObject({ code: "provider-unavailable" });
    expect(await client.balance()).toMatchObject({ remaining: 6152 });
  });

  test("may be any of the platform's own codes", async () => {
    const { simulator, dial } = simulate("dingxin");
    const codes = [1002, 1003, 1004, 1005, 1006, 2000, 2001, 2002, 2003, 3001, 7001, 7002, 9001];
    const met: (string | undefined)[] = [];
    for (const code of codes) {
      simulator.fault({ kind: "code", code });
      met.push((await expectFailure(dial())).providerCode);
    }
    expect(met).toEqual(codes.map(String));
    simulator.fault({ kind: "code", code: 9001 });
    expect(await expectFailure(dial())).toMatchObject({ code: "insufficient-balance", providerMessage: "费用不足，请联系平台充值！" });
    expect(simulator.calls).toHaveLength(0);
  });

  test("uses dingxin's own codes for a busy line and an empty balance, and cyjcloud's for too many requests", async () => {
    const { simulator, dial } = simulate("dingxin");
    simulator.fault({ kind: "line-busy" }).fault({ kind: "insufficient-balance" });
    expect(await expectFailure(dial())).toMatchObject({ code: "line-busy", providerCode: "7001" });
    expect(await expectFailure(dial())).toMatchObject({ code: "insufficient-balance", providerCode: "9001" });
    const cyjcloud = simulate("cyjcloud");
    cyjcloud.simulator.fault({ kind: "rate-limited" });
    expect(await expectFailure(cyjcloud.dial())).toMatchObject({ code: "rate-limited", providerCode: "2016" });
  });

  test("may be a wrong clock, until it is corrected", async () => {
    const { simulator, dial } = simulate("quanmayun");
    simulator.fault({ kind: "clock-skew", ms: 301_000 });
    for (const _ of [1, 2])
      await expect(dial()).rejects.toMatchObject({ code: "authentication", providerMessage: expect.stringContaining("5 minutes") });
    simulator.fault({ kind: "clock-skew", ms: -301_000 });
    await expect(dial()).rejects.toMatchObject({ code: "authentication" });
    simulator.fault({ kind: "clock-skew", ms: 299_000 });
    await dial();
  });

  test("may break off a recording in the middle of its bytes", async () => {
    const { simulator, client, dial } = simulate("mixcom", { script: { talkSeconds: 20 } });
    await dial();
    await simulator.idle();
    simulator.fault({ kind: "truncated", on: "recording" });
    const recording = await client.recording(simulator.calls[0]?.callId ?? "");
    await expect(recording.body().then((body) => new Response(body).arrayBuffer())).rejects.toThrow();
  });
});

describe.each(PROVIDERS)("a push of %s", (provider) => {
  async function dialWithFault(fault: Fault, dials = 1): Promise<ReturnType<typeof simulate>> {
    const simulation = simulate(provider, { script: { talkSeconds: 30 } });
    simulation.simulator.fault(fault);
    for (let index = 0; index < dials; index++) {
      await simulation.dial({ reference: `${provider === "mixcom" ? "order" : "订单"}-${index}`, callee: `1390000000${index}` });
      // Advances to the end of the call, but not through the retries of its push.
      await simulation.clock.advance((simulation.simulator.calls.at(-1)?.endedAt ?? 0) + 1000 - simulation.clock.now());
    }
    await simulation.simulator.idle();
    return simulation;
  }

  test("comes twice", async () => {
    const { received, simulator } = await dialWithFault({ kind: "duplicate" });
    expect(received).toHaveLength(2);
    expect(simulator.calls[0]?.pushes).toHaveLength(2);
    expect(received[0]).toEqual(received[1]);
  });

  test("comes five times", async () => {
    expect((await dialWithFault({ kind: "duplicate", times: 4 })).received).toHaveLength(5);
  });

  test("never comes", async () => {
    const { received, simulator } = await dialWithFault({ kind: "lost" }, 2);
    expect(received.map(({ callId }) => callId)).toEqual([simulator.calls[1]?.callId]);
  });

  test("comes after the next one", async () => {
    const { received, simulator } = await dialWithFault({ kind: "reordered" }, 2);
    const inOrder = [...simulator.calls].sort((one, other) => one.endedAt - other.endedAt).map(({ callId }) => callId);
    expect(received.map(({ callId }) => callId)).toEqual(inOrder.reverse());
  });

  test("comes even if no next one follows", async () => {
    expect((await dialWithFault({ kind: "reordered" })).received).toHaveLength(1);
  });

  test("comes late", async () => {
    const { simulator } = await dialWithFault({ kind: "delay", on: "push", ms: 90_000 });
    const [call] = simulator.calls;
    expect((call?.pushes[0]?.at ?? 0) - (call?.endedAt ?? 0)).toBe(90_000);
  });

  test("comes as a form", async () => {
    const { received, simulator } = await dialWithFault({ kind: "form" });
    expect(simulator.calls[0]?.pushes[0]?.contentType).toMatch(/^application\/x-www-form-urlencoded/);
    expect(convertToReported(received[0])).toEqual(simulator.calls[0]?.reported);
  });

  test("comes in GBK", async () => {
    const { received, simulator } = await dialWithFault({ kind: "gbk", on: "push" });
    const { body, contentType } = simulator.calls[0]?.pushes[0] ?? {};
    expect(contentType).toBe("application/json;charset=GBK");
    const text = new TextDecoder("gbk", { fatal: true }).decode(body as Uint8Array);
    expect(text).toContain(simulator.calls[0]?.callId);
    if (provider === "quanmayun") expect(text).toContain("订单-0");
    expect(convertToReported(received[0])).toEqual(simulator.calls[0]?.reported);
  });

  test("comes broken off, and is not acknowledged", async () => {
    const { received, simulator } = await dialWithFault({ kind: "truncated", on: "push" });
    const attempts = simulator.calls[0]?.pushes.map(({ acknowledged }) => acknowledged);
    expect(attempts).toEqual(provider === "mixcom" ? [false, true] : [false]);
    expect(received).toHaveLength(provider === "mixcom" ? 1 : 0);
  });

  test("is lost on a broken connection, before or after the receiver", async () => {
    const before = await dialWithFault({ kind: "reset", on: "push" });
    expect(before.received).toHaveLength(0);
    expect(findLastStep(before.simulator, "not-acknowledged")).toMatchObject({ got: "no answer", problem: expect.stringContaining("reset before") });
    const after = await dialWithFault({ kind: "reset", on: "push", when: "after" });
    expect(after.received).toHaveLength(1);
    expect(findLastStep(after.simulator, "not-acknowledged").problem).toContain("reset before the answer");
  });
});

test("GBK: Node decodes every encoded character to the original", async () => {
  const { simulator } = simulate("quanmayun");
  const pairs = Array.from({ length: 0xfe - 0x81 + 1 }, (_, lead) =>
    Array.from({ length: 0xfe - 0x40 + 1 }, (_, trail) => Uint8Array.of(0x81 + lead, 0x40 + trail)),
  ).flat();
  const decoder = new TextDecoder("gbk");
  const characters = [...new Set(pairs.map((pair) => decoder.decode(pair)).filter((text) => [...text].length === 1 && text !== "\uFFFD"))];
  expect(characters.length).toBeGreaterThan(21_000);
  const reference = characters.join("");
  simulator.fault({ kind: "gbk", on: "push" });
  simulator.placeCall({ caller: CALLER, callee: CALLEE, reference });
  await simulator.idle();
  const { body } = simulator.calls[0]?.pushes[0] ?? {};
  expect(JSON.parse(new TextDecoder("gbk", { fatal: true }).decode(body as Uint8Array))).toMatchObject({ outCallId: reference });
});
