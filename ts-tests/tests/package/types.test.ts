// What TypeScript, old and new, makes of the declarations: read whole, under every module resolution, for every runtime's entry.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const directory = fileURLToPath(new URL("../..", import.meta.url));

/** Programs in which all is right, and marked where it must not be. */
const RIGHT = ["types/client.ts", "types/receiver.ts", "types/slim.ts", "types/commonjs.cts"];

/** Each with one line that is wrong: if that is not found, the declarations have become `any`, and the others prove nothing. */
const WRONG = ["types/hang-up/mixcom.cts", "types/hang-up/mixcom.ts", "types/hang-up/slim.ts"];

const STRICT = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--skipLibCheck", "false", "--target", "ES2022", "--listFiles"];

const RESOLUTIONS = {
  node16: ["--module", "Node16", "--moduleResolution", "Node16"],
  nodenext: ["--module", "NodeNext", "--moduleResolution", "NodeNext"],
  bundler: ["--module", "Preserve", "--moduleResolution", "Bundler"],
};

const GLOBALS = {
  "those of a page": ["--lib", "ES2022,DOM,DOM.Iterable,DOM.AsyncIterable", "--typeRoots", "types/none"],
  "those of Node": ["--lib", "ES2022", "--types", "node"],
};

type Resolution = keyof typeof RESOLUTIONS;
type Globals = keyof typeof GLOBALS;

const NODE = ["node-cjs.d.cts", "node.d.ts", "slim.d.ts"];
const UNKNOWN = ["default.d.ts", "slim.d.ts"];

/** What tsc says of the programs: its complaints, and which entries' declarations it has read. */
async function verdict(compiler: string, resolution: Resolution, globals: Globals, ...options: string[]): Promise<{ complaints: string[]; entries: string[] }> {
  const tsc = fileURLToPath(new URL(`../../node_modules/${compiler}/bin/tsc`, import.meta.url));
  // A tsconfig.json beside named files is an error in newer compilers, and not looked at by older ones.
  const alone = compiler === "typescript-5-6" ? [] : ["--ignoreConfig"];
  const command = [tsc, ...alone, ...STRICT, ...RESOLUTIONS[resolution], ...GLOBALS[globals], ...options, ...RIGHT, ...WRONG];
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, command, { cwd: directory, maxBuffer: 2 ** 24 }, (_, stdout, stderr) => resolve(stdout + stderr));
  });
  const lines = output.trim().split("\n");
  const entries = lines.flatMap((line) => /\/ringback\/dist\/types\/entries\/(.*)$/.exec(line)?.[1] ?? []);
  return { complaints: lines.filter((line) => /error TS/.test(line)), entries: entries.sort() };
}

async function expectRight(entries: string[], ...question: Parameters<typeof verdict>): Promise<void> {
  const { complaints, entries: read } = await verdict(...question);
  const line = "\\(5,\\d+\\): error TS\\d+: Property 'hangUp' does not exist";
  expect(complaints.sort(), "the wrong lines, and nothing else").toEqual(WRONG.map((file) => expect.stringMatching(new RegExp(`^${file}${line}`))));
  expect(read).toEqual(entries);
}

const TIMEOUT = 180_000;

describe("with the newest TypeScript", () => {
  test.each<[Resolution, Globals, string[]]>([
    ["node16", "those of a page", NODE],
    ["node16", "those of Node", NODE],
    ["nodenext", "those of a page", NODE],
    ["nodenext", "those of Node", NODE],
    ["bundler", "those of a page", UNKNOWN],
    ["bundler", "those of Node", UNKNOWN],
  ])("the declarations are right by the resolution %s, the globals being %s", { timeout: TIMEOUT }, async (resolution, globals, entries) => {
    await expectRight(entries, "typescript", resolution, globals);
  });

  test.each(["workerd", "edge-light", "deno", "bun", "browser"])("those of the entry %s are right", { timeout: TIMEOUT }, async (condition) => {
    // A page is also played, by require.
    const played = condition === "browser" ? ["browser-cjs.d.cts"] : [];
    await expectRight([`${condition}.d.ts`, "slim.d.ts", ...played].sort(), "typescript", "bundler", "those of a page", "--customConditions", condition);
  });
});

// 5.6 was two years old when this was written; 6.0 is the last that is written in TypeScript.
describe.each(["typescript-5-6", "typescript-6-0"])("with %s", (compiler) => {
  test.each<[Resolution, Globals, string[]]>([
    ["node16", "those of a page", NODE],
    ["nodenext", "those of Node", NODE],
    ["bundler", "those of a page", UNKNOWN],
  ])("the declarations are right by the resolution %s, the globals being %s", { timeout: TIMEOUT }, async (resolution, globals, entries) => {
    await expectRight(entries, compiler, resolution, globals);
  });

  test("those of a Worker's entry are right", { timeout: TIMEOUT }, async () => {
    await expectRight(["slim.d.ts", "workerd.d.ts"], compiler, "bundler", "those of a page", "--customConditions", "workerd");
  });
});
