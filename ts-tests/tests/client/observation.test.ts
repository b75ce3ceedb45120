// What a client tells its hooks and its step log: every operation from its start to its end, whatever happens in between.
import { AsyncLocalStorage } from "node:async_hooks";
import { type CallRecord, type ClientBase, type ClientOptions, createClient, type DoneEvent, type ErrorEvent, type Hooks, type Operations, providers, type RequestEvent, type ResponseEvent, type StartEvent } from "ringback";
import { describe, expect, test, vi } from "vitest";
import { expectFailure } from "../support/failure.js";
import { answerJson, createBody, createFetch, encode, type RecordingFetch } from "../support/fetches.js";
import { findPlatform, PLATFORMS } from "../support/platforms.js";
import { runScript } from "../support/processes.js";

type Seen =
  | ["start", StartEvent]
  | ["request", RequestEvent]
  | ["response", ResponseEvent]
  | ["error", ErrorEvent]
  | ["done", DoneEvent];

/** Any client, with all operations. */
type AnyClient = ClientBase<"seatcall"> & Operations<"seatcall">;

interface Watched {
  readonly client: AnyClient;
  readonly seen: Seen[];
  readonly lines: string[];
  readonly fetch: RecordingFetch;
}

function watch(provider: ClientOptions["provider"], fetch: RecordingFetch, more: object = {}): Watched {
  const seen: Seen[] = [];
  const lines: string[] = [];
  const on: Hooks = {
    start: (event, begin) => {
      seen.push(["start", event]);
      begin();
    },
    request: (event) => seen.push(["request", event]),
    response: (event) => seen.push(["response", event]),
    error: (event) => seen.push(["error", event]),
    done: (event) => seen.push(["done", event]),
  };
  const options = { ...findPlatform(provider).options, fetch, on, debug: (line: string) => void lines.push(line), ...more };
  return { client: createClient(options as never) as unknown as AnyClient, seen, lines, fetch };
}

const names = (seen: readonly Seen[]): string[] => seen.map(([name]) => name);
const ids = (seen: readonly Seen[]): string[] => [...new Set(seen.map(([, { operationId }]) => operationId))];
const ends = (seen: readonly Seen[]): DoneEvent[] => seen.flatMap(([name, event]) => (name === "done" ? [event] : []));

async function readBytes(stream: ReadableStream<Uint8Array>): Promise<number> {
  return (await new Response(stream as BodyInit).arrayBuffer()).byteLength;
}

describe.each(PLATFORMS.map((platform) => [platform.provider, platform] as const))("a dial at %s", (provider, platform) => {
  test("has one id in all of its events, and ends once", async () => {
    const { client, seen } = watch(provider, createFetch(answerJson(platform.accepted)), { account: "main" });
    const call = await client.dial(platform.dial as never);
    expect(names(seen)).toEqual(["start", "request", "response", "done"]);
    expect(ids(seen)).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    for (const [, event] of seen) expect(event).toMatchObject({ provider, account: "main", operation: "dial" });
    expect(ends(seen)).toMatchObject([{ attempts: 1, outcome: "ok", reference: "order-1", durationMs: expect.any(Number) }]);
    const [end] = ends(seen);
    expect(end?.callId).toBe(providers[provider].correlation === "call-id" ? call.id : undefined);
    expect(end).not.toHaveProperty("error");
    await client.dial(platform.dial as never);
    expect(ids(seen)).toHaveLength(2);
  });

  test("that is refused, has an unknown fate or never left ends with its error, after the error's own hook", async () => {
    const refused = watch(provider, createFetch(answerJson(platform.refused("no"))));
    const refusal = await expectFailure(refused.client.dial(platform.dial as never));
    expect(names(refused.seen)).toEqual(["start", "request", "response", "error", "done"]);
    expect(ids(refused.seen)).toHaveLength(1);
    expect(ends(refused.seen)).toMatchObject([{ outcome: "refused", attempts: 1, reference: "order-1" }]);
    expect(ends(refused.seen)[0]?.error).toBe(refusal);

    const unknown = watch(provider, createFetch(async () => Promise.reject(Object.assign(new Error("x"), { code: "ECONNRESET" }))));
    await expectFailure(unknown.client.dial(platform.dial as never));
    expect(names(unknown.seen)).toEqual(["start", "request", "error", "done"]);
    expect(ends(unknown.seen)).toMatchObject([{ outcome: "unknown", attempts: 1, error: { code: "network" } }]);

    const invalid = watch(provider, createFetch());
    await expectFailure(invalid.client.dial({ ...(platform.dial as object), callee: "12" } as never));
    expect(names(invalid.seen)).toEqual(["start", "error", "done"]);
    expect(ends(invalid.seen)).toMatchObject([{ outcome: "not-sent", attempts: 0, error: { code: "invalid-argument", field: "callee" } }]);

    const aborted = watch(provider, createFetch());
    await expectFailure(aborted.client.dial(platform.dial as never, { signal: AbortSignal.abort() }));
    expect(names(aborted.seen)).toEqual(["start", "error", "done"]);
    expect(ends(aborted.seen)).toMatchObject([{ outcome: "not-sent", attempts: 0, error: { code: "aborted" } }]);
    expect(aborted.seen[1]?.[1]).toMatchObject({ attempt: 0 });
  });
});

