// A receiver or an adapter in the wrong place reports the mistake, and every request gets an answer.
import { createReceiver, type Receiver } from "ringback";
import { fastifyReceiver, toExpress, toKoa, toNodeListener } from "ringback/node";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

const TOKEN = "Vx3f0Qm9T7yUe2LkR8sZpA1cWbDn4HgJ5oKi6MtNqXw";
const receiver = (): Receiver => createReceiver({ provider: "mixcom", tokens: [TOKEN], onRecord: () => undefined });
const request = new Request(`https://crm.example/${TOKEN}`, { method: "POST", body: "{}" });

const lines: string[] = [];
const unhandled = vi.fn();
beforeEach(() => {
  lines.length = 0;
  unhandled.mockClear();
  vi.spyOn(console, "error").mockImplementation((line: unknown) => void lines.push(String(line)));
  process.on("unhandledRejection", unhandled);
});
afterEach(() => {
  process.off("unhandledRejection", unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

async function readAnswer(listener: RequestListener): Promise<{ status: number; body: string }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${TOKEN}`, { method: "POST", body: "{}" });
    return { status: response.status, body: await response.text() };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("a receiver that is called without a Request", () => {
  test("answers 500 through Node's response, and names the adapter once", async () => {
    const receive = receiver();
    for (let time = 0; time < 3; time += 1) {
      expect(await readAnswer(receive as unknown as RequestListener)).toEqual({ status: 500, body: '{"code":500}' });
    }
    expect(lines).toEqual([expect.stringContaining("toNodeListener(receive)")]);
    expect(lines[0]).toContain("toExpress(receive)");
  });

  const node = { rawHeaders: [], headers: {}, method: "POST", url: "/" };
  test.each<[string, unknown, unknown, string]>([
    ["Hono's context", { req: { raw: request } }, undefined, "c.req.raw"],
    ["Hono's request", { raw: request }, undefined, "c.req.raw"],
    ["a SvelteKit event", { request }, undefined, "`request`"],
    ["a Node request", node, undefined, "toNodeListener"],
    ["a Fastify request", { raw: node, headers: {} }, {}, "fastifyReceiver"],
    ["nothing", undefined, undefined, "toKoa"],
    ["null", null, null, "toKoa"],
    ["a cloud function's event", { httpMethod: "POST", body: "{}", headers: {} }, {}, "make a Request of the event"],
    ["a cloud function's event in bytes", new TextEncoder().encode("{}"), {}, "make a Request of the event"],
    ["a Fastify instance", { addHook: () => undefined }, {}, "fastifyReceiver"],
    ["an object that throws when it is read", new Proxy({}, { get: () => { throw new Error(); } }), undefined, "toKoa"],
  ])("%s: says what to pass", async (_, given, second, advice) => {
    const refusals: string[] = [];
    const events: unknown[] = [];
    const receive = createReceiver({
      provider: "mixcom", tokens: [TOKEN], onRecord: () => undefined,
      onRefused: ({ reason }) => void refusals.push(reason), on: { answer: (event) => events.push(event) },
    });
    const response = await receive(given as Request, second as never);
    expect({ status: response.status, body: await response.text() }).toEqual({ status: 500, body: '{"code":500}' });
    expect(lines).toEqual([expect.stringContaining(advice)]);
    expect(refusals).toEqual([expect.stringContaining(advice)]);
    expect(events).toMatchObject([{ outcome: "refused", status: 500, reason: expect.stringContaining(advice) }]);
  });

  test("answers through Koa's context, if it is used as Koa middleware", async () => {
    const receive = receiver();
    for (const next of [() => undefined, undefined]) {
      const answer = await readAnswer((req, res) => void receive({ req, res, request: {}, app: {} } as never, next as never));
      expect(answer).toEqual({ status: 500, body: '{"code":500}' });
    }
    expect(lines).toEqual([expect.stringContaining("toKoa(receive)")]);
  });
});

describe("a parsed body", () => {
  const receiveParsed = async (quiet: boolean, ...bodies: unknown[]): Promise<void> => {
    const receive = createReceiver({ provider: "mixcom", tokens: [TOKEN], onRecord: () => undefined, quiet });
    for (const body of bodies) expect((await receive(new Request(`https://crm.example/${TOKEN}`, { method: "POST" }), { body })).status).toBe(200);
  };
  const parsed = (id: string): unknown => JSON.parse(`{"event":"fee","callIdentifier":${id}}`);

  test("with an integer that the parser has rounded is reported once", async () => {
    await receiveParsed(false, parsed("1287547165745325390"), parsed("1287547165745325391"));
    expect(lines).toEqual([expect.stringContaining("rounded an integer")]);
  });

  test("with integers that it has not rounded, or with quiet, is not reported", async () => {
    await receiveParsed(false, parsed("9007199254740991"), parsed('"1287547165745325390"'), parsed("0.5"));
    await receiveParsed(true, parsed("1287547165745325390"));
    expect(lines).toEqual([]);
  });
});

