// What fails in life, done to the CRM of examples/node-crm on purpose, on loopback and within minutes:
//   node run.mjs [--quick] [--all] [--seed NUMBER] [--package TARBALL] [--example DIRECTORY] [SCENARIO ...]
// The same seed plans the same pushes and kills. --quick: fewer of them, in less than a minute; --all: the whole of it, whatever else is said.
// --example: another CRM than the repository's, to see that one with a fault is found out.
import { parseArgs } from "node:util";
import { startPostgresql } from "../runtimes/pieces/postgresql.mjs";
import { databaseAway } from "./away.mjs";
import { hostileConnections } from "./hostile.mjs";
import { killedAtRandom } from "./killed.mjs";
import { pressedTwice } from "./pressed.mjs";
import { copiedCrm } from "./project.mjs";
import { pulledByTwo } from "./pulled.mjs";
import { randomFrom } from "./random.mjs";
import { sharedDirectory } from "./shared.mjs";

const SCENARIOS = {
  killed: { title: "pushes at full speed into a CRM that is killed", run: killedAtRandom, quick: { total: 2_000, kills: 3 }, whole: { total: 20_000, kills: 10 } },
  away: { title: "the database goes away, and comes back", run: databaseAway, quick: { total: 300 }, whole: { total: 3_000 } },
  hostile: { title: "slow, oversized and very many connections", run: hostileConnections },
  pressed: { title: "buttons pressed twice, in two processes that are killed", run: pressedTwice, quick: { presses: 60, kills: 3 }, whole: { presses: 300, kills: 10 } },
  pulled: { title: "records pulled by two processes", run: pulledByTwo },
  shared: { title: "two processes on one PGlite directory", run: sharedDirectory, quick: { pushes: 100 } },
};

const { values: options, positionals: named } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, all: { type: "boolean", default: false }, seed: { type: "string" }, package: { type: "string" }, example: { type: "string" } },
});
const unknown = named.filter((name) => !(name in SCENARIOS));
if (unknown.length > 0) throw new Error(`there is no scenario ${unknown.join(", ")}; there are ${Object.keys(SCENARIOS).join(", ")}`);

const seed = Number(options.seed ?? Math.floor(Math.random() * 2 ** 32));
const postgresql = await startPostgresql();
const project = await copiedCrm({ tarball: options.package, example: options.example }).catch(async (error) => {
  await postgresql.remove();
  throw error;
});
console.log(`${postgresql.version}, Node.js ${process.version}, seed ${seed}`);

let passed = 0;
let failed = 0;
try {
  // Those that mostly wait do so side by side.
  for (const group of [["killed"], ["away"], ["hostile", "pulled"], ["shared"], ["pressed"]]) {
    const asked = group.filter((name) => named.length === 0 || named.includes(name));
    for (const report of await Promise.all(asked.map(reportOf))) console.log(report.join("\n"));
  }
} finally {
  await project.remove();
  await postgresql.remove();
}
console.log(`test result: ${failed > 0 ? "FAILED" : "ok"}. ${passed} passed; ${failed} failed; 0 skipped`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

async function reportOf(name) {
  const { title, run, quick, whole } = SCENARIOS[name];
  const started = performance.now();
  const report = [`${name}: ${title}`];
  const judged = (what, right) => {
    if (right) passed += 1;
    else failed += 1;
    report.push(`  ${right ? "ok    " : "FAILED"} ${what}`);
  };
  try {
    await run({ project, postgresql, random: randomFrom(seed), ...(options.quick && !options.all ? quick : whole), check: (what, holds) => judged(what, holds()), note: (line) => report.push(`  ${line}`) });
  } catch (error) {
    judged(error.stack ?? String(error), false);
  }
  report.push(`  ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return report;
}
