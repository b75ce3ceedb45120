import { connect } from "node:net";
import { type ClientOptions, createClient, createReceiver, type DialRequest } from "ringback";
import { createSimulator, serveSimulators, type ServedSimulators, type Simulator } from "ringback/testing";
import { afterEach, describe, expect, test } from "vitest";
import { ACCOUNTS, type AnyOptions, CALLEE, CALLER, findLastStep, PROVIDERS, SEAT, TOKEN } from "./simulations.js";
import { serve } from "../support/servers.js";

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

function createSimulators(options: object = {}): Simulator[] {
  return PROVIDERS.map((provider) => {
    const seats = provider === "seatcall" ? { seats: { [SEAT]: `+86${CALLER}` } } : {};
    return createSimulator({
      provider,
      ...ACCOUNTS[provider],
      pace: 1000,
      script: { talkSeconds: 10 },
      ...seats,
      ...options,
    } as unknown as AnyOptions);
  });
}

async function startServing(all: Simulator | readonly Simulator[]): Promise<ServedSimulators> {
  const served = await serveSimulators(all);
  open.push(served);
  return served;
}

describe("five platforms on one port", () => {
  test("take dials over HTTP, push over HTTP, and serve their recordings", async () => {
    const keys: string[] = [];
    const receivers = new Map(
      PROVIDERS.map((provider) => [provider as string, createReceiver({ provider, tokens: [TOKEN], onRecord: ({ key }) => void keys.push(key) })]),
    );
    const crm = await serve((request, response, body) => {
      const address = new URL(request.url ?? "", "http://127.0.0.1");
      const receiver = receivers.get(address.pathname.slice(1));
      const asked = new Request(address, { method: "POST", headers: request.headers as Record<string, string>, body });
      void receiver?.(asked).then(async (answer) => response.writeHead(answer.status).end(await answer.text()));
    });
    open.push(crm);
    const all = createSimulators();
    await startServing(all);
    for (const simulator of all) {
      const { provider } = simulator;
      const pushUrl = `${crm.address}/${provider}?token=${TOKEN}`;
      if (provider !== "dingxin") simulator.setPushUrl(pushUrl);
      const client = createClient({ ...simulator.clientOptions, ...(provider === "dingxin" && { pushUrl }) } as ClientOptions<"mixcom">);
      await client.dial({ caller: CALLER, callee: CALLEE, ...(provider === "seatcall" && { seat: SEAT }) } as DialRequest<"mixcom">);
      await simulator.idle();
      expect(simulator.calls[0]?.pushes, provider).toMatchObject([{ acknowledged: true }]);
      if (provider !== "seatcall") {
        const recording = await client.recording(simulator.calls[0]?.callId ?? "");
        expect((await new Response(await recording.body()).arrayBuffer()).byteLength, provider).toBe(44 + 10 * 8000);
      }
    }
    expect(keys.map((key) => key.split(":")[0])).toEqual([...PROVIDERS]);
  });

  test("are served below their names, and their records' addresses are the server's", async () => {
    const all = createSimulators();
    const { url, addresses } = await startServing(all);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(addresses).toMatchObject({
      mixcom: { baseUrl: `${url}/mixcom`, recordingBaseUrl: `${url}/mixcom-record` },
      seatcall: { baseUrl: `${url}/seatcall` },
    });
    for (const simulator of all) {
      expect(simulator.clientOptions.baseUrl).toBe(`${url}/${simulator.provider}`);
      const prefix = simulator.provider === "seatcall" ? "+86" : "";
      simulator.placeCall({ caller: prefix + CALLER, callee: prefix + CALLEE });
      await simulator.idle();
      const recording = simulator.calls[0]?.reported?.recording.url;
      if (simulator.provider === "quanmayun") continue;
      expect(recording?.startsWith(`${url}/`), simulator.provider).toBe(true);
      const response = await fetch(recording ?? "");
      expect([response.status, response.headers.get("content-type"), response.headers.get("content-length")]).toEqual([
        200,
        "audio/x-wav",
        String(44 + 10 * 8000),
      ]);
      expect((await response.arrayBuffer()).byteLength).toBe(44 + 10 * 8000);
    }
  });

  test("refuse an unknown platform, and two simulators of the same platform", async () => {
    const [mixcom] = createSimulators();
    if (mixcom === undefined) throw new Error("createSimulators returned none");
    const { url } = await startServing(mixcom);
    expect((await fetch(`${url}/quanmayun/`)).status).toBe(404);
    expect((await fetch(url)).status).toBe(404);
    const wrong = await fetch(`${url}/mixcom/record/download`, { method: "POST", body: "" });
    expect([wrong.status, wrong.headers.get("content-type")], "recordings have another address").toEqual([404, "text/html"]);
    await expect(serveSimulators([mixcom, mixcom])).rejects.toThrow(/two simulators of mixcom/);
    await expect(serveSimulators({} as Simulator)).rejects.toThrow(/^simulators: has an element that is no simulator/);
  });
});