describe("the end of", () => {
  test("an operation that was retried counts its attempts, and its waits", async () => {
    const { client, seen, lines } = watch("seatcall", createFetch(async () => new Response("", { status: 503, headers: { "retry-after": "0" } }), answerJson('{"meta":{"success":true,"message":""},"data":5}')));
    await client.balance();
    expect(names(seen)).toEqual(["start", "request", "response", "request", "response", "done"]);
    expect(ids(seen)).toHaveLength(1);
    expect(ends(seen)).toMatchObject([{ operation: "balance", attempts: 2, outcome: "ok" }]);
    expect(lines.filter((line) => line.includes("waits"))).toHaveLength(1);
  });

  test("an operation that this platform does not offer says so", async () => {
    const { client, seen } = watch("mixcom", createFetch());
    await expectFailure(client.hangUp("c-1"));
    expect(ends(seen)).toMatchObject([{ operation: "hangUp", outcome: "not-sent", attempts: 0, callId: "c-1", error: { code: "unsupported" } }]);
  });

  test("bindSeat and hangUp", async () => {
    const bound = watch("seatcall", createFetch(answerJson('{"meta":{"success":true,"message":""},"data":""}')));
    await bound.client.bindSeat({ seat: "PP7568036551", phone: "13712345678" });
    expect(ends(bound.seen)).toMatchObject([{ operation: "bindSeat", outcome: "ok", attempts: 1 }]);
    const ended = watch("quanmayun", createFetch(answerJson('{"code":200,"success":true,"data":null,"msg":""}')));
    await ended.client.hangUp("128754716574532539");
    expect(ends(ended.seen)).toMatchObject([{ operation: "hangUp", outcome: "ok", attempts: 1, callId: "128754716574532539" }]);
  });

  test("each page of records, which is an operation of its own", async () => {
    const record = (id: number): object => JSON.parse(findPlatform("seatcall").push(`s-${id}`)) as object;
    // A full page has 100 records.
    const page = (from: number, count: number): string => JSON.stringify({ meta: { success: true, message: "" }, data: Array.from({ length: count }, (_, at) => ({ ...record(from + at), id: from + at })) });
    const { client, seen } = watch("seatcall", createFetch(answerJson(page(1, 100)), answerJson(page(101, 3))));
    const pages: number[] = [];
    for await (const { records } of client.records({ from: "2018-12-28T00:00:00+08:00", to: "2018-12-29T00:00:00+08:00" }).pages()) pages.push(records.length);
    expect(pages).toEqual([100, 3]);
    expect(names(seen)).toEqual(["start", "request", "response", "done", "start", "request", "response", "done"]);
    expect(ids(seen)).toHaveLength(2);
    expect(ends(seen)).toMatchObject([{ operation: "records", outcome: "ok" }, { operation: "records", outcome: "ok" }]);
  });
});

