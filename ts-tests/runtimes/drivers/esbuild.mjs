// An esbuild bundle, served by a plain static server. esbuild knows no `new URL(…, import.meta.url)`: the loader `file` carries the wasm along.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { provenInChromium } from "../pieces/built.mjs";
import { entryIn } from "../pieces/bundle.mjs";
import { page, pageProgram } from "../pieces/program.mjs";
import { ran } from "../pieces/programs.mjs";

export async function run({ row, directory, tools, packages }) {
  const source = pageProgram({
    row,
    head: 'import ringbackFile from "ringback/ringback.wasm";\nimport trappingFile from "ringback-trap/ringback.wasm";',
    ringback: "new URL(ringbackFile, import.meta.url)",
    trapping: "new URL(trappingFile, import.meta.url)",
  });
  await writeFile(join(directory, "main.mjs"), source);
  const built = join(directory, "built");
  await ran(tools.bin("esbuild"), ["main.mjs", "--bundle", "--format=esm", "--minify", "--loader:.wasm=file", "--metafile=meta.json", `--outdir=${built}`], { cwd: directory });
  await writeFile(join(built, "index.html"), page({ script: "/main.js" }));
  return { ...(await provenInChromium({ built, packages })), entry: await entryIn(join(directory, "meta.json")) };
}
