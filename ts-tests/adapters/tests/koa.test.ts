// Tests the receiver in Koa 2 and 3: behind a body parser, and used wrongly.
import bodyParser from "koa-bodyparser";
import Koa from "koa";
import Koa2 from "koa-2";
import { createReceiver, type Receiver } from "ringback";
import { toKoa, toNodeListener } from "ringback/node";
import type { RequestListener } from "node:http";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FAILS, createTestReceiver, TOKENS } from "../servers/receiving.ts";
import { send } from "./asking.ts";
import { startListening, wrapServer } from "./hosts.ts";
import { findPush } from "./pushes.ts";

const MIXCOM = findPush("mixcom");
const PATH = `/push/${TOKENS.mixcom}`;
type Application = { use(middleware: (context: never, next: never) => unknown): Application; callback(): RequestListener; on(event: "error", listener: () => void): unknown };

const lines: string[] = [];
const unhandled = vi.fn();
beforeEach(() => {
  lines.length = 0;
  unhandled.mockClear();
  vi.spyOn(console, "error").mockImplementation((...line: unknown[]) => void lines.push(line.join(" ")));
  process.on("unhandledRejection", unhandled);
});
afterEach(() => {
  process.off("unhandledRejection", unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

describe.each([
  ["Koa 2", () => new Koa2() as unknown as Application],
  ["Koa 3", () => new Koa() as unknown as Application],
])("%s", (name, application) => {
  async function sendToApp(app: Application, body = MIXCOM.push("c-1")): Promise<{ status: number; body: string }> {
    const server = wrapServer(await startListening(app.callback()));
    try {
      const answer = await send(server.origin, { path: PATH, headers: { "content-type": "application/json" }, body });
      return { status: answer.status, body: answer.body };
    } finally {
      await server.close();
    }
  }
  const createMixcomReceiver = (onRecord: () => unknown = () => undefined, quiet = false): Receiver => createReceiver({ provider: "mixcom", tokens: [TOKENS.mixcom], onRecord, quiet });

  test("a push behind a body parser is read from its bytes", async () => {
    const { receive, seen } = createTestReceiver();
    const long = MIXCOM.push("c-1").replace('"c-1"', "9007199254740993123");
    expect(await sendToApp(application().use(bodyParser()).use(toKoa(receive)), long)).toEqual({ status: 200, body: MIXCOM.ack });
    expect(seen.pushes.at(-1)?.keys).toEqual(["mixcom:9007199254740993123"]);
    expect(await sendToApp(application().use(bodyParser()).use(toKoa(receive)), MIXCOM.push(FAILS))).toEqual({ status: 500, body: MIXCOM.nack });
  });

  test("a Response as ctx.body never acknowledges a push that was not kept", async () => {
    const createWrongApp = (receive: Receiver): Application =>
      application().use(async (context: { body: unknown; req: AsyncIterable<Uint8Array>; originalUrl: string }) => {
        const pieces: Uint8Array[] = [];
        for await (const piece of context.req) pieces.push(piece);
        context.body = await receive(new Request(`http://crm.example${context.originalUrl}`, { method: "POST", body: Buffer.concat(pieces) }));
      });
    const failed = await sendToApp(createWrongApp(createMixcomReceiver(() => Promise.reject(new Error("away")), true)));
    expect(failed).toEqual({ status: 500, body: MIXCOM.nack });
    expect(await sendToApp(createWrongApp(createMixcomReceiver()))).toEqual({ status: 200, body: MIXCOM.ack });
  });

  test("a receiver that is called with the context or Koa's request answers 500 and names toKoa", async () => {
    expect(await sendToApp(application().use(createMixcomReceiver() as never))).toEqual({ status: 500, body: MIXCOM.nack });
    expect(lines.join()).toMatch(/toKoa/);
    const assigned = application().use(async (context: { request: never; body: unknown }) => void (context.body = await createMixcomReceiver()(context.request)));
    expect(await sendToApp(assigned)).toEqual({ status: 500, body: MIXCOM.nack });
  });

  test("another adapter's listener fails with an error that names toKoa, and the process continues", async () => {
    const errors: unknown[] = [];
    for (const parsers of [[], [bodyParser()]]) {
      const app = application();
      (app.on as (event: string, listener: (error: unknown) => void) => void)("error", (error) => errors.push(error));
      for (const parser of parsers) app.use(parser as never);
      const answer = await sendToApp(app.use(toNodeListener(createMixcomReceiver()) as never));
      expect(answer.status).toBe(500);
    }
    expect(errors).toMatchObject([{ code: "invalid-argument", hint: expect.stringContaining("toKoa") }, { hint: expect.stringContaining("toKoa") }]);
    expect(name).toMatch(/^Koa/);
  });
});
