// Tests the contract of ringback/sql in every supported database: the same checks for each, with the packed tarball.
// A missing store fails all of its checks, unless RINGBACK_SKIP names it or one of its needs. A store that has to run already is tested if
// its environment variable names it.
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { runReportingProgram } from "../runtimes/pieces/programs.mjs";
import { isSkipped } from "../runtimes/pieces/suite.mjs";
import * as tools from "../runtimes/pieces/tools.mjs";
import { CONTRACT } from "./contract.mjs";
import STORES from "./stores.json" with { type: "json" };

const HERE = fileURLToPath(new URL(".", import.meta.url));

for (const store of STORES) {
  const isAbsent = store.environment !== undefined && process.env[store.environment] === undefined;
  describe.skipIf(isAbsent || isSkipped(store))(store.name, { concurrent: true }, () => {
    const results = new Map();
    let failure;

    // Every check of a store runs in one process: some stores need a newer Node.js than the suite.
    beforeAll(async () => {
      try {
        const program = store.node === undefined ? process.execPath : tools.node(store.node);
        const args = ["--disable-warning=ExperimentalWarning", "host.mjs", store.id];
        const { version, checks, notes } = await runReportingProgram(program, args, { cwd: HERE, limitMs: 600_000 });
        for (const { check, ...result } of checks) results.set(check, result);
        console.log([version, ...notes].join("\n  "));
      } catch (error) {
        failure = error;
      }
    });

    test.for(CONTRACT.map(({ check }) => check))("%s", (check, { skip }) => {
      if (failure !== undefined) throw failure;
      expect(results.has(check), "the check has run").toBe(true);
      const { error, skipped } = results.get(check);
      if (skipped !== undefined) skip(skipped);
      if (error !== undefined) expect.fail(error);
    });
  });
}
