// Spans and metrics of clients and receivers, by the SDK's exporters in memory, and with the instrumentation of fetch beside them.
import { createRequire } from "node:module";
import { context, type Link, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { type CallRecord, type ClientBase, type ClientOptions, createClient, createReceiver, type Operations, processPush, providers, type Push, type Receiver, type ReceiverOptions } from "ringback";
import * as esm from "ringback/opentelemetry";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { DIGITS, expectFailure } from "../support/failure.js";
import { answerJson, createFetch, echoRequest } from "../support/fetches.js";
import { searchForLeaks } from "../support/leak-search.js";
import { findPlatform, type Platform, PLATFORMS } from "../support/platforms.js";
import { serve } from "../support/servers.js";
import { drawTrace, instrumentFetch, keepContext, listExported, registerSdk } from "../support/telemetry-sdk.js";

const cjs = createRequire(import.meta.url)("ringback/opentelemetry") as typeof esm;
const { createMemoryStore, createTelemetry, ignorePlatformRequests } = esm;

const TOKEN = "Vx3f0Qm9T7yUe2LkR8sZpA1cWbDn4HgJ5oKi6MtNqXw";
const sdk = registerSdk();
const tracer = trace.getTracer("crm");

beforeEach(async () => {
  sdk.takeSpans();
  await sdk.collectMetrics();
});

type AnyClient = ClientBase<"seatcall"> & Operations<"seatcall">;

function create(provider: ClientOptions["provider"], telemetry: esm.Telemetry, more: object = {}): AnyClient {
  return createClient({ ...findPlatform(provider).options, on: telemetry.watchClient(), ...more } as never) as unknown as AnyClient;
}

const accept = ({ accepted }: Platform): (() => Promise<Response>) => answerJson(accepted);

function receiveWith(provider: string, telemetry: esm.Telemetry, more: object = { onRecord: () => undefined }): Receiver {
  return createReceiver({ provider, tokens: [TOKEN], on: telemetry.watchReceiver(), ...more } as unknown as ReceiverOptions);
}

function post(body: string, path = `/push/${TOKEN}`): Request {
  return new Request(`https://crm.example${path}`, { method: "POST", body, headers: { "content-type": "application/json" } });
}

/** Runs work within a span of the program. */
function within<T>(name: string, work: () => Promise<T>): Promise<T> {
  return tracer.startActiveSpan(name, (span) => work().finally(() => span.end()));
}

const findSpan = (spans: readonly ReadableSpan[], name: string): ReadableSpan => {
  const found = spans.filter((span) => span.name === name);
  if (found.length !== 1) throw new Error(`${found.length} spans ${name} among ${spans.map((span) => span.name).join(", ")}`);
  return found[0] as ReadableSpan;
};

const linksOf = (span: ReadableSpan): string[] => span.links.map(({ context: linked }) => linked.spanId);

describe.each([
  ["import", esm],
  ["require", cjs],
] as const)("the entry to %s", (_, entry) => {
  test("exports exactly the public API", () => {
    expect(Object.keys(entry).sort()).toEqual(["createMemoryStore", "createTelemetry", "ignorePlatformRequests"]);
  });

  test("makes a span and metrics of a dial, and of its push, which are linked", async () => {
    const telemetry = entry.createTelemetry();
    await create("quanmayun", telemetry, { fetch: createFetch(accept(findPlatform("quanmayun"))) }).dial(findPlatform("quanmayun").dial as never);
    await receiveWith("quanmayun", telemetry)(post(findPlatform("quanmayun").push("128754716574532539")));
    const spans = sdk.takeSpans();
    expect(spans.map(({ name }) => name)).toEqual(["dial quanmayun", "receive quanmayun"]);
    expect(linksOf(findSpan(spans, "receive quanmayun"))).toEqual([findSpan(spans, "dial quanmayun").spanContext().spanId]);
    expect(Object.keys(await sdk.collectMetrics()).sort()).toEqual(["ringback.dials", "ringback.operation.duration", "ringback.push.kept.duration", "ringback.pushes"]);
  });
});

describe.each(PLATFORMS.map((platform) => [platform.provider, platform] as const))("a dial at %s", (provider, platform) => {
  test("is one span, with the attributes of HTTP and Ringback's own", async () => {
    const client = create(provider, createTelemetry(), { account: "main", fetch: createFetch(accept(platform)) });
    await within("press the button", () => client.dial(platform.dial as never));
    const spans = sdk.takeSpans();
    expect(drawTrace(spans)).toEqual(["INTERNAL press the button (crm)", `  CLIENT dial ${provider} (ringback)`]);
    const { attributes, kind, status } = findSpan(spans, `dial ${provider}`);
    const { url } = client.prepare("dial", platform.dial as never);
    expect(attributes).toMatchObject({
      "http.request.method": "POST",
      "server.address": new URL(url).hostname,
      "http.response.status_code": 200,
      "ringback.provider": provider,
      "ringback.account": "main",
      "ringback.operation": "dial",
      "ringback.outcome": "ok",
      "ringback.reference": "order-1",
    });
    expect(attributes["server.port"]).toBe(Number(new URL(url).port) || (url.startsWith("https:") ? 443 : 80));
    expect(attributes["url.full"]).toContain(new URL(url).origin);
    expect(kind).toBe(SpanKind.CLIENT);
    expect(status.code).toBe(SpanStatusCode.UNSET);
    expect("ringback.call_id" in attributes).toBe(providers[provider].correlation === "call-id");
    expect(await sdk.collectMetrics()).toMatchObject({
      "ringback.dials": [{ value: 1, attributes: { "ringback.provider": provider, "ringback.account": "main", "ringback.outcome": "ok" } }],
      "ringback.operation.duration": [{ value: 1, attributes: { "ringback.provider": provider, "ringback.operation": "dial", "ringback.outcome": "ok" } }],
    });
  });

  test("that fails is a span with its error, and is counted by its outcome", async () => {
    const telemetry = createTelemetry();
    const answers: [string, object, object][] = [
      ["refused", { fetch: createFetch(answerJson(platform.refused("no"))) }, platform.dial],
      ["unknown", { fetch: createFetch(async () => Promise.reject(new TypeError("fetch failed"))) }, platform.dial],
      ["not-sent", { fetch: createFetch() }, { ...platform.dial, callee: "12" }],
    ];
    for (const [outcome, more, request] of answers) {
      const error = await expectFailure(create(provider, telemetry, more).dial(request as never));
      const span = findSpan(sdk.takeSpans(), `dial ${provider}`);
      expect(span.attributes).toMatchObject({ "ringback.outcome": outcome, "error.type": error.code, "ringback.reason": error.reason });
      expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: error.message });
    }
    const { "ringback.dials": dials } = await sdk.collectMetrics();
    expect(dials?.map(({ attributes, value }) => [attributes["ringback.outcome"], value])).toEqual([["refused", 1], ["unknown", 1], ["not-sent", 1]]);
  });

  test("exports no number and no secret, even if the platform repeats the whole request", async () => {
    const telemetry = createTelemetry();
    const hidden = { provider, secrets: platform.secrets, numbers: DIGITS };
    for (const status of [200, 400, 500]) {
      const fetch = createFetch(async (sent) => new Response(echoRequest(sent, ...platform.secrets), { status }));
      await expectFailure(create(provider, telemetry, { fetch }).dial(platform.dial as never));
    }
    const throwing = createFetch((sent) => Promise.reject(new Error(echoRequest(sent, ...platform.secrets))));
    await expectFailure(create(provider, telemetry, { fetch: throwing }).dial(platform.dial as never));
    await create(provider, telemetry, { fetch: createFetch(async () => new Response("sound", { headers: { "content-type": "audio/mpeg" } })) }).recording({ provider, callId: "c-1", endedAt: "2020-03-02T17:48:17+08:00", recording: { state: "available" } } as never).catch(() => undefined);
    const fails = (): never => {
      throw new Error(`cannot insert ${DIGITS.join()} ${platform.secrets.join()}`);
    };
    await receiveWith(provider, telemetry, { onRecord: fails })(post(platform.push("c-1")));
    await receiveWith(provider, telemetry, { onRecord: fails })(post(platform.push("13712345678")));
    await receiveWith(provider, telemetry)(post(DIGITS.join(), `/push/${TOKEN}x`));
    const spans = sdk.takeSpans();
    expect(spans).toHaveLength(8);
    searchForLeaks({ ...hidden, secrets: [...platform.secrets, TOKEN] }, spans.map(listExported), await sdk.collectMetrics());
  });
});

