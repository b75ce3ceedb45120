// Servers' programs, bundled by esbuild into one file: the wasm stays behind, and must be found all the same.
import { spawnSync } from "node:child_process";
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { nodeFileTrace } from "@vercel/nft";
import { build, type Format } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { platform } from "../support/platforms.js";
import { emptyFolder, INSTALLED, projectWithPackage } from "../support/tarball.js";

const WORK = `
  const push = ${JSON.stringify(platform("mixcom").push("c-1"))};
  const { key } = parsePush("mixcom", push).records[0];
  console.log(key);`;

const ESM = `import { parsePush } from "ringback"; ${WORK}`;
const COMMONJS = `const { parsePush } = require("ringback"); ${WORK}`;

type Kind = [name: string, program: string, format: Format, file: string];

/** Their own file is known to these, in one way or another. */
const PLACED: Kind[] = [
  ["import, bundled as a module", ESM, "esm", "program.mjs"],
  ["import, bundled as CommonJS", ESM, "cjs", "imported.cjs"],
  ["require, bundled as CommonJS", COMMONJS, "cjs", "required.cjs"],
];

const KINDS: Kind[] = [...PLACED, ["require, bundled as a module", COMMONJS, "esm", "required.mjs"]];

let project: string;
let elsewhere: string;

beforeAll(() => {
  project = projectWithPackage();
  elsewhere = emptyFolder();
});

afterAll(() => {
  for (const folder of [project, elsewhere]) rmSync(folder, { recursive: true });
});

/** Bundles a program of the project's into a file. */
async function bundled(program: string, format: Format, file: string): Promise<string> {
  // It warns that CommonJS knows no import.meta.
  await build({ stdin: { contents: program, resolveDir: project }, format, outfile: file, bundle: true, platform: "node", target: "node20", logLevel: "error" });
  return file;
}

function outcomeOf(file: string, directory: string): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { cwd: directory, encoding: "utf8" });
  return { status, stdout: stdout.trim(), stderr };
}

const FOUND = { status: 0, stdout: "mixcom:c-1", stderr: "" };

describe.each(PLACED)("a server with %s", (_, program, format, name) => {
  test("finds the wasm in the project's node_modules, from a folder of its output, wherever it is started", async () => {
    const file = await bundled(program, format, join(project, "build/server", name));
    expect(outcomeOf(file, project)).toEqual(FOUND);
    expect(outcomeOf(file, elsewhere)).toEqual(FOUND);
  });
});

describe.each(KINDS)("a server with %s", (_, program, format, name) => {
  test("finds the wasm in the node_modules of the working directory, from a file somewhere else", async () => {
    const file = await bundled(program, format, join(elsewhere, name));
    expect(outcomeOf(file, project)).toEqual(FOUND);
  });

  test("says at its first call, where the wasm is nowhere, what is missing and what to do", async () => {
    const file = await bundled(`console.log("imported"); ${program}`, format, join(elsewhere, "alone", name));
    const { status, stdout, stderr } = outcomeOf(file, dirname(file));
    expect([status, stdout]).toEqual([1, "imported"]);
    expect(stderr).toContain("RingbackError: the wasm module could not be loaded at import");
    expect(stderr).toContain("copy node_modules/ringback/ringback.wasm beside the bundle");
    expect(stderr).toContain("call await init() first, with the address or the bytes of ringback.wasm");
    expect(stderr).toContain("code: 'not-initialized'");
  });

  test("finds the wasm that was copied beside it, as a function's folder is deployed", async () => {
    const file = await bundled(program, format, join(elsewhere, `deployed-${name}`, name));
    copyFileSync(join(INSTALLED, "ringback.wasm"), join(dirname(file), "ringback.wasm"));
    // Where no name of its own tells it where it is, the folder that it is started in does.
    const place = PLACED.some(([, , , placed]) => placed === name) ? project.replace(/[^/\\]+$/, "") : dirname(file);
    expect(outcomeOf(file, place)).toEqual(FOUND);
  });

  test("can bring the wasm itself", async () => {
    const bytes = `process.getBuiltinModule("node:fs").readFileSync(${JSON.stringify(join(INSTALLED, "ringback.wasm"))})`;
    const bringing = program.replace("parsePush }", "init, parsePush }").replace(WORK, `init(${bytes}).then(() => { ${WORK} });`);
    const file = await bundled(bringing, format, join(elsewhere, "bringing", name));
    expect(outcomeOf(file, dirname(file))).toEqual(FOUND);
  });
});

test.each([
  ["import", "program.mjs", ESM],
  ["require", "program.cjs", COMMONJS],
])("a tracer that deploys only what a program with %s needs takes the wasm along", async (_, name, program) => {
  const file = join(project, name);
  writeFileSync(file, program);
  const { fileList } = await nodeFileTrace([file], { base: project });
  expect([...fileList]).toContain("node_modules/ringback/ringback.wasm");
});
