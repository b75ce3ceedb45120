// Proves the packed package in every runtime of runtimes.json:
//   node run.mjs [--all] [--skip NAME[,NAME]]... [--package TARBALL] [--trapping TARBALL] [ROW ...]
// NAME is a row's id or what it needs. A runtime that is missing fails its row, unless it is skipped.
//
// A row names a driver, drivers/<name>.mjs, which exports
//   async run({ row, directory, tools, packages, vectors }) -> { version, checks: [{ check, error? }], entry?, notes? }
// `directory` is a fresh project: package.json, both packages in node_modules, and beside them conformance.mjs and vectors.mjs, for the
// driver's own program to import (pieces/program.mjs writes it). `tools` is pieces/tools.mjs, `packages` has the digests of both wasm
// files, `version` is what the running runtime says itself, `entry` the file that it took for `ringback`, where it can tell. What run
// throws fails the row.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { checkNames } from "./conformance.mjs";
import { installTools } from "./pieces/install.mjs";
import { freshProject, preparedProject } from "./pieces/project.mjs";
import * as tools from "./pieces/tools.mjs";
import { allVectors } from "./pieces/vectors.mjs";
import ROWS from "./runtimes.json" with { type: "json" };

const { values: options, positionals: named } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: "boolean", default: false },
    skip: { type: "string", multiple: true, default: [] },
    package: { type: "string" },
    trapping: { type: "string" },
  },
});
const skipped = options.skip.flatMap((names) => names.split(","));
const known = new Set(ROWS.flatMap(({ id, needs }) => [id, needs]));
const unknown = [...named.filter((id) => !ROWS.some((row) => row.id === id)), ...skipped.filter((name) => !known.has(name))];
if (unknown.length > 0) throw new Error(`runtimes.json has no ${unknown.join(", ")}`);

const chosen = ROWS.filter(({ id, suite }) => (named.length > 0 ? named.includes(id) : options.all || suite === "test"));
const isSkipped = ({ id, needs }) => skipped.includes(id) || skipped.includes(needs);
const running = chosen.filter((row) => !isSkipped(row));

await installTools(new Set(running.map(({ suite }) => suite)));
const workshop = await mkdtemp(join(tmpdir(), "ringback-runtimes-"));
const vectors = await allVectors();
const { project, packages } = await preparedProject({ workshop, vectors, released: options.package, trapping: options.trapping });

let passed = 0;
let failed = 0;
for (const row of chosen) {
  if (isSkipped(row)) console.log(line("skipped", row));
  else if (await holds(row)) passed += 1;
  else failed += 1;
}
await rm(failed > 0 ? project : workshop, { recursive: true, force: true });
console.log(`test result: ${failed > 0 ? "FAILED" : "ok"}. ${passed} passed; ${failed} failed; ${chosen.length - passed - failed} skipped`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

/** Runs a row and prints its line. */
async function holds(row) {
  const started = performance.now();
  const directory = await freshProject({ workshop, project, row });
  const { version = "", checks, notes } = await proven(row, directory);
  const errors = checks.filter(({ error }) => error !== undefined);
  const figures = [version.padEnd(24), `${checks.length} checks`.padStart(11), `${((performance.now() - started) / 1000).toFixed(1)} s`.padStart(8)];
  console.log([line(errors.length > 0 ? "FAILED" : "ok", row), ...figures, ...(notes === undefined ? [] : [` ${notes}`])].join(" "));
  if (errors.length === 0) await rm(directory, { recursive: true, force: true });
  else console.log([...errors.map(({ check, error }) => `${check}\n  ${error.replaceAll("\n", "\n  ")}`), `kept: ${directory}`].map((text) => text.replaceAll(/^/gm, "  ")).join("\n"));
  return errors.length === 0;
}

/** What the row's driver reports, and what it should have reported. */
async function proven(row, directory) {
  try {
    const { run } = await import(`./drivers/${row.driver}.mjs`);
    const report = await run({ row, directory, tools, packages, vectors });
    const made = new Set(report.checks.map(({ check }) => check));
    const missing = checkNames({ vectors, ready: row.ready, slim: row.options.slim === true }).filter((check) => !made.has(check));
    return { ...report, checks: [...report.checks, ...missing.map((check) => ({ check, error: "was not checked" })), ...entryCheck(row, report)] };
  } catch (error) {
    return { checks: [{ check: "the runtime runs", error: error.message }] };
  }
}

/** Where a runtime tells what `ringback` led it to, it must be the row's entry. */
function entryCheck(row, { entry }) {
  if (entry === undefined) return [];
  const check = `the export map leads to dist/${row.entry}`;
  return [entry.endsWith(`/ringback/dist/${row.entry}`) ? { check } : { check, error: `it leads to ${entry}` }];
}

function line(word, { runtime, how }) {
  return `${word.padEnd(8)}${`${runtime}, ${how}`.padEnd(44)}`;
}
