// Scenarios of examples/node-queue. Each starts receivers and consumers of its own, and counts what was acknowledged, kept and lost.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { findFreePort } from "../examples/pieces/ports.mjs";
import { runProgram } from "../runtimes/pieces/programs.mjs";
import { findAcknowledgement } from "./courier.mjs";
import { NACKS } from "./away.mjs";
import { PLATFORMS, runInParallel, waitUntil } from "./platforms.mjs";

export const KILLED = [
  "the kills had an effect: some pushes were not acknowledged at first",
  "every push is acknowledged in the end",
  "no acknowledged push is lost",
  "no record is kept twice",
  "each unreadable push is a dead letter, and no other push is",
  "the queues are empty in the end",
];
export const AWAY = [
  "pushes are acknowledged while the database is away",
  "the consumers pause",
  "no push becomes a dead letter, though the queue allows three failed deliveries",
  "no acknowledged push is lost",
  "no record is kept twice",
];
export const REFUSED = [
  "a push that no queue took is not acknowledged, and the receiver says why",
  "the queue is created again, and takes the next push",
  "without a broker each push gets its platform's answer for a retry, and the receiver says why",
  "within the deadline",
  "when the broker is back, every push is acknowledged and kept",
];
export const REPLAYED = ["the letter has its reason and the push", "a replayed letter that still cannot be read is a letter again", "a corrected letter is kept as a record", "no letter is left"];
export const COMMANDED = ["a missing package is named with the command to install it", "a push is acknowledged and kept", "its servers, epmd among them, end with it"];

const QUEUES = ["ringback.pushes", "ringback.dead"];
const AT_ONCE = 16;
// RabbitMQ 3 writes a new queue's name to the disk within two seconds; a crash before that leaves a queue that takes nothing.
const SETTLING_MS = 5_000;
/** The attempts while the broker is down. */
const WHILE_DOWN = 40;
const DEADLINE_MS = 10_000;
// Longer than the consumers need to connect again, or to see that the database is back.
const QUIET_MS = 30_000;
const BROKEN = '{"broken';

/** Kills the broker, a consumer and a receiver with SIGKILL during pushes. */
export function runKills({ total, rounds, check, note, random, ...around }) {
  return runInWorld(around, async (world) => {
    const jobs = createJobs({ world, total, random });
    const places = Array.from({ length: 3 * rounds }, (_, number) => Math.round(((number + 0.5) * total) / (3 * rounds + 1)));
    const victims = ["consumer", "broker", "receiver"];
    await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
    let sent = 0;
    let back;
    let whileDown = 0;
    let turn = Promise.resolve();
    const began = performance.now();
    await runInParallel(jobs, AT_ONCE, async (job) => {
      const number = places.indexOf((sent += 1));
      if (number >= 0) turn = turn.then(() => kill(victims[number % victims.length]));
      // Some pushes come while something is down; the others wait, since it may be down for long on a busy machine.
      await sendUntilAcknowledged(world, job, () => (whileDown-- > 0 ? undefined : back));
    });
    await turn;
    const seconds = (performance.now() - began) / 1000;
    const unreadable = jobs.filter(({ isBroken }) => isBroken);
    const { keys, letters } = await world.waitUntilKept(jobs);
    const counted = countKept({ jobs, keys });
    const repeated = jobs.filter(({ answers }) => answers.length > 1).length;
    const letterBodies = new Set(letters.map(({ push }) => push.body));
    const left = await world.countMessages();
    note(`${total} pushes, ${3 * rounds} kills, ${jobs.reduce((sum, { answers }) => sum + answers.length, 0)} answers, ${repeated} pushes sent again, ${Math.round(total / seconds)} pushes a second, the kills among them`);
    note(`acknowledged ${counted.acknowledged}, kept ${keys.length}, unreadable ${unreadable.length}, dead letters ${letters.length}; acknowledged-but-lost ${counted.lost}, kept twice ${counted.twice}`);
    check("the kills had an effect: some pushes were not acknowledged at first", () => repeated > 0);
    check("every push is acknowledged in the end", () => counted.acknowledged === total);
    check("no acknowledged push is lost", () => counted.lost === 0 && unreadable.every(({ body }) => letterBodies.has(body)));
    check("no record is kept twice", () => counted.twice === 0);
    // A push that was sent again, because its answer came too late, may be a letter twice: each under its own id.
    check("each unreadable push is a dead letter, and no other push is", () => letters.every(({ push }) => push.body.startsWith(BROKEN)) && letterBodies.size === unreadable.length);
    check("the queues are empty in the end", () => left === 0);

    async function kill(victim) {
      if (victim === "consumer") return random.chance(0.5) ? world.consumers[0].kill() : world.consumers[1].kill();
      if (victim === "receiver") return world.receivers[random.below(2)].kill();
      await world.rabbitmq.crash();
      whileDown = WHILE_DOWN;
      back = world.rabbitmq.start().then(() => (back = undefined));
      await back;
    }
  });
}

