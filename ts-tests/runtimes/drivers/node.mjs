// Runs the checks in Node.js, with import or require.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writePrintingProgram } from "../pieces/program.mjs";
import { runReportingProgram } from "../pieces/programs.mjs";

const KINDS = {
  import: {
    file: "main.mjs",
    head: 'import { readFileSync } from "node:fs";',
    slim: 'readFileSync(new URL(import.meta.resolve("ringback/ringback.wasm")))',
    entry: 'import.meta.resolve("ringback")',
  },
  require: {
    file: "main.cjs",
    head: 'const { readFileSync } = require("node:fs");',
    slim: 'readFileSync(require.resolve("ringback/ringback.wasm"))',
    entry: 'require.resolve("ringback")',
    require: true,
  },
};

export async function run({ row, directory, tools }) {
  const { file, ...kind } = KINDS[row.how];
  await writeFile(join(directory, file), writePrintingProgram({ row, version: "process.version", ...kind }));
  return runReportingProgram(tools.node(row.options.node), [file], { cwd: directory });
}
