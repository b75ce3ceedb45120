// Server programs that esbuild bundles into one file. The wasm is not in the bundle, and must still be found.
import { spawnSync } from "node:child_process";
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { nodeFileTrace } from "@vercel/nft";
import { build, type Format } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findPlatform } from "../support/platforms.js";
import { createEmptyFolder, INSTALLED, createProject } from "../support/tarball.js";

const WORK = `
  const push = ${JSON.stringify(findPlatform("mixcom").push("c-1"))};
  const { key } = parsePush("mixcom", push).records[0];
  console.log(key);`;

const ESM = `import { parsePush } from "ringback"; ${WORK}`;
const COMMONJS = `const { parsePush } = require("ringback"); ${WORK}`;

type Kind = [name: string, program: string, format: Format, file: string];

/** Programs that know the path of their own file. */
const PLACED: Kind[] = [
  ["import, bundled as a module", ESM, "esm", "program.mjs"],
  ["import, bundled as CommonJS", ESM, "cjs", "imported.cjs"],
  ["require, bundled as CommonJS", COMMONJS, "cjs", "required.cjs"],
];

const KINDS: Kind[] = [...PLACED, ["require, bundled as a module", COMMONJS, "esm", "required.mjs"]];

let project: string;
let elsewhere: string;

beforeAll(() => {
  project = createProject();
  elsewhere = createEmptyFolder();
});

afterAll(() => {
  for (const folder of [project, elsewhere]) rmSync(folder, { recursive: true });
});

/** Bundles a program of the project into a file. */
async function bundleProgram(program: string, format: Format, file: string): Promise<string> {
  // Only errors, because esbuild warns that CommonJS has no import.meta.
  await build({ stdin: { contents: program, resolveDir: project }, format, outfile: file, bundle: true, platform: "node", target: "node20", logLevel: "error" });
  return file;
}

function runFile(file: string, directory: string): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { cwd: directory, encoding: "utf8" });
  return { status, stdout: stdout.trim(), stderr };
}

const FOUND = { status: 0, stdout: "mixcom:c-1", stderr: "" };

describe.each(PLACED)("a server with %s", (_, program, format, name) => {
  test("finds the wasm in the project's node_modules, from its output folder and any working directory", async () => {
    const file = await bundleProgram(program, format, join(project, "build/server", name));
    expect(runFile(file, project)).toEqual(FOUND);
    expect(runFile(file, elsewhere)).toEqual(FOUND);
  });
});

describe.each(KINDS)("a server with %s", (_, program, format, name) => {
  test("finds the wasm in the node_modules of the working directory, from a file elsewhere", async () => {
    const file = await bundleProgram(program, format, join(elsewhere, name));
    expect(runFile(file, project)).toEqual(FOUND);
  });

  test("says at its first call what is missing and what to do, if the wasm is not found", async () => {
    const file = await bundleProgram(`console.log("imported"); ${program}`, format, join(elsewhere, "alone", name));
    const { status, stdout, stderr } = runFile(file, dirname(file));
    expect([status, stdout]).toEqual([1, "imported"]);
    expect(stderr).toContain("RingbackError: the wasm module could not be loaded at import");
    expect(stderr).toContain("copy node_modules/ringback/ringback.wasm beside the bundle");
    expect(stderr).toContain("call await init() first, with the address or the bytes of ringback.wasm");
    expect(stderr).toContain("code: 'not-initialized'");
  });

  test("finds a wasm that was copied beside it, as in the folder of a deployed function", async () => {
    const file = await bundleProgram(program, format, join(elsewhere, `deployed-${name}`, name));
    copyFileSync(join(INSTALLED, "ringback.wasm"), join(dirname(file), "ringback.wasm"));
    // A program that does not know its own path searches the working directory.
    const place = PLACED.some(([, , , placed]) => placed === name) ? project.replace(/[^/\\]+$/, "") : dirname(file);
    expect(runFile(file, place)).toEqual(FOUND);
  });

  test("can load the wasm itself", async () => {
    const bytes = `process.getBuiltinModule("node:fs").readFileSync(${JSON.stringify(join(INSTALLED, "ringback.wasm"))})`;
    const bringing = program.replace("parsePush }", "init, parsePush }").replace(WORK, `init(${bytes}).then(() => { ${WORK} });`);
    const file = await bundleProgram(bringing, format, join(elsewhere, "bringing", name));
    expect(runFile(file, dirname(file))).toEqual(FOUND);
  });
});

test.each([
  ["import", "program.mjs", ESM],
  ["require", "program.cjs", COMMONJS],
])("a tracer that deploys only the needed files of a program with %s includes the wasm", async (_, name, program) => {
  const file = join(project, name);
  writeFileSync(file, program);
  const { fileList } = await nodeFileTrace([file], { base: project });
  expect([...fileList]).toContain("node_modules/ringback/ringback.wasm");
});
