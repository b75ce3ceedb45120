// Fastify, with what apps have around a plugin.
import { randomBytes } from "node:crypto";
import { gzipSync, createGunzip } from "node:zlib";
import fastify, { type FastifyInstance, type FastifyServerOptions } from "fastify";
import { fastifyReceiver } from "ringback/node";
import { afterEach, describe, expect, test, vi } from "vitest";
import { receiving, type Seen, TOKENS } from "../servers/receiving.ts";
import { type Answered, ask, type Question } from "./asking.ts";
import { running } from "./hosts.ts";
import { pushOf } from "./pushes.ts";

const MIXCOM = pushOf("mixcom");
const PATH = `/push/${TOKENS.mixcom}`;

describe("Fastify 5", () => {
  const apps: FastifyInstance[] = [];
  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
  });

  /** An app with the receiver in it. */
  async function built(before: (app: FastifyInstance) => unknown = () => undefined, options: FastifyServerOptions = {}, prefix = "/push"): Promise<{ app: FastifyInstance; seen: Omit<Seen, "rss"> }> {
    const { receive, seen } = receiving();
    const app = fastify(options);
    apps.push(app);
    await before(app);
    await app.register(fastifyReceiver(receive), { prefix });
    return { app, seen };
  }

  async function asked(app: FastifyInstance, question: Question): Promise<Answered> {
    await app.listen({ host: "127.0.0.1", port: 0 });
    return ask(running(app.server).origin, question);
  }

  test("the bytes arrive whatever parsers and limits the app has, and the app keeps both", async () => {
    const { app, seen } = await built(
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

  test("app.inject gets the answer of every refusal", async () => {
    const { app, seen } = await built();
    expect((await app.inject({ method: "POST", url: "/push/nobody", payload: "{}" })).statusCode).toBe(404);
    expect(await app.inject({ method: "PUT", url: PATH })).toMatchObject({ statusCode: 405, headers: { allow: "GET, HEAD, POST" } });
    expect((await app.inject({ method: "POST", url: PATH, payload: "x".repeat(300 * 1024) })).statusCode).toBe(413);
    expect(seen.refusals).toHaveLength(3);
  });

  test("a body that the app's hook has decompressed is read decompressed", async () => {
    const { app, seen } = await built((outer) =>
      outer.addHook("preParsing", (_request, _reply, payload, done) => {
        done(null, payload.pipe(createGunzip()));
      }),
    );
    const question = { path: PATH, headers: { "content-encoding": "gzip" }, body: gzipSync(MIXCOM.push("c-zip")) };
    expect(await asked(app, question)).toMatchObject({ status: 200, body: MIXCOM.ack });
    expect(seen.pushes.map(({ keys }) => keys)).toEqual([["mixcom:c-zip"]]);
    // What is no gzip breaks the stream in the middle.
    expect(await ask(running(app.server).origin, { path: PATH, body: "no gzip" })).toMatchObject({ status: 500, body: MIXCOM.nack });
  });

  test("a decompressed body that breaks when nobody reads it any more ends no process", async () => {
    const { app, seen } = await built((outer) =>
      outer.addHook("preParsing", (_request, _reply, payload, done) => {
        done(null, payload.pipe(createGunzip()));
      }),
    );
    // Large when decompressed, and broken behind what is read of it.
    const whole = gzipSync(randomBytes(512 * 1024));
    const body = Buffer.concat([whole.subarray(0, 400 * 1024), Buffer.alloc(100 * 1024)]);
    expect(await asked(app, { path: PATH, headers: { "transfer-encoding": "chunked" }, body: [body, "end"] })).toMatchObject({ status: 413 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(seen.refusals).toHaveLength(1);
  });

  test("the app's onRequest may refuse before it, and its onResponse sees the end", async () => {
    const ends: number[] = [];
    const { app, seen } = await built((outer) => {
      outer.addHook("onRequest", async (request, reply) => {
        if (request.headers["x-blocked"] !== undefined) return reply.code(429).send({ blocked: true });
        return undefined;
      });
      outer.addHook("onResponse", async (_request, reply) => {
        ends.push(reply.statusCode);
      });
    });
    expect(await asked(app, { path: PATH, headers: { "x-blocked": "1" }, body: "{}" })).toMatchObject({ status: 429 });
    expect(seen.pushes).toEqual([]);
    expect(await ask(running(app.server).origin, { path: PATH, body: MIXCOM.push("c-1") })).toMatchObject({ status: 200 });
    expect(ends).toEqual([429, 200]);
  });

  test.each([
    ["with slashes that do not matter", { routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true } }, "/push"],
    ["with letters that may be small", { routerOptions: { caseSensitive: false } }, "/push"],
    ["with a prefix that is a parameter", {}, "/:tenant/push"],
    ["with a log", { logger: { level: "silent" } }, "/push"],
    ["without a prefix", {}, ""],
  ])("it can be mounted %s", async (_, options, prefix) => {
    const { app, seen } = await built(undefined, options, prefix);
    const mounted = prefix.replace(":tenant", "acme");
    for (const path of [`${mounted}/${TOKENS.mixcom}`, `${mounted}/?token=${TOKENS.mixcom}`, `${mounted}/a/${TOKENS.mixcom}/b`]) {
      expect(await app.inject({ method: "POST", url: path, payload: MIXCOM.push("c-1") })).toMatchObject({ statusCode: 200, body: MIXCOM.ack });
    }
    if (prefix !== "") expect((await app.inject({ method: "POST", url: `${mounted}?token=${TOKENS.mixcom}`, payload: MIXCOM.push("c-1") })).statusCode).toBe(200);
    expect(seen.pushes.length).toBeGreaterThanOrEqual(3);
  });

  test("two receivers live in one app", async () => {
    const { app } = await built();
    const other = receiving();
    await app.register(fastifyReceiver(other.receive), { prefix: "/other" });
    await app.inject({ method: "POST", url: `/other/${TOKENS.mixcom}`, payload: MIXCOM.push("c-1") });
    expect(other.seen.pushes).toHaveLength(1);
  });
});

test("a route with the receiver itself answers 500, and names the plugin", async () => {
  const lines: unknown[] = [];
  const printed = vi.spyOn(console, "error").mockImplementation((line: unknown) => void lines.push(line));
  const { receive, seen } = receiving();
  const app = fastify();
  app.post("/push/:token", receive as never);
  try {
    await app.listen({ host: "127.0.0.1", port: 0 });
    const { origin } = running(app.server);
    expect(await ask(origin, { path: PATH, headers: { "content-type": "application/json" }, body: MIXCOM.push("c-1") })).toMatchObject({ status: 500, body: MIXCOM.nack });
    expect(seen.pushes).toEqual([]);
    expect(lines).toEqual([expect.stringContaining("fastifyReceiver(receive)")]);
  } finally {
    printed.mockRestore();
    await app.close();
  }
});
