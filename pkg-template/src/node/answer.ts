import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { invalidArgument } from "../error.js";
import type { Receiver } from "../receiver.js";
import { drained, isEnded } from "./body.js";
import { received } from "./request.js";

/** A request and its response, as Node has them. */
export interface Visit {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  /** Where the body comes from, if not from the request itself. */
  source?: Readable;
}

/** Makes the receiver answer requests of Node's. What it returns never rejects, and leaves no request without an answer. */
export function answering(receive: Receiver): (visit: Visit) => Promise<void> {
  if (typeof receive !== "function") throw invalidArgument("receive", "is not a function", "pass what createReceiver returned");
  return async ({ incoming, outgoing, source = incoming }) => {
    // A source may break when nobody reads it any more. An error event that nobody listens to would end the process.
    source.on("error", ignored);
    const answer = await answerOf(receive, incoming, source).catch(() => FAULT);
    try {
      await send(answer, incoming, outgoing, source);
    } catch {
      outgoing.destroy();
    }
  };
}

interface NodeAnswer {
  status: number;
  headers: Iterable<[string, string]>;
  body: Uint8Array;
}

// A JSON body, since mixcom takes an answer without one for final.
const FAULT: NodeAnswer = { status: 500, headers: [["content-type", "application/json"]], body: new TextEncoder().encode('{"code":500}') };

async function answerOf(receive: Receiver, incoming: IncomingMessage, source: Readable): Promise<NodeAnswer> {
  const { request, context } = received(incoming, source);
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
