// Wrong wirings in the real frameworks: each is answered, never acknowledges a push that was not kept, and names the right wiring.
import { createServer, type RequestListener, type Server } from "node:http";
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import bodyParser from "koa-bodyparser";
import express from "express";
import express4 from "express-4";
import fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import Koa2 from "koa-2";
import type { Receiver } from "ringback";
import { fastifyReceiver, toExpress, toKoa, toNodeListener } from "ringback/node";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createListenerModule, createReturningModule } from "../projects/nest/controllers.ts";
import { createTestReceiver, FAILS, TOKENS } from "../servers/receiving.ts";
import type { RequestDescription } from "./asking.ts";
import { sendToServer, startListening } from "./hosts.ts";
import { startNest } from "./projects.ts";
import { findPush } from "./pushes.ts";

const MIXCOM = findPush("mixcom");
const SEATCALL = findPush("seatcall");
const PATH = `/push/${TOKENS.mixcom}`;
const LONG = MIXCOM.push("c-1").replace('"c-1"', "1287547165745325390");
const NACK = { status: 500, body: MIXCOM.nack };
const ACK = { status: 200, body: MIXCOM.ack };

const lines: string[] = [];
const unhandled = vi.fn();
beforeEach(() => {
  lines.length = 0;
  unhandled.mockClear();
  vi.spyOn(console, "error").mockImplementation((...line: unknown[]) => void lines.push(line.join(" ")));
  process.on("unhandledRejection", unhandled).on("uncaughtException", unhandled);
});
afterEach(() => {
  process.off("unhandledRejection", unhandled).off("uncaughtException", unhandled);
  vi.restoreAllMocks();
  expect(unhandled).not.toHaveBeenCalled();
});

type Listen = (receive: Receiver) => Promise<Server>;

const push = (body = MIXCOM.push("c-1"), type = "application/json"): RequestDescription => ({ path: PATH, headers: { "content-type": type }, body });

interface KoaApp {
  use(middleware: unknown): KoaApp;
  callback(): RequestListener;
  on(event: "error", listener: (error: Error) => void): unknown;
}
interface Context {
  req: never;
  res: never;
  request: { rawBody?: string };
  respond?: boolean;
  body: unknown;
  originalUrl: string;
}

