// Checks the contents of the tarball.
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { INSTALLED, listPackedFiles } from "../support/tarball.js";

const readSource = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

const DOCUMENTS = ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "README.zh-CN.md", "THIRD-PARTY-LICENSES", "package.json"];

const BUNDLES = [
  "browser.cjs",
  "browser.js",
  "bun.js",
  "core.js",
  "default.js",
  "deno.js",
  "edge-light.js",
  "node-adapters.cjs",
  "node-adapters.js",
  "node.cjs",
  "node.js",
  "opentelemetry.cjs",
  "opentelemetry.js",
  "slim.cjs",
  "slim.js",
  "sql.cjs",
  "sql.js",
  "testing.cjs",
  "testing.js",
  "workerd.js",
  "zh.cjs",
  "zh.js",
].map((name) => `dist/${name}`);

/** The command line. It has no source map, because nobody bundles it and its users do not read its sources. */
const PROGRAM = "dist/cli.cjs";

const DECLARATIONS = /^dist\/types\/((client|core|entries|generated|model|node|opentelemetry|receiver|router|sql|testing|zh)\/)?[a-z]+(-[a-z]+)*\.d\.c?ts$/;

/** The sources of the bundles that are not TypeScript: wasm-bindgen's glue, and an import that TypeScript cannot parse yet. */
const SCRIPTS = ["../src/wasm/ringback.js", "../src/wasm/source-phase.js"];

/** The libraries of which the test kit contains parts. */
const LIBRARIES = /^\.\.\/node_modules\/(@noble\/hashes|pure-rand)\//;

const text = (path: string): string => readFileSync(join(INSTALLED, path), "utf8");

interface SourceMap {
  sourceRoot?: string;
  sources: string[];
  sourcesContent?: (string | null)[];
}

