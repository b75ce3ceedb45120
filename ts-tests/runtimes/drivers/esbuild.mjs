// An esbuild bundle, served by a plain static server. esbuild knows no `new URL(…, import.meta.url)`: the loader `file` carries the wasm along.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { copiesIn, entryIn } from "../pieces/bundle.mjs";
import { reportInChromium } from "../pieces/chromium.mjs";
import { page, pageProgram } from "../pieces/program.mjs";
import { ran } from "../pieces/programs.mjs";
import { policy, serve } from "../pieces/site.mjs";

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
  const site = await serve({ directory: built, headers: policy() });
  try {
    const { version, checks } = await reportInChromium({ site });
    return { version, entry: await entryIn(join(directory, "meta.json")), checks: [...checks, ...(await copiesIn(built, packages))] };
  } finally {
    await site.close();
  }
}
