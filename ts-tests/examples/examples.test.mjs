// Tests the examples for users, each with the packed tarball in a temporary copy. The tools are those of ../runtimes.
import { defineRowTests } from "../runtimes/pieces/suite.mjs";
import * as tools from "../runtimes/pieces/tools.mjs";
import ROWS from "./examples.json" with { type: "json" };
import { copyExample, findPackedTarball } from "./pieces/copy.mjs";

defineRowTests({
  rows: ROWS,
  name: "examples",
  prepare: findPackedTarball,
  async prove({ row, directory, prepared: tarball }) {
    await copyExample({ example: row.runtime, tarball, directory });
    const { run } = await import(`./drivers/${row.driver}.mjs`);
    return run({ directory, tools });
  },
});
