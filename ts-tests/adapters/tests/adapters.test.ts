// Tests the adapters' own work: connections, request targets, and their own errors.
import { createRequire } from "node:module";
import { connect, createServer as createHttp2Server } from "node:http2";
import { Agent } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import express4 from "express-4";
import fastify from "fastify";
import { isRingbackError, type Receiver } from "ringback";
import { fastifyReceiver, toExpress, toNodeListener } from "ringback/node";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createTestReceiver, TOKENS } from "../servers/receiving.ts";
import { send, openRawConnection } from "./asking.ts";
import { retryUntilPasses } from "./eventually.ts";
import { ADAPTED, type Host, startListening, type Running, wrapServer } from "./hosts.ts";
import { findPush } from "./pushes.ts";

const MIXCOM = findPush("mixcom");
const PATH = `/push/${TOKENS.mixcom}`;
const KIB = 1024;

describe.each(ADAPTED.map((host) => [host.name, host] as const))("%s", (_, host: Host) => {
  let server: Running;
  const agents: Agent[] = [];
  beforeAll(async () => {
    server = await host.start();
  });
  afterEach(() => {
    for (const agent of agents.splice(0)) agent.destroy();
  });
  afterAll(() => server.close());

  function createAgent(): Agent {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    agents.push(agent);
    return agent;
  }

  test.each([
    ["a push", PATH, MIXCOM.push("c-1"), 200],
    ["300 KiB, too large", PATH, "x".repeat(300 * KIB), 413],
    ["300 KiB with a wrong token", `/push/${"A".repeat(43)}`, "x".repeat(300 * KIB), 404],
  ])("after %s the connection serves the next push", async (_what, path, body, status) => {
    const agent = createAgent();
    const first = await send(server.origin, { path, body, agent });
    expect(first.status).toBe(status);
    const second = await send(server.origin, { path: PATH, body: MIXCOM.push("c-next"), agent });
    expect(second).toMatchObject({ status: 200, body: MIXCOM.ack, localPort: first.localPort });
  });

  test("a sender of 8 MiB gets the complete answer, although most of its body is not read", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(server.origin, { path: PATH, body: "x".repeat(8 * KIB * KIB), agent: new Agent({ keepAlive: true }) })));
    for (const { status, headers } of answers) expect({ status, connection: headers.connection }).toEqual({ status: 413, connection: "close" });
    await retryUntilPasses(async () => expect(await server.connections?.()).toBe(0));
  });

  test("two pushes sent at once on one connection are answered in their order", async () => {
    const sender = openRawConnection(server.origin);
    const [first, second] = [findPush("mixcom"), findPush("seatcall")];
    sender.write(`POST /push/${first.token} HTTP/1.1\r\nhost: a\r\ncontent-length: ${first.push("p-1").length}\r\n\r\n${first.push("p-1")}`);
    sender.write(`POST /push/${second.token} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: ${second.push("p-2").length}\r\n\r\n${second.push("p-2")}`);
    await sender.closed;
    expect(sender.text()).toMatch(/^HTTP\/1\.1 200 [^]*\{"code":200\}HTTP\/1\.1 200 [^]*success$/);
  });

  test("TRACE gets the list of allowed methods too", async () => {
    const { status, headers } = await send(server.origin, { method: "TRACE", path: PATH });
    expect(status).toBe(405);
    expect(headers.allow).toBe("GET, HEAD, POST");
  });

  test.each([
    ["an invalid Host", `POST ${PATH} HTTP/1.1`, 'host: ]"><script>:x/@'],
    ["an empty Host", `POST ${PATH} HTTP/1.1`, "host:"],
    ["no Host, as in HTTP/1.0", `POST ${PATH} HTTP/1.0`, "x: y"],
    ["a query that is not UTF-8", `POST ${PATH}?name=%be%dc%zz HTTP/1.1`, "host: crm.example"],
    ["a header beyond ASCII", `POST ${PATH} HTTP/1.1`, "host: crm.example\r\nx-name: \xe6\x8b\x92"],
  ])("a push with %s is acknowledged", async (_what, start, header) => {
    const sender = openRawConnection(server.origin);
    const body = MIXCOM.push("c-host");
    sender.write(Buffer.from(`${start}\r\n${header}\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`, "latin1"));
    await sender.closed;
    expect(sender.text()).toMatch(/^HTTP\/1\.1 200 [^]*\{"code":200\}$/);
  });

  // Fastify refuses such a target before any route.
  if (!host.name.startsWith("Fastify")) {
    test("a complete URL is accepted as a target", async () => {
      const sender = openRawConnection(server.origin);
      const body = MIXCOM.push("c-proxy");
      sender.write(`POST http://elsewhere.example:99999${PATH} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      await sender.closed;
      expect(sender.text()).toMatch(/^HTTP\/1\.1 200 [^]*\{"code":200\}$/);
    });
  }

  test.each(["//evil.example/push", "/push/..%2f..", "/push/%00", "*", "/push/\\evil", "/push/?token"])("the target %s is refused like any other unknown one", async (target) => {
    const sender = openRawConnection(server.origin);
    sender.write(`${target === "*" ? "OPTIONS" : "POST"} ${target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    await sender.closed;
    expect(sender.text()).toMatch(/^HTTP\/1\.1 40[45] /);
  });

  test("no connection remains of senders that disconnected or were answered", async () => {
    const senders = Array.from({ length: 100 }, () => openRawConnection(server.origin));
    for (const [index, sender] of senders.entries()) {
      sender.write(`POST ${index % 2 === 0 ? PATH : "/push/nobody"} HTTP/1.1\r\nhost: a\r\ncontent-length: ${300 * KIB}\r\n\r\n{`);
      setTimeout(() => sender.destroy(), index);
    }
    await Promise.all(senders.map(({ closed }) => closed));
    await retryUntilPasses(async () => expect(await server.connections?.()).toBe(0));
  });
});

/** Starts a server with a receiver, which may be broken, in each framework. */
const MOUNTS: readonly [string, (receive: Receiver) => Promise<Running>][] = [
  ["node:http", async (receive) => wrapServer(await startListening(toNodeListener(receive)))],
  ["Express 4", async (receive) => wrapServer(await startListening(express4().use(toExpress(receive))))],
  ["Express 5", async (receive) => wrapServer(await startListening(express().use(toExpress(receive))))],
  [
    "Fastify 5",
    async (receive) => {
      const app = fastify();
      await app.register(fastifyReceiver(receive));
      await app.listen({ host: "127.0.0.1", port: 0 });
      return wrapServer(app.server);
    },
  ],
];

describe.each(MOUNTS)("in %s", (_, start) => {
  const broken: [string, Receiver][] = [
    ["rejects", () => Promise.reject(new Error("<html>"))],
    [
      "throws",
      () => {
        throw new Error("<html>");
      },
    ],
    ["answers with undefined", (() => Promise.resolve(undefined)) as unknown as Receiver],
    ["answers with an object that is not a Response", (() => Promise.resolve({ status: 200 })) as unknown as Receiver],
    ["answers with a body that breaks off", () => Promise.resolve(new Response(new ReadableStream({ start: (controller) => controller.error(new Error("<html>")) })))],
  ];
  test.each(broken)("a receiver that %s ends in a 500 with JSON", async (_what, receive) => {
    const server = await start(receive);
    try {
      for (const body of ["{}", "x".repeat(300 * KIB)]) {
        const answer = await send(server.origin, { path: PATH, body });
        expect(answer).toMatchObject({ status: 500, headers: { "content-type": "application/json", "content-length": "12" }, body: '{"code":500}' });
      }
    } finally {
      await server.close();
    }
  });

  test("the receiver gets the method, the target and the headers unchanged", async () => {
    const requests: Request[] = [];
    const server = await start((request) => {
      requests.push(request);
      return Promise.resolve(new Response());
    });
    try {
      await send(server.origin, { path: "/push//a%2Fb?reference=%be%dc%E4%B8%AD&a=1&a=2", headers: { "content-type": "text/plain; charset=GBK", "x-forwarded-for": "203.0.113.7, 203.0.113.8" }, body: "" });
      const [{ method, url, headers } = new Request("http://none.invalid")] = requests;
      const { pathname, search } = new URL(url);
      expect({ method, pathname, search }).toEqual({ method: "POST", pathname: "/push//a%2Fb", search: "?reference=%be%dc%E4%B8%AD&a=1&a=2" });
      expect([headers.get("content-type"), headers.get("x-forwarded-for"), headers.get("content-length")]).toEqual(["text/plain; charset=GBK", "203.0.113.7, 203.0.113.8", "0"]);
    } finally {
      await server.close();
    }
  });

  test("an answer without a body stays without one", async () => {
    const server = await start(() => Promise.resolve(new Response(null, { status: 204, headers: { "x-kept": "1" } })));
    try {
      const { status, headers, body } = await send(server.origin, { path: PATH, body: "{}" });
      expect({ status, body, kept: headers["x-kept"], length: headers["content-length"], encoding: headers["transfer-encoding"] }).toEqual({
        status: 204,
        body: "",
        kept: "1",
        length: undefined,
        encoding: undefined,
      });
    } finally {
      await server.close();
    }
  });

  test("a receiver that answers after its sender has disconnected affects no other request", async () => {
    let go = (): void => undefined;
    const gone = new Promise<void>((resolve) => {
      go = resolve;
    });
    let answered = 0;
    const server = await start(async (request) => {
      await request.text().catch(() => undefined);
      await gone;
      answered += 1;
      return new Response("late");
    });
    try {
      for (const body of ["content-length: 2\r\n\r\n{}", "content-length: 5\r\n\r\n{}"]) {
        const sender = openRawConnection(server.origin);
        sender.write(`POST ${PATH} HTTP/1.1\r\nhost: a\r\n${body}`);
        setTimeout(() => sender.destroy(), 50);
        await sender.closed;
      }
      await retryUntilPasses(async () => expect(await server.connections?.()).toBe(0));
      go();
      await retryUntilPasses(async () => expect(answered).toBe(2));
    } finally {
      await server.close();
    }
  });
});

test.each([
  ["toNodeListener", toNodeListener],
  ["toExpress", toExpress],
  ["fastifyReceiver", fastifyReceiver],
])("%s refuses an argument that is not a receiver when it is created", (_, adapter) => {
  for (const wrong of [undefined, null, {}, "receive"]) {
    let error: unknown;
    try {
      adapter(wrong as unknown as Receiver);
    } catch (thrown) {
      error = thrown;
    }
    expect(isRingbackError(error) && error.code).toBe("invalid-argument");
    expect(String(error)).toContain("receive");
  }
});

test("an already answered response is not changed", async () => {
  const { receive } = createTestReceiver();
  const listener = toNodeListener(receive);
  const server = wrapServer(
    await startListening((incoming, outgoing) => {
      outgoing.write("by ");
      setTimeout(() => outgoing.end("another"), 100);
      listener(incoming, outgoing);
    }),
  );
  try {
    expect(await send(server.origin, { path: PATH, body: MIXCOM.push("c-1") })).toMatchObject({ status: 200, body: "by another" });
  } finally {
    await server.close();
  }
});

test("a body that arrives after a delay is complete", async () => {
  const { receive, seen } = createTestReceiver();
  const listener = toNodeListener(receive);
  const server = wrapServer(
    await startListening((incoming, outgoing) => {
      setTimeout(() => listener(incoming, outgoing), 100);
    }),
  );
  try {
    expect((await send(server.origin, { path: PATH, body: MIXCOM.push("c-waits") })).body).toBe(MIXCOM.ack);
    expect(seen.pushes.map(({ keys }) => keys)).toEqual([["mixcom:c-waits"]]);
  } finally {
    await server.close();
  }
});

test("an empty body that was already read is an empty body", async () => {
  const { receive, seen } = createTestReceiver();
  const listener = toNodeListener(receive);
  const server = wrapServer(
    await startListening((incoming, outgoing) => {
      incoming.on("end", () => listener(incoming, outgoing)).resume();
    }),
  );
  try {
    expect(await send(server.origin, { path: PATH, body: "" })).toMatchObject({ status: 200, body: MIXCOM.ack });
    expect(seen.pushes.map(({ body }) => body)).toEqual([""]);
  } finally {
    await server.close();
  }
});

test("a sender that disconnected before the listener was called does not block it", async () => {
  const reading: Promise<string>[] = [];
  const listener = toNodeListener(async (request) => {
    reading.push(request.text());
    await reading[0]?.catch(() => undefined);
    return new Response();
  });
  const server = wrapServer(
    await startListening((incoming, outgoing) => {
      incoming.once("close", () => setImmediate(() => listener(incoming, outgoing)));
    }),
  );
  try {
    const sender = openRawConnection(server.origin);
    sender.write(`POST ${PATH} HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n{`);
    setTimeout(() => sender.destroy(), 50);
    await retryUntilPasses(async () => expect(reading).toHaveLength(1));
    await expect(reading[0]).rejects.toThrow("the connection broke before the end of the body");
  } finally {
    await server.close();
  }
});

test("HTTP/2 is served by the same listener", async () => {
  const { receive, seen } = createTestReceiver();
  // Node's compatibility layer has other classes with the same methods.
  const server = createHttp2Server(toNodeListener(receive) as never);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const postOverHttp2 = (body: string): Promise<{ status: unknown; text: string }> =>
    new Promise((resolve, reject) => {
      const stream = client.request({ ":method": "POST", ":path": PATH, "content-type": "application/json" });
      let status: unknown;
      let text = "";
      stream.on("response", (headers) => {
        status = headers[":status"];
      });
      stream.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
      stream.on("end", () => resolve({ status, text }));
      stream.on("error", reject);
      stream.end(body);
    });
  try {
    expect(await postOverHttp2(MIXCOM.push("c-2"))).toEqual({ status: 200, text: MIXCOM.ack });
    expect((await postOverHttp2("x".repeat(300 * KIB))).status).toBe(413);
    expect(await postOverHttp2(MIXCOM.push("c-3"))).toEqual({ status: 200, text: MIXCOM.ack });
    expect(seen.pushes.map(({ keys }) => keys)).toEqual([["mixcom:c-2"], ["mixcom:c-3"]]);
  } finally {
    client.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
});

test("the adapters can be loaded with require", () => {
  const required = createRequire(import.meta.url)("ringback/node") as Record<string, unknown>;
  expect(Object.keys(required).sort()).toEqual(["fastifyReceiver", "toExpress", "toKoa", "toNodeListener"]);
});
