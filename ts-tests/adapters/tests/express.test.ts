// Tests Express, with the usual middleware before a route.
import type { IncomingMessage } from "node:http";
import express from "express";
import express4 from "express-4";
import { toExpress } from "ringback/node";
import { describe, expect, test, vi } from "vitest";
import { createTestReceiver, type Seen, TOKENS } from "../servers/receiving.ts";
import { type Answer, send, type RequestDescription } from "./asking.ts";
import { startListening, wrapServer } from "./hosts.ts";
import { findPush, PUSHES } from "./pushes.ts";

const MIXCOM = findPush("mixcom");
const PATH = `/push/${TOKENS.mixcom}`;

type Build = (app: express.Express, framework: typeof express) => void;

describe.each([
  ["Express 4", express4 as unknown as typeof express],
  ["Express 5", express],
])("%s", (_, framework) => {
  /** Sends one request to an app. */
  async function sendToApp(build: Build, question: Partial<RequestDescription>): Promise<{ answer: Answer; seen: Omit<Seen, "rss"> }> {
    const { receive, seen } = createTestReceiver();
    const app = framework();
    build(app, framework);
    app.use("/push", toExpress(receive));
    const server = wrapServer(await startListening(app));
    try {
      return { answer: await send(server.origin, { path: PATH, ...question }), seen };
    } finally {
      await server.close();
    }
  }

  test.each(PUSHES.map((each) => [each.provider, each] as const))("a push of %s is acknowledged after express.json()", async (provider, { token, push, ack }) => {
    const { answer, seen } = await sendToApp((app) => app.use(framework.json()), { path: `/push/${token}`, body: push("c-1") });
    expect(answer).toMatchObject({ status: 200, body: ack });
    expect(seen.pushes.map(({ keys }) => keys)).toEqual([[`${provider}:c-1`]]);
  });

  const form = new URLSearchParams(Object.entries(JSON.parse(MIXCOM.push("c-1")) as Record<string, string>)).toString();
  const parsers: [string, Build, string, string][] = [
    ["express.urlencoded()", (app) => app.use(framework.urlencoded({ extended: false })), "application/x-www-form-urlencoded", form],
    ["express.urlencoded({ extended: true })", (app) => app.use(framework.urlencoded({ extended: true })), "application/x-www-form-urlencoded", form],
    ["express.text()", (app) => app.use(framework.text({ type: "*/*" })), "application/json", MIXCOM.push("c-1")],
    ["express.raw()", (app) => app.use(framework.raw({ type: "*/*" })), "application/json", MIXCOM.push("c-1")],
    ["parsers that skip its content type", (app) => app.use(framework.json(), framework.urlencoded({ extended: false })), "text/plain", MIXCOM.push("c-1")],
  ];
  test.each(parsers)("a push is acknowledged after %s", async (_what, build, type, body) => {
    const { answer, seen } = await sendToApp(build, { headers: { "content-type": type }, body });
    expect(answer).toMatchObject({ status: 200, body: MIXCOM.ack });
    expect(seen.pushes.map(({ keys }) => keys)).toEqual([["mixcom:c-1"]]);
  });

  const LONG = MIXCOM.push("c-1").replace('"c-1"', "9007199254740993123");

  test("a 19-digit id keeps its digits after express.json() if its verify keeps the bytes", async () => {
    const verify = (request: IncomingMessage, _response: unknown, bytes: Buffer): void => {
      Object.assign(request, { rawBody: bytes });
    };
    const { seen } = await sendToApp((app) => app.use(framework.json({ verify })), { body: LONG });
    expect(seen.pushes.map(({ keys, body }) => [keys, Buffer.from(body, "hex").toString()])).toEqual([[["mixcom:9007199254740993123"], LONG]]);
  });

  test("a 19-digit id keeps its digits if the receiver is mounted before express.json()", async () => {
    const { receive, seen } = createTestReceiver();
    const app = framework().use("/push", toExpress(receive)).use(framework.json());
    app.post("/orders", (request, response) => void response.json(request.body));
    const server = wrapServer(await startListening(app));
    try {
      expect(await send(server.origin, { path: PATH, body: LONG })).toMatchObject({ status: 200, body: MIXCOM.ack });
      expect(seen.pushes.map(({ keys }) => keys)).toEqual([["mixcom:9007199254740993123"]]);
      expect((await send(server.origin, { path: "/orders", body: '{"a":1}' })).body).toBe('{"a":1}');
    } finally {
      await server.close();
    }
  });

  test("a body that middleware has read and discarded is refused with that reason", async () => {
    const swallow: Build = (app) =>
      app.use((request, _response, next) => {
        request.on("end", () => next()).resume();
      });
    const { answer, seen } = await sendToApp(swallow, { body: MIXCOM.push("c-1") });
    expect(answer).toMatchObject({ status: 500, body: MIXCOM.nack });
    expect(seen.pushes).toEqual([]);
    expect(seen.refusals.map(({ reason }) => reason)).toEqual([expect.stringMatching(/read already.*express\.json/s)]);
  });

  test("a body that was read and that express.json() has not parsed is never acknowledged", async () => {
    const logged: Build = (app) =>
      app.use((request, _response, next) => void request.on("end", () => next()).resume()).use(framework.json({ type: "nothing/at-all" }));
    const { answer, seen } = await sendToApp(logged, { body: MIXCOM.push("c-1") });
    expect(answer).toMatchObject({ status: 500, body: MIXCOM.nack });
    expect(seen.pushes).toEqual([]);
  });

  test("JSON that a form parser has read as a field name is never acknowledged", async () => {
    const build: Build = (app) => app.use(framework.urlencoded({ extended: true }));
    const { answer, seen } = await sendToApp(build, { headers: { "content-type": "application/x-www-form-urlencoded" }, body: MIXCOM.push("c-1") });
    expect(answer).toMatchObject({ status: 500, body: MIXCOM.nack });
    expect(seen.pushes).toEqual([]);
    expect(seen.refusals).toHaveLength(1);
  });

  test.each(["utf8", "latin1"] as const)("a request with setEncoding(%s) loses no byte, in any number of pieces", async (encoding) => {
    const asText: Build = (app) =>
      app.use((request, _response, next) => {
        request.setEncoding(encoding);
        next();
      });
    const push = MIXCOM.push("c-1");
    const { answer, seen } = await sendToApp(asText, { body: [push.slice(0, 40), push.slice(40)] });
    expect(answer).toMatchObject({ status: 200, body: MIXCOM.ack });
    expect(seen.pushes.map(({ body }) => Buffer.from(body, "hex").toString())).toEqual([push]);
  });

  test("a slow middleware loses no byte", async () => {
    const { answer, seen } = await sendToApp((app) => app.use((_request, _response, next) => setTimeout(next, 100)), { body: MIXCOM.push("c-1") });
    expect(answer).toMatchObject({ status: 200, body: MIXCOM.ack });
    expect(seen.pushes.map(({ keys }) => keys)).toEqual([["mixcom:c-1"]]);
  });

  test("the receiver does not use Express's trust proxy setting", async () => {
    const { seen } = await sendToApp((app) => app.set("trust proxy", true), { path: "/push/nobody", headers: { "x-forwarded-for": "203.0.113.7" }, body: "{}" });
    expect(seen.refusals).toMatchObject([{ remoteAddress: "127.0.0.1" }]);
  });

  test("app.post(\"/push/:token\") works", async () => {
    const { receive } = createTestReceiver();
    const server = wrapServer(await startListening(framework().post("/push/:token", toExpress(receive))));
    try {
      expect(await send(server.origin, { path: PATH, body: MIXCOM.push("c-1") })).toMatchObject({ status: 200, body: MIXCOM.ack });
    } finally {
      await server.close();
    }
  });

  test("mounted at the token in nested routers, the receiver gets the complete address", async () => {
    const { receive, seen } = createTestReceiver();
    const inner = framework.Router().use("/push/:token", toExpress(receive));
    const server = wrapServer(await startListening(framework().use("/api", framework.Router().use("/v1", inner))));
    try {
      const path = `/api/v1/push/${TOKENS.dingxin}?reference=order-1`;
      expect(await send(server.origin, { path, body: findPush("dingxin").push("c-1") })).toMatchObject({ status: 200, body: findPush("dingxin").ack });
      expect(seen.pushes).toMatchObject([{ keys: ["dingxin:c-1"], query: "reference=order-1" }]);
    } finally {
      await server.close();
    }
  });
});

describe.each([
  ["Express 4", express4 as unknown as typeof express],
  ["Express 5", express],
])("%s, used wrongly", (_, framework) => {
  test.each(["app.post", "app.use"] as const)("%s with the receiver itself answers 500, and names the adapter", async (by) => {
    const lines: unknown[] = [];
    const printed = vi.spyOn(console, "error").mockImplementation((line: unknown) => void lines.push(line));
    const { receive, seen } = createTestReceiver();
    const app = framework();
    if (by === "app.post") app.post("/push/:token", receive as never);
    else app.use(framework.json(), receive as never);
    const server = wrapServer(await startListening(app));
    try {
      for (let time = 0; time < 2; time += 1) expect(await send(server.origin, { path: PATH, body: MIXCOM.push("c-1") })).toMatchObject({ status: 500, body: MIXCOM.nack });
      expect(seen.pushes).toEqual([]);
      expect(lines).toEqual([expect.stringContaining("toExpress(receive)")]);
    } finally {
      printed.mockRestore();
      await server.close();
    }
  });
});
