// Tests the CRM of examples/node-crm under real failures, on loopback and within minutes. Without RINGBACK_ALL=1 there are fewer pushes and
// kills, so that it takes a minute or two.
//   RINGBACK_SEED=NUMBER     the same seed plans the same pushes and kills
//   RINGBACK_CRM=DIRECTORY   another CRM than the repository's, to prove that the checks detect a faulty one
import { afterAll, beforeAll } from "vitest";
import { startPostgresql } from "../runtimes/pieces/postgresql.mjs";
import * as away from "./away.mjs";
import * as hostile from "./hostile.mjs";
import * as killed from "./killed.mjs";
import * as pressed from "./pressed.mjs";
import { copyCrm } from "./project.mjs";
import * as pulled from "./pulled.mjs";
import { createRandom } from "./random.mjs";
import { describeScenario } from "./scenario.mjs";
import * as shared from "./shared.mjs";

const ALL = process.env.RINGBACK_ALL === "1";
const seed = Number(process.env.RINGBACK_SEED ?? Math.floor(Math.random() * 2 ** 32));

const SCENARIOS = [
  { title: "pushes at full speed to a CRM that is killed", run: killed.runRandomKills, checks: killed.CHECKS, quick: { total: 2_000, kills: 3 }, whole: { total: 20_000, kills: 10 } },
  { title: "the database becomes unavailable, and comes back", run: away.runDatabaseCrash, checks: away.CHECKS, quick: { total: 300 }, whole: { total: 3_000 } },
  // These two mostly wait, so they run in parallel.
  { title: "slow, oversized and very many connections", run: hostile.runHostileConnections, checks: hostile.CHECKS, concurrent: true },
  { title: "records pulled by two processes", run: pulled.runTwoPullers, checks: pulled.CHECKS, concurrent: true },
  { title: "two processes on one PGlite directory", run: shared.runSharedDirectory, checks: shared.CHECKS, quick: { pushes: 100 } },
  { title: "buttons pressed twice, in two processes that are killed", run: pressed.runDoublePresses, checks: pressed.CHECKS, quick: { presses: 60, kills: 3 }, whole: { presses: 300, kills: 10 } },
];

let postgresql;
let project;
beforeAll(async () => {
  postgresql = await startPostgresql();
  project = await copyCrm({ example: process.env.RINGBACK_CRM });
  console.log(`${postgresql.version}, Node.js ${process.version}, RINGBACK_SEED=${seed}`);
});
afterAll(async () => {
  await project?.remove();
  await postgresql?.remove();
});

for (const { run, quick, whole, ...scenario } of SCENARIOS) {
  describeScenario(scenario, (report) => run({ project, postgresql, random: createRandom(seed), ...(ALL ? whole : quick), ...report }));
}