describe("the tarball", () => {
  const files = listPackedFiles();

  test("contains only the documents, the wasm, the bundles with their source maps, and the declarations", () => {
    const others = files.filter((path) => !DECLARATIONS.test(path));
    expect(others).toEqual([...DOCUMENTS, "ringback.wasm", PROGRAM, ...BUNDLES, ...BUNDLES.map((bundle) => `${bundle}.map`)].sort());
  });

  test("has a declaration for CommonJS beside each one for modules", () => {
    const declarations = files.filter((path) => DECLARATIONS.test(path));
    const modules = declarations.filter((path) => path.endsWith(".d.ts"));
    expect(modules).toContain("dist/types/index.d.ts");
    expect(declarations).toEqual([...modules, ...modules.map((path) => path.replace(/\.ts$/, ".cts"))].sort());
  });

  test("contains the wasm once, and no copy of it as text", () => {
    const isWasm = (path: string): boolean => readFileSync(join(INSTALLED, path)).subarray(0, 4).equals(Buffer.from("\0asm"));
    expect(files.filter(isWasm)).toEqual(["ringback.wasm"]);
    const inBase64 = Buffer.from("\0asm\x01\0\0\0").toString("base64").slice(0, 10);
    expect(files.filter((path) => text(path).includes(inBase64))).toEqual([]);
  });

  test("contains no path of the machine on which it was built", () => {
    const root = fileURLToPath(new URL("../../..", import.meta.url));
    const telling = [root, `${homedir()}/`, ".cargo/registry", "file:///"];
    const found = files.flatMap((path) => telling.filter((place) => text(path).includes(place)).map((place) => `${path}: ${place}`));
    expect(found).toEqual([]);
  });

  test("has the text of both licences", () => {
    expect(text("LICENSE-MIT")).toContain("Permission is hereby granted, free of charge");
    expect(text("LICENSE-APACHE")).toContain("TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION");
  });

  test("has the licences of the libraries in its bundles", () => {
    const notices = text("THIRD-PARTY-LICENSES");
    for (const library of ["@noble/hashes", "cli-progress", "commander", "csv-stringify", "picocolors", "pure-rand"]) {
      expect(notices).toMatch(new RegExp(`^${library} \\d+\\.\\d+\\.\\d+ \\((MIT|ISC)\\)$`, "m"));
    }
    expect(notices).not.toContain("typescript");
  });

  test("has the licences of the crates in its wasm, and no others", () => {
    const [, ofWasm = ""] = text("THIRD-PARTY-LICENSES").split("ringback.wasm contains parts of these libraries.");
    const named = [...ofWasm.matchAll(/^([a-z\d_-]+) (\d+\.\d+\.\d+\S*) \(.+\)$/gm)].map(([, name = "", version = ""]) => ({ name, version }));
    expect(named.length).toBeGreaterThan(10);
    // The dependencies of the core and of its binding, in the versions of the lock file.
    const sections = ["Cargo.toml", "bindings/js/Cargo.toml"].map((manifest) => readSource(manifest).split("\n[dependencies]\n")[1]?.split("\n[")[0] ?? "");
    // An optional dependency belongs to a feature for Rust programs, which the package is built without; a path leads to the core itself.
    const lines = sections.flatMap((section) => section.split("\n")).filter((line) => !line.includes("optional = true") && !line.includes("path = "));
    const asked = lines.flatMap((line) => /^([a-z\d_-]+)(?:\.workspace)? = /.exec(line)?.slice(1) ?? []);
    expect(asked).toContain("wasm-bindgen");
    expect(asked.filter((name) => !named.some((crate) => crate.name === name))).toEqual([]);
    const locked = new Set([...readSource("Cargo.lock").matchAll(/^name = "(.+)"\nversion = "(.+)"$/gm)].map(([, name, version]) => `${name} ${version}`));
    expect(named.filter(({ name, version }) => !locked.has(`${name} ${version}`))).toEqual([]);
    // Dependencies of tests and of the build.
    for (const other of ["proptest", "serde_derive", "syn", "walrus", "anyhow"]) expect(named.map(({ name }) => name)).not.toContain(other);
    // Each notice has a text that grants a licence.
    for (const notice of ofWasm.split("-".repeat(80)).slice(1)) expect(notice).toMatch(/[Pp]ermission is hereby granted|Redistribution and use/);
    expect(ofWasm).toMatch(/^The Rust standard library \d+\.\d+\.\d+ /m);
    expect(ofWasm).not.toContain("<copyright holders>");
  });

  test("has no dependencies, and runs no script when it is installed", () => {
    const manifest = JSON.parse(text("package.json")) as object;
    const unwanted = ["dependencies", "optionalDependencies", "bundleDependencies", "bundledDependencies", "devDependencies", "scripts", "gypfile"];
    expect(unwanted.filter((key) => key in manifest)).toEqual([]);
    // Only for ringback/opentelemetry, and only if the program has it.
    expect(manifest).toMatchObject({ peerDependencies: { "@opentelemetry/api": "^1.9.0" }, peerDependenciesMeta: { "@opentelemetry/api": { optional: true } } });
    expect(Object.keys((manifest as { peerDependencies: object }).peerDependencies)).toHaveLength(1);
  });
});

describe("the source map of", () => {
  test.each(BUNDLES)("%s contains its sources, which are only TypeScript of this package and the test kit's libraries", (bundle) => {
    const code = text(bundle);
    const name = bundle.slice("dist/".length);
    expect(code.trimEnd().split("\n").at(-1)).toBe(`//# sourceMappingURL=${name}.map`);

    const { sourceRoot, sources, sourcesContent } = JSON.parse(text(`${bundle}.map`)) as SourceMap;
    expect(sourceRoot).toBeUndefined();
    // slim.js consists of re-exports, so no line of it has a source.
    if (name !== "slim.js") expect(sources).not.toEqual([]);
    expect(sources.filter(isAbsolute)).toEqual([]);
    expect(sources.filter((source) => !/^\.\.\/src\/[a-z/-]+\.ts$/.test(source) && !SCRIPTS.includes(source) && !LIBRARIES.test(source))).toEqual([]);
    expect(sourcesContent).toHaveLength(sources.length);
    expect(sourcesContent?.filter((content) => content === null || content.trim() === "")).toEqual([]);
  });
});
