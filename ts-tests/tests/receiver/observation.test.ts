// What a receiver tells its hooks and its step log about each request.
import { AsyncLocalStorage } from "node:async_hooks";
import { type AnswerEvent, type ArrivalEvent, createReceiver, type Receiver, type ReceiverHooks, type ReceiverOptions } from "ringback";
import { describe, expect, test, vi } from "vitest";
import { expectFailure } from "../support/failure.js";
import { searchForLeaks } from "../support/leak-search.js";
import { findPlatform, PLATFORMS } from "../support/platforms.js";

const TOKEN = "Vx3f0Qm9T7yUe2LkR8sZpA1cWbDn4HgJ5oKi6MtNqXw";

function post(body: string, path = `/push/${TOKEN}`): Request {
  return new Request(`https://crm.example${path}`, { method: "POST", body, headers: { "content-type": "application/json" } });
}

interface Watched {
  readonly receive: Receiver;
  readonly arrivals: ArrivalEvent[];
  readonly answers: AnswerEvent[];
  readonly lines: string[];
}

function watch(provider: string, more: object = { onRecord: () => undefined }, hooks: ReceiverHooks = {}): Watched {
  const arrivals: ArrivalEvent[] = [];
  const answers: AnswerEvent[] = [];
  const lines: string[] = [];
  const on: ReceiverHooks = { start: (event) => void arrivals.push(event), answer: (event) => void answers.push(event), ...hooks };
  const options = { provider, tokens: [TOKEN], on, debug: (line: string) => void lines.push(line), ...more };
  return { receive: createReceiver(options as unknown as ReceiverOptions), arrivals, answers, lines };
}

const unwrap = (body: string): string => JSON.stringify((JSON.parse(body) as { Data?: unknown[] }).Data?.[0] ?? JSON.parse(body));

describe.each(PLATFORMS.map((platform) => [platform.provider, platform] as const))("a push of %s", (provider, platform) => {
  test("is reported when it comes and when it is answered, with its keys", async () => {
    const { receive, arrivals, answers } = watch(provider, { name: "main", onRecord: () => undefined });
    expect((await receive(post(platform.push("c-1")))).status).toBe(200);
    expect(arrivals).toEqual([{ requestId: expect.stringMatching(/^[0-9a-f]{32}$/), method: "POST" }]);
    expect(answers).toMatchObject([{ requestId: arrivals[0]?.requestId, outcome: "kept", provider, account: "main", keys: [`${provider}/main:c-1`], records: 1, status: 200 }]);
    expect(answers[0]?.durationMs).toBeGreaterThan(0);
    await receive(post(platform.push("c-2")));
    expect(answers[1]).toMatchObject({ keys: [`${provider}/main:c-2`] });
    expect(answers[1]?.requestId).not.toBe(answers[0]?.requestId);
  });

  test("lists at most 100 keys, none of which may be a phone number", async () => {
    const { receive, answers } = watch(provider, { onRecords: () => undefined });
    const ids = Array.from({ length: 120 }, (_, at) => `c-${at}`);
    await receive(post(`[${ids.map((id) => unwrap(platform.push(id))).join(",")}]`));
    expect(answers[0]).toMatchObject({ records: 120, keys: ids.slice(0, 100).map((id) => `${provider}:${id}`) });
    await receive(post(`[${["13712345678", "c-1", "86-137-1234-5678"].map((id) => unwrap(platform.push(id))).join(",")}]`));
    expect(answers[1]).toMatchObject({ records: 3, keys: [`${provider}:c-1`] });
  });

  test("that is not kept has its keys, too; with onPush there are none", async () => {
    const failing = watch(provider, { onRecord: () => Promise.reject(new Error("the database is unavailable")) });
    await failing.receive(post(platform.push("c-1")));
    expect(failing.answers).toMatchObject([{ outcome: "not-kept", keys: [`${provider}:c-1`] }]);
    const raw = watch(provider, { onPush: () => undefined });
    await raw.receive(post(platform.push("c-1")));
    expect(raw.answers).toMatchObject([{ outcome: "kept" }]);
    expect(raw.answers[0]).not.toHaveProperty("keys");
    expect(raw.answers[0]).not.toHaveProperty("references");
  });
});

test("references are listed like keys", async () => {
  const { receive, answers } = watch("mixcom");
  const push = (callIdentifier: string, Uuid: unknown): object => ({ ...(JSON.parse(findPlatform("mixcom").push(callIdentifier)) as object), uuid: Uuid });
  await receive(post(JSON.stringify([push("c-1", "order-1"), push("c-2", "order 13712345678"), push("c-3", undefined)])));
  expect(answers).toMatchObject([{ keys: ["mixcom:c-1", "mixcom:c-2", "mixcom:c-3"], references: ["order-1"] }]);
});

test("every request is reported once, however it ends", async () => {
  const { receive, arrivals, answers } = watch("mixcom");
  await receive(post("x", "/nowhere"));
  await receive(new Request(`https://crm.example/push/${TOKEN}`));
  await receive(new Request(`https://crm.example/push/${TOKEN}`, { method: "DELETE" }));
  await receive({ secret: TOKEN } as never);
  await receive({ url: "", headers: new Headers(), method: TOKEN } as never);
  expect(answers.map(({ outcome }) => outcome)).toEqual(["refused", "probe", "refused", "refused", "refused"]);
  expect(arrivals.map(({ method }) => method)).toEqual(["POST", "GET", "DELETE", "unknown", "unknown"]);
  expect(answers.map(({ requestId }) => requestId)).toEqual(arrivals.map(({ requestId }) => requestId));
});

