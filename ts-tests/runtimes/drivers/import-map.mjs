// A browser and a plain static server: an import map, no bundler, under a strict Content-Security-Policy.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { reportInChromium } from "../pieces/chromium.mjs";
import { page, pageProgram } from "../pieces/program.mjs";
import { policy, serve } from "../pieces/site.mjs";

export async function run({ row, directory }) {
  return onSite({ row, directory, report: reportInChromium });
}

/** The site of such a page, for any browser: `report` opens it. */
export async function onSite({ row, directory, report }) {
  const map = JSON.stringify({
    imports: {
      ringback: `/node_modules/ringback/dist/${row.entry}`,
      "ringback/testing": "/node_modules/ringback/dist/testing.js",
      "ringback-trap": `/node_modules/ringback-trap/dist/${row.entry}`,
      "ringback-trap/trap": "/node_modules/ringback-trap/dist/trap.js",
      "ringback-slim/slim": "/node_modules/ringback-slim/dist/slim.js",
    },
  });
  await writeFile(join(directory, "main.mjs"), pageProgram({ row, slim: 'fetch("/node_modules/ringback/ringback.wasm")' }));
  await writeFile(join(directory, "index.html"), page({ script: "/main.mjs", head: `<script type="importmap">${map}</script>` }));
  const site = await serve({ directory, headers: policy(map) });
  try {
    return await report({ site });
  } finally {
    await site.close();
  }
}
