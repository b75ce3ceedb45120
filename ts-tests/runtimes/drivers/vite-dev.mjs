// Vite's development server without configuration. It serves the page; the report goes to a server beside it.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { reportInChromium } from "../pieces/chromium.mjs";
import { page, pageProgram } from "../pieces/program.mjs";
import { started } from "../pieces/programs.mjs";
import { serve } from "../pieces/site.mjs";

export async function run({ row, directory, tools }) {
  const site = await serve({});
  try {
    await writeFile(join(directory, "main.mjs"), pageProgram({ row, reportTo: `${site.address}/report` }));
    await writeFile(join(directory, "index.html"), page({ script: "/main.mjs" }));
    const vite = await started(tools.bin("vite"), ["--host=127.0.0.1", "--port=0"], { cwd: directory, ready: /http:\/\/127\.0\.0\.1:\d+/ });
    try {
      return await reportInChromium({ site, address: vite.match[0] });
    } finally {
      await vite.stop();
    }
  } finally {
    await site.close();
  }
}
