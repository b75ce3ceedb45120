// The receiver: the answer that a platform gets for its push, byte for byte, and how the push is kept.
import { type AnswerEvent, type CallRecord, createReceiver, createToken, normalizeStream, processPush, type Push, readRecords, type Receiver, type ReceiverOptions, type Refusal, type UnreadablePush } from "ringback";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { expectFailure } from "../support/failure.js";
import { encode, createBody } from "../support/fetches.js";
import { PLATFORMS, findPlatform } from "../support/platforms.js";

const TOKEN = "Vx3f0Qm9T7yUe2LkR8sZpA1cWbDn4HgJ5oKi6MtNqXw";
const MIXCOM = findPlatform("mixcom");
const never = (): Promise<never> => new Promise(() => undefined);

function post(body: BodyInit, path = `/push/${TOKEN}`, headers: Record<string, string> = { "content-type": "application/json" }): Request {
  return new Request(`https://crm.example${path}`, { method: "POST", body, headers, duplex: "half" } as RequestInit);
}

type Handlers = Pick<ReceiverOptions, "onPush" | "onRecords" | "onRecord" | "onUnreadable" | "onRefused" | "on">;
type Settings = { name?: string; allow?: string[]; timeZone?: string; dialect?: object; maxBodyBytes?: number; deadlineMs?: number; tokens?: string[]; trustProxy?: string };

function createTestReceiver(provider: string, handlers: Handlers, settings: Settings = {}): Receiver {
  return createReceiver({ provider, tokens: [TOKEN], ...settings, ...handlers } as ReceiverOptions);
}

async function readAnswer(response: Response): Promise<{ status: number; body: string }> {
  return { status: response.status, body: await response.text() };
}

const reject = (): Promise<never> => Promise.reject(new Error("the database is unavailable"));

