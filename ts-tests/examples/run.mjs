// Runs the examples that a user copies, each from the packed tarball in a throw-away copy:
//   node run.mjs [--all] [--skip NAME[,NAME]]... [--package TARBALL] [EXAMPLE ...]
// NAME is a row's id or something that it needs. What is missing fails its row, unless it is skipped. The tools are those of ../runtimes.
import { resolve } from "node:path";
import { runSuite } from "../runtimes/pieces/suite.mjs";
import * as tools from "../runtimes/pieces/tools.mjs";
import ROWS from "./examples.json" with { type: "json" };
import { copyOf, packedTarball } from "./pieces/copy.mjs";

await runSuite({
  rows: ROWS,
  name: "examples",
  options: { package: { type: "string" } },
  prepare: async ({ values }) => resolve(values.package ?? (await packedTarball())),
  async prove({ row, directory, prepared: tarball }) {
    await copyOf({ example: row.runtime, tarball, directory });
    const { run } = await import(`./drivers/${row.driver}.mjs`);
    return run({ directory, tools });
  },
});
