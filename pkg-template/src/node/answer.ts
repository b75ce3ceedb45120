import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { createArgumentError, isRingbackError, type RingbackError } from "../model/error.js";
import type { Receiver } from "../receiver/receiver.js";
import { adviseWiring, answerThrough, isNodeResponse } from "../receiver/wiring.js";
import { drain, isEnded } from "./body.js";
import { type FrameworkFields, toReceiverArguments } from "./request.js";

/** A request and its response as Node passes them. */
export interface NodeExchange {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  /** The source of the body, if it is not the request itself. */
  source?: Readable;
  /** Fields that a framework keeps outside the request. */
  given?: FrameworkFields;
}

/**
 * Makes the receiver answer Node's requests. The returned function never rejects, and answers every request.
 *
 * @param adapter - The name of the called function, for error messages.
 */
export function createAnswerer(receive: Receiver, adapter: string): (visit: NodeExchange) => Promise<void> {
  const wrong = explainWrongReceiver(receive);
  if (wrong !== undefined) throw createArgumentError("wrong-type", "receive", wrong, `pass what createReceiver returned: ${adapter}(createReceiver({ … }))`, { expected: ["function"] });
  let hasSaid = false;
  let hasSaidRival = false;
  // A receiver never throws, but a user's function around one may.
  const reportFailure = (error: unknown): NodeAnswer => {
    if (!hasSaid) console.error(`ringback: the receiver given to ${adapter} failed or returned no Response: ${isRingbackError(error) ? error.message : readErrorName(error)}`);
    hasSaid = true;
    return FAULT;
  };
  const reportRival = (status: number): void => {
    if (!hasSaidRival) console.error(`ringback: ${status} was answered by something else before ${adapter} did. In Koa use toKoa(receive); elsewhere let no other handler answer`);
    hasSaidRival = true;
  };
  return async ({ incoming, outgoing, source = incoming, given }) => {
    try {
      // A source may break after it was read. Without a listener its error event would end the process.
      source.on("error", ignoreError);
      const answer = await callReceiver(receive, incoming, source, given).catch(reportFailure);
      if (outgoing.headersSent) reportRival(outgoing.statusCode);
      else await send(answer, incoming, outgoing, source);
    } catch {
      outgoing.destroy();
    }
  };
}

/** Returns an error's name only: its message may contain anything. */
function readErrorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/** Marks a function as returned by an adapter, to tell it from a receiver. */
export function markAdapter<F extends object>(mounted: F): F {
  return Object.defineProperty(mounted, ADAPTED, { value: true });
}

const ADAPTED = Symbol.for("ringback.adapted");

/** Explains why a value is not a receiver. A user's function around a receiver counts as a receiver. */
function explainWrongReceiver(given: unknown): string | undefined {
  try {
    return judgeReceiver(given);
  } catch {
    return "cannot be read";
  }
}

function judgeReceiver(given: unknown): string | undefined {
  if (typeof given !== "function") {
    const { then, fetch } = (given ?? {}) as Record<string, unknown>;
    if (typeof then === "function") return "is a promise, not a receiver";
    return typeof fetch === "function" ? "is an object with fetch, not a receiver" : "is not a function";
  }
  if (ADAPTED in given) return "was returned by an adapter and is not a receiver";
  // Only a class has a prototype that cannot be replaced.
  if (Object.getOwnPropertyDescriptor(given, "prototype")?.writable === false) return "is a class, not a receiver";
  // Express and Connect applications are functions, too.
  return "handle" in given || "listen" in given ? "is an application, not a receiver" : undefined;
}

/**
 * Checks that an adapter's function is called with Node's request and response.
 *
 * @param next - The third argument. Fastify passes a function that takes the error; there, a thrown one would end the process.
 * @returns True if it may answer.
 * @throws RingbackError `invalid-argument`, naming the adapter to use instead.
 */
