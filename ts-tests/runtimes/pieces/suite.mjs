// A suite of rows, each proven in a runtime of its own, with a line for each and a summary at the end.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { installTools } from "./install.mjs";

/**
 * Reads the command line: [--all] [--skip NAME[,NAME]]... [ROW ...] and the `options` given. NAME is a row's id or something that it
 * needs; names of other suites stand in RINGBACK_SKIP too. Then `prepare({ workshop, values })`, once, and for each row
 * `prove({ row, directory, prepared })` -> { version, checks: [{ check, error? }], notes? }. What that throws fails the row.
 */
export async function runSuite({ rows, name, options = {}, prepare, prove }) {
  const { values, positionals: named } = parseArgs({
    allowPositionals: true,
    options: { all: { type: "boolean", default: false }, skip: { type: "string", multiple: true, default: [] }, ...options },
  });
  const elsewhere = (process.env.RINGBACK_SKIP ?? "").split(",");
  const skipped = [...values.skip.flatMap((names) => names.split(",")), ...elsewhere];
  const namesOf = ({ id, needs }) => [id, needs].flat();
  const known = new Set([...rows.flatMap(namesOf), ...elsewhere]);
  const unknown = [...named.filter((id) => !rows.some((row) => row.id === id)), ...skipped.filter((skip) => !known.has(skip))];
  if (unknown.length > 0) throw new Error(`there is no ${unknown.join(", ")}`);

  const chosen = rows.filter(({ id, suite }) => (named.length > 0 ? named.includes(id) : values.all || suite === "test"));
  const isSkipped = (row) => namesOf(row).some((each) => skipped.includes(each));
  await installTools(new Set(chosen.filter((row) => !isSkipped(row)).map(({ suite }) => suite)));
  const workshop = await mkdtemp(join(tmpdir(), `ringback-${name}-`));
  const prepared = await prepare({ workshop, values });

  let passed = 0;
  let failed = 0;
  for (const row of chosen) {
    if (isSkipped(row)) console.log(line("skipped", row));
    else if (await holds({ row, directory: join(workshop, row.id), prepared, prove })) passed += 1;
    else failed += 1;
  }
  if (failed === 0) await rm(workshop, { recursive: true, force: true });
  const skippedCount = chosen.length - passed - failed;
  console.log(`test result: ${failed > 0 ? "FAILED" : "ok"}. ${passed} passed; ${failed} failed; ${skippedCount} skipped`);
  process.exitCode = failed > 0 || passed + skippedCount === 0 ? 1 : 0;
}

/** Proves a row and prints its line. */
async function holds({ row, directory, prepared, prove }) {
  const started = performance.now();
  const { version = "", checks, notes } = await prove({ row, directory, prepared }).catch((error) => ({ checks: [{ check: "it runs", error: error.message }] }));
  const errors = checks.filter(({ error }) => error !== undefined);
  const figures = [version.padEnd(24), `${checks.length} checks`.padStart(11), `${((performance.now() - started) / 1000).toFixed(1)} s`.padStart(8)];
  console.log([line(errors.length > 0 ? "FAILED" : "ok", row), ...figures, ...(notes === undefined ? [] : [` ${notes}`])].join(" "));
  if (errors.length === 0) await rm(directory, { recursive: true, force: true });
  else console.log([...errors.map(({ check, error }) => `${check}\n  ${error.replaceAll("\n", "\n  ")}`), `kept: ${directory}`].map((text) => text.replaceAll(/^/gm, "  ")).join("\n"));
  return errors.length === 0;
}

function line(word, { runtime, how }) {
  return `${word.padEnd(8)}${`${runtime}, ${how}`.padEnd(46)}`;
}