describe.each([
  ["Koa 2", () => new Koa2() as unknown as KoaApp],
  ["Koa 3", () => new Koa() as unknown as KoaApp],
])("%s", (_, application) => {
  const listen = (mount: (app: KoaApp, receive: Receiver) => unknown): Listen => (receive) => {
    const app = application();
    app.on("error", (error) => lines.push(error.message));
    mount(app, receive);
    return startListening(app.callback());
  };

  test.each<[string, (app: KoaApp, receive: Receiver) => unknown]>([
    ["app.use(receive)", (app, receive) => app.use(receive)],
    ["receive(ctx), awaited", (app, receive) => app.use(async (context: never) => void (await receive(context)))],
    ["receive(ctx), not awaited", (app, receive) => app.use((context: never) => void receive(context))],
    ["ctx.body = await receive(ctx)", (app, receive) => app.use(async (context: Context) => void (context.body = await receive(context as never)))],
    ["ctx.body = await receive(ctx.request)", (app, receive) => app.use(async (context: Context) => void (context.body = await receive(context.request as never)))],
  ])("%s answers the nack, and toKoa is named once", async (_wiring, mount) => {
    const { answers, seen } = await sendToServer(listen(mount), [push(), push()]);
    expect(answers).toEqual([NACK, NACK]);
    expect(seen.pushes).toEqual([]);
    expect(lines.filter((line) => line.includes("use `app.use(toKoa(receive))`"))).toHaveLength(1);
  });

  test.each<[string, (receive: Receiver) => unknown]>([
    ["toNodeListener(receive)", (receive) => toNodeListener(receive)],
    ["toExpress(receive)", (receive) => toExpress(receive)],
    ["fastifyReceiver(receive)", (receive) => fastifyReceiver(receive)],
  ])("app.use(%s) answers 500, and toKoa is named", async (_wiring, adapt) => {
    const { answers, seen } = await sendToServer(listen((app, receive) => app.use(adapt(receive))), [push(), push()]);
    expect(answers.map(({ status }) => status)).toEqual([500, 500]);
    expect(seen.pushes).toEqual([]);
    expect(lines).toEqual([expect.stringContaining("toKoa(receive)"), expect.stringContaining("toKoa(receive)")]);
  });

  test("app.use(toKoa), without calling it, answers 500 and says what to pass", async () => {
    const { answers } = await sendToServer(listen((app) => app.use(toKoa)), [push()]);
    expect(answers.map(({ status }) => status)).toEqual([500]);
    expect(lines).toEqual([expect.stringContaining("receive: is not a function")]);
  });

  test("a listener with ctx.respond = false works before a parser, and behind one with the raw body", async () => {
    for (const parsers of [[], [bodyParser()]]) {
      const { answers, seen } = await sendToServer(
        listen((app, receive) => {
          const listener = toNodeListener(receive);
          for (const parser of parsers) app.use(parser);
          app.use((context: Context) => {
            context.respond = false;
            Object.assign(context.req, { rawBody: context.request.rawBody });
            listener(context.req, context.res);
          });
        }),
        [push(LONG)],
      );
      expect(answers).toEqual([ACK]);
      expect(seen.pushes.map(({ keys }) => keys)).toEqual([["mixcom:1287547165745325390"]]);
    }
  });

  test("a listener behind a parser without the raw body answers the nack, and the reason names toKoa", async () => {
    const mount = (app: KoaApp, receive: Receiver): unknown => {
      const listener = toNodeListener(receive);
      return app.use(bodyParser()).use((context: Context) => {
        context.respond = false;
        listener(context.req, context.res);
      });
    };
    const { answers, seen } = await sendToServer(listen(mount), [push(), push("a=1", "application/x-www-form-urlencoded")]);
    expect(answers).toEqual([NACK, NACK]);
    expect(seen.pushes).toEqual([]);
    expect(seen.refusals[0]?.reason).toMatch(/Koa: toKoa; Egg: config\.bodyParser\.ignore and config\.security\.csrf\.ignore/);
  });

  test("a listener without ctx.respond = false: Koa answers 404 first, and toKoa is named", async () => {
    const mount = (app: KoaApp, receive: Receiver): unknown => {
      const listener = toNodeListener(receive);
      return app.use((context: Context) => listener(context.req, context.res));
    };
    const { answers } = await sendToServer(listen(mount), [push(), push()]);
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    expect(lines).toEqual([expect.stringMatching(/404 was answered by something else.*toKoa\(receive\)/)]);
  });

  test("a Response as ctx.body never becomes a false acknowledgement, of any platform", async () => {
    const mount = (app: KoaApp, receive: Receiver): unknown =>
      app.use(async (context: Context) => {
        const pieces: Uint8Array[] = [];
        for await (const piece of context.req as AsyncIterable<Uint8Array>) pieces.push(piece);
        context.body = await receive(new Request(`http://crm.example${context.originalUrl}`, { method: "POST", body: Buffer.concat(pieces) }));
      });
    const { answers, seen } = await sendToServer(listen(mount), [
      push(),
      push(MIXCOM.push(FAILS)),
      { path: `/push/${TOKENS.seatcall}`, body: SEATCALL.push("c-1") },
      { path: `/push/${TOKENS.seatcall}`, body: SEATCALL.push(FAILS) },
      { path: "/push/nobody", body: MIXCOM.push("c-1") },
    ]);
    expect(answers.slice(0, 4)).toEqual([ACK, NACK, { status: 200, body: SEATCALL.ack }, { status: 500, body: SEATCALL.nack }]);
    expect(answers[4]?.status).toBe(404);
    expect(seen.pushes.map(({ keys }) => keys)).toEqual([["mixcom:c-1"], ["seatcall:c-1"]]);
  });
});

describe("Koa's adapter and Fastify's plugin in other frameworks", () => {
  const adapters: [string, (receive: Receiver) => unknown][] = [
    ["toKoa(receive)", (receive) => toKoa(receive)],
    ["fastifyReceiver(receive)", (receive) => fastifyReceiver(receive)],
  ];
  const frameworks: [string, string, (handler: never) => Listen][] = [
    ["node:http", "toNodeListener(receive)", (handler) => () => startListening(handler)],
    ["Express 4", "toExpress(receive)", (handler) => () => startListening(express4().use(handler))],
    ["Express 5", "toExpress(receive)", (handler) => () => startListening(express().use(handler))],
  ];
  test.each(frameworks.flatMap(([framework, right, mount]) => adapters.map(([wiring, adapt]) => [wiring, framework, right, adapt, mount] as const)))(
    "%s in %s answers 500, and %s is named once",
    async (_wiring, _framework, right, adapt, mount) => {
      const { answers, seen } = await sendToServer((receive) => mount(adapt(receive) as never)(receive), [push(), push()]);
      expect(answers).toEqual([NACK, NACK]);
      expect(seen.pushes).toEqual([]);
      expect(lines).toEqual([expect.stringContaining(right)]);
    },
  );

  test("toKoa(receive) as a Fastify handler answers 500, and fastifyReceiver is named", async () => {
    const app = fastify();
    app.setErrorHandler((error: Error, _request, reply) => {
      lines.push(error.message);
      void reply.code(500).send({});
    });
    const listen: Listen = async (receive) => {
      app.post("/push/:token", toKoa(receive) as never);
      await app.listen({ host: "127.0.0.1", port: 0 });
      return app.server;
    };
    const { answers } = await sendToServer(listen, [push()]);
    expect(answers.map(({ status }) => status)).toEqual([500]);
    expect(lines).toEqual([expect.stringContaining("app.register(fastifyReceiver(receive)")]);
  });

  test("app.register with another adapter fails at the start, and names fastifyReceiver", async () => {
    const { receive } = createTestReceiver();
    for (const adapt of [toNodeListener, toExpress, toKoa]) {
      const registering = fastify().register(adapt(receive) as never);
      await expect((async () => void (await registering))()).rejects.toThrow(/fastifyReceiver\(receive\)/);
    }
  });

  test("toKoa(receive) in Hono answers 500, and c.req.raw is named", async () => {
    const { receive } = createTestReceiver();
    const app = new Hono().onError((error, c) => {
      lines.push(error.message);
      return c.text("", 500);
    });
    app.all("/push/*", toKoa(receive) as never);
    expect((await app.request(PATH, { method: "POST", body: MIXCOM.push("c-1") })).status).toBe(500);
    expect(lines).toEqual([expect.stringContaining("c.req.raw")]);
  });
});

