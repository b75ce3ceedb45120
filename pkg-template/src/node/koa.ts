import type { IncomingMessage, ServerResponse } from "node:http";
import type { Receiver } from "../receiver/receiver.js";
import { adapted, answering } from "./answer.js";

/** What is used of a Koa context. Written out here, since the package depends on no framework. */
export interface KoaContext {
  /** Node's request. */
  req: IncomingMessage;
  /** Node's response. */
  res: ServerResponse;
  /** The target, before a router took off the path at which it is mounted. */
  originalUrl: string;
  /** What a body parser has read is here. */
  request: { body?: unknown; rawBody?: unknown };
  /** `false`: Koa writes no answer of its own. */
  respond?: boolean | undefined;
}

/**
 * The receiver as a middleware of Koa 2 and 3. It answers every request itself and calls no later middleware.
 *
 * Mount it before a body parser. After one it works with `ctx.request.rawBody`, or with what was parsed, where long integers are rounded.
 *
 * @example
 * router.all("/push/(.*)", toKoa(receive));
 *
 * @param receive - What `createReceiver` returned.
 * @throws RingbackError `invalid-argument` where that is no receiver.
 */
export function toKoa(receive: Receiver): (context: KoaContext) => Promise<void> {
  const answer = answering(receive, "toKoa");
  return adapted(async (context) => {
    const { req: incoming, res: outgoing, originalUrl, request } = context;
    context.respond = false;
    const { body, rawBody } = request;
    await answer({ incoming, outgoing, given: { originalUrl, ...(body !== undefined && { body }), ...(rawBody !== undefined && { rawBody }) } });
  });
}
