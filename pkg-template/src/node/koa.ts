import type { IncomingMessage, ServerResponse } from "node:http";
import type { Receiver } from "../receiver/receiver.js";
import { markAdapter, createAnswerer } from "./answer.js";

/** The part of a Koa context that is used. Declared here, since the package depends on no framework. */
export interface KoaContext {
  /** Node's request. */
  req: IncomingMessage;
  /** Node's response. */
  res: ServerResponse;
  /** The target, before a router removed its mount path. */
  originalUrl: string;
  /** Holds the result of a body parser. */
  request: { body?: unknown; rawBody?: unknown };
  /** `false` keeps Koa from writing an answer of its own. */
  respond?: boolean | undefined;
}

/**
 * Makes a Koa middleware (Koa 2 and 3) of the receiver. It answers every request itself and calls no later middleware.
 *
 * Mount it before a body parser. After one it works with `ctx.request.rawBody`, or with the parsed body, in which long integers are
 * rounded.
 *
 * @example
 * router.all("/push/(.*)", toKoa(receive));
 *
 * @param receive - The receiver that `createReceiver` returned.
 * @throws RingbackError `invalid-argument` if it is not a receiver.
 */
export function toKoa(receive: Receiver): (context: KoaContext) => Promise<void> {
  const answer = createAnswerer(receive, "toKoa");
  return markAdapter(async (context) => {
    const { req: incoming, res: outgoing, originalUrl, request } = context;
    context.respond = false;
    const { body, rawBody } = request;
    await answer({ incoming, outgoing, given: { originalUrl, ...(body !== undefined && { body }), ...(rawBody !== undefined && { rawBody }) } });
  });
}
