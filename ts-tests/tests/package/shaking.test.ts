// Checks the parts of the package that bundlers remove and must not remove: `sideEffects` names only files that have side effects.
import { build, type Platform } from "esbuild";
import { rolldown } from "rolldown";
import { describe, expect, test } from "vitest";
import { INSTALLED } from "../support/tarball.js";

/** Bundles a program without its unused code. */
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
    // Vite's bundler. Unlike esbuild, it skips modules that only re-export.
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

const WASM_ADDRESS = /new URL\(["'`]\.\.\/ringback\.wasm["'`],\s*import\.meta\.url\)/;

/** In bytes. The finalizers of the four handles stay in a bundle: no bundler knows that they have no effect. */
const LIMIT = 1900;

describe.each(BUNDLERS)("in a bundle by %s", (_, bundle) => {
  test.each(['import {} from "ringback/slim";', 'import "ringback/slim";', 'import { createClient } from "ringback/slim";'])("%s leaves nothing in the bundle", async (program) => {
    expect(await bundle(program, "browser")).toBe("");
  });

  test("an unused import in a page leaves only the address of the wasm", async () => {
    expect((await bundle('import { createClient } from "ringback";', "browser")).length).toBeLessThan(LIMIT);
  });

  test.each(["ringback", "ringback/slim"])("isRingbackError of %s brings little other code", async (name) => {
    const code = await bundle(`import { isRingbackError } from "${name}"; console.log(isRingbackError);`, "browser");
    expect(code).toContain("console.log");
    expect(code.length).toBeLessThan(LIMIT);
  });

  test.each([
    ["init", "browser"],
    ["createClient", "browser"],
    ["init", "neutral"],
  ] as const)("%s, for the platform %s, keeps the address of the wasm", async (name, platform) => {
    const code = await bundle(`import { ${name} } from "ringback"; console.log(${name});`, platform);
    expect(WASM_ADDRESS.test(code)).toBe(true);
  });

  test.each(['import "ringback";', 'import { createClient } from "ringback";'])("Node's entry is kept, because it loads the wasm: %s", async (program) => {
    const code = await bundle(program, "node");
    expect(code).toContain("new WebAssembly.Module(");
  });
});
