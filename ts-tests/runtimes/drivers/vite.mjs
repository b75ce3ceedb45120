// A Vite build without configuration, served by a plain static server.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { provenInChromium } from "../pieces/built.mjs";
import { page, pageProgram } from "../pieces/program.mjs";
import { ran } from "../pieces/programs.mjs";

export async function run({ row, directory, tools, packages }) {
  await writeFile(join(directory, "main.mjs"), pageProgram({ row }));
  await writeFile(join(directory, "index.html"), page({ script: "/main.mjs" }));
  await ran(tools.bin("vite"), ["build"], { cwd: directory });
  const built = join(directory, "dist");
  return provenInChromium({ built, packages });
}
