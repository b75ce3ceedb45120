// Measures pushes per second on this machine: one receiver, then two, each with one consumer. `node measure.mjs [SECONDS]`, by default 10 for each row.
// The platforms (16 pushes at a time), the receivers, RabbitMQ, the consumer and MariaDB share the machine, so your servers do more.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createToken } from "ringback";
import { forgePush } from "ringback/testing";
import { openDatabase } from "./database.mjs";
import { findFreePort, prepareMariadb, prepareRabbitmq } from "./services.mjs";
import { startWorker } from "./workers.mjs";

const AT_ONCE = 16;
const MIXCOM = "mixcom";
const seconds = Number(process.argv[2] ?? 10);
const silent = () => {};

const directory = await mkdtemp(join(tmpdir(), "ringback-measure-"));
const [mariadb, rabbitmq] = [await prepareMariadb({ directory }), await prepareRabbitmq({ directory })];
try {
  await mariadb.start();
  await rabbitmq.start();
  const token = createToken();
  const accounts = join(directory, "accounts.json");
  await writeFile(accounts, JSON.stringify([{ provider: MIXCOM, tokens: [token] }]), { mode: 0o600 });
  const env = { AMQP_URL: rabbitmq.url, DATABASE_URL: mariadb.url, ACCOUNTS: accounts };
  const database = await openDatabase(mariadb.url);
  const consumer = startWorker({ program: "consumer.mjs", env, say: silent });
  await consumer.ready();
  console.log("receivers  pushes/s acknowledged  p50 ms  p99 ms  kept/s");
  for (const count of [1, 2]) await measure({ count, env, token, database });
  await consumer.stop();
  await database.close();
} finally {
  await rabbitmq.stop();
  await mariadb.stop();
  await rm(directory, { recursive: true, force: true });
}

async function measure({ count, env, token, database }) {
  const ports = [];
  for (let number = 0; number < count; number += 1) ports.push(await findFreePort());
  const receivers = ports.map((port) => startWorker({ program: "receiver.mjs", env: { ...env, PORT: String(port) }, say: silent }));
  await Promise.all(receivers.map((receiver) => receiver.ready()));
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const countKept = async () => Number((await database.run({ text: `select count(*) as number from ${database.tables.names.record}`, values: [] }))[0].number);
  const times = [];
  const before = await countKept();
  const began = performance.now();
  let sent = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (performance.now() - began < 1000 * seconds) {
      sent += 1;
      const { body } = forgePush(MIXCOM, { callId: `measured-${count}-${sent}` });
      const start = performance.now();
      const status = await post({ agent, port: ports[sent % count], path: `/push/${token}`, body });
      if (status !== 200) throw new Error(`answered ${status}`);
      times.push(performance.now() - start);
    }
  }));
  const receiving = performance.now() - began;
  while ((await countKept()) - before < times.length) await new Promise((resolve) => setTimeout(resolve, 50));
  const keeping = performance.now() - began;
  agent.destroy();
  for (const receiver of receivers) await receiver.stop();
  times.sort((one, other) => one - other);
  const at = (part) => times[Math.floor(part * times.length)].toFixed(0);
  console.log([String(count).padEnd(9), String(Math.round((1000 * times.length) / receiving)).padStart(21), at(0.5).padStart(6), at(0.99).padStart(6), String(Math.round((1000 * times.length) / keeping)).padStart(6)].join("  "));
}

/** Sends a push and returns the status of the answer. */
function post({ agent, port, path, body }) {
  return new Promise((resolve, reject) => {
    const outgoing = request({ agent, host: "127.0.0.1", port, path, method: "POST", headers: { "content-type": "application/json" } }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode));
    });
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}
