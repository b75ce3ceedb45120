// A full stack and a full memory: the failing call gets an error and the next one works, many times in sequence, without memory growth.
import { Miniflare } from "miniflare";
import type { Browser } from "playwright-core";
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../support/chromium.js";
import { EXHAUSTION, EXPECTED, EXPECTED_OF_TRAPS } from "../support/exhaustion.js";
import { runScript } from "../support/processes.js";
import { type RunningServer, serve } from "../support/servers.js";
import { isSkipped } from "../support/skipped.js";

const file = (path: string): Buffer => readFileSync(new URL(`../../node_modules/${path}`, import.meta.url));

/** The failing calls in sequence: a thousand with `--all`. */
const TIMES = process.env["RINGBACK_ALL"] ? 1000 : 100;
/** The time limit of a test, in milliseconds: a thousand calls of each kind take workerd minutes. */
const LIMIT_MS = TIMES * 3_000;

/** The package, and its variant that traps. */
const VARIANTS = ["ringback", "ringback-trap"] as const;

function expectRecovered(name: (typeof VARIANTS)[number], got: Record<string, string>): void {
  // Not every runtime has arrays that large, and in a runtime with large stack frames a call that can be made at all has enough stack.
  const optional = ["a body larger than the memory", "a stack that is full", "a client's stack that is full"];
  for (const [kind, codes] of Object.entries(name === "ringback" ? EXPECTED : EXPECTED_OF_TRAPS)) {
    const code = got[kind];
    if ((code === undefined || code === "") && optional.includes(kind)) continue;
    expect(codes.split("|"), `${kind}: ${code}`).toContain(code);
  }
}

/** The time limit for the release of unused memory. */
const RELEASE_LIMIT = { timeout: 30_000, interval: 500 };