describe.each([
  ["Express 4", express4],
  ["Express 5", express],
])("%s", (_, framework) => {
  test.each<[string, (app: express.Express, receive: Receiver) => unknown]>([
    ["app.use(receive)", (app, receive) => app.use(receive as never)],
    ["receive(req), without an answer of its own", (app, receive) => app.post("/push/:token", (request) => void receive(request as never))],
    ["res.json(await receive(req))", (app, receive) => app.post("/push/:token", (request, response, next) => void receive(request as never).then((answer) => response.json(answer)).catch(next))],
  ])("%s answers 500, and toExpress is named once", async (_wiring, mount) => {
    const listen: Listen = (receive) => {
      const app = framework() as unknown as express.Express;
      app.set("env", "test");
      mount(app, receive);
      return startListening(app);
    };
    const { answers, seen } = await sendToServer(listen, [push(), push()]);
    expect(answers.map(({ status }) => status)).toEqual([500, 500]);
    expect(seen.pushes).toEqual([]);
    expect(lines.filter((line) => line.includes("app.use(path, toExpress(receive))"))).toHaveLength(1);
  });
});

describe("NestJS", () => {
  const GBK = Buffer.concat([Buffer.from('{"event":"fee","callIdentifier":"c-2","name":"'), Buffer.from([0xbe, 0xdc]), Buffer.from('"}')]);
  const requests: RequestDescription[] = [
    push(LONG),
    { path: PATH, headers: { "content-type": "application/json; charset=GBK" }, body: GBK },
    push('{"event":'),
  ];
  const listenOn = (platform: "Express" | "Fastify", createModule: (receive: Receiver) => never, options: object = {}): Listen => async (receive) =>
    startNest(
      platform === "Express"
        ? await NestFactory.create(createModule(receive), { logger: false, ...options })
        : await NestFactory.create(createModule(receive), new FastifyAdapter(), { logger: false, ...options }),
    );

  test("a controller on Express behind Nest's parser: the rounded id is reported, and what Nest refuses is not acknowledged", async () => {
    const { answers, seen } = await sendToServer(listenOn("Express", createListenerModule as never), requests);
    expect(answers.map(({ status }) => status)).toEqual([200, 415, 400]);
    expect(seen.pushes.map(({ keys }) => keys)).toEqual([["mixcom:1287547165745325300"]]);
    expect(lines).toEqual([expect.stringMatching(/rounded an integer.*rawBody: true/)]);
  });

  test("a controller on Express with rawBody: true gets every digit", async () => {
    const { answers, seen } = await sendToServer(listenOn("Express", createListenerModule as never, { rawBody: true }), requests);
    expect(answers.map(({ status }) => status)).toEqual([200, 415, 400]);
    expect(seen.pushes.map(({ keys }) => keys)).toEqual([["mixcom:1287547165745325390"]]);
    expect(lines).toEqual([]);
  });

  test("a controller on Fastify with Node's request acknowledges nothing, and the reason names the switch", async () => {
    const { answers, seen } = await sendToServer(listenOn("Fastify", createListenerModule as never), requests);
    expect(answers[0]).toEqual(NACK);
    expect(answers.map(({ status }) => status).filter((status) => status < 400)).toEqual([]);
    expect(seen.pushes).toEqual([]);
    expect(seen.refusals[0]?.reason).toContain("NestJS: app.use before app.listen");
  });

  test.each([
    ["Express", "toExpress(receive)"],
    ["Fastify", "fastifyReceiver(receive)"],
  ] as const)("a controller on %s that returns receive(request) answers 500, and %s is named", async (platform, right) => {
    const { answers, seen } = await sendToServer(listenOn(platform, createReturningModule as never), [push()]);
    expect(answers.map(({ status }) => status)).toEqual([500]);
    expect(seen.pushes).toEqual([]);
    expect(lines[0]).toContain(right);
  });
});

test("a plain server that calls receive(request) and writes its answer sends the nack", async () => {
  const listen: Listen = (receive) =>
    new Promise((resolve) => {
      const server = createServer(async (request, response) => {
        const answer = await receive(request as never);
        response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
      });
      server.listen(0, "127.0.0.1", () => resolve(server));
    });
  expect((await sendToServer(listen, [push()])).answers).toEqual([NACK]);
  expect(lines).toEqual([expect.stringContaining("toNodeListener(receive)")]);
});
