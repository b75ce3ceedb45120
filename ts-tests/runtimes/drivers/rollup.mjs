// Runs the checks in a Rollup bundle from a plain static server.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkInChromium } from "../pieces/built.mjs";
import { writePage, writePageProgram } from "../pieces/program.mjs";

export async function run({ row, directory, tools, packages }) {
  await writeFile(join(directory, "main.mjs"), writePageProgram({ row }));
  const built = join(directory, "built");
  const { rollup } = await tools.module("rollup");
  const { nodeResolve } = await tools.module("@rollup/plugin-node-resolve");
  const { importMetaAssets } = await tools.module("@web/rollup-plugin-import-meta-assets");
  const bundle = await rollup({ input: join(directory, "main.mjs"), plugins: [nodeResolve({ browser: true }), importMetaAssets()] });
  await bundle.write({ dir: built, format: "es" });
  await bundle.close();
  await writeFile(join(built, "index.html"), writePage({ script: "/main.js" }));
  return checkInChromium({ built, packages });
}
