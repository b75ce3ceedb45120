// A small CRM: it dials, receives pushes, pulls where it must, and shows what it keeps. Everything it knows of the
// platforms it knows through the package's public surface.
import { EventEmitter, once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isRingbackError } from "ringback";
import { openLines } from "./lines.mjs";
import { callList, page } from "./page.mjs";
import { openStore } from "./store.mjs";
import { chooseLanguage, wordsFor } from "./words.mjs";

const ASSETS = /** @type {const} */ ({
  "/page.css": ["page.css", "text/css;charset=utf-8"],
  "/page.js": ["page.js", "text/javascript;charset=utf-8"],
  "/icon.svg": ["icon.svg", "image/svg+xml"],
});

const GUARD = {
  "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

const LARGEST_FORM = 4096;
const KEEP_STREAM_OPEN_MS = 20_000;

/**
 * @typedef {object} Crm
 * @property {string} url
 * @property {Record<string, string>} pushAddresses To be set in each platform's console.
 * @property {EventEmitter} events Emits "step" with what the CRM does, as {@link import("./lines.mjs").Step}.
 * @property {import("./store.mjs").Store} store
 * @property {ReturnType<typeof openLines>["dial"]} dial
 * @property {() => Promise<void>} close
 */

/**
 * @param {object} options
 * @param {Record<string, object>} options.accounts createClient's options for each platform, without `provider`.
 * @param {number} [options.port] 0 takes a free one.
 * @param {Promise<import("./store.mjs").Store>} [options.store] In memory when absent.
 * @param {boolean} [options.simulated] Whether the page says that no real phone rings, and how to choose the outcome.
 * @returns {Promise<Crm>}
 */
export async function startCrm({ accounts, port = 0, store: opening = openStore(), simulated = false }) {
  const events = new EventEmitter().setMaxListeners(0);
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => outgoing.destroy()); // the visitor went away
  });
  server.listen(port, "127.0.0.1");
  const [store] = await Promise.all([opening, once(server, "listening")]);
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  const origin = `http://127.0.0.1:${address.port}`;

  const lines = openLines({
    accounts,
    origin,
    store,
    onStep: (step) => events.emit("step", step),
  });
  const providers = Object.keys(accounts);
  const pulled = providers.filter((provider) => lines.clients[provider].supports("records"));

  return {
    url: `http://localhost:${address.port}`,
    pushAddresses: lines.pushAddresses,
    events,
    store,
    dial: lines.dial,
    async close() {
      await lines.close();
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
      await store.close();
    },
  };

  /** @param {Request} request @param {string | undefined} remoteAddress @returns {Promise<Response>} */
  async function route(request, remoteAddress) {
    const url = new URL(request.url);
    const [, first, second = ""] = url.pathname.split("/");
    if (first === "push") return lines.receive(second, request, { remoteAddress });
    // A page elsewhere must neither read this one through a name that resolves to loopback, nor dial through it.
    if (!["localhost", "127.0.0.1"].includes(url.hostname)) return plain(421, "this CRM answers to localhost only");
    if (request.method === "POST" && url.pathname === "/dial") return dialFromPage(request, url);
    if (request.method !== "GET") return plain(405, "method not allowed");

    const words = wordsFor(chooseLanguage(url, request.headers.get("accept-language")));
    if (url.pathname === "/") {
      return markup(page({ words, providers, pulled, simulated, entries: await store.entries() }));
    }
    if (url.pathname === "/calls") return markup(String(callList(await store.entries(), words)));
    if (url.pathname === "/events") return stream(request.signal);
    if (first === "recordings") return playRecording(decodeURIComponent(second), request.signal);
    if (url.pathname in ASSETS) {
      const [file, contentType] = ASSETS[/** @type {keyof typeof ASSETS} */ (url.pathname)];
      return new Response(await readFile(new URL(`assets/${file}`, import.meta.url)), { headers: { ...GUARD, "content-type": contentType } });
    }
    return plain(404, "not found");
  }

  /** @param {Request} request @param {URL} url */
  async function dialFromPage(request, url) {
    const from = request.headers.get("origin");
    if (from && new URL(from).host !== url.host) return plain(403, "dial from this CRM's own page");
    if (Number(request.headers.get("content-length") ?? Infinity) > LARGEST_FORM) return plain(413, "too long");
    const form = new URLSearchParams(await request.text());
    const provider = form.get("provider") ?? "";
    if (!providers.includes(provider)) return plain(400, "no account with this platform");
    const dialed = await lines.dial({ provider, caller: form.get("caller") ?? "", callee: form.get("callee") ?? "", seat: form.get("seat") || undefined });
    if (request.headers.get("accept")?.includes("application/json")) return Response.json(dialed, { headers: GUARD });
    return new Response(null, { status: 303, headers: { ...GUARD, location: `/${url.search}` } });
  }

  /** Through the platform's own client, so that neither a secret nor a signed address reaches the page. @param {string} key @param {AbortSignal} signal */
  async function playRecording(key, signal) {
    const record = await store.record(key);
    const client = record && lines.clients[record.provider];
    if (!record || !client) return plain(404, "no such record");
    try {
      const recording = await client.recording(record, { signal });
      // What the platform calls its bytes is not taken at its word: as text/html they would run as this page.
      const contentType = recording.contentType?.startsWith("audio/") ? recording.contentType : "audio/wav";
      return new Response(await recording.body(), { headers: { ...GUARD, "content-type": contentType, "cache-control": "private, max-age=600" } });
    } catch (error) {
      if (!isRingbackError(error)) throw error;
      return plain(502, [error.code, error.message, error.hint].filter(Boolean).join("\n"));
    }
  }

  /** Server-sent events: "changed" whenever the list of calls did. @param {AbortSignal} gone */
  function stream(gone) {
    const encoder = new TextEncoder();
    let stop = () => {};
    const body = new ReadableStream({
      start(controller) {
        const changed = () => controller.enqueue(encoder.encode("event: changed\ndata:\n\n"));
        const beat = setInterval(() => controller.enqueue(encoder.encode(": still here\n\n")), KEEP_STREAM_OPEN_MS);
        stop = () => {
          clearInterval(beat);
          events.off("step", changed);
        };
        gone.addEventListener("abort", stop);
        events.on("step", changed);
        controller.enqueue(encoder.encode("retry: 1000\n\n"));
      },
      cancel: () => stop(),
    });
    return new Response(body, { headers: { ...GUARD, "content-type": "text/event-stream", "cache-control": "no-store" } });
  }

  /**
   * node:http on one side, Request and Response on the other.
   *
   * @param {import("node:http").IncomingMessage} incoming
   * @param {import("node:http").ServerResponse} outgoing
   */
  async function answer(incoming, outgoing) {
    const bodied = incoming.method !== "GET" && incoming.method !== "HEAD";
    const gone = new AbortController();
    outgoing.once("close", () => gone.abort());
    /** @type {Response} */
    let response;
    try {
      const request = new Request(new URL(incoming.url ?? "/", `http://${incoming.headers.host ?? "unnamed.invalid"}`), {
        method: incoming.method,
        headers: /** @type {[string, string][]} */ (Object.entries(incoming.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))),
        signal: gone.signal,
        ...(bodied && { body: /** @type {BodyInit} */ (/** @type {unknown} */ (Readable.toWeb(incoming))), duplex: "half" }),
      });
      response = await route(request, incoming.socket.remoteAddress);
    } catch {
      response = plain(500, "something went wrong here");
    }
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    if (response.body) await pipeline(Readable.fromWeb(/** @type {import("node:stream/web").ReadableStream} */ (/** @type {unknown} */ (response.body))), outgoing);
    else outgoing.end();
  }
}

/** @param {string} body */
function markup(body) {
  return new Response(body, { headers: { ...GUARD, "content-type": "text/html;charset=utf-8", "cache-control": "no-store", vary: "accept-language" } });
}

/** @param {number} status @param {string} text */
function plain(status, text) {
  return new Response(text, { status, headers: { ...GUARD, "content-type": "text/plain;charset=utf-8" } });
}
