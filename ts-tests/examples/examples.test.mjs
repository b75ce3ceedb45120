// The examples that a user copies, each from the packed tarball in a throw-away copy. The tools are those of ../runtimes.
import { testRows } from "../runtimes/pieces/suite.mjs";
import * as tools from "../runtimes/pieces/tools.mjs";
import ROWS from "./examples.json" with { type: "json" };
import { copyOf, packedTarball } from "./pieces/copy.mjs";

testRows({
  rows: ROWS,
  name: "examples",
  prepare: packedTarball,
  async prove({ row, directory, prepared: tarball }) {
    await copyOf({ example: row.runtime, tarball, directory });
    const { run } = await import(`./drivers/${row.driver}.mjs`);
    return run({ directory, tools });
  },
});
