// The package's sources: no circle of imports, and arrows between rooms that run one way. Imports of types count as any other does.
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import madge from "madge";
import { beforeAll, describe, expect, test } from "vitest";

const SOURCES = fileURLToPath(new URL("../../pkg-template/src/", import.meta.url));

/** The rooms that each room may import from, besides itself. `index.ts` is what every entry of the package exports. */
const ARROWS = {
  generated: [],
  wasm: [],
  model: ["generated"],
  core: ["generated", "model", "wasm"],
  client: ["core", "generated", "model"],
  receiver: ["core", "generated", "model"],
  sql: ["core", "model", "receiver"],
  node: ["model", "receiver"],
  testing: ["model"],
  cli: ["model"],
  "index.ts": ["client", "core", "generated", "model", "receiver"],
  entries: ["cli", "core", "index.ts", "node", "receiver", "sql", "testing", "wasm"],
};

const roomOf = (file) => file.split("/")[0];

/** The files, each with those that it imports; the circles among them; and the imports that lead to no file here. */
async function imports(files) {
  const graph = await madge(files, {
    baseDir: SOURCES,
    fileExtensions: ["ts"],
    tsConfig: { compilerOptions: { module: "nodenext", moduleResolution: "nodenext", target: "es2022" } },
    detectiveOptions: { ts: { mixedImports: true, skipTypeImports: false } },
  });
  return { files: graph.obj(), circles: graph.circular(), unresolved: graph.warnings().skipped };
}

describe("the imports of the package's sources", () => {
  let found;
  beforeAll(async () => {
    found = await imports(SOURCES);
  }, 120_000);

  test("are all read", () => {
    const files = readdirSync(SOURCES, { recursive: true }).filter((file) => file.endsWith(".ts")).map((file) => file.replaceAll("\\", "/"));
    expect(Object.keys(found.files).filter((file) => file.endsWith(".ts")).sort()).toEqual(files.sort());
    // The package by its own name, and what only a build makes.
    const known = /^ringback(\/\w+)?$|^\.{1,2}\/generated\/\w+\.js$|\/ringback\.wasm(\?module)?$/;
    expect(found.unresolved.filter((specifier) => !known.test(specifier))).toEqual([]);
  });

  test("make no circle", () => {
    expect(found.circles.map((circle) => circle.join(" > "))).toEqual([]);
  });

  test("lead from room to room one way only", () => {
    const wrong = Object.entries(found.files).flatMap(([file, imported]) =>
      imported.filter((other) => roomOf(other) !== roomOf(file) && !ARROWS[roomOf(file)]?.includes(roomOf(other))).map((other) => `${file} > ${other}`),
    );
    expect(wrong).toEqual([]);
  });
});

test("a circle of type imports is found", async () => {
  const { circles } = await imports(fileURLToPath(new URL("circle/", import.meta.url)));
  expect(circles.map((circle) => circle.length)).toEqual([2]);
});