describe("the operations' spans", () => {
  test("tell of retries, and of a recording and its body", async () => {
    const telemetry = createTelemetry();
    const busy = createFetch(async () => new Response("", { status: 503, headers: { "retry-after": "0" } }), answerJson('{"meta":{"success":true,"message":""},"data":5}'));
    await create("seatcall", telemetry, { fetch: busy }).balance();
    const [balance] = sdk.takeSpans();
    expect(balance?.attributes).toMatchObject({ "http.request.resend_count": 1, "http.response.status_code": 200, "ringback.outcome": "ok" });
    expect(balance?.events).toMatchObject([{ name: "ringback.retry", attributes: { "ringback.attempt": 2 } }]);
    const recording = await create("mixcom", telemetry, { fetch: createFetch(async () => new Response("sound", { headers: { "content-type": "audio/mpeg" } })) }).recording("c-1");
    expect(sdk.takeSpans().map(({ name }) => name)).toEqual(["recording mixcom"]);
    await new Response((await recording.body()) as BodyInit).text();
    expect(sdk.takeSpans().map(({ name, attributes }) => [name, attributes["ringback.recording.bytes"]])).toEqual([["recording mixcom", 5]]);
  });

  test("are right without a context manager, too", async () => {
    context.disable();
    try {
      const telemetry = createTelemetry();
      const { dial } = findPlatform("mixcom");
      const client = create("mixcom", telemetry, { fetch: createFetch(accept(findPlatform("mixcom"))) });
      await Promise.all([client.dial(dial as never), client.dial({ ...(dial as object), reference: "order-2" } as never)]);
      const spans = sdk.takeSpans();
      expect(spans.map(({ attributes }) => attributes["ringback.reference"]).sort()).toEqual(["order-1", "order-2"]);
      for (const { attributes } of spans) expect(attributes).toMatchObject({ "ringback.outcome": "ok", "http.response.status_code": 200 });
    } finally {
      keepContext();
    }
  });

  test("call the program's own hooks, whose failure has no effect", async () => {
    const telemetry = createTelemetry();
    const own = { start: vi.fn(() => { throw new Error("x"); }), request: vi.fn(), response: vi.fn(), error: vi.fn(), done: vi.fn(async () => Promise.reject(new Error("x"))) };
    await createClient({ ...findPlatform("mixcom").options, fetch: createFetch(accept(findPlatform("mixcom"))), on: telemetry.watchClient(own) } as ClientOptions<"mixcom">).dial(findPlatform("mixcom").dial as never);
    const { mixcom } = { mixcom: createClient({ ...findPlatform("mixcom").options, on: telemetry.watchClient(own) } as ClientOptions<"mixcom">) };
    await expectFailure(mixcom.dial({ caller: "1", callee: "2" }));
    expect(Object.values(own).map((hook) => hook.mock.calls.length)).toEqual([2, 1, 1, 1, 2]);
    const watcher = { start: vi.fn(), answer: vi.fn() };
    await createReceiver({ provider: "mixcom", tokens: [TOKEN], onRecord: () => undefined, on: telemetry.watchReceiver(watcher) })(post(findPlatform("mixcom").push("c-1")));
    expect([watcher.start.mock.calls.length, watcher.answer.mock.calls.length]).toEqual([1, 1]);
  });
});

