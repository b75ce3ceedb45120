// Tests the package in workerd, the runtime of Workers: a fetch handler receives a push and dials a call.
import { readFileSync } from "node:fs";
import { Miniflare } from "miniflare";
import { createToken } from "ringback";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findPlatform } from "../support/platforms.js";
import { isSkipped } from "../support/skipped.js";

const file = (path: string): Buffer => readFileSync(new URL(`../../node_modules/ringback/${path}`, import.meta.url));
const TOKEN = createToken();

const WORKER = `
  import { createClient, createReceiver, isRingbackError } from "./ringback/dist/workerd.js";

  const kept = [];
  const receive = createReceiver({ provider: "mixcom", tokens: ["${TOKEN}"], onRecord: (record) => { kept.push(record); } });

  export default {
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname.startsWith("/push/")) return receive(request, { remoteAddress: request.headers.get("cf-connecting-ip") ?? undefined });
      if (pathname === "/records") return Response.json(kept);
      const sent = [];
      const answer = pathname === "/dial" ? ${JSON.stringify(findPlatform("mixcom").accepted)} : "<html>";
      const fetch = async (url, init) => {
        // Builds a standard Request, as this runtime's own fetch does.
        const asked = new Request(url, init);
        sent.push({ url: asked.url, method: asked.method, redirect: asked.redirect, body: await asked.text() });
        return new Response(answer, { headers: { "content-type": "application/json" } });
      };
      const client = createClient({ provider: "mixcom", appKey: "k1", appSecret: "s1", fetch, now: () => 1583142000123 });
      try {
        const call = await client.dial({ caller: "13800000001", callee: "13900000002", reference: "demo-1" });
        return Response.json({ call, sent });
      } catch (error) {
        return Response.json({ error: { ...error, known: isRingbackError(error) }, sent });
      }
    },
  };`;

let workers: Miniflare;

beforeAll(async () => {
  if (isSkipped("miniflare")) return;
  workers = new Miniflare({
    compatibilityDate: "2026-01-01",
    cf: false,
    modulesRoot: "/",
    modules: [
      { type: "ESModule", path: "/worker.js", contents: WORKER },
      { type: "ESModule", path: "/ringback/dist/workerd.js", contents: file("dist/workerd.js").toString() },
      { type: "ESModule", path: "/ringback/dist/core.js", contents: file("dist/core.js").toString() },
      { type: "CompiledWasm", path: "/ringback/ringback.wasm", contents: new Uint8Array(file("ringback.wasm")) },
    ],
  });
  await workers.ready;
});

afterAll(() => workers?.dispose());

async function get(path: string): Promise<unknown> {
  return (await workers.dispatchFetch(`http://worker.example${path}`)).json();
}

describe.skipIf(isSkipped("miniflare"))("in a Worker", () => {
  test("a push is acknowledged and kept", async () => {
    const { push, ack } = findPlatform("mixcom");
    const response = await workers.dispatchFetch(`http://worker.example/push/${TOKEN}`, { method: "POST", body: push("c-1") });
    expect([response.status, await response.text()]).toEqual([200, ack]);
    expect(await get("/records")).toMatchObject([{ key: "mixcom:c-1", connectedAt: "2020-03-02T17:48:15+08:00" }]);
  });

  test("a push without the token gets 404", async () => {
    const response = await workers.dispatchFetch("http://worker.example/push/elsewhere", { method: "POST", body: "{}" });
    expect(response.status).toBe(404);
  });

  test("a dial signs as in other runtimes", async () => {
    const { call, sent } = (await get("/dial")) as { call: object; sent: { body: string }[] };
    expect(call).toMatchObject({ provider: "mixcom", reference: "demo-1" });
    expect(sent).toMatchObject([{ url: "http://api-voicecall.mixcom.cn/voice/dial", method: "POST", redirect: "manual" }]);
    expect(new URLSearchParams(sent[0]?.body).get("sign")).toBe("8ff56e8015da6b485d766eb8dbdd0b14744d08e3");
  });

  test("an unreadable answer is an error of unknown delivery", async () => {
    expect(await get("/broken")).toMatchObject({ error: { code: "malformed-response", delivery: "unknown", known: true }, sent: [{}] });
  });
});
