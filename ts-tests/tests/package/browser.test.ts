// Tests the package in a real browser without a bundler: Chromium, an import map, a static server on loopback.
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launchChromium } from "../support/chromium.js";
import { findPlatform } from "../support/platforms.js";
import { type RunningServer, serve } from "../support/servers.js";
import { isSkipped } from "../support/skipped.js";

const TYPES: Record<string, string> = { ".js": "text/javascript", ".wasm": "application/wasm", ".html": "text/html" };

const PAGE = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<script type="importmap">{ "imports": { "ringback": "/ringback/dist/browser.js", "ringback-trap": "/ringback-trap/dist/browser.js", "ringback-trap/trap": "/ringback-trap/dist/trap.js" } }</script>`;

/** The script of the page. It is kept as text, so that no tool rewrites its imports. */
const DIAL = `
  const sent = [];
  const fetch = async (url, init) => { sent.push({ url, redirect: init.redirect, body: init.body }); return new Response(${JSON.stringify(findPlatform("mixcom").accepted)}, { headers: { "content-type": "application/json" } }); };
  const client = ringback.createClient({ provider: "mixcom", appKey: "k1", appSecret: "s1", fetch, now: () => 1583142000123 });
  const dial = () => client.dial({ caller: "13800000001", callee: "13900000002", reference: "demo-1" });`;

let server: RunningServer;
let browser: Browser;
let page: Page;
const foreign: string[] = [];

beforeAll(async () => {
  if (isSkipped("chromium")) return;
  server = await serve((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    if (path === "/") return response.writeHead(200, { "content-type": "text/html" }).end(PAGE);
    // Serves only the installed packages.
    if (path.includes("..") || !/^\/ringback(-trap)?\//.test(path)) return response.writeHead(404).end();
    return readFile(new URL(`../../node_modules${path}`, import.meta.url)).then(
      (file) => response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" }).end(file),
      () => response.writeHead(404).end(),
    );
  });
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

beforeEach(async () => {
  foreign.length = 0;
  // A new context, without the cache of the test before.
  page = await (await browser.newContext()).newPage();
  page.on("request", (request) => {
    if (!request.url().startsWith(server.address) && !request.url().startsWith("data:")) foreign.push(request.url());
  });
  await page.goto(server.address);
});

afterEach(async () => {
  await page.context().close();
  expect(foreign, "no other request is sent").toEqual([]);
});

function run<T>(name: "ringback" | "ringback-trap", script: string): Promise<T> {
  return page.evaluate(`(async () => { const ringback = await import("${name}"); const thrownBy = (work) => { try { work(); } catch (error) { return { ...error, name: error.name, real: error instanceof Error, known: ringback.isRingbackError(error) }; } }; ${script} })()`);
}

describe.skipIf(isSkipped("chromium"))("in Chromium", () => {
  test("import fetches nothing, and a synchronous call before init says what to do", async () => {
    const error = await run<Record<string, unknown>>("ringback", `return thrownBy(() => ringback.parsePush("mixcom", "{}"));`);
    expect(error).toMatchObject({ name: "RingbackError", code: "not-initialized", delivery: "not-sent", real: true, known: true });
    expect(error["hint"]).toContain("init()");
    expect(server.requests.filter(({ url }) => url.endsWith(".wasm"))).toEqual([]);
  });

  test("init loads the wasm once, and pushes can be parsed", async () => {
    const before = server.requests.length;
    const key = await run<string>(
      "ringback",
      `await Promise.all([ringback.init(), ringback.init()]); await ringback.init(); return ringback.parsePush("mixcom", ${JSON.stringify(findPlatform("mixcom").push("c-1"))}).records[0].key;`,
    );
    expect(key).toBe("mixcom:c-1");
    expect(server.requests.slice(before).filter(({ url }) => url.endsWith("ringback.wasm"))).toHaveLength(1);
  });

  test("a dial signs as in other runtimes, and loads the wasm itself", async () => {
    const { call, sent } = await run<{ call: object; sent: { url: string; redirect: string; body: string }[] }>("ringback", `${DIAL} const call = await dial(); return { call, sent };`);
    expect(call).toMatchObject({ provider: "mixcom", reference: "demo-1", correlation: "reference" });
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ url: "http://api-voicecall.mixcom.cn/voice/dial", redirect: "manual" });
    expect(new URLSearchParams(sent[0]?.body).get("sign")).toBe("8ff56e8015da6b485d766eb8dbdd0b14744d08e3");
  });

  test("the browser's own fetch is called unbound, and a hidden redirect is of unknown delivery", async () => {
    const error = await run<object>(
      "ringback",
      `const client = ringback.createClient({ provider: "mixcom", appKey: "k1", appSecret: "s1", baseUrl: location.origin + "/nowhere" });
       try { await client.dial({ caller: "13800000001", callee: "13900000002" }); } catch (error) { return { ...error }; }`,
    );
    expect(error).toMatchObject({ code: "not-found", delivery: "refused" });
  });

  test("after a trap the next call works, and a client continues to work", async () => {
    const outcome = await run<Record<string, unknown>>(
      "ringback-trap",
      `${DIAL}
       const { trapForTests } = await import("ringback-trap/trap");
       await ringback.init();
       await dial();
       const trapped = thrownBy(() => trapForTests());
       const explained = ringback.explainCode("mixcom", "514").cause;
       const call = await dial();
       for (let count = 0; count < 100; count += 1) { thrownBy(() => trapForTests()); ringback.explainCode("mixcom", "514"); }
       return { trapped, explained, reference: call.reference, after: ringback.explainCode("mixcom", "0").cause };`,
    );
    expect(outcome).toMatchObject({ trapped: { code: "internal", name: "RingbackError", real: true, known: true }, explained: "no-answer", reference: "demo-1", after: "hung-up" });
  });
});
