import type { ClientOptions } from "../generated/accounts.js";
import { createArgumentError } from "../model/error.js";
import type { Fetch, FetchInit } from "../model/platform.js";

/**
 * Creates the function that sends a client's requests: the given fetch, or the runtime's own, looked up at each call. The runtime's own
 * is kept from sending twice. Any other function gets a text body, since it may not support streams.
 */
export function createSender(fetch: ClientOptions["fetch"]): Fetch {
  if (fetch === undefined) {
    return (url, init) => {
      const send: Fetch = globalThis.fetch;
      return send(url, preventResending(init));
    };
  }
  if (typeof fetch === "function") {
    const isOwn = fetch === globalThis.fetch;
    // Called unbound: a runtime's own fetch refuses a foreign `this`.
    return (url, init) => fetch(url, isOwn ? preventResending(init) : init);
  }
  if (typeof fetch?.fetch === "function") return (url, init) => fetch.fetch(url, fetch.fetch === globalThis.fetch ? preventResending(init) : init);
  throw createArgumentError("wrong-type", "fetch", "is neither a function nor an object with one", "pass fetch itself, or a service binding", { expected: ["function"] });
}

/** Adds what keeps this runtime's own fetch from sending the request twice. */
function preventResending(init: FetchInit): FetchInit {
  const { Deno } = globalThis as Runtimes;
  if (Deno?.createHttpClient) return { ...init, ...useFreshConnections(Deno.createHttpClient) };
  return globalThis.process?.versions?.undici !== undefined && init.body !== undefined ? { ...init, ...toStreamBody(init.headers, init.body) } : init;
}

/**
 * Deno repeats a POST when a kept-alive connection breaks, and when an HTTP/2 server answers REFUSED_STREAM. It does neither on a
 * new HTTP/1.1 connection.
 */
function useFreshConnections(createHttpClient: CreateHttpClient): object {
  client ??= createHttpClient({ poolMaxIdlePerHost: 0, http2: false });
  return { client };
}

/** One per process, since a Deno client is a resource. */
let client: object | undefined;

/**
 * Node's fetch (undici) repeats a request after a 421, unless its body is a stream, which it cannot send twice. The length is set,
 * because a stream would otherwise be sent in chunks, which some platforms do not accept.
 */
function toStreamBody(headers: Record<string, string>, text: string): object {
  const bytes = new TextEncoder().encode(text);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
  // The global fetch may be a polyfill that converts unknown bodies to text.
  Object.defineProperty(body, "toString", { value: () => text });
  return { headers: { ...headers, "content-length": String(bytes.length) }, body, duplex: "half" };
}

type CreateHttpClient = (options: { poolMaxIdlePerHost: number; http2: boolean }) => object;

interface Runtimes {
  Deno?: { createHttpClient?: CreateHttpClient };
}