export function requireNode(incoming: unknown, outgoing: unknown, next: unknown, adapter: string): boolean {
  if (hasMethods(incoming, "on", "resume") && hasMethods(outgoing, "setHeader", "end")) return true;
  const error = createWiringError(incoming, outgoing, adapter, "Node's request and response");
  if (!hasMethods(incoming, "addHook") || typeof next !== "function") throw error;
  next(error);
  return false;
}

/**
 * Creates a function that refuses a call with the arguments of another framework. Where these include Node's response, the caller is Express
 * or node:http, and an error that nothing catches would end the process: such a request is answered with 500, and the error is logged once.
 * In every other framework the function throws it: RingbackError `invalid-argument`, naming the adapter to use instead.
 *
 * @param adapter - The name of the called function, for error messages.
 * @param expected - The arguments that it needs.
 */
export function createRefuser(adapter: string, expected: string): (given: unknown, second: unknown) => void {
  let hasSaid = false;
  return (given, second) => {
    const error = createWiringError(given, second, adapter, expected);
    if (!isNodeResponse(second)) throw error;
    if (!hasSaid) console.error(`ringback: ${error.message}`);
    hasSaid = true;
    answerThrough(given, second, { status: FAULT.status, headers: Object.fromEntries(FAULT.headers), body: new TextDecoder().decode(FAULT.body) });
  };
}

function createWiringError(given: unknown, second: unknown, adapter: string, expected: string): RingbackError {
  const { req, raw } = (given ?? {}) as Record<string, unknown>;
  const hint =
    adviseWiring(given, second) ??
    (hasMethods(req, "on", "resume") ? "in Koa use toKoa(receive)"
    : hasMethods(raw, "on", "resume") ? "in Fastify use app.register(fastifyReceiver(receive), { prefix })"
    : "with standard Requests, call the receiver itself: receive(request)");
  // Frameworks log an error's message, and not its hint.
  return createArgumentError("wrong-type", adapter, `was not called with ${expected}: ${hint}`, hint);
}

function hasMethods(value: unknown, ...names: string[]): boolean {
  return typeof value === "object" && value !== null && names.every((name) => typeof (value as Record<string, unknown>)[name] === "function");
}

interface NodeAnswer {
  status: number;
  headers: Iterable<[string, string]>;
  body: Uint8Array;
}

// Has a JSON body, since mixcom does not push again after an answer without one.
const FAULT: NodeAnswer = { status: 500, headers: [["content-type", "application/json"]], body: new TextEncoder().encode('{"code":500}') };

async function callReceiver(receive: Receiver, incoming: IncomingMessage, source: Readable, given: FrameworkFields | undefined): Promise<NodeAnswer> {
  const { request, context } = toReceiverArguments(incoming, source, given);
  const response = await receive(request, context);
  return { status: response.status, headers: [...response.headers], body: new Uint8Array(await response.arrayBuffer()) };
}

async function send({ status, headers, body }: NodeAnswer, incoming: IncomingMessage, outgoing: ServerResponse, source: Readable): Promise<void> {
  // The client has disconnected.
  if (outgoing.destroyed) return;
  outgoing.statusCode = status;
  for (const [name, value] of headers) outgoing.setHeader(name, value);
  if (status !== 204 && status !== 304) outgoing.setHeader("content-length", body.length);
  if (isEnded(source) || incoming.complete) {
    source.resume();
    outgoing.end(body);
    return;
  }

  // If the response ended while bytes are still arriving, the connection would be reset, and the sender might never read the answer. So the
  // answer is written completely, arriving bytes are dropped for a while, and then the response ends. If the body has ended by then, the
  // connection stays in use.
  if (incoming.httpVersionMajor === 1 && !endsSoon(incoming)) outgoing.setHeader("connection", "close");
  outgoing.flushHeaders();
  outgoing.write(body);
  const ended = await drain(source, LINGER);
  outgoing.end(() => {
    if (!ended) incoming.destroy();
  });
}

const LINGER = { bytes: 1_048_576, ms: 2_000 };

function endsSoon({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) <= LINGER.bytes;
}

function ignoreError(): void {
  // A caller who still reads has its own listener.
}
