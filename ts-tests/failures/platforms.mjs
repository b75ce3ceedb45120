// The five simulated platforms. Their calls are over at once, and what they push is handed to the test instead of being sent.
import { randomBytes, randomUUID } from "node:crypto";

export const PLATFORMS = ["mixcom", "quanmayun", "dingxin", "cyjcloud", "seatcall"];

/** mixcom's 60, 180 and 600 seconds become 0.6, 1.8 and 6. */
const RETRY_SCALE = 0.01;

/**
 * `accounts` are what the CRM is given. `pushes` fill as calls end. `now` is the platforms' clock.
 */
export async function startPlatforms({ project, now = Date.now, credentials = freshCredentials() }) {
  const { startSimulator } = await project.module("simulator/index.mjs");
  const { deliver } = await project.module("simulator/push.mjs");
  const { ringback } = await project.module("packages.mjs");
  const { freshPress } = await project.module("crm/press.mjs");
  const pushes = [];
  // Where to is decided when a push is sent; but without an address nothing is pushed.
  const pushTo = Object.fromEntries(PLATFORMS.map((provider) => [provider, "http://127.0.0.1:9/"]));
  const courier = (push, around) => {
    pushes.push({ ...push, around });
  };
  const simulator = await startSimulator({ credentials, pushTo, courier, pace: 1e6, retryScale: RETRY_SCALE, now });
  /** Calls by who called. @type {Map<string, object[]>} */
  const placed = new Map();
  simulator.events.on("step", ({ type, provider, call, accepted }) => {
    if (type !== "request" || !accepted || !call) return;
    const name = `${provider} ${call.caller.slice(-11)}`;
    placed.set(name, [...(placed.get(name) ?? []), call]);
  });
  const accounts = Object.fromEntries(PLATFORMS.map((provider) => [provider, { ...credentials[provider], ...simulator.bases[provider] }]));
  return { simulator, credentials, accounts, pushes, send, dialAll, callsOf, close: () => simulator.close() };

  /** Sends a push to an address, as often as its platform does. `told` gets each step: what was answered, and whether it comes again. */
  function send(push, url, told) {
    deliver({ ...push, url }, { ...push.around, step: told });
  }

  /** Dials all of these as a CRM does, the dial written first, but without a connection in between. Gives the calls, with the dials' ids. */
  async function dialAll({ wishes, pushUrl, run, tables }) {
    const inProcess = async (target, { method, headers, body }) => {
      const { status = 200, contentType, body: answer } = await simulator.reply({ method, target, headers, body: Buffer.from(body ?? "") });
      return new Response(answer, { status, headers: contentType ? { "content-type": contentType } : {} });
    };
    const clients = Object.fromEntries(
      PLATFORMS.map((provider) => [provider, ringback.createClient({ provider, ...accounts[provider], ...(provider === "dingxin" && { pushUrl }), now, fetch: inProcess })]),
    );
    const calls = [];
    await inParallel(wishes, 32, async ({ provider, caller, callee, seat }) => {
      const id = freshPress();
      const client = clients[provider];
      await run(tables.intend({ id, provider, reference: id, caller, callee, at: new Date() }));
      if (client.supports("bindSeat")) await client.bindSeat({ seat, phone: caller });
      const call = await client.dial({ caller, callee, reference: id, ...(client.supports("bindSeat") && { seat }) });
      await run(tables.placed({ id, call, at: new Date() }));
      calls.push({ id, provider, call: callsOf({ provider, caller })[0] });
    });
    await until("the calls to end", 10_000, () => pushes.length >= simulator.calls.length);
    return calls;
  }

  /** The platform's own calls from this caller: one, unless something dialed twice. */
  function callsOf({ provider, caller }) {
    return placed.get(`${provider} ${caller}`) ?? [];
  }
}

/** What is dialed in the call of this number: other phones for each, and all the ways a call can end. */
export function wishOf(index) {
  const provider = PLATFORMS[index % PLATFORMS.length];
  const number = String(index).padStart(7, "0");
  return { provider, caller: `138${number}1`, callee: `139${number}${Math.floor(index / 5) % 10}`, seat: `PP75${number}` };
}

/** Does the work of each item, so many at a time. */
export async function inParallel(items, limit, work) {
  const rest = items[Symbol.iterator]();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}

export async function until(what, limitMs, condition) {
  const late = performance.now() + limitMs;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (performance.now() > late) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function freshCredentials() {
  const secret = () => randomBytes(16).toString("hex");
  return {
    mixcom: { appKey: secret(), appSecret: secret() },
    quanmayun: { appId: "1700000000001", appSecret: secret() },
    dingxin: { appKey: secret(), appSecret: secret() },
    cyjcloud: { accountSid: secret(), appId: secret() },
    seatcall: { customerId: randomUUID(), appSecret: secret() },
  };
}
