import type { IncomingMessage, ServerResponse } from "node:http";
import type { Receiver } from "../receiver/receiver.js";
import { adapted, answering, requireNode } from "./answer.js";

/** What `createServer` of `node:http` takes. It throws only where it is called with something else than Node's request and response. */
export type NodeListener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/**
 * The receiver as a listener of `node:http` and `node:https`.
 *
 * @example
 * createServer(toNodeListener(receive)).listen(8787);
 *
 * @param receive - What `createReceiver` returned.
 * @throws RingbackError `invalid-argument` where that is no receiver.
 */
export function toNodeListener(receive: Receiver): NodeListener {
  return listening(receive, "toNodeListener");
}

/**
 * The receiver as an Express handler, of Express 4 and 5. It answers every request itself, never through Express's error page; with
 * `app.use` also those of a wrong method.
 *
 * Mount it before `express.json()`. After it, it works with what was parsed, but a parser rounds long integers; that is mended by
 * `express.json({ verify: (request, _response, bytes) => { request.rawBody = bytes; } })`.
 *
 * @example
 * app.use("/push", toExpress(receive));
 *
 * @param receive - What `createReceiver` returned.
 * @throws RingbackError `invalid-argument` where that is no receiver.
 */
export function toExpress(receive: Receiver): NodeListener {
  // What Express adds to a request (originalUrl, body) is looked for in every request: Connect and its like add it, too.
  return listening(receive, "toExpress");
}

function listening(receive: Receiver, adapter: string): NodeListener {
  const answer = answering(receive, adapter);
  return adapted((incoming, outgoing) => {
    requireNode(incoming, outgoing, adapter);
    void answer({ incoming, outgoing });
  });
}
