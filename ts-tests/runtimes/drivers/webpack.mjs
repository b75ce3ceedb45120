// Runs the checks in a webpack bundle without configuration, from a plain static server.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkInChromium } from "../pieces/built.mjs";
import { writePage, writePageProgram } from "../pieces/program.mjs";
import { runProgram } from "../pieces/programs.mjs";

export async function run({ row, directory, tools, packages }) {
  await writeFile(join(directory, "main.mjs"), writePageProgram({ row }));
  const built = join(directory, "built");
  const webpack = [tools.file("webpack-cli/bin/cli.js"), "--mode=production", "--entry=./main.mjs", `--output-path=${built}`];
  await runProgram(tools.node(row.options.node), webpack, { cwd: directory });
  // Without configuration, the output is a classic script.
  await writeFile(join(built, "index.html"), writePage({ script: "/main.js", type: "text/javascript" }));
  return checkInChromium({ built, packages });
}
