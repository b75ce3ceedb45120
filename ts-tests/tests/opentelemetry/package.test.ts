// The entry ringback/opentelemetry as it is published: without its peer, its declarations, and the examples of its page.
import { execFile, spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { findPlatform } from "../support/platforms.js";
import { serve } from "../support/servers.js";
import { createProject } from "../support/tarball.js";

const DIRECTORY = fileURLToPath(new URL("../..", import.meta.url));

test("a program without @opentelemetry/api uses the package, and is told what this entry needs", () => {
  const project = createProject();
  onTestFinished(() => rmSync(project, { recursive: true }));
  const run = (script: string): { status: number | null; stderr: string; stdout: string } => spawnSync(process.execPath, ["--input-type=module", "--eval", script], { cwd: project, encoding: "utf8" });
  expect(run('import { createToken } from "ringback"; import "ringback/node"; console.log(createToken().length);')).toMatchObject({ status: 0, stdout: "43\n" });
  expect(run('import "ringback/opentelemetry";').stderr).toContain("@opentelemetry/api");
  expect(run('import { createRequire } from "node:module"; createRequire(`${process.cwd()}/x.js`)("ringback/opentelemetry");').stderr).toContain("@opentelemetry/api");
});

describe("the declarations are correct", { timeout: 180_000 }, () => {
  test.each([
    ["typescript", "Node16", "Node16"],
    ["typescript", "NodeNext", "NodeNext"],
    ["typescript", "Bundler", "Preserve"],
    ["typescript-5-6", "Node16", "Node16"],
  ])("with %s and the resolution %s", async (compiler, resolution, module) => {
    const options = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--skipLibCheck", "false", "--target", "ES2022", "--lib", "ES2022,DOM,DOM.Iterable,DOM.AsyncIterable", "--typeRoots", "types/none", "--listFiles", "--module", module, "--moduleResolution", resolution];
    const alone = compiler === "typescript-5-6" ? [] : ["--ignoreConfig"];
    const command = [fileURLToPath(new URL(`../../node_modules/${compiler}/bin/tsc`, import.meta.url)), ...alone, ...options, "types/opentelemetry.ts", "types/opentelemetry.cts"];
    const output = await new Promise<string>((resolve) => {
      execFile(process.execPath, command, { cwd: DIRECTORY, maxBuffer: 2 ** 24 }, (_error, stdout, stderr) => resolve(stdout + stderr));
    });
    expect(output.split("\n").filter((line) => line.includes("error TS"))).toEqual([]);
    const read = output.split("\n").flatMap((line) => /\/ringback\/dist\/types\/entries\/(opentelemetry\..*)$/.exec(line)?.[1] ?? []);
    expect(read.sort()).toEqual(["opentelemetry.d.cts", "opentelemetry.d.ts"]);
  });
});

describe("the page docs/opentelemetry.md", { timeout: 180_000 }, () => {
  const readPage = (name: string): string => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), "utf8");
  const listBlocks = (page: string): string[] => [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => code);
  const [english, chinese] = ["opentelemetry.md", "zh/opentelemetry.md"].map(readPage) as [string, string];

  test("has the same code, and names the same attributes, in both languages", () => {
    const listNames = (page: string): string[] => [...new Set([...page.matchAll(/`((?:ringback|http|url|server|error)[._][\w.]+)`/g)].map(([, name = ""]) => name))].sort();
    expect(listBlocks(english)).toHaveLength(4);
    expect(listBlocks(chinese)).toEqual(listBlocks(english));
    expect(listNames(chinese)).toEqual(listNames(english));
    expect(listNames(english).length).toBeGreaterThan(20);
  });

  test("names every attribute and metric of the package's source, and no other", () => {
    const map = JSON.parse(readFileSync(new URL("../../node_modules/ringback/dist/opentelemetry.js.map", import.meta.url), "utf8")) as { sourcesContent: string[] };
    const written = new Set([...map.sourcesContent.join("\n").matchAll(/"((?:ringback|http|url|server|error)\.[\w.]+)"/g)].map(([, name = ""]) => name));
    // The symbol by which copies of the package recognize their errors.
    expect(written.delete("ringback.error")).toBe(true);
    expect([...written].filter((name) => !english.includes(`\`${name}\``))).toEqual([]);
    expect([...english.matchAll(/`(ringback\.[\w.]+)`/g)].map(([, name = ""]) => name).filter((name) => !written.has(name))).toEqual([]);
  });

  test("shows code that works: spans, the link, and nothing of the platform in fetch's own spans", async () => {
    const [use = "", store = "", , keepOut = ""] = listBlocks(english);
    const { accepted, push } = findPlatform("quanmayun");
    const server = await serve((_, response) => response.writeHead(200, { "content-type": "application/json" }).end(accepted));
    onTestFinished(() => server.close());
    const prelude = `
      import { context, trace } from "@opentelemetry/api";
      import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
      import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
      const exporter = new InMemorySpanExporter();
      context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
      trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
      const token = "t-8f3c1e07b94d62a5f0d7c3916be2845a";
      process.env.PUSH_TOKEN = token;`;
    const account = (code: string): string => code.replace('provider: "mixcom", appKey: APP_KEY, appSecret: APP_SECRET', `provider: "quanmayun", appId: "1696054309969104898", appSecret: "s", baseUrl: "${server.address}"`).replace('provider: "mixcom"', 'provider: "quanmayun"');
    const finale = `
      await client.dial({ caller: "13712345678", callee: "13912345678" });
      await receive(new Request("https://crm.example/" + token, { method: "POST", body: ${JSON.stringify(push("128754716574532539"))} }));
      await fetch("${server.address}");
      await new Promise((resolve) => setTimeout(resolve, 100));
      console.log(JSON.stringify(exporter.getFinishedSpans().map(({ name, links }) => [name, links.length])));`;
    // The page's store, without a Redis server.
    const redis = "const values = new Map(); const redis = { set: async (key, value) => void values.set(key, value), get: async (key) => values.get(key) ?? null };";
    const ownStore = `${redis}\n${store.slice(store.indexOf("export const telemetry"))}`;
    expect(ownStore).toContain("redis.get(key)");
    // spawnSync would block the server of this process. The last line is the result: the page's code prints, too.
    const runAside = (script: string): Promise<unknown> =>
      new Promise((resolve, reject) => {
        execFile(process.execPath, ["--input-type=module", "--eval", script], { cwd: DIRECTORY, encoding: "utf8" }, (error, stdout) => (error ? reject(error) : resolve(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""))));
      });
    const expected = [["dial quanmayun", 0], ["receive quanmayun", 1], ["GET", 0]];
    expect(await runAside(`${prelude}\n${keepOut}\n${account(use)}\n${finale}`)).toEqual(expected);
    const own = account(use).replace("const telemetry = createTelemetry();", ownStore);
    expect(await runAside(`${prelude}\n${keepOut}\n${own}\n${finale}`)).toEqual(expect.arrayContaining(expected));
    expect(await runAside(`${prelude}\n${keepOut.replace("{ ignoreRequestHook: ignorePlatformRequests([\"cyj.example\"]) }", "")}\n${account(use)}\n${finale}`)).toEqual(expect.arrayContaining([["POST", 0]]));
  });
});
