// How the injected fetch is called, the events of the hooks, and the cleanup of timers and listeners.
import { getEventListeners, once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createClient, type DialRequest, type Fetch, type FetchInit, isRingbackError, type MixcomOptions } from "ringback";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { expectNoLeak, expectFailure, joinViews } from "../support/failure.js";
import { createFetch, answerJson, pause, createBody } from "../support/fetches.js";
import { createTestClient, dial, type Platform, PLATFORMS, findPlatform } from "../support/platforms.js";

const MIXCOM = findPlatform("mixcom");
const SEATCALL = findPlatform("seatcall");
const BALANCE = '{"meta":{"success":true,"message":"ok"},"data":120}';

describe("fetch", () => {
  test.each(PLATFORMS.map((each) => [each.provider, each] as const))("is called unbound, with a plain address and init, through %s", async (_, each) => {
    const calls: { self: unknown; args: unknown[] }[] = [];
    const fetch = function (this: unknown, ...args: unknown[]): Promise<Response> {
      calls.push({ self: this, args });
      return answerJson(each.accepted)();
    };
    await dial(each, fetch);
    expect(calls).toHaveLength(1);
    const [{ self, args }] = calls as [{ self: unknown; args: [string, FetchInit & Record<string, unknown>] }];
    expect(self).toBeUndefined();
    expect(args).toHaveLength(2);
    const [url, init] = args;
    expect(typeof url).toBe("string");
    expect(new URL(url).href).toBe(url);
    expect(Object.keys(init).sort()).toEqual(["body", "headers", "method", "redirect", "signal"]);
    expect(init).toMatchObject({ method: "POST", redirect: "manual" });
    expect(init.signal).toBeInstanceOf(AbortSignal);
    expect(typeof init.body).toBe("string");
    expect(Object.getPrototypeOf(init.headers)).toBe(Object.prototype);
    expect(Object.keys(init.headers)).toEqual(Object.keys(init.headers).map((name) => name.toLowerCase()));
  });

  test("is called as a method if an object with a fetch method is given", async () => {
    const binding = {
      selves: [] as unknown[],
      fetch(): Promise<Response> {
        this.selves.push(this);
        return answerJson(MIXCOM.accepted)();
      },
    };
    const client = createClient({ ...MIXCOM.options, fetch: binding } as MixcomOptions);
    await client.dial({ caller: "13712345678", callee: "13912345678" });
    expect(binding.selves).toEqual([binding]);
    expect(binding.selves[0]).toBe(binding);
  });

  test("is the global fetch, looked up at each call, if none is given", async () => {
    const client = createTestClient("mixcom");
    const fetch = createFetch(answerJson(MIXCOM.accepted));
    vi.stubGlobal("fetch", fetch);
    await client.dial({ caller: "13712345678", callee: "13912345678" });
    expect(fetch.sent).toHaveLength(1);
  });

  test("sends once if Node's own fetch is given: a 421 is not repeated", async () => {
    let requests = 0;
    const bodies: { said: number; text: string }[] = [];
    const server = createServer((request, response) => {
      requests += 1;
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        bodies.push({ said: Number(request.headers["content-length"]), text: Buffer.concat(pieces).toString() });
        response.writeHead(421, { "content-type": "application/json" }).end("{}");
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      // This proves that the server sees a repetition.
      await (await fetch(baseUrl, { method: "POST", body: "plain" })).text();
      expect(requests, "a plain fetch is repeated").toBe(2);
      requests = 0;
      const seatcall = { ...(SEATCALL.dial as DialRequest<"seatcall">), seat: "坐席一" };
      for (const own of [undefined, globalThis.fetch, globalThis]) {
        const error = await expectFailure(createTestClient("seatcall", own as Fetch | undefined, { baseUrl }).dial(seatcall));
        expect(error).toMatchObject({ operation: "dial" });
      }
      expect(requests).toBe(3);
      const { body } = createTestClient("seatcall").prepare("dial", seatcall);
      expect(body).toContain("坐席一");
      // Counted in bytes: a Chinese character has three.
      expect(bodies.slice(2)).toEqual(Array(3).fill({ said: Buffer.byteLength(body ?? ""), text: body }));
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test("works with a polyfill of the global fetch that reads the body as text", async () => {
    const bodies: string[] = [];
    vi.stubGlobal("fetch", async (_: string, { body }: { body: unknown }) => {
      bodies.push(String(body));
      return answerJson(MIXCOM.accepted)();
    });
    await createTestClient("mixcom").dial({ caller: "13712345678", callee: "13912345678", reference: "order-1" });
    expect(new URLSearchParams(bodies[0]).get("calleeNbr") ?? bodies[0]).toContain("13912345678");
  });

  test("may return a response without a stream, as older libraries do", async () => {
    const headers = { get: (name: string) => (name === "content-type" ? "application/json" : null) };
    const arrayBuffer = async (): Promise<ArrayBuffer> => new TextEncoder().encode(MIXCOM.accepted).buffer as ArrayBuffer;
    const fetch: Fetch = async () => ({ status: 200, headers, body: { pipe: () => undefined }, arrayBuffer });
    expect(await dial(MIXCOM, fetch)).toMatchObject({ provider: "mixcom" });
  });

  test.each([1, "fetch", {}, null, { fetch: 1 }])("is named in the error if it is %o", async (fetch) => {
    const error = await expectFailure(() => createClient({ ...MIXCOM.options, fetch } as never));
    expect(error).toMatchObject({ code: "invalid-argument", delivery: "not-sent" });
    expect(error.message).toContain("fetch");
  });
});

describe("hooks", () => {
  test("get request and response, redacted, with provider and account", async () => {
    const events: [string, Record<string, unknown>][] = [];
    const on = {
      request: (event: object) => events.push(["request", { ...event }]),
      response: (event: object) => events.push(["response", { ...event }]),
      error: (event: object) => events.push(["error", { ...event }]),
    };
    for (const each of PLATFORMS) {
      events.length = 0;
      await dial(each, createFetch(answerJson(each.accepted)), { account: "main", on });
      expect(events.map(([name]) => name)).toEqual(["request", "response"]);
      for (const [, event] of events) expect(event).toMatchObject({ provider: each.provider, account: "main", operation: "dial", attempt: 1, method: "POST" });
      expect(events[1]?.[1]).toMatchObject({ status: 200, durationMs: expect.any(Number) });
      expectNoLeak(joinViews(...events), each.secrets);
    }
  });

  test("get each attempt, and an error once, at the end", async () => {
    const events: string[] = [];
    const on = {
      request: ({ attempt }: { attempt: number }) => events.push(`request ${attempt}`),
      response: ({ attempt, status }: { attempt: number; status: number }) => events.push(`response ${attempt} ${status}`),
      error: ({ attempt, error }: { attempt: number; error: Error & { code?: string } }) => events.push(`error ${attempt} ${error.code}`),
    };
    const fetch = createFetch(answerJson("", 503, { "retry-after": "0" }));
    await expectFailure(createTestClient("seatcall", fetch, { on, retries: 1 }).balance());
    expect(events).toEqual(["request 1", "response 1 503", "request 2", "response 2 503", "error 2 provider-unavailable"]);
  });

  test("get a refused argument as attempt 0", async () => {
    const events: unknown[] = [];
    await expectFailure(createTestClient("mixcom", createFetch(), { on: { error: (event) => events.push(event) } }).dial({ caller: "x", callee: "y" }));
    expect(events).toMatchObject([{ provider: "mixcom", operation: "dial", attempt: 0 }]);
  });

  test("do not get the secret in the address of a dingxin recording", async () => {
    const events: { url?: string }[] = [];
    const hook = (event: { url?: string }): number => events.push(event);
    const fetch = createFetch(async () => new Response("sound", { headers: { "content-type": "audio/x-wav" } }));
    const client = createTestClient("dingxin", fetch, { on: { request: hook, response: hook, error: hook } });
    await (await (await client.recording("04202107251831296890045359")).body()).cancel();
    expect(decodeURIComponent(fetch.sent[0]?.url ?? "")).toContain(findPlatform("dingxin").secrets[0]);
    expect(events).toHaveLength(2);
    expect(events[0]?.url).toContain("companyRecordDownlaod");
    expectNoLeak(joinViews(...events), findPlatform("dingxin").secrets);
  });

  test("that throw or reject affect nothing", async () => {
    const loud = (): never => {
      throw new Error("a hook of mine");
    };
    const late = async (): Promise<never> => Promise.reject(new Error("a hook of mine"));
    for (const hook of [loud, late]) {
      const on = { request: hook, response: hook, error: hook };
      expect(await dial(MIXCOM, createFetch(answerJson(MIXCOM.accepted)), { on })).toMatchObject({ provider: "mixcom" });
      expect(await expectFailure(dial(MIXCOM, createFetch(answerJson("", 500)), { on }))).toMatchObject({ code: "provider-unavailable" });
    }
    // Unhandled rejections would be reported now, and fail the run.
    await pause(5);
  });

  test("that change their event affect nothing", async () => {
    const on = { request: (event: object) => void Object.assign(event, { operation: "balance", attempt: 9, url: "http://elsewhere.example" }) };
    const fetch = createFetch(answerJson(MIXCOM.accepted));
    await dial(MIXCOM, fetch, { on });
    expect(fetch.sent[0]?.url).toBe("http://api-voicecall.mixcom.cn/voice/dial");
  });
});

describe("a client", () => {
  test.each(PLATFORMS.map((each) => [each.provider, each] as const))("of %s shows no secret when it is logged", (_, each) => {
    expectNoLeak(joinViews(createTestClient(each.provider)), each.secrets);
  });
});

describe("after every outcome", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const never = (): Promise<never> => new Promise(() => undefined);
  const stalled = async (): Promise<Response> => new Response(createBody(never), { headers: { "content-type": "application/json" } });
  const outcomes: [string, Platform, () => unknown][] = [
    ["success", MIXCOM, answerJson(MIXCOM.accepted)],
    ["a refusal", MIXCOM, answerJson(MIXCOM.refused("no"))],
    ["a 500", MIXCOM, answerJson("", 500)],
    ["a network error", MIXCOM, async () => Promise.reject(new TypeError("fetch failed"))],
    ["a time-out", MIXCOM, never],
    ["a time-out within the body", MIXCOM, stalled],
  ];

  test.each(outcomes)("no timer and no listener remains: %s", async (_, each, answer) => {
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, "addEventListener");
    const remove = vi.spyOn(signal, "removeEventListener");
    const settled = dial(each, createFetch(answer), {}, { signal }).catch((error: unknown) => {
      if (!isRingbackError(error)) throw error;
    });
    await vi.advanceTimersByTimeAsync(20_000);
    await settled;
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    expect(add.mock.calls.length).toBeLessThanOrEqual(remove.mock.calls.length);
  });

  test("no timer and no listener remains after an abort between two attempts", async () => {
    const controller = new AbortController();
    const fetch = createFetch(answerJson("", 503));
    const failing = expectFailure(createTestClient("seatcall", fetch).balance({ signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(1);
    expect(vi.getTimerCount(), "it waits").toBe(1);
    controller.abort();
    expect(await failing).toMatchObject({ code: "aborted" });
    expect(fetch.sent).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });

  test("one signal for many calls does not accumulate listeners", async () => {
    const { signal } = new AbortController();
    const client = createTestClient("seatcall", createFetch(answerJson(BALANCE)));
    for (let call = 0; call < 50; call += 1) await client.balance({ signal });
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });
});

describe("operations that are safe to repeat", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("are repeated after 5xx, with growing waits, until they succeed", async () => {
    const times: number[] = [];
    const fetch = createFetch(...["", ""].map((body) => answerJson(body, 502)), answerJson(BALANCE));
    const timed: Fetch = (url, init) => {
      times.push(Date.now());
      return fetch(url, init);
    };
    const balance = createTestClient("seatcall", timed).balance();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await balance).toMatchObject({ remaining: 120 });
    const [first = 0, second = 0, third = 0] = times;
    expect(times).toHaveLength(3);
    expect(second - first).toBeGreaterThanOrEqual(250);
    expect(second - first).toBeLessThanOrEqual(500);
    expect(third - second).toBeGreaterThanOrEqual(500);
    expect(third - second).toBeLessThanOrEqual(1000);
  });

  test("are repeated after a broken connection and after a time-out", async () => {
    const fetch = createFetch(async () => Promise.reject(new TypeError("fetch failed")), () => new Promise(() => undefined), answerJson(BALANCE));
    const balance = createTestClient("seatcall", fetch).balance();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await balance).toMatchObject({ remaining: 120 });
    expect(fetch.sent).toHaveLength(3);
  });

  test("wait as long as Retry-After says, up to a minute", async () => {
    const times: number[] = [];
    const fetch = createFetch(answerJson("", 429, { "retry-after": "7" }), answerJson("", 503, { "retry-after": "60" }), answerJson(BALANCE));
    const timed: Fetch = (url, init) => {
      times.push(Date.now());
      return fetch(url, init);
    };
    const balance = createTestClient("seatcall", timed).balance();
    await vi.advanceTimersByTimeAsync(70_000);
    await balance;
    const [first = 0, second = 0, third = 0] = times;
    expect([second - first, third - second]).toEqual([7_000, 60_000]);
  });

  test("fail at once with a hint when Retry-After asks for more", async () => {
    const fetch = createFetch(answerJson("", 503, { "retry-after": "120" }));
    const error = await expectFailure(createTestClient("seatcall", fetch).balance());
    expect(error).toMatchObject({ code: "provider-unavailable", retryable: true });
    expect(error.hint).toContain("120");
    expect(fetch.sent).toHaveLength(1);
  });

  test.each([
    [0, 1],
    [1, 2],
    [undefined, 3],
  ])("are tried as often as retries (%s) allows", async (retries, attempts) => {
    const fetch = createFetch(answerJson("", 500));
    const failing = expectFailure(createTestClient("seatcall", fetch, retries === undefined ? {} : { retries }).balance());
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await failing).toMatchObject({ code: "provider-unavailable", retryable: true });
    expect(fetch.sent).toHaveLength(attempts);
  });

  test("are not repeated after a refusal of the platform", async () => {
    const fetch = createFetch(answerJson(SEATCALL.refused("no")));
    expect(await expectFailure(createTestClient("seatcall", fetch).balance())).toMatchObject({ delivery: "refused", retryable: false });
    expect(fetch.sent).toHaveLength(1);
  });

  test("are signed anew at each attempt", async () => {
    const fetch = createFetch(answerJson("", 500), async () => new Response("sound", { headers: { "content-type": "audio/mpeg" } }));
    const recording = createTestClient("mixcom", fetch, {}).recording("CAE-1");
    await vi.advanceTimersByTimeAsync(1_000);
    await (await (await recording).body()).cancel();
    expect(fetch.sent).toHaveLength(2);

    const stamped = createFetch(answerJson("", 500), async () => new Response("sound", { headers: { "content-type": "audio/mpeg" } }));
    let clock = 1_583_142_000_000;
    const again = createTestClient("dingxin", stamped, { now: () => (clock += 60_000) }).recording("1");
    await vi.advanceTimersByTimeAsync(1_000);
    await (await (await again).body()).cancel();
    const [first, second] = stamped.sent.map(({ url }) => new URL(url).searchParams.get("timestamp"));
    expect(Number(second) - Number(first)).toBe(60);
  });
});

describe("operations that act", () => {
  const failing = [answerJson("", 500), answerJson("", 503, { "retry-after": "0" }), async () => Promise.reject(new TypeError("fetch failed"))];

  test.each(failing.map((answer, index) => [index, answer] as const))("are sent at most once: failure %i", async (_, answer) => {
    const fetch = createFetch(answer);
    const error = await expectFailure(createTestClient("quanmayun", fetch).hangUp("128754716574532539"));
    expect(error).toMatchObject({ operation: "hangUp", delivery: "unknown", retryable: false });
    expect(fetch.sent).toHaveLength(1);
    const bind = createFetch(answer);
    const bound = await expectFailure(createTestClient("seatcall", bind).bindSeat({ seat: "PP1", phone: "13712345678" }));
    expect(bound).toMatchObject({ operation: "bindSeat", delivery: "unknown", retryable: false });
    expect(bind.sent).toHaveLength(1);
  });

  test("resolve to undefined when they succeed", async () => {
    expect(await createTestClient("quanmayun", createFetch(answerJson('{"code":200,"success":true,"msg":""}'))).hangUp("1")).toBeUndefined();
    expect(await createTestClient("seatcall", createFetch(answerJson('{"meta":{"success":true,"message":"ok"}}'))).bindSeat({ seat: "PP1", phone: "13712345678" })).toBeUndefined();
  });
});

describe("operations that a platform does not offer", () => {
  test("are unsupported at run time, name the offered ones, and send nothing", async () => {
    const fetch = createFetch(answerJson("{}"));
    const client = createTestClient("mixcom", fetch) as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    for (const [operation, ...args] of [["hangUp", "1"], ["bindSeat", { seat: "PP1", phone: "13712345678" }], ["balance"]] as const) {
      const error = await expectFailure(client[operation]?.(...args) ?? Promise.resolve());
      expect(error).toMatchObject({ code: "unsupported", delivery: "not-sent", retryable: false, provider: "mixcom", operation });
      expect(error.message + error.hint).toMatch(/dial.*recording/s);
    }
    const records = createTestClient("dingxin", fetch) as unknown as { records(range: object): AsyncIterable<unknown> };
    const iterator = records.records({ from: new Date(0), to: new Date() })[Symbol.asyncIterator]();
    expect(await expectFailure(iterator.next())).toMatchObject({ code: "unsupported", operation: "records" });
    expect(fetch.sent).toHaveLength(0);
  });

  test("can be checked beforehand with supports", () => {
    const offered = PLATFORMS.map(({ provider }) => {
      const client = createTestClient(provider);
      return [provider, (["dial", "hangUp", "bindSeat", "records", "recording", "balance"] as const).filter((operation) => client.supports(operation))];
    });
    expect(Object.fromEntries(offered)).toEqual({
      mixcom: ["dial", "recording"],
      quanmayun: ["dial", "hangUp", "recording"],
      dingxin: ["dial", "recording"],
      cyjcloud: ["dial", "recording"],
      seatcall: ["dial", "bindSeat", "records", "recording", "balance"],
    });
  });
});
