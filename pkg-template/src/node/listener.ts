import type { IncomingMessage, ServerResponse } from "node:http";
import type { Receiver } from "../receiver.js";
import { answering } from "./answer.js";

/** What `createServer` of `node:http` takes, and every framework on top of it. It never throws. */
export type NodeListener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/**
 * The receiver as a listener of `node:http` and `node:https`.
 *
 * @example
 * createServer(toNodeListener(receive)).listen(8787);
 *
 * @param receive - What `createReceiver` returned.
 * @throws RingbackError `invalid-argument` where that is no function.
 */
export function toNodeListener(receive: Receiver): NodeListener {
  const answer = answering(receive);
  return (incoming, outgoing) => void answer({ incoming, outgoing });
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
 * @throws RingbackError `invalid-argument` where that is no function.
 */
export function toExpress(receive: Receiver): NodeListener {
  // What Express adds to a request (originalUrl, body) is looked for in every request: Connect and its like add it, too.
  return toNodeListener(receive);
}
