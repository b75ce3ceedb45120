// A Vite build without configuration, served by a plain static server.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { copiesIn } from "../pieces/bundle.mjs";
import { reportInChromium } from "../pieces/chromium.mjs";
import { page, pageProgram } from "../pieces/program.mjs";
import { ran } from "../pieces/programs.mjs";
import { policy, serve } from "../pieces/site.mjs";

export async function run({ row, directory, tools, packages }) {
  await writeFile(join(directory, "main.mjs"), pageProgram({ row }));
  await writeFile(join(directory, "index.html"), page({ script: "/main.mjs" }));
  await ran(tools.bin("vite"), ["build"], { cwd: directory });
  const built = join(directory, "dist");
  const site = await serve({ directory: built, headers: policy() });
  try {
    const { version, checks } = await reportInChromium({ site });
    return { version, checks: [...checks, ...(await copiesIn(built, packages))] };
  } finally {
    await site.close();
  }
}
