// What bundlers leave out of the package, and what they must not: `sideEffects` is true only where it is.
import { build, type Platform } from "esbuild";
import { rolldown } from "rolldown";
import { describe, expect, test } from "vitest";
import { INSTALLED } from "../support/tarball.js";

/** A program's bundle, without what it does not need. */
type Bundler = (program: string, platform: Platform) => Promise<string>;

const BUNDLERS: [string, Bundler][] = [
  [
    "esbuild",
    async (program, platform) => {
      const stdin = { contents: program, resolveDir: INSTALLED };
      const { outputFiles } = await build({ stdin, platform, bundle: true, minify: true, format: "esm", write: false, logLevel: "error", logOverride: { "ignored-bare-import": "silent" } });
      return outputFiles.map(({ text }) => text).join("");
    },
  ],
  [
    // Vite's. Unlike esbuild, it passes over modules that only hand on what it looks for.
    "Rolldown",
    async (program, platform) => {
      const main = `${INSTALLED}program.js`;
      const plugin = { name: "program", resolveId: (id: string) => (id === main ? id : null), load: (id: string) => (id === main ? program : null) };
      const bundle = await rolldown({ input: main, platform, plugins: [plugin] });
      const { output } = await bundle.generate({ format: "esm", minify: true });
      return output.map((file) => (file.type === "chunk" ? file.code : "")).join("");
    },
  ],
];

const WHERE_THE_WASM_LIES = /new URL\(["'`]\.\.\/ringback\.wasm["'`],\s*import\.meta\.url\)/;

describe.each(BUNDLERS)("in a bundle by %s", (_, bundle) => {
  test.each(['import {} from "ringback/slim";', 'import "ringback/slim";', 'import { createClient } from "ringback/slim";'])("nothing is left of %s", async (program) => {
    expect(await bundle(program, "browser")).toBe("");
  });

  test("little is left of a page's unused import: where the wasm lies", async () => {
    expect((await bundle('import { createClient } from "ringback";', "browser")).length).toBeLessThan(1500);
  });

  test.each(["ringback", "ringback/slim"])("isRingbackError of %s needs little else", async (name) => {
    const code = await bundle(`import { isRingbackError } from "${name}"; console.log(isRingbackError);`, "browser");
    expect(code).toContain("console.log");
    expect(code.length).toBeLessThan(1500);
  });

  test.each([
    ["init", "browser"],
    ["createClient", "browser"],
    ["init", "neutral"],
  ] as const)("%s, for the platform %s, still knows where the wasm lies", async (name, platform) => {
    const code = await bundle(`import { ${name} } from "ringback"; console.log(${name});`, platform);
    expect(WHERE_THE_WASM_LIES.test(code)).toBe(true);
  });

  test.each(['import "ringback";', 'import { createClient } from "ringback";'])("Node's entry is kept, since it loads the wasm: %s", async (program) => {
    const code = await bundle(program, "node");
    expect(code).toContain("new WebAssembly.Module(");
  });
});
