// Checks the imports and the dynamic code of the bundles, by reading their code.
import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findDynamicCode, listImports, findNodeNames, countTopLevelAwaits } from "../support/script-reading.js";
import { INSTALLED } from "../support/tarball.js";

const dist = join(INSTALLED, "dist");
const readBundle = (bundle: string): string => readFileSync(join(dist, bundle), "utf8");
const findKind = (bundle: string): "module" | "script" => (bundle.endsWith(".cjs") ? "script" : "module");

/**
 * The allowed imports of each bundle. Only the entries for servers import Node's modules, and `default`, which first checks whether it
 * runs in Node: test runners run pages there.
 */
const IMPORTS: Record<string, string[]> = {
  "browser.cjs": ["node:fs", "node:stream", "node:stream/web", "node:util", "node:zlib"],
  "browser.js": ["./core.js"],
  "bun.js": ["../ringback.wasm", "./core.js", "node:fs"],
  "core.js": ["node:stream", "node:zlib"],
  "default.js": ["./core.js", "node:fs"],
  "deno.js": ["../ringback.wasm", "./core.js"],
  "edge-light.js": ["../ringback.wasm?module", "./core.js"],
  "node-adapters.cjs": [],
  "node-adapters.js": [],
  "node.cjs": ["node:fs", "node:module", "node:path", "node:stream", "node:stream/web", "node:util", "node:zlib"],
  "node.js": ["./core.js", "node:fs", "node:module", "node:path"],
  "opentelemetry.cjs": ["@opentelemetry/api"],
  "opentelemetry.js": ["@opentelemetry/api"],
  "slim.cjs": ["node:stream", "node:zlib"],
  "slim.js": ["./core.js"],
  "sql.cjs": [],
  "sql.js": [],
  "testing.cjs": ["node:http"],
  "testing.js": ["node:http"],
  "workerd.js": ["../ringback.wasm", "./core.js"],
  "zh.cjs": [],
  "zh.js": [],
};

/** The command line, a Node program. It loads the code of a command when that is used, and imports this package by its name. */
const PROGRAM = "cli.cjs";

const bundles = readdirSync(dist).filter((name) => /\.c?js$/.test(name) && name !== PROGRAM);
const modules = bundles.filter((name) => findKind(name) === "module");

test("the allowed imports of every bundle are listed here", () => {
  expect(bundles.sort()).toEqual(Object.keys(IMPORTS));
});

describe.each(bundles)("%s", (bundle) => {
  test("loads only its allowed imports", () => {
    expect([...new Set(listImports(readBundle(bundle), findKind(bundle)))].sort()).toEqual(IMPORTS[bundle]);
  });

  test("runs no text as code, and has no dynamic import", () => {
    // A digest of @noble/hashes copies itself with `new this.constructor`, which is not Function.
    const known = bundle.startsWith("testing.") ? ["constructor()"] : [];
    expect(findDynamicCode(readBundle(bundle), findKind(bundle)).filter((found) => !known.includes(found))).toEqual([]);
  });
});

describe(PROGRAM, () => {
  test("loads only this package and Node's modules", () => {
    const loaded = new Set(listImports(readBundle(PROGRAM), "script").map((name) => name.replace(/^node:/, "")));
    const foreign = [...loaded].filter((name) => !isBuiltin(name));
    expect(foreign.sort()).toEqual(["ringback", "ringback/node", "ringback/testing", "ringback/zh"]);
  });

  test("runs no text as code", () => {
    expect(findDynamicCode(readBundle(PROGRAM), "script").filter((found) => found !== "import()")).toEqual([]);
  });
});

test.each(modules)("%s has no top-level await", (bundle) => {
  expect(countTopLevelAwaits(readBundle(bundle))).toBe(0);
});

describe("a name that only Node has", () => {
  const foreign = ["browser.js", "deno.js", "edge-light.js", "slim.js", "workerd.js"];

  test.each(foreign)("does not occur in %s", (bundle) => {
    expect(findNodeNames(readBundle(bundle))).toEqual([]);
  });

  // These two run everywhere, and detect Node's fetch and decompression at run time.
  test.each(["core.js", "slim.cjs"])("is used only after a check in %s", (bundle) => {
    expect(findNodeNames(readBundle(bundle))).toEqual(["getBuiltinModule", "process"]);
    expect(readBundle(bundle).replaceAll(/globalThis\.process\?\.(getBuiltinModule\?\.|versions\?\.)/g, "")).not.toMatch(/\bprocess\b|getBuiltinModule/);
  });

  test("is used only after a check in default.js", () => {
    expect(findNodeNames(readBundle("default.js"))).toEqual(["getBuiltinModule", "process"]);
    expect(readBundle("default.js")).toContain('globalThis.process?.getBuiltinModule?.("node:fs")');
  });
});

describe("the readers of code find", () => {
  test.each([
    ['import "node:fs"', "node:fs"],
    ['import source x from "./x.wasm"', "./x.wasm"],
    ['import x from "./x.wasm" with { type: "file" }', "./x.wasm"],
    ['export * from "node:net"', "node:net"],
    ['export const load = () => import("node:net")', "node:net"],
    ["export const load = (name) => import(name)", "(computed)"],
    ['globalThis.process?.getBuiltinModule?.("node:net")', "node:net"],
  ])("the import in %s", (code, specifier) => {
    expect(listImports(code, "module")).toEqual([specifier]);
  });

  test.each([
    ['const fs = require("node:fs")', "node:fs"],
    ["const load = (name) => require(name)", "(computed)"],
    ['const load = () => import("node:net")', "node:net"],
  ])("the import in the script %s", (code, specifier) => {
    expect(listImports(code, "script")).toEqual([specifier]);
  });

  test.each([
    ["eval('1')", "eval"],
    ["(0, eval)('1')", "eval"],
    ["globalThis.eval('1')", "eval"],
    ["new Function('return this')", "Function"],
    ["Function('return this')()", "Function"],
    ["Reflect.construct(globalThis['Function'], ['return this'])", "Function"],
    ["(() => {}).constructor('return this')", "constructor()"],
    ["setTimeout('work()', 1)", "setTimeout"],
    ["globalThis.setInterval(`work(${1})`, 1)", "setInterval"],
    ["const name = './x.js'; import(name)", "import()"],
    ["import source x from './x.wasm'; eval(x)", "eval"],
  ])("the code that is run from text in %s", (code, what) => {
    expect(findDynamicCode(code, "module")).toContain(what);
  });

  test.each([
    ["await 1", 1],
    ["for await (const one of many) one", 1],
    ["if (true) { const all = [await 1, await 2]; }", 2],
    ["export const work = async () => { await 1; for await (const one of many) one; }", 0],
  ])("the number of top-level awaits in %s", (code, count) => {
    expect(countTopLevelAwaits(code)).toBe(count);
  });

  test.each(["process.exit()", "globalThis.process", "globalThis['process']", "Buffer.from('')", "typeof require"])("Node's name in %s", (code) => {
    expect(findNodeNames(code)).toHaveLength(1);
  });
});
