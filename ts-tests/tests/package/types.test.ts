// Compiles programs against the declarations with old and new TypeScript, under every module resolution, for every runtime's entry.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const directory = fileURLToPath(new URL("../..", import.meta.url));

/** Valid programs, which mark the lines that must be errors. */
const RIGHT = ["types/client.ts", "types/receiver.ts", "types/slim.ts", "types/commonjs.cts"];

/** Programs with one wrong line. If it is not reported, the declarations have become `any`, and the valid programs prove nothing. */
const WRONG = ["types/hang-up/mixcom.cts", "types/hang-up/mixcom.ts", "types/hang-up/slim.ts"];

const STRICT = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--skipLibCheck", "false", "--target", "ES2022", "--listFiles"];

const RESOLUTIONS = {
  node16: ["--module", "Node16", "--moduleResolution", "Node16"],
  nodenext: ["--module", "NodeNext", "--moduleResolution", "NodeNext"],
  bundler: ["--module", "Preserve", "--moduleResolution", "Bundler"],
};

const GLOBALS = {
  "a page's": ["--lib", "ES2022,DOM,DOM.Iterable,DOM.AsyncIterable", "--typeRoots", "types/none"],
  "Node's": ["--lib", "ES2022", "--types", "node"],
};

type Resolution = keyof typeof RESOLUTIONS;
type Globals = keyof typeof GLOBALS;

const NODE = ["node-cjs.d.cts", "node.d.ts", "slim.d.ts"];
const UNKNOWN = ["default.d.ts", "slim.d.ts"];

/** Runs tsc on the programs, and returns its errors and the entries whose declarations it has read. */
async function compile(compiler: string, resolution: Resolution, globals: Globals, ...options: string[]): Promise<{ complaints: string[]; entries: string[] }> {
  const tsc = fileURLToPath(new URL(`../../node_modules/${compiler}/bin/tsc`, import.meta.url));
  // Newer compilers report an error for a tsconfig.json beside named files; older ones ignore it.
  const alone = compiler === "typescript-5-6" ? [] : ["--ignoreConfig"];
  const command = [tsc, ...alone, ...STRICT, ...RESOLUTIONS[resolution], ...GLOBALS[globals], ...options, ...RIGHT, ...WRONG];
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, command, { cwd: directory, maxBuffer: 2 ** 24 }, (_, stdout, stderr) => resolve(stdout + stderr));
  });
  const lines = output.trim().split("\n");
  const entries = lines.flatMap((line) => /\/ringback\/dist\/types\/entries\/(.*)$/.exec(line)?.[1] ?? []);
  return { complaints: lines.filter((line) => /error TS/.test(line)), entries: entries.sort() };
}

async function expectRight(entries: string[], ...question: Parameters<typeof compile>): Promise<void> {
  const { complaints, entries: read } = await compile(...question);
  const line = "\\(5,\\d+\\): error TS\\d+: Property 'hangUp' does not exist";
  expect(complaints.sort(), "only the wrong lines are reported").toEqual(WRONG.map((file) => expect.stringMatching(new RegExp(`^${file}${line}`))));
  expect(read).toEqual(entries);
}

const TIMEOUT = 180_000;

describe("with the newest TypeScript", () => {
  test.each<[Resolution, Globals, string[]]>([
    ["node16", "a page's", NODE],
    ["node16", "Node's", NODE],
    ["nodenext", "a page's", NODE],
    ["nodenext", "Node's", NODE],
    ["bundler", "a page's", UNKNOWN],
    ["bundler", "Node's", UNKNOWN],
  ])("the declarations are correct with the resolution %s and %s globals", { timeout: TIMEOUT }, async (resolution, globals, entries) => {
    await expectRight(entries, "typescript", resolution, globals);
  });

  test.each(["workerd", "edge-light", "deno", "bun", "browser"])("the declarations of the entry %s are correct", { timeout: TIMEOUT }, async (condition) => {
    // A simulated page also loads the entry for require.
    const played = condition === "browser" ? ["browser-cjs.d.cts"] : [];
    await expectRight([`${condition}.d.ts`, "slim.d.ts", ...played].sort(), "typescript", "bundler", "a page's", "--customConditions", condition);
  });
});

// 5.6 was two years old when this was written; 6.0 is the last version that is itself written in TypeScript.
describe.each(["typescript-5-6", "typescript-6-0"])("with %s", (compiler) => {
  test.each<[Resolution, Globals, string[]]>([
    ["node16", "a page's", NODE],
    ["nodenext", "Node's", NODE],
    ["bundler", "a page's", UNKNOWN],
  ])("the declarations are correct with the resolution %s and %s globals", { timeout: TIMEOUT }, async (resolution, globals, entries) => {
    await expectRight(entries, compiler, resolution, globals);
  });

  test("the declarations of a Worker's entry are correct", { timeout: TIMEOUT }, async () => {
    await expectRight(["slim.d.ts", "workerd.d.ts"], compiler, "bundler", "a page's", "--customConditions", "workerd");
  });
});
