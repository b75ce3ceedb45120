// Deno, with the permissions that the row gives and no others.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { printingProgram } from "../pieces/program.mjs";
import { reportOf } from "../pieces/programs.mjs";

export async function run({ row, directory, tools }) {
  const source = printingProgram({
    row,
    from: "npm:ringback",
    head: 'import source wasm from "ringback/ringback.wasm";',
    slim: "wasm",
    version: "Deno.version.deno",
    entry: 'import.meta.resolve("npm:ringback")',
  });
  await writeFile(join(directory, "main.mjs"), source);
  return reportOf(tools.bin("deno"), ["run", "--no-prompt", ...row.options.permissions, "main.mjs"], { cwd: directory });
}
