// Tests that apps keep their own routes beside the receiver, and what the frameworks' settings change.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { NestFactory } from "@nestjs/core";
import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import { fastifyReceiver, toExpress } from "ringback/node";
import { AppModule } from "../projects/nest/app.module.ts";
import { FAILS, TOKENS } from "../servers/receiving.ts";
import { sendToServer } from "./hosts.ts";
import { startEgg, startNest } from "./projects.ts";
import { findPush, PUSHES } from "./pushes.ts";
import type { Server } from "node:http";
import type { Receiver } from "ringback";

const MIXCOM = findPush("mixcom");
const PATH = `/push/${TOKENS.mixcom}`;
const LONG = MIXCOM.push("c-1").replace('"c-1"', "1287547165745325390");

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "error").mockImplementation((...line: unknown[]) => void lines.push(line.join(" ")));
});
afterEach(() => vi.restoreAllMocks());

const ofEachPlatform = PUSHES.map(({ token, push }) => ({ path: `/push/${token}`, body: push("c-1") }));
const acknowledged = PUSHES.map(({ ack }) => ({ status: 200, body: ack }));
const allKeys = PUSHES.map(({ provider }) => [`${provider}:c-1`]);

describe("Egg", () => {
  test("keeps its csrf check for other routes", async () => {
    const { answers } = await sendToServer((receive) => startEgg(receive), [{ path: "/orders", body: "{}" }]);
    expect(answers).toMatchObject([{ status: 403 }]);
    expect(lines).toEqual([]);
  });

  test("with its csrf check on the push address answers 403 to every push, and testing the address by GET names the setting", async () => {
    const { answers, seen } = await sendToServer((receive) => startEgg(receive, "csrf"), [{ path: PATH, body: MIXCOM.push("c-1") }, { method: "GET", path: PATH }, { method: "GET", path: PATH }]);
    expect(answers.map(({ status }) => status)).toEqual([403, 200, 200]);
    expect(seen.pushes).toEqual([]);
    expect(lines.filter((line) => line.startsWith("ringback:"))).toEqual([expect.stringContaining("security = { csrf: { ignore:")]);
  });

  test("with its body parser before the receiver: each platform's push arrives, a long id keeps its digits, and broken JSON is never acknowledged", async () => {
    const { answers, seen } = await sendToServer((receive) => startEgg(receive, "parser"), [...ofEachPlatform, { path: PATH, body: LONG }, { path: PATH, body: MIXCOM.push(FAILS) }, { path: PATH, body: '{"event":' }]);
    expect(answers.slice(0, 5)).toEqual(acknowledged);
    expect(answers[5]).toEqual({ status: 200, body: MIXCOM.ack });
    expect(seen.pushes.map(({ keys }) => keys)).toEqual([...allKeys, ["mixcom:1287547165745325390"]]);
    expect(answers[6]).toEqual({ status: 500, body: MIXCOM.nack });
    // Egg's own answer, from its parser.
    expect(answers[7]?.status).toBe(400);
  });
});

describe("NestJS on Express", () => {
  test("keeps its own routes, and takes the receiver with a global prefix and with rawBody", async () => {
    const listen = async (receive: Receiver): Promise<Server> => {
      const app = await NestFactory.create(AppModule, { logger: false, rawBody: true });
      app.setGlobalPrefix("api");
      app.use("/push", toExpress(receive));
      return startNest(app);
    };
    const { answers, seen } = await sendToServer(listen, [...ofEachPlatform, { path: "/api/orders", body: '{"id":1}' }]);
    expect(answers).toEqual([...acknowledged, { status: 201, body: '{"id":1}' }]);
    expect(seen.pushes.map(({ keys }) => keys)).toEqual(allKeys);
  });
});

describe("NestJS on Fastify", () => {
  test.each<[string, (app: NestFastifyApplication, receive: Receiver) => unknown]>([
    ["app.register(fastifyReceiver(receive))", (app, receive) => app.register(fastifyReceiver(receive), { prefix: "/push" })],
    ["app.use(path, toExpress(receive))", (app, receive) => app.use("/push", toExpress(receive))],
  ])("takes %s, and keeps its own routes", async (_wiring, mount) => {
    const listen = async (receive: Receiver): Promise<Server> => {
      const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), { logger: false });
      await mount(app, receive);
      return startNest(app);
    };
    const { answers, seen } = await sendToServer(listen, [...ofEachPlatform, { path: PATH, body: LONG }, { path: "/orders", body: '{"id":1}' }]);
    expect(answers).toEqual([...acknowledged, { status: 200, body: MIXCOM.ack }, { status: 201, body: '{"id":1}' }]);
    expect(seen.pushes.map(({ keys }) => keys)).toEqual([...allKeys, ["mixcom:1287547165745325390"]]);
  });
});