describe("with the instrumentation of fetch beside it", () => {
  /** A platform on loopback, which accepts every dial. */
  async function startPlatform(body: string): ReturnType<typeof serve> {
    const server = await serve((_, response) => response.writeHead(200, { "content-type": "application/json" }).end(body));
    onTestFinished(() => server.close());
    return server;
  }
  let instrumentation: ReturnType<typeof instrumentFetch> | undefined;
  afterEach(() => instrumentation?.disable());

  test("its span is a child of the operation's, and there is no other", async () => {
    instrumentation = instrumentFetch();
    const server = await startPlatform(findPlatform("mixcom").accepted);
    const client = create("mixcom", createTelemetry(), { baseUrl: server.address });
    await within("press the button", () => client.dial(findPlatform("mixcom").dial as never));
    expect(drawTrace(sdk.takeSpans())).toEqual([
      "INTERNAL press the button (crm)",
      "  CLIENT dial mixcom (ringback)",
      "    CLIENT POST (instrumentation-undici)",
    ]);
    // Two at once do not mix.
    await Promise.all([1, 2, 3].map((press) => within(`press ${press}`, () => client.dial(findPlatform("mixcom").dial as never))));
    expect(drawTrace(sdk.takeSpans()).sort()).toEqual([
      ...Array<string>(3).fill("    CLIENT POST (instrumentation-undici)"),
      ...Array<string>(3).fill("  CLIENT dial mixcom (ringback)"),
      ...[1, 2, 3].map((press) => `INTERNAL press ${press} (crm)`),
    ]);
    expect(server.requests).toHaveLength(4);
  });

  test("it exports addresses with their secrets, which is why there is a hook that keeps the platforms out", async () => {
    instrumentation = instrumentFetch();
    const server = await startPlatform('{"code":1004,"msg":"","data":null}');
    const dingxin = findPlatform("dingxin");
    const [secret = ""] = dingxin.secrets;
    const options = { baseUrl: server.address, recordingBaseUrl: server.address };
    await expectFailure(create("dingxin", createTelemetry(), options).recording("04202107251831296890045359"));
    const exposed = sdk.takeSpans();
    expect(() => searchForLeaks({ provider: "dingxin", secrets: [secret], numbers: [] }, findSpan(exposed, "recording dingxin").attributes)).not.toThrow();
    expect(() => searchForLeaks({ provider: "dingxin", secrets: [secret], numbers: [] }, exposed.map(listExported))).toThrow("is shown");

    instrumentation.setConfig({ ignoreRequestHook: ignorePlatformRequests() });
    await expectFailure(create("dingxin", createTelemetry(), options).recording("04202107251831296890045359"));
    const kept = sdk.takeSpans();
    expect(drawTrace(kept)).toEqual(["CLIENT recording dingxin (ringback)"]);
    searchForLeaks({ provider: "dingxin", secrets: [secret], numbers: [] }, kept.map(listExported));
    // Requests of the program itself are still traced, at the same host.
    await within("another request", () => fetch(server.address));
    expect(drawTrace(sdk.takeSpans())).toEqual(["INTERNAL another request (crm)", "  CLIENT GET (instrumentation-undici)"]);
  });

  test("the hook also stops the header that would tell the platform of the trace", async () => {
    // Any propagator, as a program with distributed tracing has.
    const { propagation } = await import("@opentelemetry/api");
    propagation.setGlobalPropagator({ inject: (given, carrier, setter) => setter.set(carrier, "traceparent", trace.getSpanContext(given)?.traceId ?? ""), extract: (given) => given, fields: () => ["traceparent"] });
    onTestFinished(() => propagation.disable());
    instrumentation = instrumentFetch();
    const server = await startPlatform(findPlatform("mixcom").accepted);
    const client = create("mixcom", createTelemetry(), { baseUrl: server.address });
    await client.dial(findPlatform("mixcom").dial as never);
    instrumentation.setConfig({ ignoreRequestHook: ignorePlatformRequests() });
    await client.dial(findPlatform("mixcom").dial as never);
    expect(server.requests.map(({ headers }) => "traceparent" in headers)).toEqual([true, false]);
  });
});

