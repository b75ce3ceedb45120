// The packed package in every runtime of runtimes.json. A runtime that is missing fails its row, unless RINGBACK_SKIP names it.
//
// A row names a driver, drivers/<name>.mjs, which exports
//   async run({ row, directory, tools, packages, vectors }) -> { version, checks: [{ check, error? }], entry?, notes? }
// `directory` is a fresh project: package.json, both packages in node_modules, and beside them conformance.mjs and vectors.mjs, which the
// driver's own program imports (pieces/program.mjs writes it). `tools` is pieces/tools.mjs, `packages` has the digests of both wasm files,
// `version` is what the running runtime says itself, `entry` the file that `ringback` led to, where the runtime can tell. What run throws
// fails the row.
import { checkNames } from "./conformance.mjs";
import { freshProject, preparedProject } from "./pieces/project.mjs";
import { testRows } from "./pieces/suite.mjs";
import * as tools from "./pieces/tools.mjs";
import { allVectors } from "./pieces/vectors.mjs";
import ROWS from "./runtimes.json" with { type: "json" };

testRows({
  rows: ROWS,
  name: "runtimes",
  async prepare({ workshop }) {
    const vectors = await allVectors();
    return { vectors, ...(await preparedProject({ workshop, vectors })) };
  },
  prove,
});

/** What the row's driver reports, and what it should have reported. */
async function prove({ row, directory, prepared: { vectors, project, packages } }) {
  await freshProject({ project, directory });
  const { run } = await import(`./drivers/${row.driver}.mjs`);
  const report = await run({ row, directory, tools, packages, vectors });
  const made = new Set(report.checks.map(({ check }) => check));
  const missing = checkNames({ vectors, ready: row.ready, slim: row.options.slim === true }).filter((check) => !made.has(check));
  return { ...report, checks: [...report.checks, ...missing.map((check) => ({ check, error: "was not checked" })), ...entryCheck(row, report)] };
}

/** Where a runtime tells what `ringback` led it to, it must be the row's entry. */
function entryCheck(row, { entry }) {
  if (entry === undefined) return [];
  const check = `the export map leads to dist/${row.entry}`;
  return [entry.endsWith(`/ringback/dist/${row.entry}`) ? { check } : { check, error: `it leads to ${entry}` }];
}
