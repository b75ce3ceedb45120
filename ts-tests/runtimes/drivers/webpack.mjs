// A webpack bundle without configuration, served by a plain static server.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { provenInChromium } from "../pieces/built.mjs";
import { page, pageProgram } from "../pieces/program.mjs";
import { ran } from "../pieces/programs.mjs";

export async function run({ row, directory, tools, packages }) {
  await writeFile(join(directory, "main.mjs"), pageProgram({ row }));
  const built = join(directory, "built");
  const webpack = [tools.file("webpack-cli/bin/cli.js"), "--mode=production", "--entry=./main.mjs", `--output-path=${built}`];
  await ran(tools.node(row.options.node), webpack, { cwd: directory });
  // Its output is a classic script unless configured otherwise.
  await writeFile(join(built, "index.html"), page({ script: "/main.js", type: "text/javascript" }));
  return provenInChromium({ built, packages });
}
