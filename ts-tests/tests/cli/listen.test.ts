// listen: receives pushes for an app on this machine, forwards them unchanged, and gives the app's answer back.
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Provider, Push } from "ringback";
import { forgePush } from "ringback/testing";
import { afterEach, describe, expect, test } from "vitest";
import { createFolder, parseLines, PROVIDERS, run, type Running, start, WAIT_LIMIT } from "./program.js";
import { findDeadAddress } from "../support/servers.js";

const TOKEN = "a-token-of-the-tests-0123456789-abcdefghijk";

interface Seen {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

interface App {
  readonly address: string;
  readonly seen: Seen[];
}

const closings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

/** Starts an app that keeps the bytes of what it gets. */
async function startApp(answer: (response: ServerResponse, seen: Seen) => void): Promise<App> {
  const seen: Seen[] = [];
  const server = createServer((incoming, response) => {
    const pieces: Buffer[] = [];
    incoming.on("data", (piece: Buffer) => pieces.push(piece));
    incoming.on("end", () => {
      const one = { method: incoming.method, url: incoming.url, headers: incoming.headers, body: Buffer.concat(pieces) };
      seen.push(one);
      answer(response, one);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  closings.push(() => new Promise((resolve) => void (server.closeAllConnections(), server.close(() => resolve()))));
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const acknowledge = (provider: Provider) => (response: ServerResponse): void => {
  const { status, body } = forgePush(provider, { callId: "1" }).acknowledgement;
  response.writeHead(status, { "content-type": "application/json", "x-app": "mine" }).end(body);
};

async function startListening(provider: Provider, target: string, ...typed: string[]): Promise<Running & { url: string }> {
  const program = start(["listen", provider, "--forward-to", target, "--port", "0", ...typed], { env: { RINGBACK_TOKEN: TOKEN } });
  const [, url = ""] = await program.waitForOutput(/(?:receiving at|"url":")\s*(http:\/\/[\d.:]+)/);
  return { ...program, url: `${url}/push/${TOKEN}` };
}

/** Sends a request with exactly these bytes. */
function send(url: string, body: string | Uint8Array, headers: Record<string, string> = {}): Promise<{ status: number | undefined; headers: IncomingMessage["headers"]; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(pieces).toString() }));
    });
    sent.once("error", reject);
    sent.end(body);
  });
}

describe.each(PROVIDERS)("a push of %s", (provider) => {
  test("reaches the app as it came, and the platform gets the app's answer", async () => {
    const app = await startApp(acknowledge(provider));
    const listening = await startListening(provider, `${app.address}/hook?mine=1`);
    const push = forgePush(provider, { callId: "701" });
    const bytes = Buffer.from(push.body as string);
    const answered = await send(`${listening.url}?reference=order-7`, bytes, { "content-type": push.contentType, "x-of-platform": "v" });
    expect(answered).toMatchObject({ status: push.acknowledgement.status, body: push.acknowledgement.body, headers: { "x-app": "mine" } });
    expect(app.seen).toHaveLength(1);
    expect(app.seen[0]).toMatchObject({ method: "POST", url: "/hook?mine=1&reference=order-7", headers: { "content-type": push.contentType, "x-of-platform": "v" } });
    expect(app.seen[0]?.headers.host).toBe(app.address.slice("http://".length));
    expect(app.seen[0]?.body.equals(bytes)).toBe(true);
    await listening.waitForOutput(/✓ 200 in \d+ ms: acknowledged/);
    listening.child.kill("SIGINT");
    const { code, stdout } = await listening.ended;
    expect(code).toBe(0);
    expect(stdout.trim().split("\n")).toHaveLength(1);
    expect(stdout).toContain("701");
  });
});

describe("an answer of the app", () => {
  const push = forgePush("mixcom", { callId: "1" });
  const send1 = (url: string): ReturnType<typeof send> => send(url, push.body as string, { "content-type": push.contentType });

  test.each([
    ["with another body", 200, '{"code": 200}', {}],
    ["with another status", 500, push.acknowledgement.body, {}],
    ["without a body", 204, "", {}],
    ["that redirects", 302, "", { location: "http://127.0.0.1:9/" }],
  ])("%s is passed on, is said not to acknowledge, and is not followed", async (_, status, body, headers) => {
    const app = await startApp((response) => void response.writeHead(status, headers).end(body));
    const listening = await startListening("mixcom", app.address);
    expect(await send1(listening.url)).toMatchObject({ status, body });
    const [line] = await listening.waitForOutput(/✗ \d+ .*\n/);
    expect(line).toContain(`not acknowledged: the platform expects ${push.acknowledgement.body}`);
    expect(app.seen).toHaveLength(1);
  });

  test("is JSON with --json", async () => {
    const app = await startApp(acknowledge("mixcom"));
    const listening = await startListening("mixcom", app.address, "--json");
    await send1(listening.url);
    await listening.waitForOutput(/"push"/);
    listening.child.kill("SIGTERM");
    const { code, stdout } = await listening.ended;
    expect(code).toBe(0);
    expect(parseLines(stdout)).toEqual([{ type: "push", provider: "mixcom", keys: ["mixcom:1"], status: 200, durationMs: expect.any(Number), acknowledged: true }]);
  });

  test.each([
    ["is down", async () => findDeadAddress(), "the app is not reachable (ECONNREFUSED)", []],
    ["is slow", async () => (await startApp(() => undefined)).address, "the app did not answer within 300 ms", ["--wait", "300"]],
    ["breaks off", async () => (await startApp((response) => void response.socket?.destroy())).address, "the app's answer broke off", []],
    ["breaks off in its body", async () => (await startApp((response) => void response.writeHead(200, { "content-length": "10" }).write("{", () => response.socket?.destroy()))).address, "the app's answer broke off", []],
    ["answers without end", async () => (await startApp((response) => void response.end(Buffer.alloc(2_000_000, 0x20)))).address, "longer than 1048576 bytes", []],
  ])("of an app that %s is the platform's nack, and the push is kept", async (_, target, said, typed) => {
    const path = join(createFolder(), "failed.ndjson");
    const listening = await startListening("mixcom", await target(), "--keep", path, ...typed);
    const answered = await send1(listening.url);
    expect(answered.status).toBe(500);
    const [line] = await listening.waitForOutput(/✗ .*\n/);
    expect(line).toContain(said);
    expect(line).toContain(path);
    expect((parseLines(readFileSync(path, "utf8")) as Push[]).map(({ body }) => body)).toEqual([push.body]);
    // Kept pushes can be parsed.
    const parsed = await run(["parse", "mixcom", path]);
    expect(parsed).toMatchObject({ code: 0, stderr: "" });
    expect(parsed.stdout).toContain('"key":"mixcom:1"');
  });
});

describe("a request", () => {
  test("with a wrong token reaches nobody", async () => {
    const app = await startApp(acknowledge("mixcom"));
    const listening = await startListening("mixcom", app.address);
    expect((await send(listening.url.replace(TOKEN, "x".repeat(43)), "{}")).status).toBe(404);
    await listening.waitForOutput(/refused: POST/);
    expect(app.seen).toEqual([]);
  });

  test("that is compressed reaches the app compressed", async () => {
    const app = await startApp(acknowledge("mixcom"));
    const listening = await startListening("mixcom", app.address);
    const { body, contentType } = forgePush("mixcom", { callId: "2" });
    const bytes = gzipSync(body as string);
    expect((await send(listening.url, bytes, { "content-type": contentType, "content-encoding": "gzip" })).status).toBe(200);
    expect(app.seen[0]?.headers["content-encoding"]).toBe("gzip");
    expect(app.seen[0]?.body.equals(bytes)).toBe(true);
  });

  test("that is no record reaches the app too", async () => {
    const app = await startApp(acknowledge("mixcom"));
    const listening = await startListening("mixcom", app.address);
    await send(listening.url, '{"hello":1}', { "content-type": "application/json" });
    await listening.waitForOutput(/not a call record/);
    expect(app.seen[0]?.body.toString()).toBe('{"hello":1}');
  });

  test("many at once are each answered by the app's answer to it", async () => {
    const app = await startApp((response, { body }) => void setTimeout(() => response.end(body), Math.random() * 50));
    const listening = await startListening("mixcom", app.address);
    const bodies = Array.from({ length: 40 }, (_, at) => forgePush("mixcom", { callId: `C-${at}` }).body as string);
    const answers = await Promise.all(bodies.map((body) => send(listening.url, body, { "content-type": "application/json" })));
    expect(answers.map(({ body }) => body)).toEqual(bodies);
  });
});

describe("--simulate", () => {
  test.each(PROVIDERS)("pushes a call of %s to the app", async (provider) => {
    const app = await startApp(acknowledge(provider));
    const listening = await startListening(provider, app.address, "--simulate");
    await listening.waitForOutput(/npx ringback dial 13800000001 13900000002/);
    await expect.poll(() => app.seen.length, WAIT_LIMIT).toBeGreaterThan(0);
    await listening.waitForOutput(/acknowledged/);
    listening.child.kill("SIGINT");
    expect((await listening.ended).code).toBe(0);
  });
});

test.each([
  [["listen", "mixcom"], "--forward-to <url> is required"],
  [["listen", "mixcom", "--forward-to", "localhost:3000"], "--forward-to must be an http or https URL"],
  [["listen", "mixcom", "--forward-to", "http://localhost:3000", "--wait", "0"], "--wait must be"],
  [["listen", "--forward-to", "http://localhost:3000"], "--provider"],
])("%j is wrong usage", async (typed, said) => {
  const { code, stdout, stderr } = await run(typed);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(said);
});
