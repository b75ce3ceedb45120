// All five platforms on loopback, each below a base of its own. Signatures are checked with node:crypto, from the
// platforms' documents alone: nothing here may come from the package it is there to examine.
import { randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import { createServer } from "node:http";
import { placeCall, scenarioOf } from "./call.mjs";
import { createClock } from "./clock.mjs";
import { cyjcloud } from "./cyjcloud.mjs";
import { dingxin } from "./dingxin.mjs";
import { mixcom } from "./mixcom.mjs";
import { deliver } from "./push.mjs";
import { quanmayun } from "./quanmayun.mjs";
import { seatcall } from "./seatcall.mjs";
import { recordingTone } from "./tone.mjs";
import { Refusal } from "./wire.mjs";

/** @typedef {"mixcom" | "quanmayun" | "dingxin" | "cyjcloud" | "seatcall"} Provider */

/**
 * @typedef {object} Credentials Only the platforms named here are served.
 * @property {{ appKey: string, appSecret: string }} [mixcom]
 * @property {{ appId: string, appSecret: string }} [quanmayun]
 * @property {{ appKey: string, appSecret: string }} [dingxin]
 * @property {{ accountSid: string, appId: string }} [cyjcloud]
 * @property {{ customerId: string, appSecret: string }} [seatcall]
 */

/**
 * One thing that happened, as it happens.
 *
 * @typedef {{ type: "request", provider: string, operation: string, accepted: true, checked: string, call?: import("./call.mjs").Call }
 *   | { type: "request", provider: string, operation: string, accepted: false, reason: string, code?: string }
 *   | { type: "call", provider: string, call: import("./call.mjs").Call, moment: string, at: number }
 *   | { type: "pushed", provider: string, call: import("./call.mjs").Call, attempt: number, source: "document" | "sibling" }
 *   | { type: "acknowledged", provider: string, call: import("./call.mjs").Call, attempt: number }
 *   | { type: "not-acknowledged", provider: string, call: import("./call.mjs").Call, attempt: number, expected: string, got: string, retryInMs?: number }} Step
 */

/**
 * @template {Provider} P
 * @typedef {object} Around What a platform's module is given.
 * @property {Required<Credentials>[P]} credentials
 * @property {import("./clock.mjs").Clock} clock
 * @property {Line} line
 * @property {Files} files
 * @property {(push: Omit<import("./push.mjs").Push, "provider" | "url"> & { url?: string }) => void} push Does nothing where no push address is known.
 */

/** @typedef {{ method?: string, path: RegExp, operation: string, answer: (received: import("./wire.mjs").Received) => Promise<import("./wire.mjs").Reply> }} Route */

/**
 * @template {Provider} [P=Provider]
 * @typedef {(around: Around<P>) => Route[]} Platform
 */

/**
 * @typedef {object} Line
 * @property {(party: { callId: string, caller: string, callee: string, reference?: string }, order: ("caller" | "callee")[], onEnded: (call: import("./call.mjs").Call) => void) => import("./call.mjs").Call} place
 * @property {(callId: string) => import("./call.mjs").Call | undefined} find
 * @property {(number: string) => boolean} busy
 */

/**
 * @typedef {object} Files
 * @property {(callId: string, expiresAt?: number) => string} publish The recording's address, the same one each time.
 * @property {(callId: string) => Buffer | undefined} read
 */

/**
 * @typedef {object} Simulator
 * @property {string} url
 * @property {Record<Provider, { baseUrl: string, recordingBaseUrl?: string }>} bases Ready to be spread into createClient's options.
 * @property {EventEmitter} events Emits "step" with a {@link Step}.
 * @property {import("./call.mjs").Call[]} calls Every call placed, with what its record said.
 * @property {(provider: Provider, url: string) => void} setPushAddress What a customer does in the platform's console.
 * @property {(asked: Asked) => Promise<import("./wire.mjs").Reply>} reply What the platforms answer, without a connection in between.
 * @property {() => Promise<void>} close
 */

/** @typedef {{ method: string, target: string, headers: import("node:http").IncomingHttpHeaders, body: Buffer, tooLarge?: boolean }} Asked */

/** @type {{ [P in Provider]: Platform<P> }} */
const PLATFORMS = { mixcom, quanmayun, dingxin, cyjcloud, seatcall };

/** Platforms whose recordings live on a host of their own. */
const SEPARATE_RECORDINGS = ["mixcom", "quanmayun", "dingxin"];

const LARGEST_BODY = 64 * 1024;

/**
 * @param {object} options
 * @param {Credentials} options.credentials
 * @param {number} [options.port] 0, the default, takes a free one.
 * @param {Partial<Record<Provider, string>>} [options.pushTo] Push addresses as set in each console; dingxin's comes with the dial instead.
 * @param {number} [options.pace] How many times faster than life a call plays out. 60: a call of 45 seconds takes 0.75.
 * @param {number} [options.retryScale] Multiplies the waits between push attempts; 1 is the documented 60, 180, 600 s.
 * @param {typeof deliver} [options.courier] Carries each push to its address; delivers it at once when absent.
 * @param {(provider: Provider, callee: string) => import("./call.mjs").Scenario} [options.scenario] How each call ends; by the callee's last digit when absent.
 * @param {() => number} [options.now] Epoch milliseconds.
 * @returns {Promise<Simulator>}
 */
export async function startSimulator({ credentials, port = 0, pushTo = {}, pace = 60, retryScale = 1, courier = deliver, scenario = (_, callee) => scenarioOf(callee), now = Date.now }) {
  const clock = createClock(now);
  const events = new EventEmitter();
  /** @type {import("./call.mjs").Call[]} */
  const calls = [];
  const pushAddresses = { ...pushTo };
  const recordings = createFiles(clock);

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy()); // the customer went away while sending
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(undefined));
  });
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  const url = `http://127.0.0.1:${address.port}`;

  /** @type {Map<string, { provider: Provider, routes: Route[] }>} */
  const mounted = new Map();
  const bases = /** @type {Simulator["bases"]} */ ({});
  for (const [name, platform] of Object.entries(PLATFORMS)) {
    const provider = /** @type {Provider} */ (name);
    if (!credentials[provider]) continue;
    const routes = /** @type {Platform} */ (platform)({
      credentials: credentials[provider],
      clock,
      line: lineOf(provider),
      files: { publish: (callId, expiresAt) => `${url}/files/${recordings.publish(provider, callId, expiresAt)}`, read: (callId) => recordings.read(provider, callId) },
      push(push) {
        const to = push.url ?? pushAddresses[provider];
        if (to) courier({ ...push, provider, url: to }, { clock, retryScale, step });
      },
    });
    mounted.set(provider, { provider, routes: routes.filter(({ operation }) => operation !== "recording" || !SEPARATE_RECORDINGS.includes(provider)) });
    bases[provider] = { baseUrl: `${url}/${provider}` };
    if (SEPARATE_RECORDINGS.includes(provider)) {
      mounted.set(`${provider}-record`, { provider, routes: routes.filter(({ operation }) => operation === "recording") });
      bases[provider].recordingBaseUrl = `${url}/${provider}-record`;
    }
  }

  return {
    url,
    bases,
    events,
    calls,
    setPushAddress(provider, to) {
      pushAddresses[provider] = to;
    },
    reply,
    async close() {
      clock.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  /** @param {Step} happened */
  function step(happened) {
    events.emit("step", happened);
  }

  /** @param {Provider} provider @returns {Line} */
  function lineOf(provider) {
    return {
      place(party, order, onEnded) {
        const call = placeCall(
          { ...party, provider, scenario: scenario(provider, party.callee), order, pace },
          clock,
          (of, moment, at) => step({ type: "call", provider, call: of, moment, at }),
          onEnded,
        );
        calls.push(call);
        return call;
      },
      find: (callId) => calls.find((call) => call.provider === provider && call.callId === callId),
      busy: (number) => calls.some((call) => call.provider === provider && !call.over && (call.caller === number || call.callee === number)),
    };
  }

  /**
   * @param {import("node:http").IncomingMessage} request
   * @param {import("node:http").ServerResponse} response
   */
  async function serve(request, response) {
    const { body, tooLarge } = await readBody(request);
    send(response, await reply({ method: request.method ?? "", target: request.url ?? "/", headers: request.headers, body, tooLarge }));
  }

  /** @param {Asked} asked @returns {Promise<import("./wire.mjs").Reply>} */
  async function reply({ method, target, headers, body, tooLarge = false }) {
    const { pathname, searchParams } = new URL(target, url);
    const [, mount, rest] = /^\/([^/]+)(\/.*)?$/.exec(pathname) ?? [];
    if (mount === "files" && method === "GET") return file(rest?.slice(1) ?? "");

    const platform = mounted.get(mount ?? "");
    if (!platform) return { status: 404, body: "not found", contentType: "text/plain" };
    const { provider, routes } = platform;
    for (const { method: expected, path, operation, answer } of routes) {
      const matched = path.exec(rest ?? "/");
      if (!matched || (expected && expected !== method)) continue;
      if (tooLarge) return { status: 413, body: "", contentType: "text/plain" };
      try {
        const accepted = await answer({ method, path: rest, query: searchParams, headers, body, captured: matched.slice(1) });
        step({ type: "request", provider, operation, accepted: true, checked: accepted.checked ?? "", call: accepted.call });
        return accepted;
      } catch (error) {
        if (!(error instanceof Refusal)) {
          step({ type: "request", provider, operation, accepted: false, reason: `the simulator failed: ${error}` });
          return { status: 500, body: "", contentType: "text/plain" };
        }
        step({ type: "request", provider, operation, accepted: false, reason: error.message, code: error.code });
        return error.reply;
      }
    }
    step({ type: "request", provider, operation: `${method} ${rest}`, accepted: false, reason: "no such path", code: "404" });
    return { status: 404, body: "<html><body>404 Not Found</body></html>", contentType: "text/html" };
  }

  /** @param {string} name @returns {import("./wire.mjs").Reply} */
  function file(name) {
    const audio = recordings.file(name);
    return audio ? { body: audio, contentType: "audio/x-wav" } : { status: 404, body: "not found", contentType: "text/plain" };
  }
}

/** @param {import("./clock.mjs").Clock} clock */
function createFiles(clock) {
  const audio = recordingTone();
  /** @type {Map<string, { name: string, expiresAt: number }>} */
  const published = new Map();
  return {
    /** @param {string} provider @param {string} callId @param {number} [expiresAt] */
    publish(provider, callId, expiresAt = Infinity) {
      const key = `${provider}:${callId}`;
      const known = published.get(key);
      if (known) return known.name;
      const name = `${randomBytes(12).toString("hex")}.wav`;
      published.set(key, { name, expiresAt });
      return name;
    },
    /** @param {string} provider @param {string} callId */
    read(provider, callId) {
      return published.has(`${provider}:${callId}`) ? audio : undefined;
    },
    /** @param {string} name */
    file(name) {
      for (const one of published.values()) if (one.name === name && clock.now() < one.expiresAt) return audio;
      return undefined;
    },
  };
}

/** @param {import("node:http").IncomingMessage} request @returns {Promise<{ body: Buffer, tooLarge: boolean }>} */
async function readBody(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length <= LARGEST_BODY) chunks.push(chunk);
  }
  return { body: Buffer.concat(chunks), tooLarge: length > LARGEST_BODY };
}

/** @param {import("node:http").ServerResponse} response @param {import("./wire.mjs").Reply} reply */
function send(response, { status = 200, contentType = "application/json;charset=UTF-8", body }) {
  const bytes = Buffer.from(body);
  response.writeHead(status, { "content-type": contentType, "content-length": bytes.length });
  response.end(bytes);
}