/** The database crashes during pushes, is away while more arrive, and comes back. */
export function runAway({ total, check, note, random, ...around }) {
  return runInWorld({ ...around, further: { DELIVERY_LIMIT: "3" } }, async (world) => {
    const jobs = createJobs({ world, total, random, broken: 0 });
    let crash;
    await runInParallel(jobs.slice(0, total / 2), AT_ONCE, async (job) => {
      if (job.index === Math.round(total / 4)) crash = world.server.crash();
      await sendUntilAcknowledged(world, job);
    });
    await crash;
    const absent = jobs.slice(total / 2);
    await runInParallel(absent, AT_ONCE, (job) => sendUntilAcknowledged(world, job));
    await waitUntil("a consumer pauses", 30_000, () => world.printed.some((line) => line.includes("paused: ")));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await world.server.start();
    const { keys, letters } = await world.waitUntilKept(jobs);
    const { acknowledged, lost, twice } = countKept({ jobs, keys });
    const pauses = world.printed.filter((line) => line.includes("paused: ")).length;
    note(`${total} pushes, ${absent.length} while the database was away; acknowledged ${acknowledged}, kept ${keys.length}, pauses ${pauses}, dead letters ${letters.length}; acknowledged-but-lost ${lost}, kept twice ${twice}`);
    check("pushes are acknowledged while the database is away", () => absent.every(({ answers }) => answers.length === 1));
    check("the consumers pause", () => pauses > 0 && pauses <= 4);
    check("no push becomes a dead letter, though the queue allows three failed deliveries", () => letters.length === 0);
    check("no acknowledged push is lost", () => acknowledged === total && lost === 0);
    check("no record is kept twice", () => twice === 0);
  });
}

/** The broker is away, then the queue. */
export function runRefusals({ check, note, random, ...around }) {
  return runInWorld(around, async (world) => {
    const [first, ...jobs] = createJobs({ world, total: 1 + 2 * PLATFORMS.length, random, broken: 0 });
    const says = (text) => world.printed.filter((line) => line.startsWith("receiver") && line.includes(text)).length;
    await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
    await world.rabbitmq.crash();
    const absent = jobs.slice(0, PLATFORMS.length);
    const times = [];
    for (const job of absent) {
      const began = performance.now();
      await send(world, job);
      times.push(performance.now() - began);
    }
    const unconnected = says("no broker: there is no connection");
    await world.rabbitmq.start();
    await runInParallel(jobs, AT_ONCE, (job) => sendUntilAcknowledged(world, job));
    await world.waitUntilKept(jobs);

    await Promise.all(world.consumers.map((consumer) => consumer.stop()));
    await world.useChannel((channel) => channel.deleteQueue(QUEUES[0]));
    await send(world, first);
    const unqueued = says("no queue took the push");
    await sendUntilAcknowledged(world, first);
    await world.startConsumers();
    const { keys } = await world.waitUntilKept([first, ...jobs]);
    note(`answers without a broker: ${absent.map(({ answers: [answer] }) => answer).join(", ")}; slowest ${Math.round(Math.max(...times))} ms`);
    check("a push that no queue took is not acknowledged, and the receiver says why", () => first.answers[0] === NACKS[first.provider] && unqueued === 1);
    check("the queue is created again, and takes the next push", () => first.isAcknowledged);
    check("without a broker each push gets its platform's answer for a retry, and the receiver says why", () => absent.every(({ provider, answers: [answer] }) => answer === NACKS[provider]) && unconnected >= 1);
    check("within the deadline", () => times.every((ms) => ms < DEADLINE_MS));
    check("when the broker is back, every push is acknowledged and kept", () => countKept({ jobs: [first, ...jobs], keys }).lost === 0 && jobs.every(({ isAcknowledged }) => isAcknowledged));
  });
}

