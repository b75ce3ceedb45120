import type { Answer } from "../generated/model.js";

/** Returns true if the value can be used as a standard Request, of any realm or polyfill. */
export function isRequest(given: unknown): given is Request {
  try {
    const { headers, method, url } = given as Request;
    return typeof headers?.get === "function" && typeof method === "string" && typeof url === "string";
  } catch {
    return false;
  }
}

/** Explains a call without a standard Request, and what to pass instead. */
export function explainMisuse(given: unknown, second: unknown): string {
  const advice = adviseWiring(given, second) ?? ANY_FRAMEWORK;
  return `the receiver was not called with a standard Request: ${advice}`;
}

const ANY_FRAMEWORK =
  "pass the framework's own Request (Hono: c.req.raw; SvelteKit, Astro, Remix: event.request), use an adapter of ringback/node " +
  "(toNodeListener, toExpress, fastifyReceiver, toKoa), or make a Request of the method, address, headers and raw body";

/**
 * Recognizes the framework by the arguments with which it called a function, and names the wiring that works there. Returns undefined if
 * it is not recognized.
 *
 * @param given - The first argument.
 * @param second - The second one.
 */
export function adviseWiring(given: unknown, second: unknown): string | undefined {
  try {
    return recognize((given ?? {}) as Given, (second ?? {}) as Given);
  } catch {
    // The object's members cannot be read.
    return undefined;
  }
}

type Given = Record<string, unknown>;

function recognize(given: Given, second: Given): string | undefined {
  if (isRequest(given["request"])) return "pass the `request` of this object";
  if (isRequest(given["raw"])) return "pass `c.req.raw`";
  const inner = given["req"] as Given | undefined;
  if (isRequest(inner?.["raw"])) return "pass `c.req.raw`";
  if (isKoa(given)) return "in Koa and Egg use `app.use(toKoa(receive))`, of ringback/node";
  if (typeof given["rawHeaders"] === "object" || isNodeResponse(second)) {
    return "in Node use `createServer(toNodeListener(receive))`, in Express and NestJS `app.use(path, toExpress(receive))`, both of ringback/node";
  }
  if (typeof given["raw"] === "object" || typeof given["addHook"] === "function") {
    return "in Fastify, and NestJS on Fastify, use `app.register(fastifyReceiver(receive), { prefix })`, of ringback/node";
  }
  if (isEvent(given)) return "in a cloud function make a Request of the event: docs/frameworks.md shows how";
  return undefined;
}

/** Returns true for Koa's context and for its request, which both have Node's request and response, and the application. */
function isKoa(given: unknown): boolean {
  const { app, req } = (given ?? {}) as Given;
  return typeof app === "object" && typeof req === "object" && findNodeResponse(given) !== undefined;
}

/** Returns true for the events of cloud functions, of which some are JSON in bytes. */
function isEvent(given: Given): boolean {
  return ArrayBuffer.isView(given) || ["httpMethod", "rawPath", "requestContext"].some((name) => name in given);
}

/**
 * Answers through Node's response if it can be found, since otherwise the request would stay unanswered, or get another framework's 404.
 * Express's request also has the response, but its handler may still answer: it gets a second.
 */
export function answerThrough(given: unknown, second: unknown, answer: Answer): void {
  try {
    if (isNodeResponse(second)) return send(second, answer);
    const response = findNodeResponse(given);
    if (response === undefined) return;
    if (isKoa(given)) return send(response, answer);
    const timer: unknown = setTimeout(() => send(response, answer), UNANSWERED_MS);
    (timer as { unref?(): void }).unref?.();
  } catch {
    // The object's members cannot be read.
  }
}

const UNANSWERED_MS = 1_000;

function send(response: NodeResponse, { status, headers, body }: Answer): void {
  try {
    if (response.headersSent) return;
    response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.end(body);
  } catch {
    // The response has been sent in the meantime.
  }
}

/** The part of Node's response that is used. */
export interface NodeResponse {
  statusCode: number;
  headersSent: boolean;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

function findNodeResponse(given: unknown): NodeResponse | undefined {
  const response = (given as { res?: unknown } | null | undefined)?.res;
  return isNodeResponse(response) ? response : undefined;
}

/** Returns true if the value can be used as Node's response. */
export function isNodeResponse(given: unknown): given is NodeResponse {
  const { writeHead, setHeader, end } = (given ?? {}) as Given;
  return [writeHead, setHeader, end].every((member) => typeof member === "function");
}
