// What an injected fetch may give back instead of a response: a dial always settles with a RingbackError or a call, in time, and disturbs nothing else.
import fc from "fast-check";
import { type Fetch, type FetchInit, isRingbackError, type RingbackError } from "ringback";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pause } from "../support/fetches.js";
import { dial, platform } from "../support/platforms.js";

const MIXCOM = platform("mixcom");
const TIMEOUT_MS = 100;
/** What a busy machine may add. */
const SLACK_MS = 2_000;

/** Errors that reached nobody, which would end a program. */
const stray: unknown[] = [];
const keep = (error: unknown): number => stray.push(error);

beforeAll(() => {
  process.on("unhandledRejection", keep).on("uncaughtException", keep);
});
afterAll(() => {
  process.off("unhandledRejection", keep).off("uncaughtException", keep);
});

/** What a dial came to, and how long it took. */
async function outcomeOf(fetch: unknown): Promise<{ call?: unknown; error?: unknown; ms: number }> {
  const began = performance.now();
  const done = (outcome: { call?: unknown; error?: unknown }) => ({ ...outcome, ms: performance.now() - began });
  return dial(MIXCOM, fetch as Fetch, {}, { timeoutMs: TIMEOUT_MS }).then(
    (call) => done({ call }),
    (error: unknown) => done({ error }),
  );
}

async function failed(fetch: unknown): Promise<RingbackError> {
  const { error, ms } = await outcomeOf(fetch);
  expect(isRingbackError(error), String(error)).toBe(true);
  expect(ms).toBeLessThan(TIMEOUT_MS + SLACK_MS);
  await pause(5);
  expect(stray).toEqual([]);
  return error as RingbackError;
}

const boom = (): never => {
  throw new Error("not mine");
};
const never = (): Promise<never> => new Promise(() => undefined);
const headers = { get: (name: string) => (name === "content-type" ? "application/json" : null) };
const bytes = new TextEncoder().encode(MIXCOM.accepted);

/** A response whose body is read through this reader. */
const readBy = (reader: unknown) => async () => ({ status: 200, headers, body: { getReader: () => reader }, arrayBuffer: never });

describe("a reader", () => {
  const cancels: [string, () => unknown][] = [
    ["throws", boom],
    ["gives nothing", () => undefined],
    ["gives a number", () => 1],
    ["rejects", async () => boom()],
    ["never settles", never],
    ["gives a thenable that throws", () => ({ then: boom })],
  ];
  test.each(cancels)("whose cancel() %s ends nothing but its dial", async (_, cancel) => {
    expect(await failed(readBy({ read: never, cancel }))).toMatchObject({ code: "timeout", delivery: "unknown" });
  });

  test("without cancel() ends nothing but its dial", async () => {
    expect(await failed(readBy({ read: never }))).toMatchObject({ code: "timeout", delivery: "unknown" });
  });

  test.each([
    ["throws", boom],
    ["rejects", async () => boom()],
    ["gives nothing", () => undefined],
    ["gives text of no reader's form", () => "bytes"],
    ["gives a value that is no bytes", async () => ({ done: false, value: 5 })],
    ["gives no value and no end", async () => ({ done: false })],
    ["gives a result that throws", async () => ({ get done() { return boom(); } })],
  ])("whose read() %s breaks the answer", async (_, read) => {
    expect(await failed(readBy({ read, cancel: boom }))).toMatchObject({ delivery: "unknown" });
  });

  test("may answer without promises", async () => {
    const results = [{ done: false, value: bytes }, { done: true }];
    expect((await outcomeOf(readBy({ read: () => results.shift(), cancel: () => undefined }))).call).toMatchObject({ provider: "mixcom" });
  });

  test.each([null, undefined, 1, {}, { read: "no function" }])("that is %o is none: the whole body is asked for", async (reader) => {
    const response = { status: 200, headers, body: { getReader: () => reader }, arrayBuffer: async () => bytes.buffer };
    expect((await outcomeOf(async () => response)).call).toMatchObject({ provider: "mixcom" });
  });
});

