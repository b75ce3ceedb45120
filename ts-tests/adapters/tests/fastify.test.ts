// Tests Fastify, with the usual hooks and parsers of apps around the plugin.
import { randomBytes } from "node:crypto";
import { gzipSync, createGunzip } from "node:zlib";
import fastify, { type FastifyInstance, type FastifyServerOptions } from "fastify";
import { fastifyReceiver } from "ringback/node";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createTestReceiver, type Seen, TOKENS } from "../servers/receiving.ts";
import { type Answer, send, type RequestDescription } from "./asking.ts";
import { wrapServer } from "./hosts.ts";
import { findPush } from "./pushes.ts";

const MIXCOM = findPush("mixcom");
const PATH = `/push/${TOKENS.mixcom}`;

describe("Fastify 5", () => {
  const apps: FastifyInstance[] = [];
  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
  });

  /** Creates an app with the receiver mounted. */
  async function createApp(before: (app: FastifyInstance) => unknown = () => undefined, options: FastifyServerOptions = {}, prefix = "/push"): Promise<{ app: FastifyInstance; seen: Omit<Seen, "rss"> }> {
    const { receive, seen } = createTestReceiver();
    const app = fastify(options);
    apps.push(app);
    await before(app);
    await app.register(fastifyReceiver(receive), { prefix });
    return { app, seen };
  }

  async function inject(app: FastifyInstance, question: RequestDescription): Promise<Answer> {
    await app.listen({ host: "127.0.0.1", port: 0 });
    return send(wrapServer(app.server).origin, question);
  }

  test("the bytes arrive with any parsers and limits of the app, and the app keeps both", async () => {
    const { app, seen } = await createApp(
      (outer) => {
        outer.addContentTypeParser("application/json", { parseAs: "string" }, (_request, _body, done) => done(null, { parsed: "by the app" }));
        outer.addContentTypeParser("*", (_request, _payload, done) => done(new Error("the app takes nothing else")));
        outer.post("/orders", (request) => request.body);
      },
      { bodyLimit: 100 },
    );
    const body = JSON.stringify({ ...JSON.parse(MIXCOM.push("c-1")), padding: "x".repeat(1_000) });
    for (const type of ["application/json", "text/xml", "multipart/form-data; boundary=b"]) {
      expect(await app.inject({ method: "POST", url: PATH, headers: { "content-type": type }, payload: body })).toMatchObject({ statusCode: 200, body: MIXCOM.ack });
      expect(Buffer.from(seen.pushes.at(-1)?.body ?? "", "hex").toString()).toBe(body);
    }
    expect(seen.pushes).toHaveLength(3);
    expect((await app.inject({ method: "POST", url: "/orders", payload: { a: 1 } })).json()).toEqual({ parsed: "by the app" });
    expect((await app.inject({ method: "POST", url: "/orders", payload: { a: "x".repeat(100) } })).statusCode).toBe(413);
  });

  test("app.inject gets the answer to every refused request", async () => {
    const { app, seen } = await createApp();
    expect((await app.inject({ method: "POST", url: "/push/nobody", payload: "{}" })).statusCode).toBe(404);
    expect(await app.inject({ method: "PUT", url: PATH })).toMatchObject({ statusCode: 405, headers: { allow: "GET, HEAD, POST" } });
    expect((await app.inject({ method: "POST", url: PATH, payload: "x".repeat(300 * 1024) })).statusCode).toBe(413);
    expect(seen.refusals).toHaveLength(3);
  });

  test("a body that the app's hook has decompressed is read decompressed", async () => {
    const { app, seen } = await createApp((outer) =>
      outer.addHook("preParsing", (_request, _reply, payload, done) => {
        done(null, payload.pipe(createGunzip()));
      }),
    );
    const question = { path: PATH, headers: { "content-encoding": "gzip" }, body: gzipSync(MIXCOM.push("c-zip")) };
    expect(await inject(app, question)).toMatchObject({ status: 200, body: MIXCOM.ack });
    expect(seen.pushes.map(({ keys }) => keys)).toEqual([["mixcom:c-zip"]]);
    // A body that is not gzip breaks the stream in the middle.
    expect(await send(wrapServer(app.server).origin, { path: PATH, body: "no gzip" })).toMatchObject({ status: 500, body: MIXCOM.nack });
  });

  test("a decompressed body that breaks after reading has stopped does not crash the process", async () => {
    const { app, seen } = await createApp((outer) =>
      outer.addHook("preParsing", (_request, _reply, payload, done) => {
        done(null, payload.pipe(createGunzip()));
      }),
    );
    // Large when decompressed, and broken after the part that is read.
    const whole = gzipSync(randomBytes(512 * 1024));
    const body = Buffer.concat([whole.subarray(0, 400 * 1024), Buffer.alloc(100 * 1024)]);
    expect(await inject(app, { path: PATH, headers: { "transfer-encoding": "chunked" }, body: [body, "end"] })).toMatchObject({ status: 413 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(seen.refusals).toHaveLength(1);
  });

  test("the app's onRequest may refuse first, and its onResponse is called at the end", async () => {
    const ends: number[] = [];
    const { app, seen } = await createApp((outer) => {
      outer.addHook("onRequest", async (request, reply) => {
        if (request.headers["x-blocked"] !== undefined) return reply.code(429).send({ blocked: true });
        return undefined;
      });
      outer.addHook("onResponse", async (_request, reply) => {
        ends.push(reply.statusCode);
      });
    });
    expect(await inject(app, { path: PATH, headers: { "x-blocked": "1" }, body: "{}" })).toMatchObject({ status: 429 });
    expect(seen.pushes).toEqual([]);
    expect(await send(wrapServer(app.server).origin, { path: PATH, body: MIXCOM.push("c-1") })).toMatchObject({ status: 200 });
    expect(ends).toEqual([429, 200]);
  });

  test.each([
    ["with ignored duplicate and trailing slashes", { routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true } }, "/push"],
    ["with case-insensitive routes", { routerOptions: { caseSensitive: false } }, "/push"],
    ["with a prefix that is a parameter", {}, "/:tenant/push"],
    ["with a log", { logger: { level: "silent" } }, "/push"],
    ["without a prefix", {}, ""],
  ])("the plugin can be registered %s", async (_, options, prefix) => {
    const { app, seen } = await createApp(undefined, options, prefix);
    const mounted = prefix.replace(":tenant", "acme");
    for (const path of [`${mounted}/${TOKENS.mixcom}`, `${mounted}/?token=${TOKENS.mixcom}`, `${mounted}/a/${TOKENS.mixcom}/b`]) {
      expect(await app.inject({ method: "POST", url: path, payload: MIXCOM.push("c-1") })).toMatchObject({ statusCode: 200, body: MIXCOM.ack });
    }
    if (prefix !== "") expect((await app.inject({ method: "POST", url: `${mounted}?token=${TOKENS.mixcom}`, payload: MIXCOM.push("c-1") })).statusCode).toBe(200);
    expect(seen.pushes.length).toBeGreaterThanOrEqual(3);
  });

  test("one app can have two receivers", async () => {
    const { app } = await createApp();
    const other = createTestReceiver();
    await app.register(fastifyReceiver(other.receive), { prefix: "/other" });
    await app.inject({ method: "POST", url: `/other/${TOKENS.mixcom}`, payload: MIXCOM.push("c-1") });
    expect(other.seen.pushes).toHaveLength(1);
  });
});

test("a route with the receiver itself answers 500, and names the plugin", async () => {
  const lines: unknown[] = [];
  const printed = vi.spyOn(console, "error").mockImplementation((line: unknown) => void lines.push(line));
  const { receive, seen } = createTestReceiver();
  const app = fastify();
  app.post("/push/:token", receive as never);
  try {
    await app.listen({ host: "127.0.0.1", port: 0 });
    const { origin } = wrapServer(app.server);
    expect(await send(origin, { path: PATH, headers: { "content-type": "application/json" }, body: MIXCOM.push("c-1") })).toMatchObject({ status: 500, body: MIXCOM.nack });
    expect(seen.pushes).toEqual([]);
    expect(lines).toEqual([expect.stringContaining("fastifyReceiver(receive)")]);
  } finally {
    printed.mockRestore();
    await app.close();
  }
});
