// Runs the checks in a Vite build without configuration, from a plain static server.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkInChromium } from "../pieces/built.mjs";
import { writePage, writePageProgram } from "../pieces/program.mjs";
import { runProgram } from "../pieces/programs.mjs";

export async function run({ row, directory, tools, packages }) {
  await writeFile(join(directory, "main.mjs"), writePageProgram({ row }));
  await writeFile(join(directory, "index.html"), writePage({ script: "/main.mjs" }));
  await runProgram(tools.bin("vite"), ["build"], { cwd: directory });
  const built = join(directory, "dist");
  return checkInChromium({ built, packages });
}