describe("the body of a recording is an operation of its own,", () => {
  const audio = (): Response => new Response("sound", { headers: { "content-type": "audio/mpeg" } });
  const record = { ...({} as CallRecord), provider: "seatcall", callId: "s-1", recording: { state: "available", url: "https://seat.example/1.mp3" } } as unknown as CallRecord;

  test("which sends no request if the platform streams the recording", async () => {
    const { client, seen, fetch } = watch("mixcom", createFetch(async () => audio()));
    const recording = await client.recording("CAE-20200304030813-12010906");
    expect(names(seen)).toEqual(["start", "request", "response", "done"]);
    expect(ends(seen)).toMatchObject([{ operation: "recording", outcome: "ok", attempts: 1, callId: "CAE-20200304030813-12010906" }]);
    expect(ends(seen)[0]).not.toHaveProperty("bytes");
    const body = await recording.body();
    expect(ends(seen), "nothing was read yet").toHaveLength(1);
    expect(await readBytes(body)).toBe(5);
    expect(ends(seen)[1]).toMatchObject({ operation: "recording", outcome: "ok", attempts: 0, bytes: 5 });
    expect(ids(seen)).toHaveLength(2);
    expect(fetch.sent).toHaveLength(1);
  });

  test("which sends its own request if the recording is at an address, each time that it is read", async () => {
    const { client, seen, fetch } = watch("seatcall", createFetch(async () => audio()));
    const recording = await client.recording(record);
    expect(ends(seen)).toMatchObject([{ operation: "recording", outcome: "ok", attempts: 0, callId: "s-1" }]);
    for (let time = 1; time <= 2; time += 1) {
      expect(await readBytes(await recording.body())).toBe(5);
      expect(ends(seen)).toHaveLength(1 + time);
      expect(ends(seen)[time]).toMatchObject({ operation: "recording", outcome: "ok", attempts: 1, bytes: 5 });
    }
    expect(ids(seen)).toHaveLength(3);
    expect(fetch.sent).toHaveLength(2);
  });

  test("which is ok if its reader cancels it", async () => {
    const { client, seen } = watch("mixcom", createFetch(async () => new Response(createBody((controller) => controller.enqueue(encode("piece"))), { headers: { "content-type": "audio/mpeg" } })));
    const reader = (await (await client.recording("c-1")).body()).getReader();
    await reader.read();
    await reader.cancel();
    expect(ends(seen)[1]).toMatchObject({ outcome: "ok", bytes: 5 });
    expect(ends(seen)).toHaveLength(2);
  });

  test("which fails if the stream breaks, is aborted, or stops", async () => {
    const createBreaking = (end: (controller: ReadableByteStreamController | ReadableStreamDefaultController<Uint8Array>) => void): Response => {
      let begun = false;
      const body = createBody((controller) => {
        if (begun) return end(controller);
        begun = true;
        controller.enqueue(encode("piece"));
      });
      return new Response(body, { headers: { "content-type": "audio/mpeg" } });
    };
    const abort = new AbortController();
    const cases = [
      { code: "network", response: createBreaking((controller) => controller.error(new Error("reset"))) },
      { code: "aborted", response: createBreaking(() => abort.abort()) },
    ];
    for (const { code, response } of cases) {
      const { client, seen } = watch("mixcom", createFetch(async () => response));
      const recording = await client.recording("c-1", { signal: abort.signal });
      await expectFailure(readBytes(await recording.body()));
      expect(ends(seen), code).toHaveLength(2);
      expect(ends(seen)[1]).toMatchObject({ operation: "recording", outcome: "unknown", attempts: 0, bytes: 5, error: { code } });
      expect(names(seen).slice(-2)).toEqual(["error", "done"]);
    }
    const slow = watch("mixcom", createFetch(async () => createBreaking(() => new Promise(() => undefined) as never)), { timeoutMs: 40 });
    await expectFailure(readBytes(await (await slow.client.recording("c-1")).body()));
    expect(ends(slow.seen)[1]).toMatchObject({ outcome: "unknown", error: { code: "timeout" } });
    const refused = watch("seatcall", createFetch(async () => new Response("", { status: 404 })));
    await expectFailure((await refused.client.recording(record)).body());
    expect(ends(refused.seen)).toMatchObject([{ outcome: "ok" }, { outcome: "refused", attempts: 1, error: { code: "not-found" } }]);
  });
});

