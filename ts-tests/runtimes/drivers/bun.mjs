// Bun.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { printingProgram } from "../pieces/program.mjs";
import { reportOf } from "../pieces/programs.mjs";

export async function run({ row, directory, tools }) {
  const source = printingProgram({
    row,
    head: 'import { readFileSync } from "node:fs";',
    slim: 'readFileSync(new URL(import.meta.resolve("ringback/ringback.wasm")))',
    version: "Bun.version",
    entry: 'import.meta.resolve("ringback")',
  });
  await writeFile(join(directory, "main.mjs"), source);
  return reportOf(tools.bin("bun"), ["run", "main.mjs"], { cwd: directory });
}
