import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { ReceiverContext } from "../receiver/receiver.js";
import { toStream } from "./body.js";

/** Converts Node's request to the receiver's arguments. */
export function toReceiverArguments(incoming: IncomingMessage, source: Readable, given: FrameworkFields = incoming as FrameworkFields): { request: Request; context: ReceiverContext } {
  const { remoteAddress } = incoming.socket;
  const createRequest = (stream?: ReadableStream<Uint8Array>): Request => buildRequest(incoming, given.originalUrl, stream);
  if (!source.readableDidRead) return { request: createRequest(toStream(source)), context: { remoteAddress } };

  // Prefers the bytes to the parsed body, in which long integers are rounded.
  const body = readRawBody(given.rawBody) ?? readParsedBody(given.body, incoming);
  if (body !== undefined) return { request: createRequest(), context: { remoteAddress, body } };

  // The body was read and not passed on. The receiver reports that when it finds the body in use.
  const request = createRequest(new ReadableStream());
  request.body?.getReader();
  return { request, context: { remoteAddress } };
}

/** Fields that frameworks add to Node's request. */
export interface FrameworkFields {
  /** The target, before a router removed its mount path. */
  originalUrl?: string;
  /** The result of a body parser. */
  body?: unknown;
  /** The body's bytes, if the framework keeps them: cloud functions do, NestJS on request. */
  rawBody?: unknown;
}

// Not the Host header, which may contain anything. The receiver reads only path and query.
const BASE = "http://receiver.invalid";

// A standard Request cannot have this method, but it must be refused like every other wrong method.
const FORBIDDEN = "TRACE";

function buildRequest(incoming: IncomingMessage, originalUrl: string | undefined, body?: ReadableStream<Uint8Array>): Request {
  const { method = "GET" } = incoming;
  const init: RequestInit & { duplex: "half" } = { method: method === FORBIDDEN ? "GET" : method, headers: copyHeaders(incoming), duplex: "half" };
  if (body !== undefined && init.method !== "GET" && init.method !== "HEAD") init.body = body;
  const request = new Request(BASE + readTarget(originalUrl ?? incoming.url), init);
  return init.method === method ? request : Object.defineProperty(request, "method", { value: method });
}

function readTarget(url = "/"): string {
  // Requests to a proxy have an absolute address.
  const target = url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, "");
  return target.startsWith("/") ? target : `/${target}`;
}

function copyHeaders({ headers: fields }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(fields)) {
    // HTTP/2 lists the method and the path among the headers.
    if (value !== undefined && !name.startsWith(":")) headers.set(name, String(value));
  }
  return headers;
}

/**
 * Returns the parsed body, or undefined if the parser did not understand it: Express 4 leaves an empty object, and a form parser takes JSON
 * for a name.
 */
function readParsedBody(body: unknown, { headers }: IncomingMessage): unknown {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const [name] = Object.keys(body);
  if (name === undefined) return Number(headers["content-length"] ?? Infinity) > "{}".length ? undefined : body;
  return /^[\s\ufeff]*[{[]/.test(name) ? undefined : body;
}

function readRawBody(rawBody: unknown): Uint8Array | string | undefined {
  return rawBody instanceof Uint8Array || typeof rawBody === "string" ? rawBody : undefined;
}