describe("a Response that is written as JSON", () => {
  const receiveAsJson = (onRecord: () => unknown): Promise<Response> =>
    createReceiver({ provider: "mixcom", tokens: [TOKEN], onRecord, quiet: true })(new Request(`https://crm.example/${TOKEN}`, { method: "POST", body: '{"event":"fee","callIdentifier":"c-1"}' }));

  test("is the acknowledgement if the push was kept", async () => {
    expect(JSON.stringify(await receiveAsJson(() => undefined))).toBe('{"code":200}');
  });

  test("throws if the acknowledgement is not JSON, which would put it into quotes", async () => {
    const receive = createReceiver({ provider: "seatcall", tokens: [TOKEN], onRecord: () => undefined });
    const response = await receive(new Request(`https://crm.example/${TOKEN}`, { method: "POST", body: '{"id":8,"sessionId":"c-1"}' }));
    expect(() => JSON.stringify(response)).toThrow(expect.objectContaining({ status: 200, expose: true, message: "success" }));
    expect(lines).toEqual([expect.stringContaining("toKoa")]);
  });

  test("throws if the push was not kept: the error has the answer in the form of Koa 2", async () => {
    const response = await receiveAsJson(() => Promise.reject(new Error("no")));
    expect(() => JSON.stringify(response)).toThrow(expect.objectContaining({ status: 500, expose: true, message: '{"code":500}' }));
    expect(lines).toEqual([expect.stringContaining("toKoa")]);
    expect(await response.text()).toBe('{"code":500}');
  });
});

describe.each([["toNodeListener", toNodeListener], ["toExpress", toExpress], ["fastifyReceiver", fastifyReceiver], ["toKoa", toKoa]] as const)("%s", (name, adapter) => {
  const application = Object.assign(() => undefined, { handle: () => undefined });
  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["a receiver's options", { provider: "mixcom", tokens: [TOKEN] }],
    ["a promise", Promise.resolve(receiver())],
    ["an object with fetch", { fetch: receiver() }],
    ["an Express application", application],
    ["a class", class {}],
    ["the result of an adapter", toNodeListener(receiver())],
    ["a plugin", fastifyReceiver(receiver())],
  ])("refuses %s when it is created", (_, given) => {
    expect(() => adapter(given as Receiver)).toThrow(expect.objectContaining({ name: "RingbackError", code: "invalid-argument", field: "receive", hint: expect.stringContaining(name) }));
  });

  test("accepts a user's function around a receiver", () => {
    const receive = receiver();
    expect(adapter((given, context) => receive(given, context))).toBeTypeOf("function");
  });
});

describe("a listener that is called with other arguments", () => {
  test.each<[string, unknown, unknown, string]>([
    ["Koa's context and next", { req: { on: () => undefined, resume: () => undefined }, res: {} }, () => undefined, "toKoa"],
    ["Fastify's request and reply", { raw: { on: () => undefined, resume: () => undefined } }, { send: () => undefined }, "fastifyReceiver"],
    ["a standard Request", request, undefined, "receive(request)"],
    ["nothing", undefined, undefined, "receive(request)"],
  ])("%s: throws an error that names what to use", (_, incoming, outgoing, advice) => {
    const listener = toNodeListener(receiver()) as (incoming: unknown, outgoing: unknown) => void;
    expect(() => listener(incoming, outgoing)).toThrow(expect.objectContaining({ code: "invalid-argument", hint: expect.stringContaining(advice) }));
  });

  test("answers 500 and logs once if its inner function fails", async () => {
    for (const inner of [() => Promise.reject(new Error("138 0000 0001")), () => undefined, createReceiver]) {
      lines.length = 0;
      const listener = toNodeListener(inner as unknown as Receiver);
      for (let time = 0; time < 2; time += 1) expect(await readAnswer(listener)).toEqual({ status: 500, body: '{"code":500}' });
      expect(lines).toHaveLength(1);
      expect(lines[0]).not.toContain("138 0000");
    }
  });
});