describe("the hook that keeps platforms out", () => {
  const ignore = ignorePlatformRequests(["cyj.example", "SEAT.example".toLowerCase()]);

  test("knows the documented hosts of all platforms, for undici and for node:http", () => {
    for (const { provider, options, dial } of PLATFORMS) {
      const { url } = (createClient(options) as unknown as AnyClient).prepare("dial", dial as never);
      const { origin, hostname, host } = new URL(url);
      for (const request of [{ origin }, { hostname }, { host }, { hostname, host: "proxy.example" }]) expect(ignore(request), `${provider} ${JSON.stringify(request)}`).toBe(true);
    }
    const recordings = createClient({ provider: "dingxin", appKey: "k", appSecret: "s" }).prepare("recording", "c-1");
    expect(ignore({ origin: new URL(recordings.url).origin })).toBe(true);
    for (const other of [{ origin: "https://crm.example" }, { hostname: "localhost" }, {}, { origin: null }, undefined, { origin: "https://api-voicecall.mixcom.cn.evil.example" }]) expect(ignore(other as never)).toBe(false);
  });

  test.each([["https://cyj.example"], ["cyj.example:9090"], ["cyj.example/x"], [""], [5]])("refuses the host %j", async (host) => {
    expect(await expectFailure(() => ignorePlatformRequests([host as string]))).toMatchObject({ code: "invalid-argument", field: "hosts[0]" });
  });
});

