// The router's rules with simulated platforms: which account is tried, with what, and what the caller and the hooks are told.
import { createClient, createRouter, isRingbackError, type RingbackError, type RouterAttemptEvent, type RouterDoneEvent } from "ringback";
import { createVirtualClock } from "ringback/testing";
import { afterAll, describe, expect, test } from "vitest";
import { CALLEE, CALLER, SEAT, SECRET } from "../testing/simulations.js";
import { searched, searchForLeaks } from "../support/leak-search.js";
import { createAccount, createAccounts, type SimulatedAccount } from "./accounts.js";

const PARTIES = { caller: CALLER, callee: CALLEE };

const routesOf = (...accounts: SimulatedAccount[]): { client: SimulatedAccount["client"] }[] => accounts.map(({ client }) => ({ client }));

async function fail(dial: Promise<unknown>): Promise<RingbackError> {
  const error = await dial.then(
    () => new Error("the dial was accepted"),
    (thrown: unknown) => thrown,
  );
  if (!isRingbackError(error)) throw error;
  return error;
}

describe("a router", () => {
  test("dials through its first account", async () => {
    const [first, second] = [createAccount("mixcom"), createAccount("quanmayun")];
    const router = createRouter({ routes: routesOf(first, second) });
    const call = await router.dial(PARTIES);
    expect(call).toMatchObject({ provider: "mixcom", correlation: "reference", attempts: [{ provider: "mixcom", outcome: "ok", trial: false }] });
    expect(call.attempts).toHaveLength(1);
    expect(first.simulator.calls).toHaveLength(1);
    expect(second.simulator.calls).toHaveLength(0);
  });

  test("tries the next account after a refusal that another may not share, with the same reference", async () => {
    const [first, second, third] = [createAccount("mixcom"), createAccount("quanmayun"), createAccount("dingxin")];
    first.simulator.fault({ kind: "rate-limited" });
    second.simulator.fault({ kind: "insufficient-balance" });
    const sent: (string | undefined)[] = [];
    const watch = { on: { request: ({ reference }: { reference?: string }) => void sent.push(reference) } };
    const clients = [first, second, third].map(({ simulator }) => createClient({ ...simulator.clientOptions, ...watch } as never));
    const call = await createRouter({ routes: clients.map((client) => ({ client })) }).dial(PARTIES);
    expect(call.attempts).toMatchObject([
      { provider: "mixcom", outcome: "refused", code: "rate-limited", reason: "rate-limited" },
      { provider: "quanmayun", outcome: "refused", reason: "insufficient-balance" },
      { provider: "dingxin", outcome: "ok" },
    ]);
    expect(sent).toHaveLength(3);
    expect(sent[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(sent)).toEqual(new Set([call.reference]));
    expect([first, second, third].map(({ simulator }) => simulator.calls.length)).toEqual([0, 0, 1]);
  });

  test.each([
    ["a time-out", { kind: "timeout" }, "unknown", "timeout"],
    ["a broken connection after the platform acted", { kind: "reset", when: "after" }, "unknown", "network"],
    ["a gateway's error", { kind: "bad-gateway", when: "after" }, "unknown", "provider-unavailable"],
    ["an answer that is cut off", { kind: "truncated" }, "unknown", "malformed-response"],
    ["a redirect", { kind: "redirect" }, "unknown", "malformed-response"],
  ] as const)("tries no other account after %s", async (_, fault, delivery, code) => {
    const [first, second] = [createAccount("quanmayun"), createAccount("mixcom")];
    first.simulator.fault(fault);
    const error = await fail(createRouter({ routes: routesOf(first, second) }).dial({ ...PARTIES, reference: "order-7" }));
    expect(error).toMatchObject({ delivery, code, provider: "quanmayun", reference: "order-7" });
    expect(error.attempts).toMatchObject([{ provider: "quanmayun", outcome: delivery, code }]);
    expect(error.toJSON().attempts).toEqual(error.attempts);
    expect(second.simulator.steps).toHaveLength(0);
  });

  test("tries no other account where a party is in a call", async () => {
    const [first, second] = [createAccount("dingxin"), createAccount("mixcom")];
    first.simulator.fault({ kind: "line-busy" });
    expect(await fail(createRouter({ routes: routesOf(first, second) }).dial(PARTIES))).toMatchObject({ delivery: "refused", code: "line-busy", attempts: [{ reason: "line-busy" }] });
    expect(second.simulator.steps).toHaveLength(0);
  });

  test("rejects with the last account's error when all have failed", async () => {
    const [first, second] = [createAccount("mixcom"), createAccount("quanmayun")];
    first.simulator.fault({ kind: "rate-limited" });
    second.simulator.fault({ kind: "insufficient-balance" });
    const error = await fail(createRouter({ routes: routesOf(first, second) }).dial(PARTIES));
    expect(error).toMatchObject({ provider: "quanmayun", delivery: "refused", reason: "insufficient-balance" });
    expect(error.attempts).toHaveLength(2);
    expect(error.reference).toMatch(/^[0-9a-f]{32}$/);
  });

  test("tries at most maxAttempts accounts", async () => {
    const all = createAccounts();
    for (const { simulator } of all) simulator.fault({ kind: "rate-limited" });
    const error = await fail(createRouter({ routes: routesOf(...all), maxAttempts: 2 }).dial({ ...PARTIES, fields: { seatcall: { seat: SEAT } } }));
    expect(error.attempts).toHaveLength(2);
  });

  test("gives each platform its own fields", async () => {
    const all = createAccounts();
    for (const { simulator } of all.slice(0, -1)) simulator.fault({ kind: "rate-limited" });
    const router = createRouter({ routes: routesOf(...all) });
    const call = await router.dial({ ...PARTIES, fields: { seatcall: { seat: SEAT }, cyjcloud: { expiresInMinutes: 5 }, mixcom: { extra: {} } } });
    expect(call.provider).toBe("seatcall");
    expect(call.attempts).toHaveLength(5);
    expect(all.at(-1)?.simulator.calls[0]?.seat).toBe(SEAT);
  });

  test("chooses by weight", async () => {
    const clock = createVirtualClock();
    const routes = (["mixcom", "quanmayun", "dingxin"] as const).map((provider, at) => ({ ...createAccount(provider, { simulator: { script: { talkSeconds: 0 } } }, clock), weight: [1, 3, 0][at] as number }));
    const router = createRouter({ routes: routes.map(({ client, weight }) => ({ client, weight })) });
    const counts: Record<string, number> = {};
    for (let at = 0; at < 120; at += 1) {
      const { provider } = await router.dial({ caller: CALLER, callee: `139${String(at).padStart(8, "0")}` });
      counts[provider] = (counts[provider] ?? 0) + 1;
    }
    // Six standard deviations.
    expect(counts.mixcom).toBeGreaterThan(30 - 29);
    expect(counts.mixcom).toBeLessThan(30 + 29);
    expect(counts.dingxin).toBeUndefined();
  });

  test("leaves out accounts that are not for the callee", async () => {
    const [shanghai, others] = [createAccount("mixcom"), createAccount("quanmayun")];
    const router = createRouter({ routes: [{ client: shanghai.client, when: { areaCodes: ["021"] } }, { client: others.client }] });
    expect((await router.dial({ caller: CALLER, callee: "021-28000123" })).provider).toBe("mixcom");
    expect((await router.dial(PARTIES)).provider).toBe("quanmayun");
    const local = createRouter({ routes: [{ client: shanghai.client, when: { areaCodes: ["021"] } }] });
    const error = await fail(local.dial(PARTIES));
    expect(error).toMatchObject({ code: "unsupported", reason: "no-route", delivery: "not-sent", operation: "dial" });
    expect(error.attempts).toBeUndefined();
  });

  test("leaves out accounts at the wrong time of day, on the clock of its first client", async () => {
    const clock = createVirtualClock("2026-03-02T17:59:00+08:00");
    const account = createAccount("mixcom", {}, clock);
    const router = createRouter({ routes: [{ client: account.client, when: { from: "09:00", to: "18:00" } }] });
    await router.dial(PARTIES);
    await clock.advance(60_000);
    expect(await fail(router.dial(PARTIES))).toMatchObject({ reason: "no-route" });
  });

  test("lets a failed account rest, and one dial brings it back", async () => {
    const clock = createVirtualClock("2026-03-02T10:00:00+08:00");
    const [first, second] = [createAccount("mixcom", {}, clock), createAccount("quanmayun", {}, clock)];
    const told: unknown[] = [];
    const on = { rest: (event: unknown) => void told.push(["rest", event]), recover: (event: unknown) => void told.push(["recover", event]) };
    const router = createRouter({ routes: routesOf(first, second), cooldownMs: 60_000, on });
    first.simulator.fault({ kind: "rate-limited" });
    expect((await router.dial(PARTIES)).provider).toBe("quanmayun");
    expect(router.health()).toEqual([
      { provider: "mixcom", state: "resting", since: expect.stringMatching(/^2026-03-02T10:00:0/), until: expect.stringMatching(/^2026-03-02T10:01:0/), reason: "rate-limited" },
      { provider: "quanmayun", state: "available" },
    ]);
    await clock.advance(30_000);
    expect((await router.dial(PARTIES)).attempts).toHaveLength(1);
    await clock.advance(31_000);
    expect(router.health()[0]).toMatchObject({ state: "trial" });
    // Of dials at the same time, one is the trial.
    const calls = await Promise.all([1, 2, 3].map((at) => router.dial({ caller: CALLER, callee: `1390000010${at}` })));
    expect(calls.map(({ provider }) => provider)).toEqual(["mixcom", "quanmayun", "quanmayun"]);
    expect(calls[0]?.attempts).toMatchObject([{ trial: true, outcome: "ok" }]);
    expect(router.health()).toMatchObject([{ state: "available" }, { state: "available" }]);
    expect(told).toEqual([
      ["rest", { provider: "mixcom", until: expect.stringMatching(/^2026-03-02T10:01:0/), reason: "rate-limited" }],
      ["recover", { provider: "mixcom" }],
    ]);
  });

  test("sends nothing while all accounts rest", async () => {
    const account = createAccount("mixcom");
    account.simulator.fault({ kind: "rate-limited" });
    const router = createRouter({ routes: routesOf(account) });
    await fail(router.dial(PARTIES));
    const steps = account.simulator.steps.length;
    expect(await fail(router.dial(PARTIES))).toMatchObject({ code: "provider-unavailable", reason: "accounts-resting", delivery: "not-sent", retryable: true });
    expect(account.simulator.steps).toHaveLength(steps);
  });

  test("makes two accounts of one platform different by their names", async () => {
    const [first, second] = [createAccount("mixcom", { client: { account: "north" } }), createAccount("mixcom", { client: { account: "south", baseUrl: "https://south.example" } })];
    first.simulator.fault({ kind: "rate-limited" });
    const south = createClient({ ...second.simulator.clientOptions, account: "south", appKey: "another" } as never);
    const router = createRouter({ routes: [...routesOf(first), { client: south }] });
    const error = await fail(router.dial(PARTIES));
    expect(error.attempts).toMatchObject([{ account: "north" }, { account: "south" }]);
    expect(router.health()).toMatchObject([{ account: "north" }, { account: "south" }]);
  });
});

describe("the options of one dial", () => {
  test("an abort ends the attempt that runs, and none follows", async () => {
    const [first, second] = [createAccount("mixcom"), createAccount("quanmayun")];
    const abort = new AbortController();
    const client = createClient({ ...first.simulator.clientOptions, fetch: () => new Promise(() => abort.abort()) } as never);
    const router = createRouter({ routes: [{ client }, ...routesOf(second)] });
    expect(await fail(router.dial(PARTIES, { signal: abort.signal }))).toMatchObject({ code: "aborted", delivery: "unknown", attempts: [{ code: "aborted" }] });
    // An abort says nothing of the account.
    expect(router.health()[0]?.state).toBe("available");
    expect(await fail(router.dial(PARTIES, { signal: AbortSignal.abort() }))).toMatchObject({ code: "aborted", delivery: "not-sent" });
    expect(second.simulator.steps).toHaveLength(0);
  });

  test("an abort between two attempts lets none follow", async () => {
    const [first, second] = [createAccount("mixcom"), createAccount("quanmayun")];
    first.simulator.fault({ kind: "rate-limited" });
    const abort = new AbortController();
    const router = createRouter({ routes: routesOf(first, second), on: { attempt: () => abort.abort() } });
    expect(await fail(router.dial(PARTIES, { signal: abort.signal }))).toMatchObject({ code: "aborted", delivery: "not-sent", attempts: [{ outcome: "refused" }, { outcome: "not-sent" }] });
    expect(second.simulator.calls).toHaveLength(0);
  });

  test("timeoutMs limits all attempts together", async () => {
    const [first, second] = [createAccount("mixcom"), createAccount("quanmayun")];
    first.simulator.fault({ kind: "rate-limited" });
    const late = createClient({ ...first.simulator.clientOptions, fetch: async (url: string, init: never) => (await new Promise((resolve) => setTimeout(resolve, 500)), first.simulator.fetch(url, init)) } as never);
    const began = performance.now();
    const never = createClient({ ...second.simulator.clientOptions, fetch: () => new Promise(() => undefined) } as never);
    const error = await fail(createRouter({ routes: [{ client: late }, { client: never }] }).dial(PARTIES, { timeoutMs: 3000 }));
    expect(error).toMatchObject({ code: "timeout", delivery: "unknown", provider: "quanmayun" });
    expect(error.attempts?.[1]?.durationMs).toBeLessThan(2700);
    expect(performance.now() - began).toBeLessThan(6000);
  });

  test("no attempt begins when the time is up", async () => {
    const [first, second] = [createAccount("mixcom"), createAccount("quanmayun")];
    const refused = new Response("", { status: 429 });
    const slow = createClient({
      ...first.simulator.clientOptions,
      fetch: () => {
        const end = performance.now() + 40;
        while (performance.now() < end);
        return Promise.resolve(refused);
      },
    } as never);
    const error = await fail(createRouter({ routes: [{ client: slow }, ...routesOf(second)] }).dial(PARTIES, { timeoutMs: 30 }));
    expect(error.attempts).toHaveLength(1);
    expect(second.simulator.steps).toHaveLength(0);
  });
});

describe("before the first attempt", () => {
  test.each([
    ["a field that another platform has", { seat: SEAT }, "seat", "unsupported-option"],
    ["a number that is not one", { callee: "1380000" }, "callee", "wrong-length"],
    ["a reference that quanmayun does not accept", { reference: "r".repeat(65) }, "reference", "too-long"],
    ["fields that are no object", { fields: "seat" }, "fields", "wrong-type"],
    ["fields for a platform that is not here", { fields: { seatcall: { seat: SEAT } } }, "fields.seatcall", "unknown-option"],
    ["a party for one platform", { fields: { mixcom: { callee: "13900000003" } } }, "fields.mixcom.callee", "reserved-name"],
    ["a platform's fields that are no object", { fields: { mixcom: 7 } }, "fields.mixcom", "wrong-type"],
    ["an unknown field", { colour: "red" }, "colour", "unknown-option"],
    ["a fraction", { fields: { mixcom: { extra: { maxduration: 1.5 } } } }, "extra.maxduration", "not-text"],
  ])("%s is refused, and nothing is sent", async (_, more, field, reason) => {
    const [first, second] = [createAccount("mixcom"), createAccount("quanmayun")];
    const done: RouterDoneEvent[] = [];
    const error = await fail(createRouter({ routes: routesOf(first, second), on: { done: (event) => void done.push(event) } }).dial({ ...PARTIES, ...more } as never));
    expect(error).toMatchObject({ code: "invalid-argument", delivery: "not-sent", field, reason });
    expect(done).toMatchObject([{ attempts: [], outcome: "not-sent" }]);
    expect(first.simulator.steps).toHaveLength(0);
  });

  test("two numbers instead of one object are explained", async () => {
    const error = await fail((createRouter({ routes: routesOf(createAccount("mixcom")) }) as never as { dial(...numbers: string[]): Promise<unknown> }).dial(CALLER, CALLEE));
    expect(error).toMatchObject({ code: "invalid-argument", delivery: "not-sent" });
    expect(`${error.message} ${error.hint}`).toContain("dial({ caller, callee })");
  });

  test("an unknown option of the dial is refused", async () => {
    const error = await fail(createRouter({ routes: routesOf(createAccount("mixcom")) }).dial(PARTIES, { timeout: 5 } as never));
    expect(error).toMatchObject({ field: "timeout", reason: "unknown-option", delivery: "not-sent" });
  });
});

describe("the options of a router", () => {
  const client = createAccount("mixcom").client;
  test.each([
    [undefined, "options", "wrong-type"],
    [{}, "routes", "missing"],
    [{ routes: [] }, "routes", "empty"],
    [{ routes: "mixcom" }, "routes", "wrong-type"],
    [{ routes: [{}] }, "routes[0].client", "missing"],
    [{ routes: [null] }, "routes[0]", "wrong-type"],
    [{ routes: [{ client }, { client: {} }] }, "routes[1].client", "wrong-type"],
    [{ routes: [{ client }, { client }] }, "routes[1].client", "duplicate"],
    [{ routes: [{ client, weight: "3" }] }, "routes[0].weight", "wrong-type"],
    [{ routes: [{ client, weight: NaN }] }, "routes[0].weight", "not-a-whole-number"],
    [{ routes: [{ client, weight: -1 }] }, "routes[0].weight", "out-of-range"],
    [{ routes: [{ client, when: () => true }] }, "options.routes", "not-plain-data"],
    [{ routes: [{ client, when: { from: "9am", to: "18:00" } }] }, "routes[0].when.from", "wrong-format"],
    [{ routes: [{ client }], cooldown: 5 }, "cooldown", "unknown-option"],
    [{ routes: [{ client }], maxAttempts: 2 }, "maxAttempts", "out-of-range"],
    [{ routes: [{ client }], now: 5 }, "now", "wrong-type"],
    [{ routes: [{ client }], on: { attempts: () => undefined } }, "on.attempts", "unknown-option"],
    [{ routes: [{ client }], on: { done: 5 } }, "on.done", "wrong-type"],
  ])("%# are refused with the name of %s", (options, field, reason) => {
    try {
      createRouter(options as never);
    } catch (error) {
      expect(error).toMatchObject({ name: "RingbackError", code: "invalid-argument", field, reason, delivery: "not-sent" });
      return;
    }
    throw new Error("the options were accepted");
  });

  test("the same credentials under two names are one account", () => {
    const { simulator } = createAccount("mixcom");
    const routes = ["north", "south"].map((account) => ({ client: createClient({ ...simulator.clientOptions, account } as never) }));
    expect(() => createRouter({ routes })).toThrow(/same account as routes\[0\]/);
  });
});

test("a clock that breaks between two attempts hides no result", async () => {
  const [first, second] = [createAccount("mixcom"), createAccount("quanmayun")];
  first.simulator.fault({ kind: "rate-limited" });
  let asked = 0;
  const router = createRouter({
    routes: routesOf(first, second),
    now: () => {
      asked += 1;
      if (asked > 1) throw new Error("no clock");
      return Date.now();
    },
  });
  expect((await router.dial(PARTIES)).provider).toBe("quanmayun");
  expect(await fail(router.dial(PARTIES))).toMatchObject({ reason: "unusable-clock", delivery: "not-sent" });
});

describe("hooks", () => {
  test("are told of each attempt and of the end, without a secret or a number", async () => {
    for (const account of createAccounts()) {
      const { provider } = account.client;
      const events: unknown[] = [];
      const on = {
        attempt: (event: RouterAttemptEvent) => void events.push(event),
        rest: (event: unknown) => void events.push(event),
        recover: (event: unknown) => void events.push(event),
        done: (event: RouterDoneEvent) => void events.push(event),
      };
      const last = createAccount(provider === "mixcom" ? "quanmayun" : "mixcom");
      const router = createRouter({ routes: routesOf(account, last), cooldownMs: 1, now: Date.now, on });
      const seat = provider === "seatcall" ? { fields: { seatcall: { seat: SEAT } } } : {};
      account.simulator.fault({ kind: "rate-limited" });
      await router.dial({ ...PARTIES, reference: `${CALLER}`, ...seat } as never);
      account.simulator.fault({ kind: "bad-gateway" });
      await new Promise((resolve) => setTimeout(resolve, 5));
      await fail(router.dial({ ...PARTIES, callee: "13900000012", ...seat } as never));
      expect(events.length).toBeGreaterThanOrEqual(5);
      expect(events[0]).toMatchObject({ provider, attempt: 1, goesOn: true, outcome: "refused", error: { delivery: "refused" } });
      // Nine digits in a row: durations have zeros in a row by chance, as these numbers do.
      searchForLeaks({ provider, secrets: [SECRET], numbers: [CALLER, CALLEE, "13900000012"], row: 9 }, ...events);
      const ids = new Set(events.flatMap((event) => (event as { dialId?: string }).dialId ?? []));
      expect(ids.size).toBe(2);
    }
  });

  test("that throw or reject have no effect", async () => {
    const account = createAccount("mixcom");
    const on = {
      attempt: () => {
        throw new Error("a hook");
      },
      done: () => Promise.reject(new Error("a hook")),
    };
    expect((await createRouter({ routes: routesOf(account), on }).dial(PARTIES)).provider).toBe("mixcom");
  });

  afterAll(() => expect(searched.strings).toBeGreaterThan(20));
});
