// Runs the checks in an esbuild bundle from a plain static server. esbuild does not support `new URL(…, import.meta.url)`, so the loader `file` copies the wasm.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkInChromium } from "../pieces/built.mjs";
import { findEntry } from "../pieces/bundle.mjs";
import { writePage, writePageProgram } from "../pieces/program.mjs";
import { runProgram } from "../pieces/programs.mjs";

export async function run({ row, directory, tools, packages }) {
  const source = writePageProgram({
    row,
    head: 'import ringbackFile from "ringback/ringback.wasm";\nimport trappingFile from "ringback-trap/ringback.wasm";',
    ringback: "new URL(ringbackFile, import.meta.url)",
    trapping: "new URL(trappingFile, import.meta.url)",
  });
  await writeFile(join(directory, "main.mjs"), source);
  const built = join(directory, "built");
  await runProgram(tools.bin("esbuild"), ["main.mjs", "--bundle", "--format=esm", "--minify", "--loader:.wasm=file", "--metafile=meta.json", `--outdir=${built}`], { cwd: directory });
  await writeFile(join(built, "index.html"), writePage({ script: "/main.js" }));
  return { ...(await checkInChromium({ built, packages })), entry: await findEntry(join(directory, "meta.json")) };
}