/** The resident memory, in bytes, of the workerd that this process has started. Undefined if the system does not report it. */
function measureWorkerd(): number | undefined {
  if (process.platform !== "linux") return undefined;
  const sizes = readdirSync("/proc").flatMap((pid) => {
    try {
      const status = /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/status`, "utf8") : "";
      const [, name, parent, pages] = /^Name:\s+(\S+)[^]*^PPid:\s+(\d+)[^]*^VmRSS:\s+(\d+) kB/m.exec(status) ?? [];
      return name === "workerd" && Number(parent) === process.pid ? [Number(pages) * 1024] : [];
    } catch {
      // The process has ended since.
      return [];
    }
  });
  expect(sizes).toHaveLength(1);
  return sizes[0];
}

/** Imports the package as `ringback`, with the trap where there is one. */
const imported = (name: string): string => (name === "ringback" ? 'import * as ringback from "ringback";' : 'import * as variant from "ringback-trap"; import { trapForTests } from "ringback-trap/trap"; const ringback = { ...variant, trapForTests };');

describe(`${TIMES} times in sequence`, () => {
  test.each(VARIANTS)("in Node, without growth: %s", (name) => {
    const script = `
      ${imported(name)}
      const exhaust = async (ringback, times) => { ${EXHAUSTION} };
      // Other threads release the memory of buffers, some time later.
      const used = async () => {
        const least = { rss: Infinity, external: Infinity };
        for (let time = 0; time < 20; time += 1) {
          gc();
          await new Promise((resolve) => setTimeout(resolve, 100));
          const { rss, external, arrayBuffers } = process.memoryUsage();
          least.rss = Math.min(least.rss, rss);
          least.external = Math.min(least.external, external + arrayBuffers);
        }
        return least;
      };
      await exhaust(ringback, 50);
      const before = await used();
      const got = await exhaust(ringback, ${TIMES});
      const after = await used();
      console.log(JSON.stringify({ got, rss: after.rss - before.rss, external: after.external - before.external }));`;
    const { got, rss, external } = JSON.parse(runScript(script, "--expose-gc")) as { got: Record<string, string>; rss: number; external: number };
    expectRecovered(name, got);
    expect(rss).toBeLessThan(64 << 20);
    expect(external).toBeLessThan(8 << 20);
  }, LIMIT_MS);

  test("in Node, a body of 128 MiB is refused, and its memory is released", () => {
    const script = `
      import { isRingbackError, parsePush } from "ringback";
      const body = Buffer.alloc(1 << 27, " ");
      body.write('{"subid":"1","x":"', 0);
      body.write('"}', body.length - 2);
      const codes = new Set();
      for (let time = 0; time < 2; time += 1) {
        try { codes.add(parsePush("dingxin", body).records[0].key); } catch (error) { codes.add(isRingbackError(error) ? error.code : String(error)); }
        if (parsePush("dingxin", '{"subid":"2"}').records[0].key !== "dingxin:2") throw new Error("the next call failed");
      }
      console.log([...codes].join());`;
    expect(runScript(script)).toBe("invalid-argument");
  }, 120_000);

  describe.skipIf(isSkipped("miniflare")).each(VARIANTS)("in workerd: %s", (name) => {
    let workers: Miniflare;
    beforeAll(async () => {
      const trap = name === "ringback" ? "" : 'import { trapForTests } from "./ringback/dist/trap.js";';
      const worker = `
        import * as released from "./ringback/dist/workerd.js";
        ${trap}
        const ringback = { ...released${trap === "" ? "" : ", trapForTests"} };
        const exhaust = async (ringback, times) => { ${EXHAUSTION} };
        export default { fetch: async (request) => Response.json(await exhaust(ringback, Number(new URL(request.url).searchParams.get("times")))) };`;
      workers = new Miniflare({
        compatibilityDate: "2026-01-01",
        cf: false,
        modulesRoot: "/",
        modules: [
          { type: "ESModule", path: "/worker.js", contents: worker },
          ...["workerd.js", "core.js", ...(name === "ringback" ? [] : ["trap.js"])].map(
            (module) => ({ type: "ESModule", path: `/ringback/dist/${module}`, contents: file(`${name}/dist/${module}`).toString() }) as const,
          ),
          { type: "CompiledWasm", path: "/ringback/ringback.wasm", contents: new Uint8Array(file(`${name}/ringback.wasm`)) },
        ],
      });
      await workers.ready;
    });
    afterAll(() => workers?.dispose());

    test("the isolate keeps working", async () => {
      const runExhaustion = async (times: number): Promise<Record<string, string>> => {
        const response = await workers.dispatchFetch(`http://worker.example/?times=${times}`);
        return (await response.json()) as Record<string, string>;
      };
      await runExhaustion(TIMES);
      const before = measureWorkerd();
      expectRecovered(name, await runExhaustion(TIMES));
      // Thousands of wasm instances that are not released would take more.
      if (before !== undefined) await expect.poll(() => (measureWorkerd() ?? Infinity) - before, RELEASE_LIMIT).toBeLessThan(128 << 20);
    }, LIMIT_MS);
  });

  describe.skipIf(isSkipped("chromium"))("in Chromium", () => {
    let server: RunningServer;
    let browser: Browser;
    beforeAll(async () => {
      server = await serve((request, response) => {
        const path = new URL(request.url ?? "/", "http://localhost").pathname;
        if (path === "/") return response.writeHead(200, { "content-type": "text/html" }).end('<!doctype html><link rel="icon" href="data:,">');
        const type = path.endsWith(".wasm") ? "application/wasm" : "text/javascript";
        return response.writeHead(200, { "content-type": type }).end(file(path.slice(1)));
      });
      browser = await launchChromium();
    });
    afterAll(async () => {
      await browser?.close();
      await server?.close();
    });

    test.each(VARIANTS)("the page lives: %s", async (name) => {
      const page = await browser.newPage();
      await page.goto(server.address);
      const runExhaustion = (times: number): Promise<unknown> =>
        page.evaluate(`(async () => { const released = await import("/${name}/dist/browser.js"); const ringback = { ...released, ...${name === "ringback" ? "{}" : 'await import("/ringback-trap/dist/trap.js")'} }; await ringback.init(); const times = ${times}; ${EXHAUSTION} })()`);
      const inspector = await page.context().newCDPSession(page);
      const used = async (): Promise<number> => {
        await inspector.send("HeapProfiler.collectGarbage");
        const { usedSize, backingStorageSize = 0 } = (await inspector.send("Runtime.getHeapUsage")) as { usedSize: number; backingStorageSize?: number };
        return usedSize + backingStorageSize;
      };
      await runExhaustion(50);
      const before = await used();
      expectRecovered(name, (await runExhaustion(TIMES)) as Record<string, string>);
      await expect.poll(async () => (await used()) - before, RELEASE_LIMIT).toBeLessThan(8 << 20);
    }, LIMIT_MS);
  });
});
