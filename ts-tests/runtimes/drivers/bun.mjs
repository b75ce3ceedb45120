// Runs the checks in Bun.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writePrintingProgram } from "../pieces/program.mjs";
import { runReportingProgram } from "../pieces/programs.mjs";

export async function run({ row, directory, tools }) {
  const source = writePrintingProgram({
    row,
    head: 'import { readFileSync } from "node:fs";',
    slim: 'readFileSync(new URL(import.meta.resolve("ringback/ringback.wasm")))',
    version: "Bun.version",
    entry: 'import.meta.resolve("ringback")',
  });
  await writeFile(join(directory, "main.mjs"), source);
  return runReportingProgram(tools.bin("bun"), ["run", "main.mjs"], { cwd: directory });
}
