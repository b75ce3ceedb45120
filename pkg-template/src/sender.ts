import { invalidArgument } from "./error.js";
import type { ClientOptions, Fetch } from "./platform.js";

/** What a runtime's fetch has to be told beyond the standard. */
let further: () => object = () => ({});

/** For an entry whose runtime's own `fetch` needs to be told more, so that it sends once what it is asked to send once. */
export function sendWith(members: () => object): void {
  further = members;
}

/** What sends a client's requests: the given fetch, or the runtime's own, looked up at each call. */
export function senderOf(fetch: ClientOptions["fetch"]): Fetch {
  // Called unbound: a runtime's own fetch refuses a foreign `this`.
  if (typeof fetch === "function") return (url, init) => fetch(url, init);
  if (fetch === undefined) {
    return (url, init) => {
      const send: Fetch = globalThis.fetch;
      return send(url, { ...init, ...further() });
    };
  }
  if (typeof fetch?.fetch === "function") return (url, init) => fetch.fetch(url, init);
  throw invalidArgument("fetch", "is neither a function nor an object with one", "pass fetch itself, or a service binding");
}