describe("the start hook", () => {
  test("runs the request in a context of its own, with the keeper and the answer", async () => {
    const storage = new AsyncLocalStorage<string>();
    const within: (string | undefined)[] = [];
    const { receive } = watch("mixcom", { onRecord: async () => void within.push(storage.getStore()) }, { start: ({ requestId }, begin) => storage.run(requestId, begin), answer: ({ requestId }) => within.push(storage.getStore(), requestId) });
    await receive(post(findPlatform("mixcom").push("c-1")));
    expect(within).toHaveLength(3);
    expect(new Set(within).size).toBe(1);
  });

  test.each<[string, NonNullable<ReceiverHooks["start"]>]>([
    ["begins twice", (_, begin) => [begin(), begin()]],
    ["begins later", (_, begin) => setTimeout(begin, 5)],
    ["throws", () => { throw new Error("a hook"); }],
    ["rejects", async () => Promise.reject(new Error("a hook"))],
  ])("that %s has no effect", async (_, start) => {
    const onRecord = vi.fn();
    const { receive, answers } = watch("mixcom", { onRecord }, { start });
    expect((await receive(post(findPlatform("mixcom").push("c-1")))).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(onRecord).toHaveBeenCalledTimes(1);
    expect(answers).toHaveLength(1);
  });
});

describe("debug", () => {
  const { push } = findPlatform("mixcom");

  test("writes one line for each step, with the same id", async () => {
    const { receive, lines } = watch("mixcom", { name: "main", onRecord: () => undefined });
    await receive(post(push("c-1")));
    const head = /^ringback: push ([0-9a-f]{8}) /;
    expect(lines.map((line) => line.replace(head, ""))).toEqual([
      "comes by POST",
      "is of mixcom/main",
      `has ${push("c-1").length} bytes`,
      "holds 1 records, 0 unreadable entries, 0 other events",
      expect.stringMatching(/^onRecord resolved after \d+ ms$/),
      expect.stringMatching(/^is answered with 200 after \d+ ms: kept$/),
    ]);
    expect(new Set(lines.map((line) => head.exec(line)?.[1])).size).toBe(1);
  });

  test("shows no token, and of a keeper's error a redacted excerpt", async () => {
    const { receive, lines } = watch("mixcom", { onRecord: () => Promise.reject(Object.assign(new Error(`cannot insert\n13712345678 at ${TOKEN}`), { code: "23505" })) });
    await receive(post(push("c-1")));
    await receive(post("13712345678", `/push/${TOKEN}x`));
    await receive(post(push("c-1").slice(0, 60)));
    expect(lines.some((line) => /onRecord failed after \d+ ms$/.test(line))).toBe(true);
    expect(lines.some((line) => /is answered with 500 after \d+ ms: not-kept; onRecord failed; Error \[23505\]: cannot insert/.test(line))).toBe(true);
    expect(lines.some((line) => /is answered with 404 after \d+ ms: refused; /.test(line))).toBe(true);
    expect(lines.join("")).not.toContain("\n");
    searchForLeaks({ provider: "mixcom", secrets: [TOKEN], numbers: ["13712345678"] }, lines);
  });

  test("goes to standard error in Node, beside the line of a push that was not kept", async () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const receive = createReceiver({ provider: "mixcom", tokens: [TOKEN], onRecord: () => Promise.reject(new Error("x")), debug: true });
    await receive(post(push("c-1")));
    expect(error).toHaveBeenCalledTimes(7);
    error.mockClear();
    const quiet = createReceiver({ provider: "mixcom", tokens: [TOKEN], onRecord: () => undefined, debug: false });
    await quiet(post(push("c-1")));
    expect(error).not.toHaveBeenCalled();
  });

  test("has no effect if its function fails", async () => {
    for (const debug of [() => { throw new Error("x"); }, async () => Promise.reject(new Error("x"))]) {
      const receive = createReceiver({ provider: "mixcom", tokens: [TOKEN], onRecord: () => undefined, debug });
      expect((await receive(post(push("c-1")))).status).toBe(200);
    }
  });
});

test("wrong options are named", async () => {
  const create = (more: object) => () => createReceiver({ provider: "mixcom", tokens: [TOKEN], onRecord: () => undefined, ...more } as never);
  for (const debug of [1, "true", null, {}]) expect(await expectFailure(create({ debug }))).toMatchObject({ code: "invalid-argument", reason: "wrong-type", field: "debug" });
  expect(await expectFailure(create({ on: { start: 5 } }))).toMatchObject({ code: "invalid-argument", field: "on.start" });
  expect(await expectFailure(create({ on: { done: () => undefined } }))).toMatchObject({ code: "invalid-argument", field: "on.done" });
  expect(await expectFailure(create({ on: 5 }))).toMatchObject({ code: "invalid-argument", field: "on" });
});

test("nothing is drawn if nobody listens", async () => {
  const draw = vi.spyOn(crypto, "getRandomValues");
  await createReceiver({ provider: "mixcom", tokens: [TOKEN], onRecord: () => undefined })(post(findPlatform("mixcom").push("c-1")));
  await createReceiver({ provider: "mixcom", tokens: [TOKEN], onRecord: () => undefined, on: { answer: () => undefined } })(post(findPlatform("mixcom").push("c-1")));
  expect(draw, "without on.start").not.toHaveBeenCalled();
  await watch("mixcom").receive(post(findPlatform("mixcom").push("c-1")));
  expect(draw).toHaveBeenCalled();
});
