// What fails in life, done to the CRM of examples/node-crm on purpose, on loopback and within minutes. Fewer pushes and kills than with
// RINGBACK_ALL=1, so that it takes a minute or two.
//   RINGBACK_SEED=NUMBER     the same seed plans the same pushes and kills
//   RINGBACK_CRM=DIRECTORY   another CRM than the repository's, to see that a faulty one is found out
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startPostgresql } from "../runtimes/pieces/postgresql.mjs";
import * as away from "./away.mjs";
import * as hostile from "./hostile.mjs";
import * as killed from "./killed.mjs";
import * as pressed from "./pressed.mjs";
import { copiedCrm } from "./project.mjs";
import * as pulled from "./pulled.mjs";
import { randomFrom } from "./random.mjs";
import * as shared from "./shared.mjs";

const ALL = process.env.RINGBACK_ALL === "1";
const seed = Number(process.env.RINGBACK_SEED ?? Math.floor(Math.random() * 2 ** 32));

const SCENARIOS = [
  { title: "pushes at full speed into a CRM that is killed", run: killed.killedAtRandom, checks: killed.CHECKS, quick: { total: 2_000, kills: 3 }, whole: { total: 20_000, kills: 10 } },
  { title: "the database goes away, and comes back", run: away.databaseAway, checks: away.CHECKS, quick: { total: 300 }, whole: { total: 3_000 } },
  // These two mostly wait, so they run side by side.
  { title: "slow, oversized and very many connections", run: hostile.hostileConnections, checks: hostile.CHECKS, concurrent: true },
  { title: "records pulled by two processes", run: pulled.pulledByTwo, checks: pulled.CHECKS, concurrent: true },
  { title: "two processes on one PGlite directory", run: shared.sharedDirectory, checks: shared.CHECKS, quick: { pushes: 100 } },
  { title: "buttons pressed twice, in two processes that are killed", run: pressed.pressedTwice, checks: pressed.CHECKS, quick: { presses: 60, kills: 3 }, whole: { presses: 300, kills: 10 } },
];

let postgresql;
let project;
beforeAll(async () => {
  postgresql = await startPostgresql();
  project = await copiedCrm({ example: process.env.RINGBACK_CRM });
  console.log(`${postgresql.version}, Node.js ${process.version}, RINGBACK_SEED=${seed}`);
});
afterAll(async () => {
  await project?.remove();
  await postgresql?.remove();
});

for (const { title, run, checks, quick, whole, concurrent = false } of SCENARIOS) {
  describe(title, { concurrent }, () => {
    const results = new Map();
    let failure;

    beforeAll(async () => {
      const notes = [title];
      try {
        const check = (name, holds) => {
          if (!checks.includes(name)) throw new Error(`CHECKS does not list "${name}"`);
          results.set(name, holds());
        };
        await run({ project, postgresql, random: randomFrom(seed), ...(ALL ? whole : quick), check, note: (line) => notes.push(line) });
      } catch (error) {
        failure = error;
      }
      console.log(notes.join("\n  "));
    });

    test.each(checks)("%s", (name) => {
      expect(results.get(name), results.has(name) ? undefined : "the scenario did not come to this check").toBe(true);
    });

    test("the scenario comes to its end", () => {
      if (failure !== undefined) throw failure;
    });
  });
}
