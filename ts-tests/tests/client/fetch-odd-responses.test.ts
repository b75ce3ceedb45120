// Odd results of an injected fetch: a dial always settles in time, with a call or a RingbackError, and affects nothing else.
import fc from "fast-check";
import { type Fetch, type FetchInit, isRingbackError, type RingbackError } from "ringback";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pause } from "../support/fetches.js";
import { dial, findPlatform } from "../support/platforms.js";

const MIXCOM = findPlatform("mixcom");
const TIMEOUT_MS = 100;
/** Extra time for a busy machine. */
const SLACK_MS = 2_000;

/** Unhandled errors, which would end a program. */
const unhandled: unknown[] = [];
const keep = (error: unknown): number => unhandled.push(error);

beforeAll(() => {
  process.on("unhandledRejection", keep).on("uncaughtException", keep);
});
afterAll(() => {
  process.off("unhandledRejection", keep).off("uncaughtException", keep);
});

/** Dials, and returns the result and the duration. */
async function measureDial(fetch: unknown, timeoutMs = TIMEOUT_MS): Promise<{ call?: unknown; error?: unknown; ms: number }> {
  const began = performance.now();
  const done = (outcome: { call?: unknown; error?: unknown }) => ({ ...outcome, ms: performance.now() - began });
  return dial(MIXCOM, fetch as Fetch, {}, { timeoutMs }).then(
    (call) => done({ call }),
    (error: unknown) => done({ error }),
  );
}

async function dialAndFail(fetch: unknown): Promise<RingbackError> {
  const { error, ms } = await measureDial(fetch);
  expect(isRingbackError(error), String(error)).toBe(true);
  expect(ms).toBeLessThan(TIMEOUT_MS + SLACK_MS);
  await pause(5);
  expect(unhandled).toEqual([]);
  return error as RingbackError;
}

const boom = (): never => {
  throw new Error("not mine");
};
const never = (): Promise<never> => new Promise(() => undefined);
const headers = { get: (name: string) => (name === "content-type" ? "application/json" : null) };
const bytes = new TextEncoder().encode(MIXCOM.accepted);

/** Creates a fetch whose response body is read through this reader. */
const respondWithReader = (reader: unknown) => async () => ({ status: 200, headers, body: { getReader: () => reader }, arrayBuffer: never });

describe("a reader", () => {
  const cancels: [string, () => unknown][] = [
    ["throws", boom],
    ["gives nothing", () => undefined],
    ["gives a number", () => 1],
    ["rejects", async () => boom()],
    ["never settles", never],
    ["gives a thenable that throws", () => ({ then: boom })],
  ];
  test.each(cancels)("whose cancel() %s affects only its own dial", async (_, cancel) => {
    expect(await dialAndFail(respondWithReader({ read: never, cancel }))).toMatchObject({ code: "timeout", delivery: "unknown" });
  });

  test("without cancel() affects only its own dial", async () => {
    expect(await dialAndFail(respondWithReader({ read: never }))).toMatchObject({ code: "timeout", delivery: "unknown" });
  });

  test.each([
    ["throws", boom],
    ["rejects", async () => boom()],
    ["gives nothing", () => undefined],
    ["gives a text instead of a result", () => "bytes"],
    ["gives a value that is not bytes", async () => ({ done: false, value: 5 })],
    ["gives neither a value nor an end", async () => ({ done: false })],
    ["gives a result that throws", async () => ({ get done() { return boom(); } })],
  ])("whose read() %s breaks the answer", async (_, read) => {
    expect(await dialAndFail(respondWithReader({ read, cancel: boom }))).toMatchObject({ delivery: "unknown" });
  });

  test("may answer without promises", async () => {
    const results = [{ done: false, value: bytes }, { done: true }];
    expect((await measureDial(respondWithReader({ read: () => results.shift(), cancel: () => undefined }))).call).toMatchObject({ provider: "mixcom" });
  });

  test.each([null, undefined, 1, {}, { read: "no function" }])("that is %o is not used: arrayBuffer() is called instead", async (reader) => {
    const response = { status: 200, headers, body: { getReader: () => reader }, arrayBuffer: async () => bytes.buffer };
    expect((await measureDial(async () => response)).call).toMatchObject({ provider: "mixcom" });
  });
});

