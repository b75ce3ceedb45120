// Starts everything on this machine: RabbitMQ, MariaDB, receivers and consumers. `node start.mjs --help` lists the options.
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createToken } from "ringback";
import { findPrograms, prepareMariadb, prepareRabbitmq } from "./services.mjs";
import { startWorker } from "./workers.mjs";

const USAGE = `node start.mjs [--receivers 1] [--consumers 1] [--port 8787] [--accounts accounts.json] [--directory data]

Starts RabbitMQ and MariaDB in the folder data, without systemd, and as many receivers and consumers; the receivers listen on --port and the ports after it.
If the file of accounts does not exist, it is created: an account of each platform, with new tokens.
DATABASE_URL and AMQP_URL name servers of your own instead.`;
const PLATFORMS = ["mixcom", "quanmayun", "dingxin", "cyjcloud", "seatcall"];
const PAUSE_MS = 1_000;

const options = readArguments();
const say = (/** @type {string} */ line) => console.log(line);
let isStopping = false;
/** Stops what was started, the last first. @type {(() => Promise<unknown>)[]} */
const stops = [];
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.once(signal, () => void stop(0));

try {
  await start();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  await stop(1);
}

async function start() {
  let { AMQP_URL = "", DATABASE_URL = "" } = process.env;
  // Both packages are named at once, before anything starts.
  if (!AMQP_URL || !DATABASE_URL) findPrograms();
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  if (!existsSync(options.accounts)) await writeFile(options.accounts, JSON.stringify(PLATFORMS.map((provider) => ({ name: provider, provider, tokens: [createToken()] })), null, 2), { mode: 0o600 });
  const accounts = JSON.parse(await readFile(options.accounts, "utf8"));

  if (!DATABASE_URL) DATABASE_URL = await startService("MariaDB", await prepareMariadb(options));
  if (!AMQP_URL) AMQP_URL = await startService("RabbitMQ", await prepareRabbitmq(options));
  const env = { AMQP_URL, DATABASE_URL, ACCOUNTS: options.accounts };
  const workers = [
    ...Array.from({ length: options.receivers }, (_, number) => startWorker({ program: "receiver.mjs", env: { ...env, PORT: String(options.port + number) }, say })),
    ...Array.from({ length: options.consumers }, () => startWorker({ program: "consumer.mjs", env, say })),
  ];
  stops.push(() => Promise.all(workers.map((worker) => worker.stop())));
  await Promise.all(workers.map((worker) => worker.ready()));
  await writeFile(join(options.directory, "environment"), `AMQP_URL=${AMQP_URL}\nDATABASE_URL=${DATABASE_URL}\n`, { mode: 0o600 });
  say(`ready: ${options.receivers} of receivers, from port ${options.port}; ${options.consumers} of consumers; ${accounts.length} accounts, their tokens in ${options.accounts}`);
}

/** Starts a server, and starts it again if it ends by itself. */
async function startService(name, service) {
  say(`starting ${name} ...`);
  stops.push(service.stop);
  await service.start();
  say(`${name}, process ${service.pid()}`);
  void (async () => {
    for (;;) {
      await service.ended();
      if (isStopping) return;
      say(`${name} has ended; it starts again`);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      if (!isStopping) await service.start().catch((error) => say(error.message));
    }
  })();
  return service.url;
}

async function stop(code) {
  if (isStopping) return;
  isStopping = true;
  for (const end of stops.reverse()) await end();
  process.exit(code);
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        receivers: { type: "string", default: "1" },
        consumers: { type: "string", default: "1" },
        port: { type: "string", default: "8787" },
        accounts: { type: "string", default: "accounts.json" },
        directory: { type: "string", default: "data" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    return { ...values, receivers: readCount("receivers", values.receivers), consumers: readCount("consumers", values.consumers), port: readCount("port", values.port) };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** @param {string} name @param {string} text */
function readCount(name, text) {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new Error(`--${name} is not a whole number from 1: ${text}`);
  return Number(text);
}
