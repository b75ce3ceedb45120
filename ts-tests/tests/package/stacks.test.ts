// Checks that the stack of an error begins at the call in the user's program, in Node, with import and require.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { INSTALLED, createProject } from "../support/tarball.js";

/** Failing calls of the public functions, each in a function with that name. `refuse` is a fetch that sends nothing. */
const CALLS: Readonly<Record<string, string>> = {
  "createClient": "ringback.createClient({ provider: 'mixcom', appKey: 'k' })",
  "createReceiver": "ringback.createReceiver({ provider: 'mixcom', tokens: ['weak'], onRecord() {} })",
  "parsePush": "ringback.parsePush('mixcom', '<html>')",
  "processPush": "ringback.processPush({ provider: 'mixcom', receivedAt: '2020-03-02T09:48:17Z', contentType: '', query: '', body: '<html>' })",
  "explainCode": "ringback.explainCode('nobody', 1)",
  "prepare": "client.prepare('dial', { caller: '1', callee: '2' })",
  "explain": "client.explain('dial', { caller: '1', callee: '2' })",
  "interpret": "client.interpret(client.prepare('dial', NUMBERS), { status: 200, body: '<html>' })",
  "dial with a bad number": "client.dial({ caller: '1', callee: '2' })",
  "dial that is refused": "client.dial(NUMBERS)",
  "recording": "client.recording('c-1')",
  "an operation that mixcom has not": "client.hangUp('c-1')",
  "dial, then catch": "client.dial({ caller: '1', callee: '2' }).catch((error) => { throw error; })",
};

const PROGRAM = (load: string): string => `${load}
const refuse = async () => { throw Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error("connect"), { code: "ECONNREFUSED" }) }); };
const client = ringback.createClient({ provider: "mixcom", appKey: "k", appSecret: "s", fetch: refuse });
const NUMBERS = { caller: "13800000001", callee: "13900000002" };
const calls = [
${Object.values(CALLS)
  .map((call, index) => `  async function ofTheUser${index}() {\n    return await ${call};\n  },`)
  .join("\n")}
];
(async () => {
  const seen = [];
  for (const call of calls) seen.push(await call().then(() => "no error", ({ name, message, stack }) => ({ name, message, stack })));
  console.log(JSON.stringify(seen));
})();
`;

interface Seen {
  name: string;
  message: string;
  stack: string;
}

describe.each([
  ["import", "main.mjs", 'import * as ringback from "ringback";'],
  ["require", "main.cjs", 'const ringback = require("ringback");'],
])("the stack of an error, by %s", (_, file, load) => {
  let project: string;
  let seen: Seen[];
  beforeAll(() => {
    project = createProject();
    writeFileSync(join(project, file), PROGRAM(load));
    seen = JSON.parse(execFileSync(process.execPath, [file], { cwd: project, encoding: "utf8" })) as Seen[];
  });
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  test.each(Object.keys(CALLS).map((name, index) => [name, index] as const))("of %s begins at the user's call", (_name, index) => {
    const { name, message, stack } = seen[index] as Seen;
    expect(name).toBe("RingbackError");
    const frames = stack.split("\n").filter((line) => line.startsWith("    at "));
    expect(stack.startsWith(`RingbackError: ${message}\n`), stack).toBe(true);
    expect(frames[0], stack).toContain(`ofTheUser${index}`);
    expect(frames[0], stack).toContain(`/${file}:`);
    expect(frames.filter((frame) => frame.includes("node_modules/ringback")), "frames of the library").toEqual([]);
  });
});

describe("the bundles for Node", () => {
  test.each(["node.cjs", "node-adapters.cjs", "node-adapters.js", "testing.cjs", "testing.js", "sql.cjs", "zh.cjs", "opentelemetry.cjs", "opentelemetry.js"])("%s keeps the names of its functions", (bundle) => {
    const code = readFileSync(join(INSTALLED, "dist", bundle), "utf8");
    const { sourcesContent } = JSON.parse(readFileSync(join(INSTALLED, "dist", `${bundle}.map`), "utf8")) as { sourcesContent: string[] };
    const exported = sourcesContent.flatMap((source) => [...source.matchAll(/^export (?:async )?function (\w+)/gm)].map(([, name]) => name ?? ""));
    const kept = exported.filter((name) => new RegExp(`function ${name}\\b`).test(code));
    // What nobody uses is left out of a bundle.
    expect(kept.length).toBeGreaterThan(exported.length / 2);
  });

  test("with source maps, a frame within the library names the package's own source", () => {
    const project = mkdtempSync(join(realpathSync(tmpdir()), "ringback-test-"));
    try {
      const program = `const { toNodeListener } = require(${JSON.stringify(join(INSTALLED, "dist/node-adapters.cjs"))}); toNodeListener(undefined)({ get headers() { throw new Error("here"); } }, {});`;
      writeFileSync(join(project, "main.cjs"), `try { ${program} } catch (error) { console.log(error.stack); }\nprocess.on("unhandledRejection", ({ stack }) => console.log(stack));`);
      const printed = execFileSync(process.execPath, ["--enable-source-maps", "main.cjs"], { cwd: project, encoding: "utf8" });
      const places = [...printed.matchAll(/\((?:file:\/\/)?([^()]*\.ts):\d+:\d+\)/g)].map(([, place = ""]) => place);
      expect(places.length, printed).toBeGreaterThan(0);
      for (const place of places) expect(place).toContain(`${INSTALLED}src/`);
    } finally {
      rmSync(project, { recursive: true, force: true });
    }
  });
});