describe.each(PLATFORMS.map((each) => [each.provider, each] as const))("a push of %s", (provider, each) => {
  const ack = { status: 200, body: each.ack };
  const nack = { status: 500, body: each.nack };

  test("is acknowledged in the platform's form once every record is kept", async () => {
    const kept: [CallRecord, Push][] = [];
    const receive = createTestReceiver(provider, {
      onRecord: async (record, push) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        kept.push([record, push]);
      },
    });
    expect(await readAnswer(await receive(post(each.push("c-1"))))).toEqual(ack);
    expect(kept).toHaveLength(1);
    expect(kept[0]?.[0]).toMatchObject({ provider, key: `${provider}:c-1`, outcome: { status: "answered" } });
    expect(kept[0]?.[1]).toMatchObject({ provider, contentType: "application/json", body: each.push("c-1") });
  });

  test("is requested again when onRecord rejects", async () => {
    expect(await readAnswer(await createTestReceiver(provider, { onRecord: reject })(post(each.push("c-1"))))).toEqual(nack);
  });

  test("is requested again when onRecord throws", async () => {
    const onRecord = (): never => {
      throw new Error("a mistake");
    };
    expect(await readAnswer(await createTestReceiver(provider, { onRecord })(post(each.push("c-1"))))).toEqual(nack);
  });

  test("is requested again when keeping takes longer than the deadline", async () => {
    const began = performance.now();
    expect(await readAnswer(await createTestReceiver(provider, { onRecord: never }, { deadlineMs: 30 })(post(each.push("c-1"))))).toEqual(nack);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test("is kept by onPush before it is parsed, and gives the same records later", async () => {
    const pushes: Push[] = [];
    const direct: CallRecord[] = [];
    const request = (): Request => post(each.push("c-1"), `/push/${TOKEN}?reference=order-1`);
    expect(await readAnswer(await createTestReceiver(provider, { onPush: (push) => void pushes.push(push) }, { name: "main" })(request()))).toEqual(ack);
    await createTestReceiver(provider, { onRecord: (record) => void direct.push(record) }, { name: "main" })(request());
    expect(pushes).toHaveLength(1);
    expect(pushes[0]).toMatchObject({ account: "main", provider, contentType: "application/json", query: "reference=order-1", body: each.push("c-1") });
    expect(new Date(pushes[0]?.receivedAt ?? "").getTime()).toBeGreaterThan(0);
    expect(JSON.stringify(pushes[0])).not.toContain(TOKEN);
    expect(direct[0]?.key).toBe(`${provider}/main:c-1`);
    // In the form in which a queue stores it.
    const carried = JSON.parse(JSON.stringify(pushes[0])) as Push;
    expect(processPush(carried).records).toEqual(direct);
    expect(processPush(carried).ack).toMatchObject(ack);
  });

  test("is requested again when onPush rejects", async () => {
    expect(await readAnswer(await createTestReceiver(provider, { onPush: reject })(post(each.push("c-1"))))).toEqual(nack);
  });

  test("is passed to onRecords in one call", async () => {
    const batches: string[][] = [];
    const receive = createTestReceiver(provider, { onRecords: (records) => void batches.push(records.map(({ key }) => key)) });
    expect(await readAnswer(await receive(post(`[${unwrap(each.push("c-1"))},${unwrap(each.push("c-2"))}]`)))).toEqual(ack);
    expect(batches).toEqual([[`${provider}:c-1`, `${provider}:c-2`]]);
    expect(await readAnswer(await createTestReceiver(provider, { onRecords: reject })(post(each.push("c-1"))))).toEqual(nack);
  });

  test("that cannot be read is requested again, unless onUnreadable keeps it", async () => {
    const onRecord = vi.fn();
    expect(await readAnswer(await createTestReceiver(provider, { onRecord })(post("<html>")))).toEqual(nack);
    const kept: UnreadablePush[] = [];
    expect(await readAnswer(await createTestReceiver(provider, { onRecord, onUnreadable: (unreadable) => void kept.push(unreadable) })(post("<html>")))).toEqual(ack);
    expect(kept).toMatchObject([{ raw: "<html>", reason: expect.any(String) }]);
    expect(await readAnswer(await createTestReceiver(provider, { onRecord, onUnreadable: reject })(post("<html>")))).toEqual(nack);
    expect(onRecord).not.toHaveBeenCalled();
  });

  test("may have its token in the path or in the query, and the push contains neither", async () => {
    const pushes: Push[] = [];
    const receive = createTestReceiver(provider, { onPush: (push) => void pushes.push(push) });
    for (const path of [`/push/${TOKEN}`, `/${TOKEN}/cdr/`, `/push?token=${TOKEN}`, `/push?a=1&token=${TOKEN}&b=2`, `/push/${TOKEN}?a=1&b=2`]) {
      expect(await readAnswer(await receive(post(each.push("c-1"), path)))).toEqual(ack);
    }
    expect(pushes.map(({ query }) => query ?? "")).toEqual(["", "", "", "a=1&b=2", "a=1&b=2"]);
    expect(JSON.stringify(pushes)).not.toContain(TOKEN);
  });

  test("never causes an exception, with any request", async () => {
    const receive = createTestReceiver(provider, { onRecord: () => undefined, onUnreadable: reject, onRefused: reject });
    for (const request of [undefined, null, {}, { method: "POST", url: "/", headers: {} }, new Request("https://crm.example")]) {
      const response = await receive(request as Request);
      expect(response).toBeInstanceOf(Response);
      expect(response.status).toBeGreaterThanOrEqual(400);
    }
  });
});

/** Removes the platform's wrapper around a record. */
function unwrap(push: string): string {
  const parsed = JSON.parse(push) as { Data?: unknown[] };
  return JSON.stringify(parsed.Data?.[0] ?? parsed);
}

describe("several records in one push", () => {
  const batch = `[${MIXCOM.push("c-1")},${MIXCOM.push("c-2")},${MIXCOM.push("c-3")}]`;

  test("are all passed to the keeper, and one failure requests the whole push again", async () => {
    const tried: string[] = [];
    const onRecord = async ({ callId = "" }: CallRecord): Promise<void> => {
      tried.push(callId);
      if (callId === "c-1") throw new Error("no");
    };
    expect(await readAnswer(await createTestReceiver("mixcom", { onRecord })(post(batch)))).toEqual({ status: 500, body: MIXCOM.nack });
    expect(tried).toEqual(["c-1", "c-2", "c-3"]);
  });

  test("of which one cannot be read are kept, and the push is requested again unless onUnreadable keeps that one", async () => {
    const bad = '{"x":1}';
    const kept: string[] = [];
    const unread: UnreadablePush[] = [];
    const onRecord = ({ callId = "" }: CallRecord): void => void kept.push(callId);
    const mixed = `[${MIXCOM.push("c-1")},${bad},${MIXCOM.push("c-3")}]`;
    expect((await createTestReceiver("mixcom", { onRecord })(post(mixed))).status).toBe(500);
    expect((await createTestReceiver("mixcom", { onRecord, onUnreadable: (unreadable) => void unread.push(unreadable) })(post(mixed))).status).toBe(200);
    expect(kept).toEqual(["c-1", "c-3", "c-1", "c-3"]);
    expect(unread).toMatchObject([{ index: 1, raw: { x: 1 } }]);
  });

  test("that are not call records are acknowledged", async () => {
    const onRecord = vi.fn();
    const receive = createTestReceiver("mixcom", { onRecord });
    expect(await readAnswer(await receive(post('{"event":"heartbeat"}')))).toEqual({ status: 200, body: MIXCOM.ack });
    expect(onRecord).not.toHaveBeenCalled();
  });
});

describe("a refused request", () => {
  const refusals: Refusal[] = [];
  const onRecord = vi.fn();
  let receive: Receiver;

  beforeEach(() => {
    refusals.length = 0;
    onRecord.mockClear();
    receive = createTestReceiver("mixcom", { onRecord, onRefused: (refusal) => void refusals.push(refusal) }, { allow: ["203.0.113.0/24"] });
  });
  afterEach(() => {
    expect(onRecord).not.toHaveBeenCalled();
  });

  test("gets the same answer for a wrong token, no token, an unknown path and a foreign address", async () => {
    const seen = [];
    for (const [path, remoteAddress] of [
      [`/push/${TOKEN.slice(1)}x`, "203.0.113.7"],
      ["/push/", "203.0.113.7"],
      ["/", "203.0.113.7"],
      [`/push?token=${"A".repeat(43)}`, "203.0.113.7"],
      [`/push/${TOKEN}`, "198.51.100.1"],
      [`/push/${TOKEN}`, undefined],
      [`/push/${TOKEN}`, "nonsense"],
    ] as const) {
      const response = await receive(post(MIXCOM.push("c-1"), path), { remoteAddress });
      seen.push({ headers: [...response.headers], ...(await readAnswer(response)) });
    }
    expect(new Set(seen.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(seen[0]?.status).toBe(404);
    expect(refusals).toHaveLength(7);
    expect(refusals[0]).toMatchObject({ method: "POST", remoteAddress: "203.0.113.7", body: MIXCOM.push("c-1") });
    expect(new Set(refusals.map(({ reason }) => reason)).size, "onRefused gets different reasons").toBeGreaterThan(1);
  });

  test.each(["PUT", "DELETE", "OPTIONS"])("with %s gets the list of allowed methods", async (method) => {
    const response = await receive(new Request(`https://crm.example/push/${TOKEN}`, { method }), { remoteAddress: "203.0.113.7" });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, HEAD, POST");
    expect(refusals).toMatchObject([{ method }]);
  });

  test("with a too large body gets 413, with or without content-length", async () => {
    const small = createTestReceiver("mixcom", { onRecord, onRefused: (refusal) => void refusals.push(refusal) }, { maxBodyBytes: 100 });
    const announced = await small(post("x".repeat(101)));
    expect(announced.status).toBe(413);
    let produced = 0;
    const endless = createBody((controller) => {
      produced += 1;
      controller.enqueue(encode("x".repeat(50)));
    });
    expect((await small(post(endless))).status).toBe(413);
    expect(produced).toBeLessThan(10);
    expect(refusals.map(({ reason }) => reason)).toEqual([expect.stringContaining("maxBodyBytes"), expect.stringContaining("maxBodyBytes")]);
  });

  test("whose body a framework has already read is reported with that reason", async () => {
    const fine = createTestReceiver("mixcom", { onRecord, onRefused: (refusal) => void refusals.push(refusal) });
    const used = post(MIXCOM.push("c-1"));
    await used.text();
    const locked = post(MIXCOM.push("c-1"));
    locked.body?.getReader();
    for (const request of [used, locked]) expect(await readAnswer(await fine(request))).toEqual({ status: 500, body: MIXCOM.nack });
    expect(refusals).toHaveLength(2);
    for (const { reason } of refusals) expect(reason).toMatch(/read already.*express\.json/s);
  });

  test("is answered within the deadline even if onRefused never resolves", async () => {
    const slow = createTestReceiver("mixcom", { onRecord, onRefused: never }, { deadlineMs: 60 });
    const began = performance.now();
    expect((await slow(post("x", "/nowhere"))).status).toBe(404);
    expect((await slow(post("x".repeat(300_000)))).status).toBe(413);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test("is refused even if onRefused fails", async () => {
    const loud = createTestReceiver("mixcom", { onRecord, onRefused: reject });
    expect((await loud(post("x", "/nowhere"))).status).toBe(404);
  });

  test("whose body stalls is answered within the deadline", async () => {
    let cancelled = false;
    const stalled = createBody(never, () => {
      cancelled = true;
    });
    const slow = createTestReceiver("mixcom", { onRecord }, { deadlineMs: 40 });
    expect(await readAnswer(await slow(post(stalled)))).toEqual({ status: 500, body: MIXCOM.nack });
    await vi.waitFor(() => expect(cancelled).toBe(true));
  });

  test("whose body breaks off is requested again", async () => {
    const broken = createBody((controller) => controller.error(new Error("reset")));
    expect(await readAnswer(await createTestReceiver("mixcom", { onRecord })(post(broken)))).toEqual({ status: 500, body: MIXCOM.nack });
  });
});

describe("the sender's address", () => {
  test.each(["203.0.113.7", "203.0.113.7:4711", "::ffff:203.0.113.7", " 203.0.113.7 "])("%s is in 203.0.113.0/24", async (remoteAddress) => {
    const receive = createTestReceiver("mixcom", { onRecord: () => undefined }, { allow: ["203.0.113.0/24"] });
    expect((await receive(post(MIXCOM.push("c-1")), { remoteAddress })).status).toBe(200);
  });

  test("may be used instead of a token", async () => {
    const receive = createTestReceiver("mixcom", { onRecord: () => undefined }, { tokens: [], allow: ["203.0.113.7"] });
    expect((await receive(post(MIXCOM.push("c-1"), "/push"), { remoteAddress: "203.0.113.7" })).status).toBe(200);
    expect((await receive(post(MIXCOM.push("c-1"), "/push"), { remoteAddress: "203.0.113.8" })).status).toBe(404);
  });
});

describe("behind a proxy", () => {
  const postBehindProxy = (forwarded: string | undefined): Promise<Response> => {
    const receive = createReceiver({ provider: "mixcom", allow: ["203.0.113.7"], trustProxy: "X-Forwarded-For", onRecord: () => undefined });
    const headers = { "content-type": "application/json", ...(forwarded !== undefined && { "x-forwarded-for": forwarded }) };
    return receive(post(MIXCOM.push("c-1"), "/push", headers), { remoteAddress: "203.0.113.7" });
  };

  test("only the address that the proxy added is checked", async () => {
    expect((await postBehindProxy("198.51.100.9, 203.0.113.7")).status).toBe(200);
    expect((await postBehindProxy("203.0.113.7, 198.51.100.9")).status).toBe(404);
    expect((await postBehindProxy(undefined)).status).toBe(404);
  });

  test("each request's address is checked separately", async () => {
    const receive = createReceiver({ provider: "mixcom", allow: ["203.0.113.7"], trustProxy: "x-forwarded-for", onRecord: () => undefined });
    const sendFrom = async (forwarded: string | undefined): Promise<number> => {
      const headers = { "content-type": "application/json", ...(forwarded !== undefined && { "x-forwarded-for": forwarded }) };
      return (await receive(post(MIXCOM.push("c-1"), "/push", headers))).status;
    };
    const statuses = [await sendFrom("203.0.113.7"), await sendFrom("203.0.113.8"), await sendFrom(undefined), await sendFrom("203.0.113.7")];
    expect(statuses).toEqual([200, 404, 404, 200]);
  });

  test("a header is trusted only if it is named", async () => {
    const receive = createReceiver({ provider: "mixcom", allow: ["203.0.113.7"], onRecord: () => undefined });
    expect((await receive(post(MIXCOM.push("c-1"), "/push", { "x-forwarded-for": "203.0.113.7" }))).status).toBe(404);
  });
});

describe("one receiver with many requests", () => {
  test("checks each address, type and method separately", async () => {
    const pushes: Push[] = [];
    const receive = createTestReceiver("dingxin", { onPush: (push) => void pushes.push(push) });
    const gbk = new Uint8Array([...encode('{"subid":"c-1","unaswRsn":"'), 0xbe, 0xdc, ...encode('"}')]);
    for (let count = 0; count < 70; count += 1) await receive(post("{}", `/push/${TOKEN}?n=${count}`));
    await receive(post(gbk, `/push/${TOKEN}?n=0`, { "content-type": "application/json; charset=gbk" }));
    expect(pushes.slice(0, 70).map(({ query }) => query)).toEqual(Array.from({ length: 70 }, (_, count) => `n=${count}`));
    expect(JSON.parse(JSON.stringify(pushes[70]))).toMatchObject({ body: '{"subid":"c-1","unaswRsn":"拒"}' });
    expect((await receive(new Request(`https://crm.example/push/${TOKEN}?n=0`))).status).toBe(405);
    expect((await receive(post("{}", "/push/elsewhere?n=0"))).status).toBe(404);
  });

  test("gives each push its own dialect object", async () => {
    const acks: unknown[] = [];
    const receive = createTestReceiver(
      "seatcall",
      {
        onPush: (push) => {
          acks.push(push.dialect);
          Object.assign(push.dialect ?? {}, { ack: "changed" });
        },
      },
      { dialect: { ack: "mine" } },
    );
    for (let count = 0; count < 2; count += 1) expect(await (await receive(post("{}"))).text()).toBe("mine");
    expect(acks).toHaveLength(2);
    expect(acks[0]).not.toBe(acks[1]);
  });
});

describe("a body stream of other values than bytes", () => {
  const pieces = (...parts: unknown[]): Request => {
    const stream = new ReadableStream({
      start(controller) {
        for (const part of parts) controller.enqueue(part);
        controller.close();
      },
    });
    // A custom request object, as frameworks create them: a standard Request checks its pieces.
    return { method: "POST", url: `https://crm.example/push/${TOKEN}`, headers: new Headers(), body: stream, bodyUsed: false } as unknown as Request;
  };
  const body = MIXCOM.push("c-1");
  const [first, second] = [body.slice(0, 50), body.slice(50)];

  test.each([
    ["text", [first, second]],
    ["buffers", [encode(first).buffer, encode(second).buffer]],
    ["views", [new DataView(encode(first).buffer), encode(second)]],
  ])("is read as %s", async (_, parts) => {
    const kept: Push[] = [];
    expect(await readAnswer(await createTestReceiver("mixcom", { onPush: (push) => void kept.push(push) })(pieces(...parts)))).toEqual({ status: 200, body: MIXCOM.ack });
    expect(kept[0]?.body).toBe(body);
  });

  test("is never acknowledged with any other value", async () => {
    const onPush = vi.fn();
    expect(await readAnswer(await createTestReceiver("mixcom", { onPush })(pieces(first, { more: second })))).toEqual({ status: 500, body: MIXCOM.nack });
    expect(onPush).not.toHaveBeenCalled();
  });
});

describe("a body that a framework has already read", () => {
  test.each([
    ["text", MIXCOM.push("c-1")],
    ["bytes", new TextEncoder().encode(MIXCOM.push("c-1"))],
    ["parsed", JSON.parse(MIXCOM.push("c-1")) as unknown],
  ])("is accepted as %s", async (_, body) => {
    const kept: string[] = [];
    const request = post(MIXCOM.push("c-2"));
    await request.text();
    const response = await createTestReceiver("mixcom", { onRecord: ({ key }) => void kept.push(key) })(request, { body });
    expect(await readAnswer(response)).toEqual({ status: 200, body: MIXCOM.ack });
    expect(kept).toEqual(["mixcom:c-1"]);
  });

  test.each([
    ["an ArrayBuffer", () => new TextEncoder().encode(MIXCOM.push("c-1")).buffer],
    ["a DataView", () => new DataView(new TextEncoder().encode(MIXCOM.push("c-1")).buffer)],
    ["bytes of another realm", () => runInNewContext("new Uint8Array(bytes)", { bytes: [...new TextEncoder().encode(MIXCOM.push("c-1"))] }) as unknown],
  ])("is accepted as %s", async (_, body) => {
    const kept: string[] = [];
    await createTestReceiver("mixcom", { onRecord: ({ key }) => void kept.push(key) })(post(""), { body: body() });
    expect(kept).toEqual(["mixcom:c-1"]);
  });

  test.each([
    ["a Map", new Map([["callIdentifier", "c-1"]])],
    ["URLSearchParams", new URLSearchParams("callIdentifier=c-1")],
    ["a stream", new ReadableStream()],
    ["a promise", Promise.resolve("{}")],
    ["a function", () => "{}"],
    ["a number", 7],
    ["an object that JSON cannot represent", { callIdentifier: 1n }],
  ])("is never acknowledged as %s", async (_, body) => {
    const onPush = vi.fn();
    const refusals: Refusal[] = [];
    const response = await createTestReceiver("mixcom", { onPush, onRefused: (refusal) => void refusals.push(refusal) })(post(""), { body });
    expect(await readAnswer(response)).toEqual({ status: 500, body: MIXCOM.nack });
    expect(onPush).not.toHaveBeenCalled();
    expect(refusals).toMatchObject([{ reason: expect.stringContaining("context.body") }]);
  });

  test("is read from the request if none is passed", async () => {
    const kept: string[] = [];
    await createTestReceiver("mixcom", { onRecord: ({ key }) => void kept.push(key) })(post(MIXCOM.push("c-1")), { body: null });
    expect(kept).toEqual(["mixcom:c-1"]);
  });

  test("has the same size limit", async () => {
    const response = await createTestReceiver("mixcom", { onRecord: () => undefined }, { maxBodyBytes: 10 })(post("{}"), { body: { long: "enough" } });
    expect(response.status).toBe(413);
  });
});

describe("the event of the answer hook", () => {
  async function collectEvents(work: (on: NonNullable<ReceiverOptions["on"]>) => Promise<unknown>): Promise<AnswerEvent[]> {
    const events: AnswerEvent[] = [];
    await work({ answer: (event) => events.push(event) });
    return events;
  }
  const one = (handlers: Handlers, request: Request, settings: Settings = {}): Promise<AnswerEvent[]> => collectEvents((on) => createTestReceiver("mixcom", { ...handlers, on }, settings)(request));

  test("describes how each request ended, without a token or a phone number", async () => {
    const push = MIXCOM.push("c-1");
    const bytes = new TextEncoder().encode(push).length;
    const kept = await one({ onRecord: () => undefined }, post(push), { name: "main" });
    expect(kept).toEqual([{ outcome: "kept", provider: "mixcom", account: "main", status: 200, bytes, records: 1, unreadable: 0, keys: ["mixcom/main:c-1"], durationMs: expect.any(Number) }]);
    expect(await one({ onPush: () => undefined }, post(push))).toEqual([{ outcome: "kept", provider: "mixcom", status: 200, bytes, durationMs: expect.any(Number) }]);
    expect(await one({ onRecord: reject }, post(push))).toMatchObject([{ outcome: "not-kept", status: 500, records: 1 }]);
    expect(await one({ onRecord: () => undefined }, post("<html>"))).toMatchObject([{ outcome: "not-kept", status: 500, records: 0, unreadable: 1 }]);
    expect(await one({ onRecord: never }, post(push), { deadlineMs: 20 })).toMatchObject([{ outcome: "late", status: 500 }]);
    expect(await one({ onRecord: never }, post(push, "/elsewhere"))).toMatchObject([{ outcome: "refused", status: 404 }]);
    expect(await one({ onRecord: never }, post(push), { maxBodyBytes: 1 })).toMatchObject([{ outcome: "refused", status: 413, provider: "mixcom" }]);
    expect(JSON.stringify(kept.map(({ durationMs: _, ...event }) => event))).not.toMatch(new RegExp(`${TOKEN}|1[35789]\\d{9}`));
  });

  test("is never sent to a hook with an unknown name: creating the receiver fails", () => {
    const wrong = (on: object) => () => createReceiver({ provider: "mixcom", tokens: [TOKEN], onRecord: () => undefined, on });
    expect(wrong({ anwser: () => undefined })).toThrow(/on\.anwser/);
    expect(wrong({ answer: 5 })).toThrow(/on\.answer/);
  });

  test("may make the hook fail without changing the answer", async () => {
    const answer = (): never => {
      throw new Error("the log is full");
    };
    const response = await createTestReceiver("mixcom", { onRecord: () => undefined, on: { answer } })(post(MIXCOM.push("c-1")));
    expect(response.status).toBe(200);
  });
});

describe("the forms of a push", () => {
  async function receiveRecords(provider: string, request: Request, settings: Settings = {}): Promise<CallRecord[]> {
    const records: CallRecord[] = [];
    const response = await createTestReceiver(provider, { onRecord: (record) => void records.push(record) }, settings)(request);
    expect(response.status).toBe(200);
    return records;
  }

  test("the address's query is kept to the byte, without the token", async () => {
    let query: string | undefined;
    const receive = createTestReceiver("dingxin", { onPush: (push) => void (query = push.query) });
    await receive(post("{}", `/push?a=%be%dc&token=${TOKEN}&b+c=d%20e&f`));
    expect(query).toBe("a=%be%dc&b+c=d%20e&f");
  });

  test("dingxin's reference is read from the address's query", async () => {
    const [record] = await receiveRecords("dingxin", post(findPlatform("dingxin").push("c-1"), `/push/${TOKEN}?reference=order%2F1%20%E4%B8%AD`));
    expect(record?.reference).toBe("order/1 中");
    const [other] = await receiveRecords("dingxin", post(findPlatform("dingxin").push("c-1"), `/push?token=${TOKEN}&reference=order-2`));
    expect(other?.reference).toBe("order-2");
  });

  test("a body in GBK keeps its characters", async () => {
    // 拒接 in GBK.
    const reason = new Uint8Array([0xbe, 0xdc, 0xbd, 0xd3]);
    expect(new TextDecoder("gbk").decode(reason)).toBe("拒接");
    const [head = "", tail = ""] = '{"subid":"c-1","status":2,"unaswRsn":"@"}'.split("@");
    const body = new Uint8Array([...encode(head), ...reason, ...encode(tail)]);
    for (const charset of ["GBK", "gb2312", '"gb18030"']) {
      const [record] = await receiveRecords("dingxin", post(body, undefined, { "content-type": `application/json; charset=${charset}` }));
      expect(record?.outcome.message).toBe("拒接");
    }
  });

  test("a body in GBK survives onPush and a queue", async () => {
    const body = new Uint8Array([...encode('{"subid":"c-1","status":2,"unaswRsn":"'), 0xbe, 0xdc, 0xbd, 0xd3, ...encode('"}')]);
    const pushes: Push[] = [];
    await createTestReceiver("dingxin", { onPush: (push) => void pushes.push(push) })(post(body, undefined, { "content-type": "application/json; charset=gbk" }));
    expect(pushes[0]?.body).toBeInstanceOf(Uint8Array);
    // A queue with structured clone keeps bytes.
    expect(processPush(structuredClone(pushes[0] as Push)).records[0]?.outcome.message).toBe("拒接");
    // A queue of JSON keeps text, as a file and normalizeStream do.
    const line = JSON.stringify(pushes[0]);
    expect(processPush(JSON.parse(line) as Push).records[0]?.outcome.message).toBe("拒接");
    const streamedRecords = readRecords(new Blob([line]).stream().pipeThrough(normalizeStream("dingxin")));
    for await (const record of streamedRecords) expect(record.outcome.message).toBe("拒接");
  });

  test("a push that is nested too deep to be written again is unreadable, and kept as received", async () => {
    const unreadable: UnreadablePush[] = [];
    const receive = createTestReceiver("mixcom", { onRecord: () => undefined, onUnreadable: (item) => void unreadable.push(item) });
    const body = unwrap(MIXCOM.push("c-1")).replace("{", `{"x":${"[".repeat(5_000)}${"]".repeat(5_000)},`);
    expect((await receive(post(body))).status).toBe(200);
    expect(unreadable).toMatchObject([{ raw: body }]);
    expect(JSON.parse(JSON.stringify(unreadable))).toEqual(unreadable);
  });

  test("bytes in an unknown encoding are read as far as possible", async () => {
    const body = Buffer.from(MIXCOM.push("c-\xff"), "latin1");
    const request = post(body, undefined, { "content-type": "application/json; charset=nonsense" });
    const [record] = await receiveRecords("mixcom", request);
    expect(record).toMatchObject({ key: "mixcom:c-\uFFFD" });
  });

  test("bytes in an unknown encoding survive as one line of JSON, and their numbers are read", async () => {
    const body = Buffer.from(MIXCOM.push("c-1").replace("c-1", "c-\xff"), "latin1");
    let line = "";
    await createTestReceiver("mixcom", { onPush: (push) => void (line = JSON.stringify(push)) })(post(body));
    const carried = JSON.parse(line) as { body?: string; bodyHex: string };
    expect(carried.body).toBeUndefined();
    expect(Buffer.from(carried.bodyHex, "hex")).toEqual(body);
    const [record] = processPush(carried as unknown as Push).records;
    expect(record).toMatchObject({ key: "mixcom:c-\uFFFD", caller: { number: expect.stringContaining("+86") } });
    const lines = new Blob([line]).stream().pipeThrough(normalizeStream("mixcom"));
    for await (const streamedRecord of readRecords(lines)) expect(streamedRecord).toEqual(record);
  });

  test("a form is read like JSON, also with a wrong content type", async () => {
    const fields = JSON.parse(MIXCOM.push("c-1")) as Record<string, string>;
    const form = new URLSearchParams(Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]));
    expect((await receiveRecords("mixcom", post(form.toString(), undefined, { "content-type": "application/x-www-form-urlencoded" })))[0]?.callId).toBe("c-1");
    expect((await receiveRecords("mixcom", post(MIXCOM.push("c-1"), undefined, { "content-type": "text/plain" })))[0]?.callId).toBe("c-1");
  });

  test("a 19-digit id keeps its digits", async () => {
    const body = MIXCOM.push("c-1").replace('"c-1"', "9007199254740993123");
    const [record] = await receiveRecords("mixcom", post(body));
    expect(record?.callId).toBe("9007199254740993123");
    expect(record?.raw).toMatchObject({ callIdentifier: "9007199254740993123" });
  });

  test("times are in the account's zone", async () => {
    const [record] = await receiveRecords("mixcom", post(MIXCOM.push("c-1")), { timeZone: "+00:00" });
    expect(Date.parse(record?.endedAt ?? "")).toBe(Date.parse("2020-03-02T17:48:17Z"));
  });

  test("the dialect's acknowledgement is sent, also with onPush", async () => {
    for (const handlers of [{ onRecord: () => undefined }, { onPush: () => undefined }] as Handlers[]) {
      const receive = createTestReceiver("dingxin", handlers, { dialect: { ack: "OK" } });
      expect(await readAnswer(await receive(post(findPlatform("dingxin").push("c-1"))))).toEqual({ status: 200, body: "OK" });
    }
  });

  test("several accounts are distinguished by their tokens", async () => {
    const other = createToken();
    const seen: string[] = [];
    const receive = createReceiver({
      accounts: [
        { name: "a", provider: "mixcom", tokens: [TOKEN] },
        { name: "b", provider: "seatcall", tokens: [other] },
      ],
      onRecord: ({ key }) => void seen.push(key),
    });
    expect(await readAnswer(await receive(post(MIXCOM.push("c-1"))))).toEqual({ status: 200, body: MIXCOM.ack });
    expect(await readAnswer(await receive(post(findPlatform("seatcall").push("c-2"), `/push/${other}`)))).toEqual({ status: 200, body: "success" });
    expect(seen).toEqual(["mixcom/a:c-1", "seatcall/b:c-2"]);
  });
});

describe("invalid options are named when the receiver is created", () => {
  const keep = { onRecord: () => undefined };
  test.each([
    ["no keeper", { provider: "mixcom", tokens: [TOKEN] }, "onRecord"],
    ["two keepers", { provider: "mixcom", tokens: [TOKEN], ...keep, onPush: () => undefined }, "onPush"],
    ["a keeper that is not a function", { provider: "mixcom", tokens: [TOKEN], onRecord: 1 }, "onRecord"],
    ["an unknown platform", { provider: "nobody", tokens: [TOKEN], ...keep }, "provider"],
    ["no token and no address", { provider: "mixcom", tokens: [], ...keep }, "tokens"],
    ["a token that is too short", { provider: "mixcom", tokens: ["secret"], ...keep }, "tokens"],
    ["an invalid address", { provider: "mixcom", tokens: [TOKEN], allow: ["everywhere"], ...keep }, "allow"],
    ["a misspelled option", { provider: "mixcom", tokens: [TOKEN], maxBodySize: 1, ...keep }, "maxBodySize"],
    ["an invalid limit", { provider: "mixcom", tokens: [TOKEN], maxBodyBytes: 0, ...keep }, "maxBodyBytes"],
    ["no account", { accounts: [], ...keep }, "accounts"],
    ["two accounts of one platform without names", { accounts: [{ provider: "mixcom", tokens: [TOKEN] }, { provider: "mixcom", tokens: [createToken()] }], ...keep }, "accounts[1].name"],
    ["two accounts of one platform with one name", { accounts: [{ provider: "mixcom", name: "a", tokens: [TOKEN] }, { provider: "mixcom", name: "a", tokens: [createToken()] }], ...keep }, "accounts[1].name"],
    ["a token that is easy to guess", { provider: "mixcom", tokens: ["0".repeat(32)], ...keep }, "tokens"],
    ["an invalid limit of records", { provider: "mixcom", tokens: [TOKEN], maxRecords: 0, ...keep }, "maxRecords"],
    ["a token that two accounts share", { accounts: [{ provider: "mixcom", tokens: [TOKEN] }, { provider: "dingxin", tokens: [TOKEN] }], ...keep }, "tokens"],
    ["nothing", undefined, "options"],
  ])("%s", async (_, options, field) => {
    const error = await expectFailure(() => createReceiver(options as unknown as ReceiverOptions));
    expect(error).toMatchObject({ code: "invalid-argument", delivery: "not-sent" });
    expect(error.message).toContain(field);
    expect(error.message, "a token is a secret").not.toContain(TOKEN);
  });

  test("no keeper and two keepers are two faults", async () => {
    const fault = (handlers: object) => expectFailure(() => createReceiver({ provider: "mixcom", tokens: [TOKEN], ...handlers } as unknown as ReceiverOptions));
    expect(await fault({})).toMatchObject({ reason: "missing" });
    expect(await fault({ ...keep, onPush: () => undefined })).toMatchObject({ reason: "conflicting-options" });
  });
});

describe("after a push", () => {
  test("no timer remains", async () => {
    vi.useFakeTimers();
    try {
      await createTestReceiver("mixcom", { onRecord: () => undefined })(post(MIXCOM.push("c-1")));
      await createTestReceiver("mixcom", { onRecord: reject })(post(MIXCOM.push("c-1")));
      await createTestReceiver("mixcom", { onRecord: reject, onRefused: () => undefined })(post("x", "/nowhere"));
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
