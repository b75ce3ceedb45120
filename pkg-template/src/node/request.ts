import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { ReceiverContext } from "../receiver/receiver.js";
import { streamOf } from "./body.js";

/** A request of Node's as the receiver takes it. */
export function received(incoming: IncomingMessage, source: Readable, given: FrameworkFields = incoming as FrameworkFields): { request: Request; context: ReceiverContext } {
  const { remoteAddress } = incoming.socket;
  const requestWith = (stream?: ReadableStream<Uint8Array>): Request => requestOf(incoming, given.originalUrl, stream);
  if (!source.readableDidRead) return { request: requestWith(streamOf(source)), context: { remoteAddress } };

  // Bytes before what was parsed of them: a parser rounds long integers.
  const body = bytesOf(given.rawBody) ?? parsedBody(given.body, incoming);
  if (body !== undefined) return { request: requestWith(), context: { remoteAddress, body } };

  // Somebody has read the body and not handed it on. The receiver names that mistake where it meets a body in use.
  const request = requestWith(new ReadableStream());
  request.body?.getReader();
  return { request, context: { remoteAddress } };
}

/** What frameworks on top of Node add to a request. */
export interface FrameworkFields {
  /** The target, before a router took off the path at which it is mounted. */
  originalUrl?: string;
  /** What a parser has made of the body. */
  body?: unknown;
  /** The body's bytes, where the framework has kept them: cloud functions do, NestJS when asked. */
  rawBody?: unknown;
}

// Not the Host header, which may hold anything. The receiver looks at path and query only.
const BASE = "http://receiver.invalid";

// No standard Request may have it, yet it shall be refused like every other wrong method.
const FORBIDDEN = "TRACE";

function requestOf(incoming: IncomingMessage, originalUrl: string | undefined, body?: ReadableStream<Uint8Array>): Request {
  const { method = "GET" } = incoming;
  const init: RequestInit & { duplex: "half" } = { method: method === FORBIDDEN ? "GET" : method, headers: headersOf(incoming), duplex: "half" };
  if (body !== undefined && init.method !== "GET" && init.method !== "HEAD") init.body = body;
  const request = new Request(BASE + targetOf(originalUrl ?? incoming.url), init);
  return init.method === method ? request : Object.defineProperty(request, "method", { value: method });
}

function targetOf(url = "/"): string {
  // What is sent to a proxy is a whole address.
  const target = url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, "");
  return target.startsWith("/") ? target : `/${target}`;
}

function headersOf({ headers: fields }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(fields)) {
    // HTTP/2 has the method and the path among them.
    if (value !== undefined && !name.startsWith(":")) headers.set(name, String(value));
  }
  return headers;
}

/** What a parser has made of the body. Nothing where it has made nothing of it: Express 4 leaves an empty object, and a form's parser takes JSON for a name. */
function parsedBody(body: unknown, { headers }: IncomingMessage): unknown {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const [name] = Object.keys(body);
  if (name === undefined) return Number(headers["content-length"] ?? Infinity) > "{}".length ? undefined : body;
  return /^[\s\ufeff]*[{[]/.test(name) ? undefined : body;
}

function bytesOf(rawBody: unknown): Uint8Array | string | undefined {
  return rawBody instanceof Uint8Array || typeof rawBody === "string" ? rawBody : undefined;
}
