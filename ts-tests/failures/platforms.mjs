// Starts the simulated platforms. Their calls end at once, and their pushes are passed to the test instead of being sent.
import { randomBytes, randomUUID } from "node:crypto";
import { findAcknowledgement, deliver } from "./courier.mjs";

export const PLATFORMS = ["mixcom", "quanmayun", "dingxin", "cyjcloud", "seatcall"];

/** Counts the starts, so that each one has other ids. */
let starts = 0;

/**
 * `accounts` are the CRM's accounts. `pushes` is filled as calls end. `now` is the platforms' clock.
 */
export async function startPlatforms({ project, now = Date.now, credentials = createCredentials() }) {
  const { ringback, testing } = await project.module("packages.mjs");
  const { createPressKey } = await project.module("crm/press.mjs");
  const pushes = [];
  const seed = (starts += 1);
  /** Calls by their caller. @type {Map<string, object[]>} */
  const placed = new Map();
  const simulators = Object.fromEntries(PLATFORMS.map((provider) => [provider, createPlatformSimulator(provider)]));
  const { url, addresses, close } = await testing.serveSimulators(Object.values(simulators));
  const accounts = Object.fromEntries(PLATFORMS.map((provider) => [provider, { ...credentials[provider], ...addresses[provider] }]));
  return { simulator: { url }, credentials, accounts, pushes, send: deliver, dialAll, listCalls, close };

  function createPlatformSimulator(provider) {
    const simulator = testing.createSimulator({
      provider,
      ...credentials[provider],
      clock: { now, later },
      seed,
      pace: 1e6,
      // The real address is chosen when a push is sent, but without an address the simulator does not push.
      ...(provider !== "dingxin" && { pushUrl: "http://127.0.0.1:9/" }),
      async deliver(request) {
        const body = await request.text();
        const record = JSON.parse(body);
        const call = simulator.calls.find(({ callId }) => body.includes(`"${callId}"`));
        pushes.push({ provider, call, url: request.url, record, acknowledgement: findAcknowledgement(provider) });
        return new Response(findAcknowledgement(provider));
      },
      onStep(step) {
        if (step.type !== "call" || step.moment !== "placed") return;
        const call = simulator.calls.find(({ callId }) => callId === step.callId);
        const name = `${provider} ${call.caller.slice(-11)}`;
        placed.set(name, [...(placed.get(name) ?? []), call]);
      },
    });
    return simulator;
  }

  /** Dials all of these as a CRM does, storing each dial first, but without a connection. Returns the calls with the dials' ids. */
  async function dialAll({ wishes, pushUrl, run, tables }) {
    const clients = Object.fromEntries(
      PLATFORMS.map((provider) => [provider, ringback.createClient({ provider, ...accounts[provider], ...(provider === "dingxin" && { pushUrl }), now, fetch: simulators[provider].fetch })]),
    );
    const calls = [];
    await runInParallel(wishes, 32, async ({ provider, caller, callee, seat }) => {
      const id = createPressKey();
      const client = clients[provider];
      await run(tables.intend({ id, provider, reference: id, caller, callee, at: new Date() }));
      if (client.supports("bindSeat")) await client.bindSeat({ seat, phone: caller });
      const call = await client.dial({ caller, callee, reference: id, ...(client.supports("bindSeat") && { seat }) });
      await run(tables.placed({ id, call, at: new Date() }));
      calls.push({ id, provider, call: listCalls({ provider, caller })[0] });
    });
    await waitUntil("the calls to end", 10_000, () => pushes.length >= Object.values(simulators).reduce((sum, { calls }) => sum + calls.length, 0));
    return calls;
  }

  /** Lists the platform's calls from this caller: more than one means that something dialed twice. */
  function listCalls({ provider, caller }) {
    return placed.get(`${provider} ${caller}`) ?? [];
  }
}

/** Runs a function after a real delay. */
function later(ms, then) {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}

/** Creates the request of a numbered call: different phones for each, and all possible outcomes. */
export function createRequest(index) {
  const provider = PLATFORMS[index % PLATFORMS.length];
  const number = String(index).padStart(7, "0");
  return { provider, caller: `138${number}1`, callee: `139${number}${Math.floor(index / 5) % 10}`, seat: `PP75${number}` };
}

/** Runs the work for each item, with at most `limit` at a time. */
export async function runInParallel(items, limit, work) {
  const rest = items[Symbol.iterator]();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}

export async function waitUntil(what, limitMs, condition) {
  const late = performance.now() + limitMs;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (performance.now() > late) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function createCredentials() {
  const secret = () => randomBytes(16).toString("hex");
  return {
    mixcom: { appKey: secret(), appSecret: secret() },
    quanmayun: { appId: "1700000000001", appSecret: secret() },
    dingxin: { appKey: secret(), appSecret: secret() },
    cyjcloud: { accountSid: secret(), appId: secret() },
    seatcall: { customerId: randomUUID(), appSecret: secret() },
  };
}
