// Tests examples/node-queue under real failures: RabbitMQ, a database, receivers and consumers as processes on loopback. Without RINGBACK_ALL=1 there
// are fewer pushes and kills, and only MariaDB.
//   RINGBACK_SEED=NUMBER     the same seed plans the same kills
import { afterAll, beforeAll, describe } from "vitest";
import { startPostgresql } from "../runtimes/pieces/postgresql.mjs";
import { copyQueue } from "./project.mjs";
import * as queued from "./queued.mjs";
import { createRandom } from "./random.mjs";
import { describeScenario } from "./scenario.mjs";

const ALL = process.env.RINGBACK_ALL === "1";
const SKIPPED = (process.env.RINGBACK_SKIP ?? "").split(",");
const seed = Number(process.env.RINGBACK_SEED ?? Math.floor(Math.random() * 2 ** 32));

const SCENARIOS = [
  { title: "MariaDB: the database becomes unavailable, and comes back", run: queued.runAway, checks: queued.AWAY, quick: { total: 200 }, whole: { total: 3_000 } },
  { title: "dead letters are corrected and replayed", run: queued.runReplay, checks: queued.REPLAYED, quick: {} },
  { title: "MariaDB: broker, consumers and receivers are killed under load", run: queued.runKills, checks: queued.KILLED, quick: { total: 600, rounds: 1 }, whole: { total: 20_000, rounds: 4 } },
  { title: "PostgreSQL: broker, consumers and receivers are killed under load", run: queued.runKills, checks: queued.KILLED, database: "postgresql", whole: { total: 10_000, rounds: 2 } },
  { title: "PostgreSQL: the database becomes unavailable, and comes back", run: queued.runAway, checks: queued.AWAY, database: "postgresql", whole: { total: 3_000 } },
  { title: "a broker that is away, or has no queue", run: queued.runRefusals, checks: queued.REFUSED, quick: {} },
  { title: "everything starts and ends with one command", run: queued.runCommand, checks: queued.COMMANDED, quick: {}, alone: true },
].filter(({ quick }) => ALL || quick !== undefined);

describe.skipIf(SKIPPED.some((name) => ["rabbitmq", "mariadb"].includes(name)))("examples/node-queue", () => {
  const around = {};
  beforeAll(async () => {
    around.project = await copyQueue();
    const { prepareMariadb, prepareRabbitmq } = await around.project.module("services.mjs");
    const directory = `${around.project.directory}/data`;
    around.mariadb = await prepareMariadb({ directory });
    around.rabbitmq = await prepareRabbitmq({ directory });
    await Promise.all([around.mariadb.start(), around.rabbitmq.start()]);
    if (ALL) around.postgresql = await startPostgresql();
    console.log(`Node.js ${process.version}, RINGBACK_SEED=${seed}`);
  });
  const stopServers = async () => {
    await around.rabbitmq?.stop();
    await around.mariadb?.stop();
  };
  afterAll(async () => {
    await stopServers();
    await around.postgresql?.remove();
    await around.project?.remove();
  });

  for (const { run, database = "mariadb", quick, whole = quick, alone = false, ...scenario } of SCENARIOS) {
    describeScenario(scenario, async (report) => {
      if (alone) await stopServers();
      await run({ ...around, database, random: createRandom(seed), ...(ALL ? whole : quick), ...report });
    });
  }
});
