// Importing the package does nothing that an importer could notice. Each entry is imported in a process of its own.
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { emptyFolder, INSTALLED } from "../support/tarball.js";

/** Those that Node can import. The others import wasm, as their runtime alone does, and differ in nothing else. */
const ENTRIES = ["node.js", "node.cjs", "browser.js", "default.js", "slim.js", "slim.cjs", "core.js"];

const folder = emptyFolder();
afterAll(() => rmSync(folder, { recursive: true }));

/** What the code of a file and of its folder asks for when it is imported. */
function askedAtImport(file: string): string[] {
  const watcher = fileURLToPath(new URL("../support/import-watcher.mjs", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [watcher, file], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as string[];
}

test.each(ENTRIES)("nothing is random, timed or networked when %s is imported", (entry) => {
  expect(askedAtImport(join(INSTALLED, "dist", entry))).toEqual([]);
});

const NOTICED: [program: string, what: string][] = [
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
])("all of it would be noticed in %s", (_, name, head) => {
  const tried = NOTICED.map(([program]) => `try { ${program}; } catch {}`);
  writeFileSync(join(folder, name), [head, ...tried].join("\n"));
  expect(askedAtImport(join(folder, name))).toEqual(NOTICED.map(([, what]) => what));
});

test("what comes after the import's own turn would be noticed, and what needs no clock is not", () => {
  const file = join(folder, "later.mjs");
  writeFileSync(file, "new Date(0); Promise.resolve().then(() => Math.random()).catch(() => {});");
  expect(askedAtImport(file)).toEqual(["Math.random"]);
});
