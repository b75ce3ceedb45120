// Runs the checks in a browser from a plain static server: an import map, no bundler, a strict Content-Security-Policy.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runInChromium } from "../pieces/chromium.mjs";
import { writePage, writePageProgram } from "../pieces/program.mjs";
import { buildPolicy, serve } from "../pieces/site.mjs";

export async function run({ row, directory }) {
  return runOnSite({ row, directory, report: runInChromium });
}

/** Serves such a page for any browser; `report` opens it. */
export async function runOnSite({ row, directory, report }) {
  const map = JSON.stringify({
    imports: {
      ringback: `/node_modules/ringback/dist/${row.entry}`,
      "ringback/testing": "/node_modules/ringback/dist/testing.js",
      "ringback-trap": `/node_modules/ringback-trap/dist/${row.entry}`,
      "ringback-trap/trap": "/node_modules/ringback-trap/dist/trap.js",
      "ringback-slim/slim": "/node_modules/ringback-slim/dist/slim.js",
    },
  });
  await writeFile(join(directory, "main.mjs"), writePageProgram({ row, slim: 'fetch("/node_modules/ringback/ringback.wasm")' }));
  await writeFile(join(directory, "index.html"), writePage({ script: "/main.mjs", head: `<script type="importmap">${map}</script>` }));
  const site = await serve({ directory, headers: buildPolicy(map) });
  try {
    return await report({ site });
  } finally {
    await site.close();
  }
}
