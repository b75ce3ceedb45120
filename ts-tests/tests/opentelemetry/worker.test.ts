// Spans in workerd, with the runtime's AsyncLocalStorage as the context manager, and the step log there.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { createToken } from "ringback";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findPlatform } from "../support/platforms.js";
import { isSkipped } from "../support/skipped.js";

const { accepted, push } = findPlatform("quanmayun");
const TOKEN = createToken();

const WORKER = `
  import { context, trace } from "@opentelemetry/api";
  import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
  import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
  import { createClient, createReceiver } from "ringback";
  import { createTelemetry } from "ringback/opentelemetry";

  const exporter = new InMemorySpanExporter();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  const lines = [];
  console.debug = (line) => lines.push(line);
  const telemetry = createTelemetry();
  const tracer = trace.getTracer("worker");
  const spanned = async () => tracer.startSpan("inner").end();
  const fetch = async () => { await spanned(); return new Response(${JSON.stringify(accepted)}); };
  const client = createClient({ provider: "quanmayun", appId: "1696054309969104898", appSecret: "s", fetch, on: telemetry.watchClient(), debug: true });
  const receive = createReceiver({ provider: "quanmayun", tokens: ["${TOKEN}"], onRecord: spanned, on: telemetry.watchReceiver() });

  export default {
    async fetch(request) {
      if (request.method === "POST") return receive(request);
      const describe = (span) => ({ name: span.name, id: span.spanContext().spanId, parent: span.parentSpanContext?.spanId, links: span.links.map(({ context }) => context.spanId) });
      if (new URL(request.url).pathname === "/spans") return Response.json({ spans: exporter.getFinishedSpans().map(describe), lines });
      await client.dial({ caller: "13800000001", callee: "13900000002" });
      return new Response();
    },
  };`;

let workers: Miniflare;

beforeAll(async () => {
  if (isSkipped("miniflare")) return;
  const { outputFiles } = await build({
    stdin: { contents: WORKER, resolveDir: fileURLToPath(new URL("../..", import.meta.url)) },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    conditions: ["workerd"],
    external: ["*.wasm", "node:*"],
    // The context manager is CommonJS.
    alias: { async_hooks: "node:async_hooks", events: "node:events" },
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire("/");' },
    logLevel: "error",
  });
  workers = new Miniflare({
    compatibilityDate: "2026-01-01",
    compatibilityFlags: ["nodejs_compat"],
    cf: false,
    modulesRoot: "/",
    modules: [
      { type: "ESModule", path: "/dist/worker.js", contents: outputFiles[0]?.text ?? "" },
      { type: "CompiledWasm", path: "/ringback.wasm", contents: readFileSync(new URL("../../node_modules/ringback/ringback.wasm", import.meta.url)) },
    ],
  });
  await workers.ready;
});

afterAll(() => workers?.dispose());

describe.skipIf(isSkipped("miniflare"))("in a Worker", () => {
  test("a dial and its push are spans with their children, linked, and the steps go to console.debug", async () => {
    await workers.dispatchFetch("http://worker.example/dial");
    const answer = await workers.dispatchFetch(`http://worker.example/push/${TOKEN}`, { method: "POST", body: push("128754716574532539") });
    expect(answer.status).toBe(200);
    const { spans, lines } = (await (await workers.dispatchFetch("http://worker.example/spans")).json()) as { spans: { name: string; id: string; parent?: string; links: string[] }[]; lines: string[] };
    const [dialed, received] = ["dial quanmayun", "receive quanmayun"].map((name) => spans.find((span) => span.name === name));
    expect(spans.map(({ name, parent }) => [name, parent])).toEqual([
      ["inner", dialed?.id],
      ["dial quanmayun", undefined],
      ["inner", received?.id],
      ["receive quanmayun", undefined],
    ]);
    expect(received?.links).toEqual([dialed?.id]);
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^ringback: quanmayun dial [0-9a-f]{8} begins$/);
  });
});