describe("the start hook", () => {
  const { dial, accepted } = findPlatform("mixcom");

  test("runs the operation in a context of its own, with fetch and all hooks", async () => {
    const storage = new AsyncLocalStorage<string>();
    const within: (string | undefined)[] = [];
    const fetch = createFetch(async () => {
      within.push(storage.getStore());
      return new Response(accepted);
    });
    const note = (): void => void within.push(storage.getStore());
    const on: Hooks = { start: ({ operationId }, begin) => storage.run(operationId, begin), request: note, response: note, done: note };
    const client = createClient({ ...findPlatform("mixcom").options, fetch, on } as never) as unknown as AnyClient;
    await Promise.all([client.dial(dial as never), client.dial(dial as never)]);
    expect(within).toHaveLength(8);
    expect(new Set(within).size).toBe(2);
    expect(within).not.toContain(undefined);
    expect(storage.getStore()).toBeUndefined();
  });

  test.each<[string, NonNullable<Hooks["start"]>]>([
    ["begins twice", (_, begin) => [begin(), begin()]],
    ["never begins", () => undefined],
    ["begins later", (_, begin) => setTimeout(begin, 5)],
    ["throws", () => { throw new Error("a hook"); }],
    ["throws after it began", (_, begin) => { begin(); throw new Error("a hook"); }],
    ["rejects", async () => Promise.reject(new Error("a hook"))],
  ])("that %s has no effect: one request, one end", async (_, start) => {
    const done = vi.fn();
    const fetch = createFetch(answerJson(accepted));
    const client = createClient({ ...findPlatform("mixcom").options, fetch, on: { start, done } } as never) as unknown as AnyClient;
    expect(await client.dial(dial as never)).toMatchObject({ provider: "mixcom" });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(fetch.sent).toHaveLength(1);
    expect(done).toHaveBeenCalledTimes(1);
  });
});

describe("a call id that may be a phone number", () => {
  test.each([["13712345678"], ["tel:13712345678"], ["86-137-1234-5678"]])("is not shown: %s", async (callId) => {
    const { client, seen, lines } = watch("quanmayun", createFetch(answerJson(JSON.stringify({ code: 200, success: true, data: { callidentifier: callId }, msg: "" }))));
    expect((await client.dial(findPlatform("quanmayun").dial as never)).id).toBe(callId);
    expect(ends(seen)[0]).not.toHaveProperty("callId");
    expect(lines.join("\n")).not.toContain("1234");
  });

  test.each(["128754716574532539", "04202107251831296890045359", "550e8400-e29b-41d4-a716-446655440000", "b82effb1_324874486"])("is not confused with %s", async (callId) => {
    const { client, seen } = watch("quanmayun", createFetch(answerJson(JSON.stringify({ code: 200, success: true, data: { callidentifier: callId }, msg: "" }))));
    await client.dial(findPlatform("quanmayun").dial as never);
    expect(ends(seen)[0]?.callId).toBe(callId);
  });
});

