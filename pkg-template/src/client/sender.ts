import type { ClientOptions } from "../generated/accounts.js";
import { invalidArgument } from "../model/error.js";
import type { Fetch, FetchInit } from "../model/platform.js";

/**
 * Sends a client's requests: with the given fetch, or with the runtime's own, looked up at each call. The runtime's own is told to
 * send once. Any other function is called with plain text, since it may know no streams.
 */
export function senderOf(fetch: ClientOptions["fetch"]): Fetch {
  if (fetch === undefined) {
    return (url, init) => {
      const send: Fetch = globalThis.fetch;
      return send(url, sentOnce(init));
    };
  }
  if (typeof fetch === "function") {
    const isOwn = fetch === globalThis.fetch;
    // Called unbound: a runtime's own fetch refuses a foreign `this`.
    return (url, init) => fetch(url, isOwn ? sentOnce(init) : init);
  }
  if (typeof fetch?.fetch === "function") return (url, init) => fetch.fetch(url, fetch.fetch === globalThis.fetch ? sentOnce(init) : init);
  throw invalidArgument("wrong-type", "fetch", "is neither a function nor an object with one", "pass fetch itself, or a service binding");
}

/** The same request, with what keeps this runtime's own fetch from sending it a second time by itself. */
function sentOnce(init: FetchInit): FetchInit {
  const { Deno } = globalThis as Runtimes;
  if (Deno?.createHttpClient) return { ...init, ...onFreshConnections(Deno.createHttpClient) };
  return globalThis.process?.versions?.undici !== undefined && init.body !== undefined ? { ...init, ...streamed(init.headers, init.body) } : init;
}

/**
 * Deno repeats a POST when a kept-open connection breaks, and when an HTTP/2 server answers REFUSED_STREAM. It does neither on a
 * fresh HTTP/1.1 connection.
 */
function onFreshConnections(createHttpClient: CreateHttpClient): object {
  client ??= createHttpClient({ poolMaxIdlePerHost: 0, http2: false });
  return { client };
}

/** One for the process: a client of Deno's is a resource. */
let client: object | undefined;

/**
 * Node's fetch (undici) repeats a request after a 421, unless its body is a stream, which it cannot send twice. The length is given,
 * because a stream is sent in chunks otherwise, which some platforms do not read.
 */
function streamed(headers: Record<string, string>, text: string): object {
  const bytes = new TextEncoder().encode(text);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
  // The global fetch may be a polyfill, which makes text of what it does not know.
  Object.defineProperty(body, "toString", { value: () => text });
  return { headers: { ...headers, "content-length": String(bytes.length) }, body, duplex: "half" };
}

type CreateHttpClient = (options: { poolMaxIdlePerHost: number; http2: boolean }) => object;

interface Runtimes {
  Deno?: { createHttpClient?: CreateHttpClient };
}
