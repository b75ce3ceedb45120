// Tests the package in Chromium on pages with a Content-Security-Policy.
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../support/chromium.js";
import { type RunningServer, serve } from "../support/servers.js";
import { isSkipped } from "../support/skipped.js";
import { INSTALLED } from "../support/tarball.js";

const TYPES: Record<string, string> = { ".js": "text/javascript", ".wasm": "application/wasm" };

const PROGRAM = `
import { explainCode, init } from "/ringback/dist/browser.js";
const outcome = await init().then(
  () => ({ cause: explainCode("mixcom", "514").cause }),
  ({ name, message, code, hint }) => ({ name, message, code, hint }),
);
document.title = JSON.stringify(outcome);`;

let server: RunningServer;
let browser: Browser;

beforeAll(async () => {
  if (isSkipped("chromium")) return;
  server = await serve((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === "/") {
      response.writeHead(200, { "content-type": "text/html", "content-security-policy": searchParams.get("policy") ?? "" });
      return response.end('<!doctype html><link rel="icon" href="data:,"><script type="module" src="/program.js"></script>');
    }
    if (pathname === "/program.js") return response.writeHead(200, { "content-type": "text/javascript" }).end(PROGRAM);
    if (!/^\/ringback\/(dist\/[a-z]+\.js|ringback\.wasm)$/.test(pathname)) return response.writeHead(404).end();
    return readFile(`${INSTALLED}${pathname.slice("/ringback/".length)}`).then((file) =>
      response.writeHead(200, { "content-type": TYPES[extname(pathname)] ?? "" }).end(file),
    );
  });
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** Runs the program on a page with this policy, and returns the result that it writes into the page's title. */
async function runUnder(policy: string): Promise<unknown> {
  const page = await browser.newPage();
  await page.goto(`${server.address}/?policy=${encodeURIComponent(policy)}`);
  // Read from outside, because the policy forbids evaluating code in the page.
  await expect.poll(() => page.title(), { timeout: 10_000 }).not.toBe("");
  const title = await page.title();
  await page.close();
  return JSON.parse(title);
}

test.skipIf(isSkipped("chromium"))("script-src 'self' 'wasm-unsafe-eval' is enough", async () => {
  expect(await runUnder("script-src 'self' 'wasm-unsafe-eval'")).toEqual({ cause: "no-answer" });
});

test.skipIf(isSkipped("chromium"))("without 'wasm-unsafe-eval', the error of init names the policy as the cause", async () => {
  const outcome = (await runUnder("script-src 'self'")) as { message: string; hint: string };
  expect(outcome).toMatchObject({ name: "RingbackError", code: "not-initialized" });
  expect(outcome.message).toMatch(/the wasm module could not be loaded \(.*Content Security Policy/i);
  expect(outcome.hint).toBe("add 'wasm-unsafe-eval' to script-src of the page's Content-Security-Policy");
});

test.skipIf(isSkipped("chromium"))("without WebAssembly, init says so, and no import fails", async () => {
  const page = await browser.newPage();
  // As in an old browser, or on iOS in Lockdown Mode.
  await page.addInitScript("delete globalThis.WebAssembly");
  await page.goto(`${server.address}/`);
  await expect.poll(() => page.title(), { timeout: 10_000 }).not.toBe("");
  const outcome = JSON.parse(await page.title()) as { message: string };
  await page.close();
  expect(outcome).toMatchObject({ name: "RingbackError", code: "not-initialized", hint: expect.stringContaining("Lockdown Mode") });
  expect(outcome.message).toContain("this runtime has no WebAssembly");
});
