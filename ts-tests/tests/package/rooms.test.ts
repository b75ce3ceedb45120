// Checks the imports of the package's sources: no circles, and one direction between rooms. Type imports count like any other.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
// TypeScript 7 has no interface that lists a file's imports.
import ts from "typescript-6-0";

const SOURCES = fileURLToPath(new URL("../../../pkg-template/src/", import.meta.url));

/** The rooms from which every upper room may import. */
const BELOW = ["client", "receiver", "router", "core", "model", "generated"];

/** The rooms that each room may import from, besides itself. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  // Generated types name two types that are written by hand.
  generated: ["model"],
  // The wasm's own JavaScript.
  wasm: [],
  model: ["generated"],
  core: ["model", "generated", "wasm"],
  client: ["core", "model", "generated", "wasm"],
  receiver: ["core", "model", "generated", "wasm"],
  router: ["client", "core", "model", "generated", "wasm"],
  sql: BELOW,
  opentelemetry: BELOW,
  // Texts only.
  zh: ["model", "generated"],
  node: BELOW,
  testing: BELOW,
  // Otherwise it imports the package by its name.
  cli: BELOW,
  // What every entry of the package exports.
  "index.ts": BELOW,
  entries: [...BELOW, "index.ts", "sql", "node", "opentelemetry", "zh", "testing", "cli", "wasm"],
};

type Graph = ReadonlyMap<string, readonly string[]>;

/** Reads the relative imports of files. `read` gives a file's text, `resolve` the file that an import leads to. */
function readImports(files: readonly string[], read: (file: string) => string, exists: (file: string) => boolean): { graph: Graph; unresolved: string[] } {
  const unresolved: string[] = [];
  const graph = new Map(
    files.map((file) => {
      const specifiers = ts.preProcessFile(read(file), true, true).importedFiles.map(({ fileName }) => fileName);
      const imported = specifiers.flatMap((specifier) => {
        if (!specifier.startsWith(".")) return [];
        const place = join(dirname(file), specifier);
        const found = [place.replace(/\.js$/, ".ts"), place.replace(/\.js$/, ".d.ts")].find(exists);
        if (found === undefined) unresolved.push(`${file}: ${specifier}`);
        return found ?? [];
      });
      return [file, imported] as const;
    }),
  );
  return { graph, unresolved };
}

/** Finds the shortest circle of imports through each file, each circle once. */
function findCircles(graph: Graph): string[] {
  const circles = new Map<string, string>();
  for (const start of graph.keys()) {
    const before = new Map<string, string>();
    const queue = [start];
    for (const file of queue) {
      for (const next of graph.get(file) ?? []) {
        if (before.has(next)) continue;
        before.set(next, file);
        queue.push(next);
      }
    }
    if (!before.has(start)) continue;
    const circle = [start];
    for (let file = before.get(start); file !== undefined && file !== start; file = before.get(file)) circle.unshift(file);
    const members = [...circle].sort().join();
    if (!circles.has(members)) circles.set(members, [start, ...circle].join(" > "));
  }
  return [...circles.values()];
}

const roomOf = (file: string): string => file.split("/")[0] ?? file;

describe("the imports of the package's sources", () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts"));
  const { graph, unresolved } = readImports(
    files,
    (file) => readFileSync(join(SOURCES, file), "utf8"),
    // wasm-bindgen writes the wasm's JavaScript and its declarations when the package is built.
    (file) => file === "wasm/ringback.d.ts" || existsSync(join(SOURCES, file)),
  );

  test("all lead to a file", () => {
    expect([...graph.values()].flat().length).toBeGreaterThan(files.length);
    // The wasm itself.
    expect(unresolved.filter((line) => !/\/ringback\.wasm(\?module)?$/.test(line))).toEqual([]);
  });

  test("form no circle", () => {
    expect(findCircles(graph)).toEqual([]);
  });

  test("go between rooms in one direction only", () => {
    const wrong = [...graph].flatMap(([file, imported]) =>
      imported.filter((other) => roomOf(other) !== roomOf(file) && !ARROWS[roomOf(file)]?.includes(roomOf(other))).map((other) => `${file} > ${other}`),
    );
    expect(wrong).toEqual([]);
  });
});

test("a circle of type imports is found in each of their forms", () => {
  const sources: Record<string, string> = {
    "a/one.ts": 'import type { Two } from "../b/two.js";\nexport interface One { two: Two }\n',
    "b/two.ts": 'export type { Three } from "./three.js";\n',
    "b/three.ts": 'export type Three = import("../a/one.js").One;\n',
    "b/four.ts": 'import { type One } from "../a/one.js";\nimport "./five.js";\n',
  };
  const { graph, unresolved } = readImports(Object.keys(sources), (file) => sources[file] ?? "", (file) => file in sources);
  expect(findCircles(graph)).toEqual(["a/one.ts > b/two.ts > b/three.ts > a/one.ts"]);
  expect(unresolved).toEqual(["b/four.ts: ./five.js"]);
});
