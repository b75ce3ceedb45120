// Tests the packed package in every runtime of runtimes.json. A missing runtime fails its row, unless RINGBACK_SKIP names it.
//
// A row names a driver, drivers/<name>.mjs, which exports
//   async run({ row, directory, tools, packages, vectors }) -> { version, checks: [{ check, error? }], entry?, notes? }
// `directory` is a new project: package.json, both packages in node_modules, and conformance.mjs and vectors.mjs, which the driver's
// program imports (pieces/program.mjs writes it). `tools` is pieces/tools.mjs, `packages` has the digests of both wasm files, `version`
// is the runtime's own version, `entry` the file to which `ringback` was resolved, if the runtime can report it. An exception of run
// fails the row.
import { checkNames } from "./conformance.mjs";
import { copyProject, prepareProject } from "./pieces/project.mjs";
import { defineRowTests } from "./pieces/suite.mjs";
import * as tools from "./pieces/tools.mjs";
import { readAllVectors } from "./pieces/vectors.mjs";
import ROWS from "./runtimes.json" with { type: "json" };

defineRowTests({
  rows: ROWS,
  name: "runtimes",
  async prepare({ workshop }) {
    const vectors = await readAllVectors();
    return { vectors, ...(await prepareProject({ workshop, vectors })) };
  },
  prove,
});

/** Runs the row's driver, and adds a failure for each check that it did not report. */
async function prove({ row, directory, prepared: { vectors, project, packages } }) {
  await copyProject({ project, directory });
  const { run } = await import(`./drivers/${row.driver}.mjs`);
  const report = await run({ row, directory, tools, packages, vectors });
  const made = new Set(report.checks.map(({ check }) => check));
  const missing = checkNames({ vectors, ready: row.ready, slim: row.options.slim === true }).filter((check) => !made.has(check));
  return { ...report, checks: [...report.checks, ...missing.map((check) => ({ check, error: "was not checked" })), ...checkEntry(row, report)] };
}

/** Checks that `ringback` was resolved to the row's entry, if the runtime reports it. */
function checkEntry(row, { entry }) {
  if (entry === undefined) return [];
  const check = `the export map leads to dist/${row.entry}`;
  return [entry.endsWith(`/ringback/dist/${row.entry}`) ? { check } : { check, error: `it leads to ${entry}` }];
}