/** An unreadable push becomes a letter, is replayed unchanged, corrected, and replayed. */
export function runReplay({ check, random, ...around }) {
  return runInWorld(around, async (world) => {
    const [job] = createJobs({ world, total: 1, random, broken: 0 });
    const whole = job.body;
    job.body = BROKEN + whole;
    await sendUntilAcknowledged(world, job);
    const env = { AMQP_URL: world.rabbitmq.url, DATABASE_URL: world.server.url };
    const run = (...args) => runProgram(process.execPath, ["letters.mjs", ...args], { cwd: world.project.directory, env });
    const listLetters = async () => (await run("list")).split("\n").filter(Boolean).map((line) => JSON.parse(line));
    const waitForLetter = (id) => waitUntil("the letter", 20_000, async () => (await world.listLetters()).find((letter) => letter.push.body === job.body && letter.id !== id));
    const { id } = await waitForLetter();
    const [listed] = (await listLetters()).filter((letter) => letter.id === id);
    await run("replay");
    const again = await waitForLetter(id);
    const file = join(world.project.directory, "letters.ndjson");
    await writeFile(file, (await listLetters()).map((letter) => JSON.stringify({ ...letter, push: { ...letter.push, body: whole } })).join("\n"));
    const printed = await run("replay", file);
    const { keys } = await world.waitUntilKept([{ ...job, isBroken: false }]);
    const left = await listLetters();
    check("the letter has its reason and the push", () => listed.reason.includes("not valid JSON") && listed.push.provider === job.provider && listed.push.body === job.body);
    check("a replayed letter that still cannot be read is a letter again", () => again.id !== id);
    check("a corrected letter is kept as a record", () => keys.includes(job.key) && printed.includes("replayed: 1"));
    check("no letter is left", () => left.length === 0);
  });
}

