import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import type { Receiver } from "../receiver/receiver.js";
import { adapted, answering } from "./answer.js";

/** What is used of a Fastify instance. Written out here, since the package depends on no framework. */
export interface FastifyScope {
  /** Adds a hook to the scope. */
  addHook(name: "preParsing", hook: FastifyHook): unknown;
  /** Adds a route for every method. */
  all(path: string, handler: () => void): unknown;
}

/** A hook that gets the body before a parser does. */
export type FastifyHook = (request: { raw: IncomingMessage }, reply: { raw: ServerResponse; hijack(): unknown }, payload: Readable) => void;

/**
 * The receiver as a Fastify plugin, of Fastify 5. It answers every path below its prefix, and gets the bytes as they came, whatever
 * parsers and limits the app has. The app's `onRequest` and `preParsing` hooks run before it; later ones do not run.
 *
 * @example
 * await app.register(fastifyReceiver(receive), { prefix: "/push" });
 *
 * @param receive - What `createReceiver` returned.
 * @throws RingbackError `invalid-argument` where that is no receiver.
 */
export function fastifyReceiver(receive: Receiver): (scope: FastifyScope, options: unknown, done: () => void) => void {
  const answer = answering(receive, "fastifyReceiver");
  // Not as late as a parser: before any, Fastify refuses a content type that it finds malformed, and a platform may give up on that. The
  // payload is not always the request: an earlier hook may have decompressed it.
  const take: FastifyHook = ({ raw }, reply, payload) => {
    reply.hijack();
    void answer({ incoming: raw, outgoing: reply.raw, source: payload });
  };
  return adapted((scope, _options, done) => {
    scope.addHook("preParsing", take);
    scope.all("/", answered);
    scope.all("/*", answered);
    done();
  });
}

function answered(): void {
  // A route must have a handler, but the hook has taken the request before.
}
