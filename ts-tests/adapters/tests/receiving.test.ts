// Tests the receiver in every framework over HTTP.
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHINESE, FAILS, TOKENS } from "../servers/receiving.ts";
import { send, openRawConnection } from "./asking.ts";
import { ADAPTED, type Host, type Running, STANDARD } from "./hosts.ts";
import { PROJECTS } from "./projects.ts";
import { retryUntilPasses } from "./eventually.ts";
import { findPush, PUSHES } from "./pushes.ts";

const MIXCOM = findPush("mixcom");
const KIB = 1024;
const MIB = 1024 * KIB;

describe.each([...ADAPTED, ...STANDARD, ...PROJECTS].map((host) => [host.name, host] as const))("%s", (_, host: Host) => {
  let server: Running;
  beforeAll(async () => {
    server = await host.start();
  });
  afterAll(() => server.close());

  const path = (token: string): string => `/push/${token}`;

  test.each(PUSHES.map((each) => [each.provider, each] as const))("a push of %s is acknowledged byte for byte", async (provider, { token, push, ack, nack }) => {
    const { status, headers, body } = await send(server.origin, { path: path(token), body: push("c-1") });
    expect({ status, body }).toEqual({ status: 200, body: ack });
    expect(headers["content-length"]).toBe(String(ack.length));
    expect(headers["content-type"]).toMatch(ack.startsWith("{") ? /^application\/json\b/ : /^text\/plain\b/);
    expect((await server.seen()).pushes.at(-1)).toMatchObject({ provider, keys: [`${provider}:c-1`], contentType: "application/json" });

    const failed = await send(server.origin, { path: path(token), body: push(FAILS) });
    expect({ status: failed.status, body: failed.body }).toEqual({ status: 500, body: nack });
  });

  test("the bytes arrive as they were sent", async () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const pieces = Array.from({ length: 600 }, () => all);
    const { status } = await send(server.origin, { path: path(TOKENS.mixcom), headers: { "content-type": "application/octet-stream" }, body: pieces });
    expect(status).toBe(200);
    const push = (await server.seen()).pushes.at(-1);
    expect(push?.isText).toBe(false);
    expect(push?.body).toBe(Buffer.concat(pieces).toString("hex"));
  });

  test("a body in GBK keeps its characters", async () => {
    // 拒接 in GBK.
    const [head = "", tail = ""] = '{"subid":"c-gbk","status":2,"unaswRsn":"@"}'.split("@");
    const body = Buffer.concat([Buffer.from(head), Buffer.from([0xbe, 0xdc, 0xbd, 0xd3]), Buffer.from(tail)]);
    const { status } = await send(server.origin, { path: path(TOKENS.dingxin), headers: { "content-type": "application/json; charset=GBK" }, body });
    expect(status).toBe(200);
    expect((await server.seen()).pushes.at(-1)).toMatchObject({ keys: ["dingxin:c-gbk"], messages: ["拒接"] });
  });

  test("an acknowledgement in Chinese has its length in bytes", async () => {
    const { headers, body } = await send(server.origin, { path: path(TOKENS.chinese), body: findPush("dingxin").push("c-1") });
    expect(body).toBe(CHINESE);
    expect(headers["content-length"]).toBe("15");
  });

  test("a push without a body or with an invalid content type does not get a 4xx", async () => {
    for (const type of ["json", "application/json; charset", "text/x; =;", "multipart/form-data", "application/json, text/plain"]) {
      const { status, body } = await send(server.origin, { path: path(TOKENS.mixcom), headers: { "content-type": type }, body: MIXCOM.push("c-odd") });
      expect({ type, status, body }).toEqual({ type, status: 200, body: MIXCOM.ack });
    }
    const empty = await send(server.origin, { path: path(TOKENS.mixcom), body: "" });
    expect({ status: empty.status, body: empty.body }).toEqual({ status: 200, body: MIXCOM.ack });
    expect((await server.seen()).pushes.at(-1)?.body).toBe("");
  });

  test("the token may be in the query, and the push gets the rest of the query", async () => {
    const { status } = await send(server.origin, { path: `/push/?token=${TOKENS.dingxin}&reference=order%2F1`, body: findPush("dingxin").push("c-2") });
    expect(status).toBe(200);
    expect((await server.seen()).pushes.at(-1)).toMatchObject({ keys: ["dingxin:c-2"], query: "reference=order%2F1" });
  });

  test("a wrong token is refused, and the sender's address is the connection's, despite headers", async () => {
    const { status, body } = await send(server.origin, {
      path: path("A".repeat(43)),
      headers: { "x-forwarded-for": "203.0.113.7", forwarded: "for=203.0.113.7", "x-real-ip": "203.0.113.7" },
      body: MIXCOM.push("c-1"),
    });
    expect(status).toBe(404);
    expect(body).not.toMatch(/<|Cannot|Not Found.*html/i);
    expect((await server.seen()).refusals.at(-1)).toMatchObject({ method: "POST", remoteAddress: "127.0.0.1" });
  });

  test("GET and HEAD test the address, and a query that contains a record is a push", async () => {
    for (const method of ["GET", "HEAD"]) {
      expect((await send(server.origin, { method, path: path(TOKENS.mixcom) })).status).toBe(200);
      expect((await send(server.origin, { method, path: path("A".repeat(43)) })).status).toBe(404);
    }
    const fields = new URLSearchParams(JSON.parse(MIXCOM.push("c-get")) as Record<string, string>);
    const { status, body } = await send(server.origin, { method: "GET", path: `${path(TOKENS.mixcom)}?${fields}` });
    expect({ status, body }).toEqual({ status: 200, body: MIXCOM.ack });
    expect((await server.seen()).pushes.at(-1)).toMatchObject({ keys: ["mixcom:c-get"] });
  });

  test("a compressed push is read", async () => {
    const { status, body } = await send(server.origin, { path: path(TOKENS.mixcom), headers: { "content-type": "application/json", "content-encoding": "gzip" }, body: gzipSync(MIXCOM.push("c-gzip")) });
    expect({ status, body }).toEqual({ status: 200, body: MIXCOM.ack });
    expect((await server.seen()).pushes.at(-1)).toMatchObject({ keys: ["mixcom:c-gzip"] });
  });

  test.each(["PUT", "PATCH", "DELETE", "OPTIONS"])("%s gets the list of allowed methods", async (method) => {
    const { status, headers } = await send(server.origin, { method, path: path(TOKENS.mixcom) });
    expect(status).toBe(405);
    expect(headers.allow).toBe("GET, HEAD, POST");
    expect((await server.seen()).refusals.at(-1)).toMatchObject({ method });
  });

  test("300 KiB are too large, with or without content-length", async () => {
    const piece = "x".repeat(30 * KIB);
    for (const body of [piece.repeat(10), Array.from({ length: 10 }, () => piece)]) {
      const { status } = await send(server.origin, { path: path(TOKENS.mixcom), body });
      expect(status).toBe(413);
      expect((await server.seen()).refusals.at(-1)?.reason).toContain("maxBodyBytes");
    }
    expect((await send(server.origin, { path: path(TOKENS.mixcom), body: "x".repeat(256 * KIB) })).status).toBe(200);
  });

  if (host.isBuiltOnAnother) return;

  test("an endless body is answered with 413, and takes no memory", async () => {
    const before = (await server.seen()).rss;
    const sender = openRawConnection(server.origin);
    let isClosed = false;
    void sender.closed.then(() => {
      isClosed = true;
    });
    sender.write(`POST ${path(TOKENS.mixcom)} HTTP/1.1\r\nhost: crm.example\r\ntransfer-encoding: chunked\r\n\r\n`);
    const chunk = `10000\r\n${"x".repeat(64 * KIB)}\r\n`;
    while (!isClosed && sender.sent() < 512 * MIB) if (!sender.write(chunk)) await sender.drained();
    expect(sender.text()).toMatch(/^HTTP\/1\.1 413 /);
    if (host.drains) expect((await server.seen()).rss - before).toBeLessThan(128 * MIB);
    // The bytes that were read, and those in the buffers of both sides.
    else expect(sender.sent()).toBeLessThan(16 * MIB);
    sender.destroy();
  });

  test("a body of one byte a second is answered within the deadline, in the platform's form", async () => {
    const hurried = await host.start({ deadlineMs: 1_200 });
    try {
      const sender = openRawConnection(hurried.origin);
      const began = performance.now();
      sender.write(`POST ${path(TOKENS.quanmayun)} HTTP/1.1\r\nhost: crm.example\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n`);
      const trickle = setInterval(() => sender.write("{"), 1_000);
      try {
        await sender.waitFor(/fail/);
        expect(performance.now() - began).toBeGreaterThan(1_000);
        expect(performance.now() - began).toBeLessThan(5_000);
        expect(sender.text()).toMatch(/^HTTP\/1\.1 500 /);
        expect(sender.text()).toMatch(/\r\n\r\n\{"code":"500","msg":"fail","data":""\}$/);
        if (!host.drains) await sender.closed;
      } finally {
        clearInterval(trickle);
        sender.destroy();
      }
    } finally {
      await hurried.close();
    }
  });

  test("a sender that disconnects in the middle of its body affects no other request", async () => {
    const before = (await server.seen()).pushes.length;
    for (let each = 0; each < 20; each += 1) {
      const sender = openRawConnection(server.origin);
      sender.write(`POST ${path(TOKENS.mixcom)} HTTP/1.1\r\nhost: crm.example\r\ncontent-length: 1000\r\n\r\n{"event":`);
      setTimeout(() => sender.destroy(), 20 + each);
      await sender.closed;
    }
    expect((await send(server.origin, { path: path(TOKENS.mixcom), body: MIXCOM.push("c-after") })).body).toBe(MIXCOM.ack);
    const { pushes } = await server.seen();
    expect(pushes.slice(before).map(({ keys }) => keys)).toEqual([["mixcom:c-after"]]);
    const { connections } = server;
    if (connections !== undefined) await retryUntilPasses(async () => expect(await connections()).toBeLessThanOrEqual(1));
  });

  test("a sender with expect: 100-continue gets 100", async () => {
    const sender = openRawConnection(server.origin);
    const body = MIXCOM.push("c-100");
    sender.write(`POST ${path(TOKENS.mixcom)} HTTP/1.1\r\nhost: crm.example\r\nexpect: 100-continue\r\ncontent-length: ${body.length}\r\n\r\n`);
    await sender.waitFor(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
    sender.write(body);
    await sender.waitFor(/HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n\{"code":200\}/);
    sender.destroy();
  });

  test("1,000 connections at once are all acknowledged, and every push is kept", async () => {
    const ids = Array.from({ length: 1_000 }, (_, index) => `many-${index}`);
    const answers = await Promise.all(ids.map((id) => send(server.origin, { path: path(TOKENS.mixcom), body: MIXCOM.push(id) })));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`))).toEqual(new Set([`200 ${MIXCOM.ack}`]));
    expect(new Set(answers.map(({ localPort }) => localPort)).size).toBe(1_000);
    const kept = new Set((await server.seen()).pushes.flatMap(({ keys }) => keys));
    expect(ids.filter((id) => !kept.has(`mixcom:${id}`))).toEqual([]);
  });
});