describe("a body in memory", () => {
  const pieces: [string, Uint8Array][] = [
    ["one byte at a time", Uint8Array.of(32)],
    ["in empty pieces", new Uint8Array(0)],
  ];
  test.each(pieces)("that never ends, %s, ends at the time-out and lets other timers run", async (_, value) => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    const { error, ms } = await outcomeOf(readBy({ read: async () => ({ done: false, value }), cancel: () => undefined }));
    clearInterval(timer);
    expect(ms).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    // What is too much ends it earlier.
    expect(["timeout", "malformed-response"]).toContain((error as RingbackError).code);
    expect(error).toMatchObject({ delivery: "unknown" });
    expect(turns).toBeGreaterThan(0);
  });

  test("in many small pieces arrives whole", async () => {
    const text = `${" ".repeat(20_000)}${MIXCOM.accepted}`;
    const each = [...new TextEncoder().encode(text)];
    const read = async (): Promise<unknown> => (each.length === 0 ? { done: true } : { done: false, value: Uint8Array.of(each.shift() as number) });
    const call = await dial(MIXCOM, readBy({ read, cancel: () => undefined }) as unknown as Fetch, {}, { timeoutMs: 10_000 });
    expect(call).toMatchObject({ provider: "mixcom" });
  });
});

test("a response without a stream whose arrayBuffer() never settles ends at the time-out", async () => {
  expect(await failed(async () => ({ status: 200, headers, body: {}, arrayBuffer: never }))).toMatchObject({ code: "timeout", delivery: "unknown" });
});

test("a response that comes after the time-out is let go of, whatever it is", async () => {
  let cancelled = 0;
  const body = { getReader: () => ({ read: never, cancel: () => ((cancelled += 1), boom()) }) };
  for (const late of [{ status: 200, headers, body }, null, { get body() { return boom(); } }, { body: { getReader: boom } }]) {
    expect(await failed(() => pause(TIMEOUT_MS + 50).then(() => late))).toMatchObject({ code: "timeout", delivery: "unknown" });
    await pause(80);
  }
  expect(cancelled).toBe(1);
  expect(stray).toEqual([]);
});

test("a signal of somebody's own that throws when it is left ends nothing", async () => {
  const signal = { aborted: false, addEventListener: () => undefined, removeEventListener: boom } as unknown as AbortSignal;
  const fetch = (async () => new Response(MIXCOM.accepted)) as unknown as Fetch;
  expect(await dial(MIXCOM, fetch, {}, { signal })).toMatchObject({ provider: "mixcom" });
  const error: unknown = await dial(MIXCOM, never as unknown as Fetch, {}, { signal, timeoutMs: 20 }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "timeout", delivery: "unknown" });
  await pause(5);
  expect(stray).toEqual([]);
});

/** Values that a careless or hostile implementation may put anywhere. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, NaN, -1, 0, 99.5, 1e309, "", "200", Symbol("x"), 10n, {}, [], () => undefined, boom, never, new Date(NaN)),
  fc.constant({ then: boom }),
  fc.constant({ get then() { return boom(); } }),
  fc.constant(new Proxy({}, { get: boom })),
  // Handled here: what lies somewhere unread is nobody else's to handle.
  fc.constant(null).map(() => {
    const rejection = Promise.reject(new Error("mine"));
    rejection.catch(() => undefined);
    return rejection;
  }),
  fc.integer({ min: 0, max: 700 }),
);

/** Some way to be a value, or to fail to be one. */
const giving = fc.oneof(odd.map((value) => () => value), fc.constant(boom), fc.constant(never), odd.map((value) => async () => value), fc.constant(async () => boom()));

const reader = fc.record({ read: fc.oneof(giving, odd), cancel: fc.oneof(giving, odd) }, { requiredKeys: [] });

const response = fc.record(
  {
    status: odd,
    headers: fc.oneof(fc.constant(headers), odd, odd.map((value) => ({ get: () => value })), fc.constant({ get: boom })),
    body: fc.oneof(odd, reader.map((one) => ({ getReader: () => one })), giving.map((getReader) => ({ getReader }))),
    arrayBuffer: fc.oneof(giving, odd),
  },
  { requiredKeys: [] },
);

/** The same, with a member that throws where it is read. */
const withTraps = fc.tuple(response, fc.constantFrom("status", "headers", "body", "arrayBuffer", "")).map(([given, trapped]) =>
  trapped === "" ? given : Object.defineProperty({ ...given }, trapped, { get: boom }),
);

test("whatever a fetch gives, a dial settles in time, with unknown delivery, and disturbs nothing else", async () => {
  const fetches = fc.oneof(
    withTraps.map((given) => async (_: string, __: FetchInit) => given),
    withTraps.map((given) => () => given),
    giving,
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fetches, { minLength: 40, maxLength: 40 }), async (several) => {
      // All at once: most of them take the whole time.
      for (const { call, error, ms } of await Promise.all(several.map(outcomeOf))) {
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
  expect(stray).toEqual([]);
});
