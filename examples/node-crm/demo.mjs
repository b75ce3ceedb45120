#!/usr/bin/env node
// Starts simulated platforms and a CRM, both on loopback, places one call through each platform and prints each step.
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { providers } from "ringback";
import { createPressKey } from "./crm/press.mjs";
import { chooseTerminalLanguage, chooseTerminalWords } from "./terminal-words.mjs";
import { createTerminal } from "./terminal.mjs";

const USAGE = `node demo.mjs [--once] [--json] [--port 8787] [--simulator-port 0] [--database DIR]

  --once             one call through each platform, print the records, exit (0 only if all are kept and right)
  --json             print each record as JSON too, numbers in full
  --port             the CRM's port; 8787, or any free one with --once
  --simulator-port   the platforms' port; any free one by default
  --database         a directory to keep the database in; otherwise the server in DATABASE_URL (postgres://…, mysql://…), or else memory`;

const ONCE_LIMIT_MS = 60_000;
const CLOSING_LIMIT_MS = 3_000;
/** Simulated calls are over in seconds. */
const MISSING_AFTER_MS = 30_000;

/** Calls are simulated this many times faster than real ones. */
const PACE = 60;

/** Numbers in different spellings, so that each call ends differently (the callee's last digit decides). Other platforms get the first. */
const PARTIES = [
  { caller: "138 0000 0001", callee: "139 0000 0012" },
  { caller: "+86 139 8765 4321", callee: "139 1234 5677" },
  { caller: "0755-28000123", callee: "13900000031" },
  { caller: "183 2600 0000", callee: "185 1600 0008" },
  { caller: "181 5160 0001", callee: "(021) 6123 4563" },
];
const SEAT = "PP7568036551";

const PROVIDERS = /** @type {import("ringback").Provider[]} */ (Object.keys(providers));
/** @param {import("ringback").Provider} provider @param {string} field */
const hasField = (provider, field) => /** @type {readonly string[]} */ (providers[provider].dialFields).includes(field);
/** Records of such a platform are pulled. @param {import("ringback").Provider} provider */
const isPulled = (provider) => /** @type {readonly string[]} */ (providers[provider].operations).includes("records");

/** One call through each platform. @type {{ provider: import("ringback").Provider, caller: string, callee: string, seat?: string }[]} */
const CALLS = PROVIDERS.map((provider, index) => ({
  provider,
  .../** @type {{ caller: string, callee: string }} */ (PARTIES[index] ?? PARTIES[0]),
  ...(hasField(provider, "seat") && { seat: SEAT }),
}));

const { once, json, port, simulatorPort, database } = readArguments();
const words = chooseTerminalWords(chooseTerminalLanguage(process.env));
const terminal = createTerminal(process.stdout, words);
/** The resources to close, last opened first. @type {(() => Promise<void>)[]} */
const open = [];
/** Calls whose push was answered; true if the platform accepted the answer as an acknowledgement. @type {Map<string, boolean>} */
const answered = new Map();
let closing = false;
/** The present stage of the run, for the message of the time-out. */
let stage = "loading the CRM";

if (once) {
  setTimeout(() => {
    terminal.failure(`not done after ${ONCE_LIMIT_MS / 1000} s: still ${stage}`);
    void leave(1);
  }, ONCE_LIMIT_MS).unref();
}

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  process.on(signal, () => {
    if (closing) process.exit(130);
    terminal.line(words.closing);
    void leave(once ? 130 : 0);
  });
}

try {
  await run();
} catch (error) {
  if (!closing) {
    terminal.failure(explain(error));
    await leave(1);
  }
}

async function run() {
  // Opened first, because the database takes longest to start.
  const { startCrm, openStore, startPlatforms } = await loadCrm();
  stage = "opening the database";
  const store = openStore(database === undefined ? { url: process.env.DATABASE_URL } : { directory: database });
  store.catch(() => {}); // reported where it is awaited

  const credentials = makeCredentials();
  const platforms = await startPlatforms({ credentials, port: simulatorPort, pace: PACE, onStep });
  open.push(() => platforms.close());
  terminal.line(words.platforms(PROVIDERS.length, platforms.url));

  const accounts = Object.fromEntries(CALLS.map(({ provider }) => [provider, { ...credentials[provider], ...platforms.addresses[provider] }]));
  const crm = await startCrm({ accounts, port, store, missingAfterMs: MISSING_AFTER_MS, simulated: true });
  open.push(() => crm.close());
  crm.events.on("step", (step) => terminal.crm(step));
  terminal.line(words.serving(crm.url, crm.store.name));

  // A customer does this in each platform's console. dingxin gets the address with each dial, and seatcall's records are pulled.
  for (const provider of PROVIDERS.filter((name) => !hasField(name, "pushUrl") && !isPulled(name))) {
    platforms.simulators[provider].setPushUrl(crm.pushAddresses[provider]);
  }

  const started = Number(process.env.RINGBACK_DEMO_STARTED);
  if (started > 0 && !once) terminal.line(words.pageUp(((Date.now() - started) / 1000).toFixed(1)));

  const problems = await placeFive(crm, platforms.simulators);
  if (closing) return;
  if (problems.length > 0) terminal.failure(problems.join("\n"));
  else terminal.line(words.allEqual(CALLS.length));
  if (once) await leave(problems.length > 0 ? 1 : 0);
  else terminal.ready(crm.url);
}

/** @param {import("ringback/testing").Step} step */
function onStep(step) {
  if (step.type === "acknowledged" || step.type === "not-acknowledged") answered.set(step.callId, step.type === "acknowledged");
  terminal.platform(step);
}

