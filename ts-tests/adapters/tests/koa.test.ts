// Tests the receiver in Koa 2 and 3 behind a body parser, and the Koa project. wrong-wiring.test.ts has the wrong ways.
import { gzipSync } from "node:zlib";
import type { RequestListener } from "node:http";
import bodyParser from "koa-bodyparser";
import Koa from "koa";
import Koa2 from "koa-2";
import { toKoa } from "ringback/node";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createApp } from "../projects/koa/app.ts";
import { FAILS, TOKENS } from "../servers/receiving.ts";
import { sendToServer, startListening } from "./hosts.ts";
import { findPush, PUSHES } from "./pushes.ts";

const MIXCOM = findPush("mixcom");
const PATH = `/push/${TOKENS.mixcom}`;
const LONG = MIXCOM.push("c-1").replace('"c-1"', "1287547165745325390");
type Application = { use(middleware: unknown): Application; callback(): RequestListener };

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "error").mockImplementation((...line: unknown[]) => void lines.push(line.join(" ")));
});
afterEach(() => vi.restoreAllMocks());

test("the Koa project gets a push of each platform behind its body parser, with every digit, and keeps its own routes", async () => {
  const requests = [...PUSHES.map(({ token, push }) => ({ path: `/push/${token}`, body: push("c-1") })), { path: PATH, body: LONG }, { path: "/orders", body: '{"id":1}' }];
  const { answers, seen } = await sendToServer((receive) => startListening(createApp(receive).callback()), requests);
  expect(answers).toEqual([...PUSHES.map(({ ack }) => ({ status: 200, body: ack })), { status: 200, body: MIXCOM.ack }, { status: 200, body: '{"id":1}' }]);
  expect(seen.pushes.map(({ keys }) => keys)).toEqual([...PUSHES.map(({ provider }) => [`${provider}:c-1`]), ["mixcom:1287547165745325390"]]);
  expect(lines).toEqual([]);
});

describe.each([
  ["Koa 2", () => new Koa2() as unknown as Application],
  ["Koa 3", () => new Koa() as unknown as Application],
])("%s behind koa-bodyparser", (_, application) => {
  const listen = (before: unknown = bodyParser()) => (receive: Parameters<typeof toKoa>[0]) => startListening(application().use(before).use(toKoa(receive)).callback());

  test("a push that is not kept gets the nack", async () => {
    const { answers } = await sendToServer(listen(), PUSHES.map(({ token, push }) => ({ path: `/push/${token}`, body: push(FAILS) })));
    expect(answers).toEqual(PUSHES.map(({ nack }) => ({ status: 500, body: nack })));
  });

  test.each<[string, string, string | Uint8Array, string]>([
    ["a form", "application/x-www-form-urlencoded", new URLSearchParams(JSON.parse(MIXCOM.push("c-form"))).toString(), "c-form"],
    ["JSON as text/plain, which it leaves alone", "text/plain", MIXCOM.push("c-text"), "c-text"],
    ["JSON as a form", "application/x-www-form-urlencoded", MIXCOM.push("c-mixed"), "c-mixed"],
  ])("%s is read", async (_what, type, body, id) => {
    const { answers, seen } = await sendToServer(listen(), [{ path: PATH, headers: { "content-type": type }, body }]);
    expect(answers).toEqual([{ status: 200, body: MIXCOM.ack }]);
    expect(seen.pushes.map(({ keys }) => keys)).toEqual([[`mixcom:${id}`]]);
  });

  test("a compressed push, which it decompresses, is read", async () => {
    const { answers, seen } = await sendToServer(listen(), [{ path: PATH, headers: { "content-encoding": "gzip" }, body: gzipSync(LONG) }]);
    expect(answers).toEqual([{ status: 200, body: MIXCOM.ack }]);
    expect(seen.pushes.map(({ keys }) => keys)).toEqual([["mixcom:1287547165745325390"]]);
  });

  test("a push in GBK, which it damages, is kept, and the mount is named once", async () => {
    const body = Buffer.concat([Buffer.from('{"subid":"c-gbk","status":2,"unaswRsn":"'), Buffer.from([0xbe, 0xdc, 0xbd, 0xd3]), Buffer.from('"}')]);
    const request = { path: `/push/${TOKENS.dingxin}`, body };
    const { answers, seen } = await sendToServer(listen(), [request, request]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(seen.pushes[0]?.keys).toEqual(["dingxin:c-gbk"]);
    expect(lines).toEqual([expect.stringContaining("mount toKoa(receive) before it")]);
  });

  test("a parser that keeps only what it parsed: its value is used, and a rounded id is reported once", async () => {
    const parse = async (context: { req: AsyncIterable<Uint8Array>; request: { body?: unknown } }, next: () => Promise<void>): Promise<void> => {
      const pieces: Uint8Array[] = [];
      for await (const piece of context.req) pieces.push(piece);
      context.request.body = JSON.parse(Buffer.concat(pieces).toString());
      await next();
    };
    const { answers, seen } = await sendToServer(listen(parse), [{ path: PATH, body: MIXCOM.push("c-1") }, { path: PATH, body: LONG }, { path: PATH, body: LONG }]);
    expect(answers).toEqual(Array.from({ length: 3 }, () => ({ status: 200, body: MIXCOM.ack })));
    expect(seen.pushes[0]?.keys).toEqual(["mixcom:c-1"]);
    expect(lines).toEqual([expect.stringContaining("rounded an integer")]);
  });

  test("a middleware that wraps every answer, as many APIs have, does not change the receiver's", async () => {
    const wrap = async (context: { body: unknown }, next: () => Promise<void>): Promise<void> => {
      await next();
      context.body = { code: 0, data: context.body };
    };
    const { answers } = await sendToServer(listen(wrap), PUSHES.map(({ token, push }) => ({ path: `/push/${token}`, body: push("c-1") })));
    expect(answers).toEqual(PUSHES.map(({ ack }) => ({ status: 200, body: ack })));
  });
});
