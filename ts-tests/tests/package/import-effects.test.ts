// Importing the package has no side effects. Each entry is imported in a separate process.
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { createEmptyFolder, INSTALLED } from "../support/tarball.js";

/** The entries that Node can import. The others differ only in how they import the wasm, which only their own runtime supports. */
const ENTRIES = ["node.js", "node.cjs", "browser.js", "default.js", "slim.js", "slim.cjs", "core.js"];

const folder = createEmptyFolder();
afterAll(() => rmSync(folder, { recursive: true }));

/** Lists the calls that a file, and the code of its folder, makes during its import. */
function listCallsAtImport(file: string): string[] {
  const watcher = fileURLToPath(new URL("../support/import-watcher.mjs", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [watcher, file], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as string[];
}

test.each(ENTRIES)("importing %s calls no random, timer or network function", (entry) => {
  expect(listCallsAtImport(join(INSTALLED, "dist", entry))).toEqual([]);
});

const WATCHED: [program: string, what: string][] = [
  ["Math.random()", "Math.random"],
  ["crypto.getRandomValues(new Uint8Array(1))", "crypto.getRandomValues"],
  ["crypto.randomUUID()", "crypto.randomUUID"],
  ["Date.now()", "Date.now"],
  ["new Date()", "new Date()"],
  ["Date()", "Date()"],
  ["performance.now()", "performance.now"],
  ["process.hrtime.bigint()", "hrtime.bigint"],
  ["setTimeout(() => {}, 1)", "globalThis.setTimeout"],
  ["setInterval(() => {}, 1)", "globalThis.setInterval"],
  ["setImmediate(() => {})", "globalThis.setImmediate"],
  ["queueMicrotask(() => {})", "globalThis.queueMicrotask"],
  ["fetch('http://127.0.0.1:9')", "globalThis.fetch"],
  ["process.getBuiltinModule('net').connect(9)", "node:net.connect"],
  ["process.getBuiltinModule('http').get('http://127.0.0.1:9')", "node:http.get"],
  ["process.getBuiltinModule('node:https').request('https://127.0.0.1:9')", "node:https.request"],
  ["process.getBuiltinModule('node:dns').lookup('localhost', () => {})", "node:dns.lookup"],
  ["randomBytes(1)", "node:crypto.randomBytes"],
  ["setTimeoutOfNode(() => {}, 1)", "node:timers.setTimeout"],
];

test.each([
  ["a module", "module.mjs", 'import { randomBytes } from "node:crypto"; import { setTimeout as setTimeoutOfNode } from "node:timers";'],
  ["a script", "script.cjs", 'const { randomBytes } = require("node:crypto"); const { setTimeout: setTimeoutOfNode } = require("node:timers");'],
])("the watcher notices every such call in %s", (_, name, head) => {
  const tried = WATCHED.map(([program]) => `try { ${program}; } catch {}`);
  writeFileSync(join(folder, name), [head, ...tried].join("\n"));
  expect(listCallsAtImport(join(folder, name))).toEqual(WATCHED.map(([, what]) => what));
});

test("the watcher notices a later call too, and allows code without a clock", () => {
  const file = join(folder, "later.mjs");
  writeFileSync(file, "new Date(0); Promise.resolve().then(() => Math.random()).catch(() => {});");
  expect(listCallsAtImport(file)).toEqual(["Math.random"]);
});
