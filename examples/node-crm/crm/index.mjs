// A small CRM: it dials, receives pushes, pulls records where it must, and shows them. It uses only the package's public
// interface to the platforms.
import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { toNodeListener } from "ringback/node";
import { openLines } from "./lines.mjs";
import { createSite } from "./site.mjs";
import { openStore } from "./store.mjs";

// Long enough for a call and the delivery of its record. A call without a record by then is listed as missing.
const MISSING_AFTER_MS = 30 * 60_000;
const CLOSING_LIMIT_MS = 2_000;
// Limits for clients that send a request very slowly: they hold a connection only for a short time.
const LIMITS = { headersTimeout: 10_000, requestTimeout: 20_000, connectionsCheckingInterval: 2_000 };

/**
 * @typedef {object} Crm
 * @property {string} url
 * @property {Record<string, string>} pushAddresses The addresses to set in each platform's console.
 * @property {EventEmitter} events Emits "step" for each action of the CRM, as {@link import("./lines.mjs").Step}.
 * @property {import("./store.mjs").Store} store
 * @property {Awaited<ReturnType<typeof openLines>>["dial"]} dial
 * @property {() => Promise<void>} close
 */

/**
 * @param {object} options
 * @param {Partial<Record<import("ringback").Provider, import("./accounts.mjs").Account>>} options.accounts The account at each platform.
 * @param {number} [options.port] 0 chooses a free port.
 * @param {Promise<import("./store.mjs").Store>} [options.store] In memory if absent.
 * @param {string} [options.origin] The address at which the platforms reach this CRM; on this machine if absent.
 * @param {number} [options.missingAfterMs] The time after a dial from which its record counts as missing.
 * @param {boolean} [options.simulated] If true, the page says that no real phone rings, and how to choose the outcome.
 * @returns {Promise<Crm>}
 */
export async function startCrm({ accounts, port = 0, store: opening = openStore(), origin, missingAfterMs = MISSING_AFTER_MS, simulated = false }) {
  const events = new EventEmitter().setMaxListeners(0);
  const closing = new AbortController();
  // A request that arrives before the lines are open waits for its answer.
  const push = toNodeListener(async (request, context) => (await opened).lines.receive(request, context));
  const server = createServer(LIMITS, (incoming, outgoing) => {
    if (incoming.url?.startsWith("/push/")) return push(incoming, outgoing);
    answer(incoming, outgoing, async (request) => (await opened).site(request)).catch(() => outgoing.destroy()); // the visitor went away
  });
  server.listen(port, "127.0.0.1");
  const opened = Promise.all([opening, once(server, "listening")]).then(async ([store]) => {
    const { port: actualPort } = /** @type {import("node:net").AddressInfo} */ (server.address());
    const lines = await openLines({ accounts, origin: origin ?? `http://127.0.0.1:${actualPort}`, store, onStep: (step) => events.emit("step", step) });
    return { store, lines, url: `http://localhost:${actualPort}`, site: createSite({ store, lines, events, missingAfterMs, simulated, closing: closing.signal }) };
  });
  const { store, lines, url } = await opened.catch((error) => {
    server.close();
    throw error;
  });

  return {
    url,
    pushAddresses: lines.pushAddresses,
    events,
    store,
    dial: lines.dial,
    async close() {
      // Waits until pushes in progress are answered: the platform may send them only once.
      const closed = once(server, "close");
      server.close();
      closing.abort();
      const idle = setInterval(() => server.closeIdleConnections(), 20);
      const late = setTimeout(() => server.closeAllConnections(), CLOSING_LIMIT_MS);
      await closed;
      clearInterval(idle);
      clearTimeout(late);
      await lines.close();
      await store.close();
    },
  };
}

/**
 * Connects node:http to a handler that uses Request and Response.
 *
 * @param {import("node:http").IncomingMessage} incoming
 * @param {import("node:http").ServerResponse} outgoing
 * @param {(request: Request) => Promise<Response>} site
 */
async function answer(incoming, outgoing, site) {
  const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD";
  const disconnected = new AbortController();
  outgoing.once("close", () => disconnected.abort());
  /** @type {Response} */
  let response;
  const text = { "content-type": "text/plain;charset=utf-8" };
  /** @type {Request | undefined} */
  let request;
  try {
    request = new Request(new URL(incoming.url ?? "/", `http://${incoming.headers.host ?? "unnamed.invalid"}`), {
      method: incoming.method,
      headers: /** @type {[string, string][]} */ (Object.entries(incoming.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))),
      signal: disconnected.signal,
      ...(hasBody && { body: /** @type {BodyInit} */ (/** @type {unknown} */ (Readable.toWeb(incoming))), duplex: "half" }),
    });
  } catch {
    // The address, the Host or the method is invalid; no browser sends such a request.
  }
  try {
    response = request === undefined ? new Response("this request cannot be read", { status: 400, headers: text }) : await site(request);
  } catch {
    response = new Response("something went wrong here", { status: 500, headers: text });
  }
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body) await pipeline(Readable.fromWeb(/** @type {import("node:stream/web").ReadableStream} */ (/** @type {unknown} */ (response.body))), outgoing);
  else outgoing.end();
}
