import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { invalidArgument, isRingbackError } from "../model/error.js";
import type { Receiver } from "../receiver/receiver.js";
import { drained, isEnded } from "./body.js";
import { type FrameworkFields, received } from "./request.js";

/** A request and its response, as Node has them. */
export interface Visit {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  /** Where the body comes from, if not from the request itself. */
  source?: Readable;
  /** What a framework keeps elsewhere than on the request. */
  given?: FrameworkFields;
}

/**
 * Makes the receiver answer requests of Node's. What it returns never rejects, and leaves no request without an answer.
 *
 * @param adapter - The function that was called, for its errors.
 */
export function answering(receive: Receiver, adapter: string): (visit: Visit) => Promise<void> {
  const wrong = wrongReceiver(receive);
  if (wrong !== undefined) throw invalidArgument("wrong-type", "receive", wrong, `pass what createReceiver returned: ${adapter}(createReceiver({ … }))`);
  let hasSaid = false;
  // A receiver never fails, but a function of somebody's own around one may.
  const failed = (error: unknown): NodeAnswer => {
    if (!hasSaid) console.error(`ringback: what ${adapter} was given failed, or gave no Response: ${isRingbackError(error) ? error.message : nameOf(error)}`);
    hasSaid = true;
    return FAULT;
  };
  return async ({ incoming, outgoing, source = incoming, given }) => {
    try {
      // A source may break when nobody reads it any more. An error event that nobody listens to would end the process.
      source.on("error", ignored);
      const answer = await answerOf(receive, incoming, source, given).catch(failed);
      await send(answer, incoming, outgoing, source);
    } catch {
      outgoing.destroy();
    }
  };
}

/** The message of an error of somebody else's may hold anything. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/** Marks what an adapter returns, which is a function as a receiver is. */
export function adapted<F extends object>(mounted: F): F {
  return Object.defineProperty(mounted, ADAPTED, { value: true });
}

const ADAPTED = Symbol.for("ringback.adapted");

/** What is wrong with what was given as a receiver. A function of one's own around a receiver is a receiver. */
function wrongReceiver(given: unknown): string | undefined {
  try {
    return judged(given);
  } catch {
    return "cannot be read";
  }
}

function judged(given: unknown): string | undefined {
  if (typeof given !== "function") {
    const { then, fetch } = (given ?? {}) as Record<string, unknown>;
    if (typeof then === "function") return "is a promise, not a receiver";
    return typeof fetch === "function" ? "is an object with fetch, not a receiver" : "is not a function";
  }
  if (ADAPTED in given) return "is what an adapter returned, not a receiver";
  // Of a class only, the prototype cannot be replaced.
  if (Object.getOwnPropertyDescriptor(given, "prototype")?.writable === false) return "is a class, not a receiver";
  // Applications of Express and Connect are functions, too.
  return "handle" in given || "listen" in given ? "is an application, not a receiver" : undefined;
}

/**
 * Sees that an adapter's function is called as it was made for.
 *
 * @throws RingbackError `invalid-argument`, naming the adapter to use.
 */
export function requireNode(incoming: unknown, outgoing: unknown, adapter: string): void {
  const has = (value: unknown, ...names: string[]): boolean =>
    typeof value === "object" && value !== null && names.every((name) => typeof (value as Record<string, unknown>)[name] === "function");
  if (has(incoming, "on", "resume") && has(outgoing, "setHeader", "end")) return;
  const { req, raw } = (incoming ?? {}) as Record<string, unknown>;
  const mend =
    has(req, "on", "resume") ? "in Koa use toKoa(receive)"
    : has(raw, "on", "resume") ? "in Fastify use app.register(fastifyReceiver(receive), { prefix })"
    : "where a framework has standard Requests, call the receiver itself: receive(request)";
  throw invalidArgument("wrong-type", adapter, "was called with something else than a request and a response of Node's", mend);
}

interface NodeAnswer {
  status: number;
  headers: Iterable<[string, string]>;
  body: Uint8Array;
}

// A JSON body, since mixcom takes an answer without one for final.
const FAULT: NodeAnswer = { status: 500, headers: [["content-type", "application/json"]], body: new TextEncoder().encode('{"code":500}') };

async function answerOf(receive: Receiver, incoming: IncomingMessage, source: Readable, given: FrameworkFields | undefined): Promise<NodeAnswer> {
  const { request, context } = received(incoming, source, given);
  const response = await receive(request, context);
  return { status: response.status, headers: [...response.headers], body: new Uint8Array(await response.arrayBuffer()) };
}

async function send({ status, headers, body }: NodeAnswer, incoming: IncomingMessage, outgoing: ServerResponse, source: Readable): Promise<void> {
  // Another has answered, or nobody is there any more.
  if (outgoing.headersSent || outgoing.destroyed) return;
  outgoing.statusCode = status;
  for (const [name, value] of headers) outgoing.setHeader(name, value);
  if (status !== 204 && status !== 304) outgoing.setHeader("content-length", body.length);
  if (isEnded(source) || incoming.complete) {
    source.resume();
    outgoing.end(body);
    return;
  }

  // Ended while bytes are still coming, the connection would be reset, and the sender might never read its answer. So the answer goes
  // out whole, what comes is dropped for a while, and only then it ends. If the body has ended by then, the connection stays in use.
  if (incoming.httpVersionMajor === 1 && !endsSoon(incoming)) outgoing.setHeader("connection", "close");
  outgoing.flushHeaders();
  outgoing.write(body);
  const ended = await drained(source, LINGER);
  outgoing.end(() => {
    if (!ended) incoming.destroy();
  });
}

const LINGER = { bytes: 1_048_576, ms: 2_000 };

function endsSoon({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) <= LINGER.bytes;
}

function ignored(): void {
  // Who still reads has a listener of his own.
}
