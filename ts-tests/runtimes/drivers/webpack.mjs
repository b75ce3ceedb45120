// A webpack bundle without configuration, served by a plain static server.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { copiesIn } from "../pieces/bundle.mjs";
import { reportInChromium } from "../pieces/chromium.mjs";
import { page, pageProgram } from "../pieces/program.mjs";
import { ran } from "../pieces/programs.mjs";
import { policy, serve } from "../pieces/site.mjs";

export async function run({ row, directory, tools, packages }) {
  await writeFile(join(directory, "main.mjs"), pageProgram({ row }));
  const built = join(directory, "built");
  const webpack = [tools.file("webpack-cli/bin/cli.js"), "--mode=production", "--entry=./main.mjs", `--output-path=${built}`];
  await ran(tools.node(row.options.node), webpack, { cwd: directory });
  // Its output is a classic script unless configured otherwise.
  await writeFile(join(built, "index.html"), page({ script: "/main.js", type: "text/javascript" }));
  const site = await serve({ directory: built, headers: policy() });
  try {
    const { version, checks } = await reportInChromium({ site });
    return { version, checks: [...checks, ...(await copiesIn(built, packages))] };
  } finally {
    await site.close();
  }
}
