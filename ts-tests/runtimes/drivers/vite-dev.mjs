// Runs the checks with Vite's development server without configuration. It serves the page; another server receives the report.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runInChromium } from "../pieces/chromium.mjs";
import { writePage, writePageProgram } from "../pieces/program.mjs";
import { startServer } from "../pieces/programs.mjs";
import { serve } from "../pieces/site.mjs";

export async function run({ row, directory, tools }) {
  const site = await serve({});
  try {
    await writeFile(join(directory, "main.mjs"), writePageProgram({ row, reportTo: `${site.address}/report` }));
    await writeFile(join(directory, "index.html"), writePage({ script: "/main.mjs" }));
    const vite = await startServer(tools.bin("vite"), ["--host=127.0.0.1", "--port=0"], { cwd: directory, ready: /http:\/\/127\.0\.0\.1:\d+/ });
    try {
      return await runInChromium({ site, address: vite.match[0] });
    } finally {
      await vite.stop();
    }
  } finally {
    await site.close();
  }
}