describe("over a socket", () => {
  async function served(options: object = {}): Promise<{ simulator: Simulator; url: string; client: ReturnType<typeof createClient<"mixcom">> }> {
    const simulator = createSimulator({ provider: "mixcom", ...ACCOUNTS.mixcom, pace: 1000, ...options });
    const { url } = await startServing(simulator);
    return { simulator, url, client: createClient({ ...simulator.clientOptions, retries: 0 }) };
  }

  test("a reset breaks the connection", async () => {
    const { simulator, client } = await served();
    simulator.fault({ kind: "reset" }).fault({ kind: "reset", when: "after" });
    await expect(client.dial({ caller: CALLER, callee: CALLEE })).rejects.toMatchObject({ code: "network", delivery: "unknown" });
    expect(simulator.calls).toHaveLength(0);
    await expect(client.dial({ caller: CALLER, callee: CALLEE })).rejects.toMatchObject({ code: "network", delivery: "unknown" });
    expect(simulator.calls).toHaveLength(1);
    await client.dial({ caller: CALLER, callee: CALLEE });
  });

  test("a redirect, a gateway's error page and a delay are the same as with .fetch", async () => {
    const { simulator, url, client } = await served();
    simulator
      .fault({ kind: "redirect", location: `${url}/elsewhere` })
      .fault({ kind: "bad-gateway" })
      .fault({ kind: "delay", ms: 50 });
    const response = await fetch(`${url}/mixcom/voice/dial`, { method: "POST", body: "", redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([307, `${url}/elsewhere`]);
    await expect(client.dial({ caller: CALLER, callee: CALLEE })).rejects.toMatchObject({ code: "provider-unavailable" });
    const before = performance.now();
    await client.dial({ caller: CALLER, callee: CALLEE });
    expect(performance.now() - before).toBeGreaterThan(45);
  });

  test("a broken recording breaks off over HTTP too", async () => {
    const { simulator, client } = await served({ script: { talkSeconds: 60 } });
    await client.dial({ caller: CALLER, callee: CALLEE });
    await simulator.idle();
    simulator.fault({ kind: "truncated", on: "recording" });
    const recording = await client.recording(simulator.calls[0]?.callId ?? "");
    await expect(recording.body().then((body) => new Response(body).arrayBuffer())).rejects.toThrow();
    const whole = await client.recording(simulator.calls[0]?.callId ?? "");
    expect((await new Response(await whole.body()).arrayBuffer()).byteLength).toBe(44 + 60 * 8000);
  });

  test("a too large body is refused, and the server continues", async () => {
    const { url, client } = await served();
    const response = await fetch(`${url}/mixcom/voice/dial`, { method: "POST", body: "x".repeat(70_000) });
    expect(response.status).toBe(413);
    await client.dial({ caller: CALLER, callee: CALLEE });
  });

  test("a client that disconnects before or during its answer does not affect the server", async () => {
    const { simulator, url, client } = await served({ script: { talkSeconds: 600 } });
    const { hostname, port } = new URL(url);
    const leave = (written: string): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect(Number(port), hostname, () => socket.write(written, () => setTimeout(() => (socket.destroy(), resolve()), 30)));
        socket.on("error", () => resolve());
      });
    await leave("POST /mixcom/voice/dial HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc");
    simulator.placeCall({ caller: CALLER, callee: CALLEE });
    simulator.calls[0]?.hangUp();
    await client.dial({ caller: CALLER, callee: CALLEE });
    await simulator.idle();
    const { pathname } = new URL(simulator.calls.at(-1)?.reported?.recording.url ?? "");
    await leave(`GET ${pathname} HTTP/1.1\r\nhost: x\r\n\r\n`);
    simulator.fault({ kind: "delay", ms: 100 });
    await leave("POST /mixcom/voice/dial HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-type: application/x-www-form-urlencoded\r\n\r\na=b");
    await client.dial({ caller: CALLER, callee: CALLEE });
    expect(findLastStep(simulator, "accepted").operation).toBe("dial");
  });

  test("many requests share a connection", async () => {
    const { url } = await served();
    const { hostname, port } = new URL(url);
    const request = "POST /mixcom/voice/dial HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n";
    const heard = await new Promise<string>((resolve) => {
      let text = "";
      const socket = connect(Number(port), hostname, () => socket.write(request + request));
      socket.on("data", (chunk) => {
        text += chunk.toString();
        if (text.split("HTTP/1.1 200").length === 3) resolve((socket.destroy(), text));
      });
    });
    expect(heard.match(/"success":false/g)).toHaveLength(2);
  });

  test("after close the port is free and nothing is pushed, and .fetch still works", async () => {
    const requests: string[] = [];
    const simulator = createSimulator({
      provider: "mixcom",
      ...ACCOUNTS.mixcom,
      pace: 100,
      pushUrl: "https://crm.example/",
      deliver: async ({ url }) => (requests.push(url), new Response('{"code":200}')),
    });
    const { url, close } = await serveSimulators(simulator);
    await createClient({ ...simulator.clientOptions }).dial({ caller: CALLER, callee: CALLEE });
    await close();
    await expect(fetch(url)).rejects.toThrow();
    expect(simulator.clientOptions.baseUrl).toBeUndefined();
    await createClient({ ...simulator.clientOptions }).dial({ caller: CALLER, callee: CALLEE });
    expect(simulator.calls).toHaveLength(2);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(requests).toEqual([]);
    await simulator.idle();
  });

  test("a port in use is an error", async () => {
    const { url } = await served();
    const other = createSimulator({ provider: "quanmayun", ...ACCOUNTS.quanmayun });
    await expect(serveSimulators(other, { port: Number(new URL(url).port) })).rejects.toMatchObject({ code: "invalid-argument", reason: "conflict", field: "port", cause: { code: "EADDRINUSE" } });
  });
});