describe("a push", () => {
  const { push } = findPlatform("mixcom");

  test("is a span in whose context the keeper runs; a server's own span is its parent", async () => {
    const receive = receiveWith("mixcom", createTelemetry(), { name: "main", onRecord: () => within("insert", async () => undefined) });
    await receive(post(push("c-1")));
    const alone = sdk.takeSpans();
    expect(drawTrace(alone)).toEqual(["SERVER receive mixcom (ringback)", "  INTERNAL insert (crm)"]);
    expect(findSpan(alone, "receive mixcom").attributes).toEqual({
      "http.request.method": "POST",
      "http.request.body.size": push("c-1").length,
      "http.response.status_code": 200,
      "ringback.provider": "mixcom",
      "ringback.account": "main",
      "ringback.outcome": "kept",
      "ringback.records": 1,
      "ringback.unreadable": 0,
      "ringback.keys": ["mixcom/main:c-1"],
    });
    await within("POST /push", () => receive(post(push("c-1"))));
    expect(drawTrace(sdk.takeSpans())).toEqual(["INTERNAL POST /push (crm)", "  INTERNAL receive mixcom (ringback)", "    INTERNAL insert (crm)"]);
  });

  test("is counted by its outcome, and timed until it is kept", async () => {
    const telemetry = createTelemetry();
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    await receiveWith("mixcom", telemetry, { name: "main", onRecord: () => undefined })(post(push("c-1")));
    await receiveWith("mixcom", telemetry, { onRecord: () => Promise.reject(new Error("x")) })(post(push("c-1")));
    await receiveWith("mixcom", telemetry, { deadlineMs: 20, onRecord: () => new Promise(() => undefined) })(post(push("c-1")));
    await receiveWith("mixcom", telemetry)(post(push("c-1"), "/nowhere"));
    const spans = sdk.takeSpans();
    expect(spans.map(({ name, status, attributes }) => [name, status.code, attributes["error.type"]])).toEqual([
      ["receive mixcom", SpanStatusCode.UNSET, undefined],
      ["receive mixcom", SpanStatusCode.ERROR, "not-kept"],
      ["receive mixcom", SpanStatusCode.ERROR, "late"],
      ["receive", SpanStatusCode.UNSET, undefined],
    ]);
    const collected = await sdk.collectMetrics();
    expect(collected["ringback.pushes"]).toEqual([
      { value: 1, attributes: { "ringback.provider": "mixcom", "ringback.account": "main", "ringback.outcome": "kept" } },
      { value: 1, attributes: { "ringback.provider": "mixcom", "ringback.outcome": "not-kept" } },
      { value: 1, attributes: { "ringback.provider": "mixcom", "ringback.outcome": "late" } },
      { value: 1, attributes: { "ringback.outcome": "refused" } },
    ]);
    expect(collected["ringback.push.kept.duration"]).toEqual([{ value: 1, attributes: { "ringback.provider": "mixcom" } }]);
  });
});

