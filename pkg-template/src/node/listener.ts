import type { IncomingMessage, ServerResponse } from "node:http";
import type { Receiver } from "../receiver/receiver.js";
import { markAdapter, createAnswerer, requireNode } from "./answer.js";

/** A listener for `createServer` of `node:http`. It throws only if it is called with anything else than Node's request and response. */
export type NodeListener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/**
 * Makes a listener for `node:http` and `node:https` of the receiver.
 *
 * @example
 * createServer(toNodeListener(receive)).listen(8787);
 *
 * @param receive - The receiver that `createReceiver` returned.
 * @throws RingbackError `invalid-argument` if it is not a receiver.
 */
export function toNodeListener(receive: Receiver): NodeListener {
  return createListener(receive, "toNodeListener");
}

/**
 * Makes an Express handler (Express 4 and 5, NestJS on either of its platforms) of the receiver. It answers every request itself, never through Express's error page; mounted
 * with `app.use` also requests with a wrong method.
 *
 * Mount it before `express.json()`. After it, the parsed body is used, in which long integers are rounded; keep the bytes with
 * `express.json({ verify: (request, _response, bytes) => { request.rawBody = bytes; } })` to avoid that. In NestJS, `app.use` before
 * `app.listen` is before its parsers; in a controller create the app with `{ rawBody: true }`.
 *
 * @example
 * app.use("/push", toExpress(receive));
 *
 * @param receive - The receiver that `createReceiver` returned.
 * @throws RingbackError `invalid-argument` if it is not a receiver.
 */
export function toExpress(receive: Receiver): NodeListener {
  // Express's fields (originalUrl, body) are read from every request, since Connect and similar frameworks add them as well.
  return createListener(receive, "toExpress");
}

function createListener(receive: Receiver, adapter: string): NodeListener {
  const answer = createAnswerer(receive, adapter);
  return markAdapter((incoming: IncomingMessage, outgoing: ServerResponse, next?: unknown) => {
    if (requireNode(incoming, outgoing, next, adapter)) void answer({ incoming, outgoing });
  });
}
