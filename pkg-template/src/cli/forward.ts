import { type ClientRequest, type IncomingMessage, request as requestPlainly } from "node:http";
import { request as requestSecurely } from "node:https";
import { Failure, readSystemCode } from "./failure.js";
import type { Terminal } from "./terminal.js";

/** A push to pass on. */
export interface Forwarded {
  method: string;
  /** Without the question mark. */
  query: string;
  headers: Headers;
  body: Uint8Array;
}

/** The app's answer. */
export interface AppAnswer {
  status: number;
  headers: Headers;
  body: Uint8Array;
  durationMs: number;
}

/** The reason why the app did not answer. */
export interface ForwardFailure {
  problem: "unreachable" | "late" | "broken" | "too-large";
  /** The system's code, or the limit. */
  detail: string;
}

/** Bytes of an answer. No platform expects a longer acknowledgement. */
const LARGEST_ANSWER = 1_048_576;

/** Headers of one connection, which are not passed on. */
const OF_CONNECTION = new Set(["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "host", "content-length", "expect"]);

/**
 * Creates a function that sends a request to the app, as it came: method, query, headers, bytes. It follows no redirect.
 *
 * @param target - The app's address. A query of its own comes before the push's.
 * @param waitMs - The time-out of an answer.
 */
export function createForwarder(target: string, waitMs: number, { words }: Terminal): (pushed: Forwarded) => Promise<AppAnswer | ForwardFailure> {
  if (!URL.canParse(target) || !/^https?:$/.test(new URL(target).protocol)) throw new Failure("usage", words.listen.noAddress, "--forward-to http://localhost:3000/push");
  return async ({ method, query, headers, body }) => {
    const url = new URL(target);
    url.search = [url.search.slice(1), query].filter(Boolean).join("&");
    const startedAt = performance.now();
    const kept = Object.fromEntries([...headers].filter(([name]) => !OF_CONNECTION.has(name)));
    const sent = (url.protocol === "https:" ? requestSecurely : requestPlainly)(url, {
      method,
      headers: { ...kept, ...(method !== "GET" && method !== "HEAD" && { "content-length": String(body.length) }) },
      // A kept connection may have been closed by an app that restarts at each change.
      agent: false,
      signal: AbortSignal.timeout(waitMs),
    });
    let hasAnswered = false;
    try {
      const response = await readResponse(sent, body);
      hasAnswered = true;
      const status = response.statusCode ?? 0;
      const pieces: Uint8Array[] = [];
      let length = 0;
      for await (const piece of response as AsyncIterable<Uint8Array>) {
        length += piece.length;
        if (length > LARGEST_ANSWER) return { problem: "too-large", detail: String(LARGEST_ANSWER) };
        pieces.push(piece);
      }
      if (status < 200 || status > 599) return { problem: "broken", detail: String(status) };
      return { status, headers: keepHeaders(response), body: Buffer.concat(pieces), durationMs: Math.round(performance.now() - startedAt) };
    } catch (error) {
      const code = readSystemCode(error) ?? (error instanceof Error ? error.name : String(error));
      if (code === "ABORT_ERR" || code === "AbortError" || code === "TimeoutError") return { problem: "late", detail: String(waitMs) };
      return { problem: hasAnswered || code === "ECONNRESET" || code.startsWith("HPE_") ? "broken" : "unreachable", detail: code };
    } finally {
      sent.destroy();
    }
  };
}

function readResponse(sent: ClientRequest, body: Uint8Array): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once("response", resolve);
    sent.on("error", reject);
    sent.end(body);
  });
}

function keepHeaders({ headersDistinct }: IncomingMessage): Headers {
  const kept = new Headers();
  for (const [name, values] of Object.entries(headersDistinct)) {
    if (!OF_CONNECTION.has(name)) for (const value of values ?? []) kept.append(name, value);
  }
  return kept;
}