describe("the link from a record to its dial", () => {
  /** The push of the call that a platform's accepted dial has begun. */
  function pushOf(platform: Platform, callId: string | undefined): string {
    const body = platform.push(callId ?? "c-1");
    return platform.provider === "mixcom" ? JSON.stringify({ ...(JSON.parse(body) as object), uuid: "order-1" }) : body;
  }

  test.each(PLATFORMS.map((platform) => [platform.provider, platform] as const))("exists wherever %s allows it, and within one account only", async (provider, platform) => {
    const telemetry = createTelemetry();
    const call = await create(provider, telemetry, { account: "main", fetch: createFetch(accept(platform)) }).dial(platform.dial as never);
    const [dialed] = sdk.takeSpans();
    const body = pushOf(platform, call.id);
    await receiveWith(provider, telemetry, { name: "main", onRecord: () => undefined })(post(body));
    await receiveWith(provider, telemetry, { name: "other", onRecord: () => undefined })(post(body));
    const [own, other] = sdk.takeSpans();
    expect(linksOf(own as ReadableSpan)).toEqual(providers[provider].correlation === "none" ? [] : [dialed?.spanContext().spanId]);
    expect(own?.links[0]?.context.traceId).toBe(providers[provider].correlation === "none" ? undefined : dialed?.spanContext().traceId);
    expect(linksOf(other as ReadableSpan)).toEqual([]);
  });

  test("exists if the push comes before the dial's answer, and if the answer never comes", async () => {
    const telemetry = createTelemetry();
    const platform = findPlatform("mixcom");
    const receive = receiveWith("mixcom", telemetry);
    await create("mixcom", telemetry, {
      fetch: createFetch(async () => {
        await context.with(trace.deleteSpan(context.active()), () => receive(post(pushOf(platform, undefined))));
        return Promise.reject(new TypeError("fetch failed"));
      }),
    }).dial(platform.dial as never).catch(() => undefined);
    const spans = sdk.takeSpans();
    expect(linksOf(findSpan(spans, "receive mixcom"))).toEqual([findSpan(spans, "dial mixcom").spanContext().spanId]);
  });

  test("is forgotten when the memory is full, the oldest first", async () => {
    const store = createMemoryStore({ most: 2 });
    for (const key of ["a", "b", "a", "c"]) void store.set(key, `of ${key}`);
    expect(["a", "b", "c"].map((key) => store.get(key))).toEqual(["of a", undefined, "of c"]);
    expect(await expectFailure(() => createMemoryStore({ most: 0 }))).toMatchObject({ code: "invalid-argument", field: "most" });
  });

  test.each<[string, (values: Map<string, string>) => esm.ContextStore, boolean]>([
    ["is asynchronous", (values) => ({ set: async (key, value) => values.set(key, value), get: async (key) => values.get(key) ?? null }), true],
    ["throws", () => ({ set: () => { throw new Error("x"); }, get: () => { throw new Error("x"); } }), false],
    ["rejects", () => ({ set: async () => Promise.reject(new Error("x")), get: async () => Promise.reject(new Error("x")) }), false],
    ["returns something else", () => ({ set: () => undefined, get: () => ({}) as never }), false],
    ["never answers", () => ({ set: () => new Promise(() => undefined), get: () => new Promise(() => undefined) }), false],
  ])("may be in a store of the program's own: one that %s", async (_, makeStore, isLinked) => {
    const values = new Map<string, string>();
    const telemetry = createTelemetry({ store: makeStore(values) });
    const platform = findPlatform("quanmayun");
    await create("quanmayun", telemetry, { fetch: createFetch(accept(platform)) }).dial(platform.dial as never);
    const [dialed] = sdk.takeSpans();
    expect((await receiveWith("quanmayun", telemetry)(post(platform.push("128754716574532539")))).status).toBe(200);
    const received = await vi.waitFor(() => findSpan(sdk.takeSpans(), "receive quanmayun"), { timeout: 5_000 });
    expect(linksOf(received)).toEqual(isLinked ? [dialed?.spanContext().spanId] : []);
    for (const [key, value] of values) expect([key, value]).toEqual([expect.stringMatching(/^ringback\/quanmayun\/\/(call\/128754716574532539|reference\/order-1)$/), expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)]);
    if (isLinked) expect(values.size).toBe(2);
  });

  test("can be found where a queue's consumer reads the push", async () => {
    const telemetry = createTelemetry();
    const pushes: string[] = [];
    const platform = findPlatform("quanmayun");
    await create("quanmayun", telemetry, { fetch: createFetch(accept(platform)) }).dial(platform.dial as never);
    const [dialed] = sdk.takeSpans();
    await receiveWith("quanmayun", telemetry, { onPush: (kept: Push) => void pushes.push(JSON.stringify(kept)) })(post(platform.push("128754716574532539")));
    const { records }: { records: CallRecord[] } = processPush(JSON.parse(pushes[0] ?? "") as Push);
    const links: Link[] = await telemetry.findLinks(records);
    expect(links.map((link) => link.context)).toEqual([{ traceId: dialed?.spanContext().traceId, spanId: dialed?.spanContext().spanId, traceFlags: 1, isRemote: true }]);
    expect(await telemetry.findLinks([{ provider: "quanmayun", callId: "another" }, { provider: "mixcom" }])).toEqual([]);
  });
});

test("wrong options are named", async () => {
  const wrong: [object, string][] = [[{ tracer: 1 }, "tracer"], [{ tracerProvider: {} }, "tracerProvider"], [{ meterProvider: null }, "meterProvider"], [{ store: { get: () => undefined } }, "store"]];
  for (const [options, field] of wrong) expect(await expectFailure(() => createTelemetry(options as never))).toMatchObject({ code: "invalid-argument", field });
  expect(await expectFailure(() => createTelemetry(5 as never))).toMatchObject({ code: "invalid-argument", field: "options" });
});

test("a program whose SDK is registered later has its spans and metrics, too", async () => {
  trace.disable();
  const { metrics } = await import("@opentelemetry/api");
  metrics.disable();
  const telemetry = createTelemetry();
  const late = registerSdk();
  await create("mixcom", telemetry, { fetch: createFetch(accept(findPlatform("mixcom"))) }).dial(findPlatform("mixcom").dial as never);
  expect(late.takeSpans().map(({ name }) => name)).toEqual(["dial mixcom"]);
  expect(await late.collectMetrics()).toHaveProperty(["ringback.dials"]);
  Object.assign(sdk, late);
});