describe("debug", () => {
  const { dial, accepted } = findPlatform("mixcom");
  const create = (more: object): AnyClient => createClient({ ...findPlatform("mixcom").options, account: "main", fetch: createFetch(answerJson(accepted)), ...more } as never) as unknown as AnyClient;

  test("writes one line for each step, with the same id", async () => {
    const lines: string[] = [];
    await create({ debug: (line: string) => void lines.push(line) }).dial(dial as never);
    const head = /^ringback: mixcom\/main dial ([0-9a-f]{8}) /;
    expect(lines.map((line) => line.replace(head, ""))).toEqual([
      "begins",
      expect.stringMatching(/^sends POST http:\/\/\S+ \(attempt 1\)$/),
      expect.stringMatching(/^got status 200 after \d+ ms$/),
      expect.stringMatching(/^ends after \d+ ms and 1 attempt: ok; reference order-1$/),
    ]);
    expect(new Set(lines.map((line) => head.exec(line)?.[1])).size).toBe(1);
  });

  test("describes a failure on one line", async () => {
    const lines: string[] = [];
    const fetch = createFetch(async () => Promise.reject(Object.assign(new Error("x"), { code: "ECONNREFUSED", syscall: "connect" })));
    const error = await expectFailure(create({ fetch, debug: (line: string) => void lines.push(line) }).dial(dial as never));
    expect(lines.slice(2).map((line) => line.split(" ").slice(4).join(" "))).toEqual(["got no response: error", expect.stringMatching(new RegExp(`^ends after \\d+ ms and 1 attempt: not-sent; reference order-1; ${error.code} \\(${error.reason}\\): `))]);
    expect(lines.join("")).not.toContain("\n");
  });

  test("writes to standard error in Node, and to nothing else", () => {
    const script = (debug: string): string => `
      import { createClient } from "ringback";
      const written = { error: 0, debug: 0, log: 0 };
      for (const name of Object.keys(written)) console[name] = (...given) => { written[name] += given.length; };
      const fetch = async () => new Response('{"success":true,"code":200,"msg":""}');
      await createClient({ provider: "mixcom", appKey: "k", appSecret: "s", fetch, debug: ${debug} }).dial({ caller: "13712345678", callee: "13912345678" });
      process.stdout.write(JSON.stringify(written));`;
    expect(JSON.parse(runScript(script("true")))).toEqual({ error: 4, debug: 0, log: 0 });
    expect(JSON.parse(runScript(script("false")))).toEqual({ error: 0, debug: 0, log: 0 });
    // As in a page, and in workerd, which also has `process`.
    expect(JSON.parse(runScript(`globalThis.navigator = undefined; Object.defineProperty(globalThis, "navigator", { value: { userAgent: "Cloudflare-Workers" } });${script("true")}`))).toEqual({ error: 0, debug: 4, log: 0 });
  });

  test.each([() => { throw new Error("x"); }, async () => Promise.reject(new Error("x"))])("has no effect if its function fails (%#)", async (debug) => {
    expect(await create({ debug }).dial(dial as never)).toMatchObject({ provider: "mixcom" });
  });

  test.each([[1], ["true"], [null], [{}], [[]]])("is an invalid argument if it is %j", async (debug) => {
    expect(await expectFailure(() => create({ debug }))).toMatchObject({ code: "invalid-argument", reason: "wrong-type", field: "debug" });
  });
});

test("nothing is drawn or written if nobody listens", async () => {
  const draw = vi.spyOn(crypto, "getRandomValues");
  // seatcall needs no randomness itself.
  const client = createClient({ ...findPlatform("seatcall").options, fetch: createFetch(answerJson(findPlatform("seatcall").accepted)), on: { done: undefined } } as never) as unknown as AnyClient;
  await client.dial(findPlatform("seatcall").dial as never);
  expect(draw).not.toHaveBeenCalled();
  await watch("seatcall", createFetch(answerJson(findPlatform("seatcall").accepted))).client.dial(findPlatform("seatcall").dial as never);
  expect(draw).toHaveBeenCalled();
});

test("unknown hooks and hooks of another type are named", async () => {
  const create = (on: unknown) => () => createClient({ ...findPlatform("mixcom").options, on } as never);
  expect(await expectFailure(create({ finished: () => undefined }))).toMatchObject({ code: "invalid-argument", field: "on.finished" });
  expect(await expectFailure(create({ done: 5 }))).toMatchObject({ code: "invalid-argument", field: "on.done" });
  expect(await expectFailure(create({ start: "x" }))).toMatchObject({ code: "invalid-argument", field: "on.start" });
});
