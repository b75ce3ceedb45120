import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import type { Receiver } from "../receiver/receiver.js";
import { markAdapter, createAnswerer, createRefuser } from "./answer.js";

/** The part of a Fastify instance that is used. Declared here, since the package depends on no framework. */
export interface FastifyScope {
  /** Adds a hook to the scope. */
  addHook(name: "preParsing", hook: FastifyHook): unknown;
  /** Adds a route for every method. */
  all(path: string, handler: () => void): unknown;
}

/** A hook that receives the body before any parser. */
export type FastifyHook = (request: { raw: IncomingMessage }, reply: { raw: ServerResponse; hijack(): unknown }, payload: Readable) => void;

/**
 * Makes a Fastify 5 plugin of the receiver. It answers every path below its prefix, and reads the bytes as they were sent, whatever
 * parsers and limits the app has. The app's `onRequest` and `preParsing` hooks run before it; later ones do not run.
 *
 * @example
 * await app.register(fastifyReceiver(receive), { prefix: "/push" });
 *
 * @param receive - The receiver that `createReceiver` returned.
 * @throws RingbackError `invalid-argument` if it is not a receiver. The plugin throws the same code if it is used in another framework; in
 *   Express and node:http it answers 500 and logs that error.
 */
export function fastifyReceiver(receive: Receiver): (scope: FastifyScope, options: unknown, done: () => void) => void {
  const answer = createAnswerer(receive, "fastifyReceiver");
  const refuse = createRefuser("fastifyReceiver", "a Fastify instance");
  // Runs before parsers: Fastify refuses a malformed content type before any parser runs, and a platform may give up on that. The payload
  // may differ from the request: an earlier hook may have decompressed it.
  const take: FastifyHook = ({ raw }, reply, payload) => {
    reply.hijack();
    void answer({ incoming: raw, outgoing: reply.raw, source: payload });
  };
  return markAdapter((scope, options, done) => {
    if (typeof scope?.addHook !== "function") return refuse(scope, options);
    scope.addHook("preParsing", take);
    scope.all("/", leaveToHook);
    scope.all("/*", leaveToHook);
    done();
  });
}

function leaveToHook(): void {
  // A route must have a handler, but the hook has answered the request before.
}