/**
 * @param {import("./crm/index.mjs").Crm} crm
 * @param {Record<string, import("ringback/testing").Simulator>} simulators
 * @returns {Promise<string[]>} The problems; none if all records are kept and right.
 */
async function placeFive(crm, simulators) {
  const calls = [];
  for (const wish of CALLS) {
    terminal.gap();
    stage = `dialing through ${wish.provider}`;
    const { failure } = await crm.dial({ id: createPressKey(), ...wish });
    if (failure) return [`${wish.provider}: the dial failed with ${failure.code}: ${failure.message}`];
    const call = simulators[wish.provider].calls.at(-1);
    if (!call) return [`${wish.provider}: the dial succeeded but the platform has no call`];
    calls.push(call);
    stage = `waiting for ${wish.provider}'s record`;
    const pulled = isPulled(wish.provider);
    await waitUntil(async () => closing || answered.get(call.callId) === false || ((pulled || answered.has(call.callId)) && (await crm.store.recordOfCall(call.provider, call.callId)) !== undefined));
    if (closing) return [];
    if (answered.get(call.callId) === false) return [`${wish.provider}: the record was pushed, but the platform did not accept the answer as an acknowledgement`];
  }

  terminal.gap();
  const problems = [];
  for (const call of calls) {
    const record = await crm.store.recordOfCall(call.provider, call.callId);
    if (!record) {
      problems.push(`${call.provider}: no record of the call in the database`);
      continue;
    }
    terminal.record(record, json);
    problems.push(...compare(record, call));
  }
  return problems;
}

/** Lists the differences between a record and the platform's report. @param {import("ringback").CallRecord} record @param {import("ringback/testing").SimulatedCall} call */
function compare(record, { provider, reported }) {
  if (!reported) return [`${provider}: there is a record, but the platform reported none`];
  const pairs = [
    ["outcome.status", record.outcome.status, reported.status],
    ["outcome.cause", record.outcome.cause, reported.cause],
    ["outcome.leg", record.outcome.leg, reported.leg],
    ["startedAt", record.startedAt, formatInstant(reported.startedAt)],
    ["connectedAt", record.connectedAt, formatInstant(reported.connectedAt)],
    ["endedAt", record.endedAt, formatInstant(reported.endedAt)],
    ["talkSeconds", record.talkSeconds, reported.talkSeconds],
    ["durationSeconds", record.durationSeconds, reported.durationSeconds],
    ["billedSeconds", record.billedSeconds, reported.billedSeconds],
    ["billedMinutes", record.billedMinutes, reported.billedMinutes],
    ["recording", record.recording.state, reported.recording.state],
    ...compareLegs("caller", record.caller, reported.callerLeg),
    ...compareLegs("callee", record.callee, reported.calleeLeg),
  ];
  return pairs.filter(([, have, want]) => have !== want).map(([name, have, want]) => `${provider}: ${name} is ${have ?? "absent"}, the platform said ${want ?? "nothing"}`);
}

/** @param {string} party @param {import("ringback").Leg} leg @param {import("ringback/testing").LegTimes} said */
function compareLegs(party, leg, said) {
  return /** @type {const} */ (["startedAt", "ringingAt", "answeredAt"]).map((point) => [`${party}.${point}`, leg[point], formatInstant(said[point])]);
}

/** @param {number | undefined} at @returns {string | undefined} In the form of records, in Beijing time. */
function formatInstant(at) {
  return at === undefined ? undefined : `${new Date(at + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;
}

/** @param {() => Promise<boolean>} condition */
async function waitUntil(condition) {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 40));
}

/** Creates credentials for this run, which both sides get; neither side has others. @returns {import("./platforms.mjs").Credentials} */
function makeCredentials() {
  const drawn = PROVIDERS.map((provider) => [provider, Object.fromEntries(providers[provider].credentials.map(({ name }) => [name, randomBytes(16).toString("hex")]))]);
  return /** @type {import("./platforms.mjs").Credentials} */ (Object.fromEntries(drawn));
}

async function loadCrm() {
  try {
    const [{ startCrm }, { openStore }, { startPlatforms }] = await Promise.all([import("./crm/index.mjs"), import("./crm/store.mjs"), import("./platforms.mjs")]);
    return { startCrm, openStore, startPlatforms };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND") {
      throw new Error(`${error.message.split(" imported from")[0]}. \`cargo xtask demo\` installs the dependencies of this example; README.md describes how to do it by hand.`);
    }
    throw error;
  }
}

/** @param {unknown} error */
function explain(error) {
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
    const usedPort = /** @type {Error & { port?: number }} */ (error).port;
    return `port ${usedPort} is in use. Choose another with ${usedPort === port ? "--port" : "--simulator-port"}, or 0 for any free one.`;
  }
  return error instanceof Error ? error.message : String(error);
}

/** @param {number} code */
async function leave(code) {
  closing = true;
  setTimeout(() => process.exit(code), CLOSING_LIMIT_MS).unref(); // exits even if the database does not close
  for (const close of open.reverse()) await close().catch((error) => terminal.failure(explain(error)));
  process.exit(code);
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        once: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        port: { type: "string" },
        "simulator-port": { type: "string" },
        database: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    return {
      once: values.once,
      json: values.json,
      port: parsePort("--port", values.port ?? (values.once ? "0" : "8787")),
      simulatorPort: parsePort("--simulator-port", values["simulator-port"] ?? "0"),
      database: values.database,
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** @param {string} option @param {string} text */
function parsePort(option, text) {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65535) throw new RangeError(`${option} takes a port from 0 to 65535, not ${text}`);
  return value;
}
