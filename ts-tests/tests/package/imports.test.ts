// What the bundles reach for, read from their code.
import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dynamicCodeIn, importsOf, namesOfNodeIn, topLevelAwaitsIn } from "../support/script-reading.js";
import { INSTALLED } from "../support/tarball.js";

const dist = join(INSTALLED, "dist");
const codeOf = (bundle: string): string => readFileSync(join(dist, bundle), "utf8");
const kindOf = (bundle: string): "module" | "script" => (bundle.endsWith(".cjs") ? "script" : "module");

/**
 * All that each bundle may load. Only the servers' own entries have something of Node's, and `default`, which asks first whether it
 * is in Node: a page may be played there.
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
  "slim.cjs": ["node:stream", "node:zlib"],
  "slim.js": ["./core.js"],
  "sql.cjs": [],
  "sql.js": [],
  "testing.cjs": ["node:http"],
  "testing.js": ["node:http"],
  "workerd.js": ["../ringback.wasm", "./core.js"],
};

/** The command line, a program of Node's. It loads what a command needs when that is given, and finds this package by its name. */
const PROGRAM = "cli.cjs";

const bundles = readdirSync(dist).filter((name) => /\.c?js$/.test(name) && name !== PROGRAM);
const modules = bundles.filter((name) => kindOf(name) === "module");

test("what every bundle may load is known here", () => {
  expect(bundles.sort()).toEqual(Object.keys(IMPORTS));
});

describe.each(bundles)("%s", (bundle) => {
  test("loads what it may, and nothing else", () => {
    expect(importsOf(codeOf(bundle), kindOf(bundle)).sort()).toEqual(IMPORTS[bundle]);
  });

  test("runs no text as code, and loads nothing later", () => {
    // A digest of @noble/hashes copies itself by `new this.constructor`, and those of no function.
    const known = bundle.startsWith("testing.") ? ["constructor()"] : [];
    expect(dynamicCodeIn(codeOf(bundle), kindOf(bundle)).filter((found) => !known.includes(found))).toEqual([]);
  });
});

describe(PROGRAM, () => {
  test("loads this package and what Node has, and nothing else", () => {
    const loaded = new Set(importsOf(codeOf(PROGRAM), "script").map((name) => name.replace(/^node:/, "")));
    const foreign = [...loaded].filter((name) => !isBuiltin(name));
    expect(foreign.sort()).toEqual(["ringback", "ringback/node", "ringback/testing"]);
  });

  test("runs no text as code", () => {
    expect(dynamicCodeIn(codeOf(PROGRAM), "script").filter((found) => found !== "import()")).toEqual([]);
  });
});

test.each(modules)("%s awaits nothing while it is imported", (bundle) => {
  expect(topLevelAwaitsIn(codeOf(bundle))).toBe(0);
});

describe("nothing of Node's", () => {
  const foreign = ["browser.js", "deno.js", "edge-light.js", "slim.js", "workerd.js"];

  test.each(foreign)("is as much as named in %s", (bundle) => {
    expect(namesOfNodeIn(codeOf(bundle))).toEqual([]);
  });

  // Whether Node's fetch sends, and what unpacks a body, is asked at run time: these two run everywhere.
  test.each(["core.js", "slim.cjs"])("is taken for granted in %s", (bundle) => {
    expect(namesOfNodeIn(codeOf(bundle))).toEqual(["getBuiltinModule", "process"]);
    expect(codeOf(bundle).replaceAll(/globalThis\.process\?\.(getBuiltinModule\?\.|versions\?\.)/g, "")).not.toMatch(/\bprocess\b|getBuiltinModule/);
  });

  test("is taken for granted in default.js", () => {
    expect(namesOfNodeIn(codeOf("default.js"))).toEqual(["getBuiltinModule", "process"]);
    expect(codeOf("default.js")).toContain('globalThis.process?.getBuiltinModule?.("node:fs")');
  });
});

describe("these readings find", () => {
  test.each([
    ['import "node:fs"', "node:fs"],
    ['import source x from "./x.wasm"', "./x.wasm"],
    ['import x from "./x.wasm" with { type: "file" }', "./x.wasm"],
    ['export * from "node:net"', "node:net"],
    ['export const load = () => import("node:net")', "node:net"],
    ["export const load = (name) => import(name)", "(computed)"],
    ['globalThis.process?.getBuiltinModule?.("node:net")', "node:net"],
  ])("the import in %s", (code, specifier) => {
    expect(importsOf(code, "module")).toEqual([specifier]);
  });

  test.each([
    ['const fs = require("node:fs")', "node:fs"],
    ["const load = (name) => require(name)", "(computed)"],
    ['const load = () => import("node:net")', "node:net"],
  ])("the import in the script %s", (code, specifier) => {
    expect(importsOf(code, "script")).toEqual([specifier]);
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
  ])("the text that is run in %s", (code, what) => {
    expect(dynamicCodeIn(code, "module")).toContain(what);
  });

  test.each([
    ["await 1", 1],
    ["for await (const one of many) one", 1],
    ["if (true) { const all = [await 1, await 2]; }", 2],
    ["export const work = async () => { await 1; for await (const one of many) one; }", 0],
  ])("the waiting in %s", (code, count) => {
    expect(topLevelAwaitsIn(code)).toBe(count);
  });

  test.each(["process.exit()", "globalThis.process", "globalThis['process']", "Buffer.from('')", "typeof require"])("Node in %s", (code) => {
    expect(namesOfNodeIn(code)).toHaveLength(1);
  });
});
