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
  const advice = chooseAdvice((given ?? {}) as Given, (second ?? {}) as Given);
  return `the receiver was not called with a standard Request: ${advice}`;
}

type Given = Record<string, unknown>;

function chooseAdvice(given: Given, second: Given): string {
  try {
    if (isRequest(given["request"])) return "pass the `request` of this object";
    if (isRequest(given["raw"])) return "pass `c.req.raw`";
    const inner = given["req"] as Given | undefined;
    if (isRequest(inner?.["raw"])) return "pass `c.req.raw`";
    if (findNodeResponse(given) && typeof given["app"] === "object") return "in Koa use `app.use(toKoa(receive))`, of ringback/node";
    if (typeof given["rawHeaders"] === "object" || isNodeResponse(second)) {
      return "in Node use `createServer(toNodeListener(receive))`, in Express `app.use(path, toExpress(receive))`, both of ringback/node";
    }
    if (typeof given["raw"] === "object") return "in Fastify use `app.register(fastifyReceiver(receive), { prefix })`, of ringback/node";
  } catch {
    // The object's members cannot be read.
  }
  return (
    "pass the framework's own Request (Hono: c.req.raw; SvelteKit, Astro, Remix: event.request), use an adapter of ringback/node " +
    "(toNodeListener, toExpress, fastifyReceiver, toKoa), or make a Request of the method, address, headers and raw body"
  );
}

/** Answers through Node's response if one was passed, since otherwise the request would stay unanswered. */
export function answerThrough(given: unknown, second: unknown, { status, headers, body }: Answer): void {
  try {
    // Koa passes a context, which has the response, and a function.
    const response = isNodeResponse(second) ? second : typeof second === "function" ? findNodeResponse(given) : undefined;
    if (response === undefined || response.headersSent) return;
    response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.end(body);
  } catch {
    // The response has been sent in the meantime.
  }
}

interface NodeResponse {
  statusCode: number;
  headersSent: boolean;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

function findNodeResponse(given: unknown): NodeResponse | undefined {
  const response = (given as { res?: unknown } | null | undefined)?.res;
  return isNodeResponse(response) ? response : undefined;
}

function isNodeResponse(given: unknown): given is NodeResponse {
  const { writeHead, setHeader, end } = (given ?? {}) as Given;
  return [writeHead, setHeader, end].every((member) => typeof member === "function");
}