/** `node start.mjs` on a machine that has both packages. */
export async function runCommand({ project, check }) {
  const { findPrograms } = await project.module("services.mjs");
  const explain = (exists) => {
    try {
      findPrograms(exists);
      return "";
    } catch (error) {
      return error.message;
    }
  };
  const [none, one] = [explain(() => false), explain((path) => !path.includes("mariadb"))];
  const port = await findFreePort();
  const args = ["start.mjs", "--port", String(port), "--accounts", "started.json", "--directory", "started"];
  const started = spawn(process.execPath, args, { cwd: project.directory, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(started, "exit");
  let printed = "";
  for (const stream of [started.stdout, started.stderr]) stream.setEncoding("utf8").on("data", (text) => (printed += text));
  let answer;
  let rows;
  try {
    await waitUntil("start.mjs is ready", 300_000, () => {
      if (started.exitCode !== null) throw new Error(`start.mjs ended\n${printed}`);
      return /^ready: /m.test(printed);
    });
    const accounts = JSON.parse(await readFile(join(project.directory, "started.json"), "utf8"));
    const { testing } = await project.module("packages.mjs");
    const { provider, tokens } = accounts[0];
    answer = await post({ provider, url: `http://127.0.0.1:${port}/push/${tokens[0]}`, body: testing.forgePush(provider, { callId: "100000000000000001" }).body });
    const environment = Object.fromEntries((await readFile(join(project.directory, "started/environment"), "utf8")).trim().split("\n").map((line) => line.split(/=(.*)/s)));
    const { openDatabase } = await project.module("database.mjs");
    const database = await openDatabase(environment.DATABASE_URL);
    rows = await waitUntil("the record", 20_000, async () => {
      const found = await database.run(database.tables.record(`${provider}/${provider}:100000000000000001`));
      return found.length > 0 && found;
    }).finally(() => database.close());
  } finally {
    started.kill("SIGTERM");
    await ended;
  }
  const { port: amqp, distributionPort, epmdPort } = JSON.parse(await readFile(join(project.directory, "started/rabbitmq/settings.json"), "utf8"));
  const { port: sql } = JSON.parse(await readFile(join(project.directory, "started/mariadb/settings.json"), "utf8"));
  const open = await Promise.all([port, amqp, distributionPort, epmdPort, sql].map(accepts));
  check("a missing package is named with the command to install it", () => /apt-get install .* rabbitmq-server mariadb-server$/m.test(none) && /apt-get install .* mariadb-server$/m.test(one) && !one.includes("rabbitmq"));
  check("a push is acknowledged and kept", () => answer === "acknowledged" && rows.length === 1);
  check("its servers, epmd among them, end with it", () => open.every((isOpen) => !isOpen));
}

/** Starts two receivers and two consumers with an account of each platform, and new tables. Always ends them. */
async function runInWorld({ project, database, further = {}, ...servers }, work) {
  const { startWorker } = await project.module("workers.mjs");
  const { openDatabase } = await project.module("database.mjs");
  const { testing, amqp } = await project.module("packages.mjs");
  const { rabbitmq } = servers;
  const server = database === "mariadb" ? servers.mariadb : { ...servers.postgresql, url: servers.postgresql.url("postgres") };
  const printed = [];
  const say = (line) => printed.push(line);
  const accounts = join(project.directory, "tokens.json");
  await writeFile(accounts, JSON.stringify(PLATFORMS.map((provider) => ({ provider, tokens: [findToken(provider)] }))));
  const env = { AMQP_URL: rabbitmq.url, DATABASE_URL: server.url, ACCOUNTS: accounts, ...further };
  const store = await openDatabase(server.url);
  const rows = (text) => store.run({ text, values: [] });
  for (const name of Object.values(store.tables.names)) await rows(`drop table if exists ${name}`);
  await store.prepare();
  // The arguments of a queue cannot be changed, so that each scenario has new ones.
  await useChannel((channel) => Promise.all(QUEUES.map((queue) => channel.deleteQueue(queue))));
  const start = (program, own) => startWorker({ program, env: { ...env, ...own }, say });
  const receivers = [];
  const world = { project, rabbitmq, server, testing, printed, receivers, consumers: [], ports: [], startConsumers, useChannel, countMessages, listLetters, waitUntilKept };
  try {
    for (let number = 0; number < 2; number += 1) {
      world.ports.push(await findFreePort());
      receivers.push(start("receiver.mjs", { PORT: String(world.ports[number]) }));
    }
    await startConsumers();
    await Promise.all(receivers.map((receiver) => receiver.ready()));
    return await work(world);
  } catch (error) {
    throw new Error(`${error.message}\n${printed.slice(-40).join("\n")}`, { cause: error });
  } finally {
    await Promise.all([...receivers, ...world.consumers].map((worker) => worker.stop()));
    await store.close();
  }

  async function startConsumers() {
    world.consumers = [start("consumer.mjs"), start("consumer.mjs")];
    await Promise.all(world.consumers.map((consumer) => consumer.ready()));
  }

  async function useChannel(use) {
    const connection = await amqp.connect(rabbitmq.url);
    try {
      return await use(await connection.createChannel());
    } finally {
      await connection.close();
    }
  }

  function countMessages() {
    return useChannel(async (channel) => {
      const counts = await Promise.all(QUEUES.map((queue) => channel.checkQueue(queue)));
      return counts.reduce((sum, { messageCount }) => sum + messageCount, 0);
    });
  }

  async function listLetters() {
    return (await store.run(store.tables.deadLetters({ limit: 10_000 }))).map((row) => ({ id: row.id, reason: row.reason, push: store.tables.pushOf(row) }));
  }

  /** Waits until the database has each of these, or until nothing has changed for a while. Returns the keys of the records, and the letters. */
  async function waitUntilKept(jobs) {
    const wanted = new Set(jobs.map(({ key, body, isBroken }) => (isBroken ? body : key)));
    let last = { count: -1, at: performance.now() };
    for (;;) {
      const keys = (await rows(`select ${database === "mariadb" ? "`key`" : "key"} from ${store.tables.names.record}`)).map(({ key }) => key);
      const letters = await listLetters();
      const found = new Set([...keys, ...letters.map(({ push }) => push.body)]);
      const isComplete = [...wanted].every((name) => found.has(name)) && (await countMessages()) === 0;
      if (found.size !== last.count) last = { count: found.size, at: performance.now() };
      if (isComplete || performance.now() - last.at > QUIET_MS) return { keys, letters };
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** Creates pushes of all platforms, each of another call. One in fifty is not JSON, if `broken` is not 0. */
function createJobs({ world, total, random, broken = 50 }) {
  return Array.from({ length: total }, (_, index) => {
    const provider = PLATFORMS[index % PLATFORMS.length];
    const callId = String(10n ** 17n + BigInt(index));
    const { body } = world.testing.forgePush(provider, { callId });
    const isBroken = broken > 0 && random.below(broken) === 0;
    return { index, provider, key: `${provider}:${callId}`, isBroken, body: isBroken ? `${BROKEN} ${index}${body}` : body, answers: [], isAcknowledged: false };
  });
}

/** Sends a push to one of the receivers, as a proxy before them does. */
async function send({ ports }, job) {
  const port = ports[(job.index + job.answers.length) % ports.length];
  const answer = await post({ provider: job.provider, url: `http://127.0.0.1:${port}/push/${findToken(job.provider)}`, body: job.body });
  job.answers.push(answer);
  job.isAcknowledged ||= answer === "acknowledged";
}

/** Sends a push as long as it is not acknowledged. mixcom does this by itself, for the other platforms it is a person who looks at the missing calls. */
async function sendUntilAcknowledged(world, job, isBack = () => undefined) {
  for (let wait = 100; !job.isAcknowledged; wait = Math.min(2 * wait, 2_000)) {
    if (job.answers.length > 200) throw new Error(`never acknowledged: ${job.answers.at(-1)}`);
    await isBack();
    await send(world, job);
    if (!job.isAcknowledged) await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

async function post({ provider, url, body }) {
  try {
    const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body, signal: AbortSignal.timeout(2 * DEADLINE_MS) });
    const text = await response.text();
    return response.status === 200 && text === findAcknowledgement(provider) ? "acknowledged" : `${response.status} ${text}`;
  } catch (error) {
    return String(error.cause?.code ?? error.message);
  }
}

function countKept({ jobs, keys }) {
  const [acknowledged, kept] = [jobs.filter(({ isAcknowledged }) => isAcknowledged), new Set(keys)];
  return { acknowledged: acknowledged.length, lost: acknowledged.filter(({ isBroken, key }) => !isBroken && !kept.has(key)).length, twice: keys.length - new Set(jobs.filter(({ key }) => kept.has(key)).map(({ key }) => key)).size };
}

function findToken(provider) {
  return `token-of-${provider}-0123456789`.padEnd(40, "0");
}

/** Checks whether something listens on a port of this machine. */
function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });
}
