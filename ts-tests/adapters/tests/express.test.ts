// Express, with what apps have in front of a route.
import type { IncomingMessage } from "node:http";
import express from "express";
import express4 from "express-4";
import { toExpress } from "ringback/node";
import { describe, expect, test, vi } from "vitest";
import { receiving, type Seen, TOKENS } from "../servers/receiving.ts";
import { type Answered, ask, type Question } from "./asking.ts";
import { listening, running } from "./hosts.ts";
import { pushOf, PUSHES } from "./pushes.ts";

const MIXCOM = pushOf("mixcom");
const PATH = `/push/${TOKENS.mixcom}`;

type Build = (app: express.Express, framework: typeof express) => void;

describe.each([
  ["Express 4", express4 as unknown as typeof express],
  ["Express 5", express],
])("%s", (_, framework) => {
  /** Asks an app once. */
  async function asked(build: Build, question: Partial<Question>): Promise<{ answer: Answered; seen: Omit<Seen, "rss"> }> {
    const { receive, seen } = receiving();
    const app = framework();
    build(app, framework);
    app.use("/push", toExpress(receive));
    const server = running(await listening(app));
    try {
      return { answer: await ask(server.origin, { path: PATH, ...question }), seen };
    } finally {
      await server.close();
    }
  }

  test.each(PUSHES.map((each) => [each.provider, each] as const))("a push of %s is acknowledged after express.json()", async (provider, { token, push, ack }) => {
    const { answer, seen } = await asked((app) => app.use(framework.json()), { path: `/push/${token}`, body: push("c-1") });
    expect(answer).toMatchObject({ status: 200, body: ack });
    expect(seen.pushes.map(({ keys }) => keys)).toEqual([[`${provider}:c-1`]]);
  });

  const form = new URLSearchParams(Object.entries(JSON.parse(MIXCOM.push("c-1")) as Record<string, string>)).toString();
  const parsers: [string, Build, string, string][] = [
    ["express.urlencoded()", (app) => app.use(framework.urlencoded({ extended: false })), "application/x-www-form-urlencoded", form],
    ["express.urlencoded({ extended: true })", (app) => app.use(framework.urlencoded({ extended: true })), "application/x-www-form-urlencoded", form],
    ["express.text()", (app) => app.use(framework.text({ type: "*/*" })), "application/json", MIXCOM.push("c-1")],
    ["express.raw()", (app) => app.use(framework.raw({ type: "*/*" })), "application/json", MIXCOM.push("c-1")],
    ["parsers that pass it by", (app) => app.use(framework.json(), framework.urlencoded({ extended: false })), "text/plain", MIXCOM.push("c-1")],
  ];
  test.each(parsers)("a push is acknowledged after %s", async (_what, build, type, body) => {
    const { answer, seen } = await asked(build, { headers: { "content-type": type }, body });
    expect(answer).toMatchObject({ status: 200, body: MIXCOM.ack });
    expect(seen.pushes.map(({ keys }) => keys)).toEqual([["mixcom:c-1"]]);
  });

  const LONG = MIXCOM.push("c-1").replace('"c-1"', "9007199254740993123");

  test("a 19-digit id keeps its digits after express.json() where its verify keeps the bytes", async () => {
    const verify = (request: IncomingMessage, _response: unknown, bytes: Buffer): void => {
      Object.assign(request, { rawBody: bytes });
    };
    const { seen } = await asked((app) => app.use(framework.json({ verify })), { body: LONG });
    expect(seen.pushes.map(({ keys, body }) => [keys, Buffer.from(body, "hex").toString()])).toEqual([[["mixcom:9007199254740993123"], LONG]]);
  });

  test("a 19-digit id keeps its digits where the receiver stands before express.json()", async () => {
    const { receive, seen } = receiving();
    const app = framework().use("/push", toExpress(receive)).use(framework.json());
    app.post("/orders", (request, response) => void response.json(request.body));
    const server = running(await listening(app));
    try {
      expect(await ask(server.origin, { path: PATH, body: LONG })).toMatchObject({ status: 200, body: MIXCOM.ack });
      expect(seen.pushes.map(({ keys }) => keys)).toEqual([["mixcom:9007199254740993123"]]);
      expect((await ask(server.origin, { path: "/orders", body: '{"a":1}' })).body).toBe('{"a":1}');
    } finally {
      await server.close();
    }
  });

  test("a body that was read and not handed on is a mistake that onRefused names", async () => {
    const swallow: Build = (app) =>
      app.use((request, _response, next) => {
        request.on("end", () => next()).resume();
      });
    const { answer, seen } = await asked(swallow, { body: MIXCOM.push("c-1") });
    expect(answer).toMatchObject({ status: 500, body: MIXCOM.nack });
    expect(seen.pushes).toEqual([]);
    expect(seen.refusals.map(({ reason }) => reason)).toEqual([expect.stringMatching(/read already.*express\.json/s)]);
  });

  test("a body that was read, and of which express.json() has made nothing, is never acknowledged", async () => {
    const logged: Build = (app) =>
      app.use((request, _response, next) => void request.on("end", () => next()).resume()).use(framework.json({ type: "nothing/at-all" }));
    const { answer, seen } = await asked(logged, { body: MIXCOM.push("c-1") });
    expect(answer).toMatchObject({ status: 500, body: MIXCOM.nack });
    expect(seen.pushes).toEqual([]);
  });

  test("JSON that a form's parser took for a name is never acknowledged", async () => {
    const build: Build = (app) => app.use(framework.urlencoded({ extended: true }));
    const { answer, seen } = await asked(build, { headers: { "content-type": "application/x-www-form-urlencoded" }, body: MIXCOM.push("c-1") });
    expect(answer).toMatchObject({ status: 500, body: MIXCOM.nack });
    expect(seen.pushes).toEqual([]);
    expect(seen.refusals).toHaveLength(1);
  });

  test.each(["utf8", "latin1"] as const)("a request that somebody asked for %s text loses nothing, in however many pieces it comes", async (encoding) => {
    const asText: Build = (app) =>
      app.use((request, _response, next) => {
        request.setEncoding(encoding);
        next();
      });
    const push = MIXCOM.push("c-1");
    const { answer, seen } = await asked(asText, { body: [push.slice(0, 40), push.slice(40)] });
    expect(answer).toMatchObject({ status: 200, body: MIXCOM.ack });
    expect(seen.pushes.map(({ body }) => Buffer.from(body, "hex").toString())).toEqual([push]);
  });

  test("a middleware that takes its time loses no byte", async () => {
    const { answer, seen } = await asked((app) => app.use((_request, _response, next) => setTimeout(next, 100)), { body: MIXCOM.push("c-1") });
    expect(answer).toMatchObject({ status: 200, body: MIXCOM.ack });
    expect(seen.pushes.map(({ keys }) => keys)).toEqual([["mixcom:c-1"]]);
  });

  test("a proxy that Express trusts is not trusted for it", async () => {
    const { seen } = await asked((app) => app.set("trust proxy", true), { path: "/push/nobody", headers: { "x-forwarded-for": "203.0.113.7" }, body: "{}" });
    expect(seen.refusals).toMatchObject([{ remoteAddress: "127.0.0.1" }]);
  });

  test("app.post(\"/push/:token\") will do", async () => {
    const { receive } = receiving();
    const server = running(await listening(framework().post("/push/:token", toExpress(receive))));
    try {
      expect(await ask(server.origin, { path: PATH, body: MIXCOM.push("c-1") })).toMatchObject({ status: 200, body: MIXCOM.ack });
    } finally {
      await server.close();
    }
  });

  test("mounted at the token, in a router of a router, it sees the whole address", async () => {
    const { receive, seen } = receiving();
    const inner = framework.Router().use("/push/:token", toExpress(receive));
    const server = running(await listening(framework().use("/api", framework.Router().use("/v1", inner))));
    try {
      const path = `/api/v1/push/${TOKENS.dingxin}?reference=order-1`;
      expect(await ask(server.origin, { path, body: pushOf("dingxin").push("c-1") })).toMatchObject({ status: 200, body: pushOf("dingxin").ack });
      expect(seen.pushes).toMatchObject([{ keys: ["dingxin:c-1"], query: "reference=order-1" }]);
    } finally {
      await server.close();
    }
  });
});

describe.each([
  ["Express 4", express4 as unknown as typeof express],
  ["Express 5", express],
])("%s, wired wrongly", (_, framework) => {
  test.each(["app.post", "app.use"] as const)("%s of the receiver itself answers 500, and names the adapter", async (by) => {
    const lines: unknown[] = [];
    const printed = vi.spyOn(console, "error").mockImplementation((line: unknown) => void lines.push(line));
    const { receive, seen } = receiving();
    const app = framework();
    if (by === "app.post") app.post("/push/:token", receive as never);
    else app.use(framework.json(), receive as never);
    const server = running(await listening(app));
    try {
      for (let time = 0; time < 2; time += 1) expect(await ask(server.origin, { path: PATH, body: MIXCOM.push("c-1") })).toMatchObject({ status: 500, body: MIXCOM.nack });
      expect(seen.pushes).toEqual([]);
      expect(lines).toEqual([expect.stringContaining("toExpress(receive)")]);
    } finally {
      printed.mockRestore();
      await server.close();
    }
  });
});