describe("a body in memory", () => {
  const pieces: [string, Uint8Array][] = [
    ["one byte at a time", Uint8Array.of(32)],
    ["in empty pieces", new Uint8Array(0)],
  ];
  test.each(pieces)("that never ends, %s, is given up at the time-out and does not block other timers", async (_, value) => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    // Long enough for several turns, also on a machine that gives this process its core for a part of the time only.
    const timeoutMs = 5 * TIMEOUT_MS;
    const { error, ms } = await measureDial(respondWithReader({ read: async () => ({ done: false, value }), cancel: () => undefined }), timeoutMs);
    clearInterval(timer);
    expect(ms).toBeLessThan(timeoutMs + SLACK_MS);
    // A body over the size limit ends earlier.
    expect(["timeout", "malformed-response"]).toContain((error as RingbackError).code);
    expect(error).toMatchObject({ delivery: "unknown" });
    expect(turns).toBeGreaterThan(0);
  });

  test("in many small pieces is read completely", async () => {
    const text = `${" ".repeat(20_000)}${MIXCOM.accepted}`;
    const each = [...new TextEncoder().encode(text)];
    const read = async (): Promise<unknown> => (each.length === 0 ? { done: true } : { done: false, value: Uint8Array.of(each.shift() as number) });
    const call = await dial(MIXCOM, respondWithReader({ read, cancel: () => undefined }) as unknown as Fetch, {}, { timeoutMs: 10_000 });
    expect(call).toMatchObject({ provider: "mixcom" });
  });
});

test("a response without a stream whose arrayBuffer() never settles ends at the time-out", async () => {
  expect(await dialAndFail(async () => ({ status: 200, headers, body: {}, arrayBuffer: never }))).toMatchObject({ code: "timeout", delivery: "unknown" });
});

test("any response that arrives after the time-out is cancelled", async () => {
  let cancelled = 0;
  const body = { getReader: () => ({ read: never, cancel: () => ((cancelled += 1), boom()) }) };
  for (const late of [{ status: 200, headers, body }, null, { get body() { return boom(); } }, { body: { getReader: boom } }]) {
    expect(await dialAndFail(() => pause(TIMEOUT_MS + 50).then(() => late))).toMatchObject({ code: "timeout", delivery: "unknown" });
    await pause(80);
  }
  expect(cancelled).toBe(1);
  expect(unhandled).toEqual([]);
});

test("a custom signal that throws in removeEventListener affects nothing", async () => {
  const signal = { aborted: false, addEventListener: () => undefined, removeEventListener: boom } as unknown as AbortSignal;
  const fetch = (async () => new Response(MIXCOM.accepted)) as unknown as Fetch;
  expect(await dial(MIXCOM, fetch, {}, { signal })).toMatchObject({ provider: "mixcom" });
  const error: unknown = await dial(MIXCOM, never as unknown as Fetch, {}, { signal, timeoutMs: 20 }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "timeout", delivery: "unknown" });
  await pause(5);
  expect(unhandled).toEqual([]);
});

/** Generates values that a careless or hostile implementation may return anywhere. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, NaN, -1, 0, 99.5, 1e309, "", "200", Symbol("x"), 10n, {}, [], () => undefined, boom, never, new Date(NaN)),
  fc.constant({ then: boom }),
  fc.constant({ get then() { return boom(); } }),
  fc.constant(new Proxy({}, { get: boom })),
  // Handled here, because a rejected promise in an unread place would stay unhandled.
  fc.constant(null).map(() => {
    const rejection = Promise.reject(new Error("mine"));
    rejection.catch(() => undefined);
    return rejection;
  }),
  fc.integer({ min: 0, max: 700 }),
);

/** Generates functions that return a value, directly or as a promise, or fail. */
const oddFunction = fc.oneof(odd.map((value) => () => value), fc.constant(boom), fc.constant(never), odd.map((value) => async () => value), fc.constant(async () => boom()));

const reader = fc.record({ read: fc.oneof(oddFunction, odd), cancel: fc.oneof(oddFunction, odd) }, { requiredKeys: [] });

const response = fc.record(
  {
    status: odd,
    headers: fc.oneof(fc.constant(headers), odd, odd.map((value) => ({ get: () => value })), fc.constant({ get: boom })),
    body: fc.oneof(odd, reader.map((one) => ({ getReader: () => one })), oddFunction.map((getReader) => ({ getReader }))),
    arrayBuffer: fc.oneof(oddFunction, odd),
  },
  { requiredKeys: [] },
);

/** The same, with a member that throws when it is read. */
const withTraps = fc.tuple(response, fc.constantFrom("status", "headers", "body", "arrayBuffer", "")).map(([given, trapped]) =>
  trapped === "" ? given : Object.defineProperty({ ...given }, trapped, { get: boom }),
);

test("after any result of fetch, a dial settles in time, with unknown delivery, and affects nothing else", async () => {
  const fetches = fc.oneof(
    withTraps.map((given) => async (_: string, __: FetchInit) => given),
    withTraps.map((given) => () => given),
    oddFunction,
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fetches, { minLength: 40, maxLength: 40 }), async (several) => {
      // All at the same time, because most of them take the full time-out.
      for (const { call, error, ms } of await Promise.all(several.map((fetch) => measureDial(fetch)))) {
        expect(ms).toBeLessThan(TIMEOUT_MS + SLACK_MS);
        if (call !== undefined) continue;
        expect(isRingbackError(error), String(error)).toBe(true);
        expect(["unknown", "refused"]).toContain((error as RingbackError).delivery);
        expect((error as RingbackError).code).not.toBe("internal");
      }
    }),
    { numRuns: 40 },
  );
  await pause(20);
  expect(unhandled).toEqual([]);
});
