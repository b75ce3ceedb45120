// Creates test fetches, with answers and streams.
import type { Fetch, FetchInit } from "ringback";

/** The arguments of a call of `fetch`. */
export interface Sent extends FetchInit {
  url: string;
}

/** A fetch that keeps the arguments of its calls. */
export interface RecordingFetch extends Fetch {
  /** The calls, in order. */
  readonly sent: Sent[];
}

/** Creates a fetch that gives one answer per call; the last answer is repeated. */
export function createFetch(...answers: ((sent: Sent) => unknown)[]): RecordingFetch {
  const sent: Sent[] = [];
  const fetch = (url: string, init: FetchInit): Promise<Response> => {
    sent.push({ url, ...init });
    const answer = answers[Math.min(sent.length, answers.length) - 1];
    // The cast allows answers that TypeScript would reject.
    return answer?.({ url, ...init }) as Promise<Response>;
  };
  return Object.assign(fetch, { sent });
}

/** Creates a JSON answer. */
export function answerJson(body: string, status = 200, headers: Record<string, string> = {}): () => Promise<Response> {
  return async () => new Response(body, { status, headers: { "content-type": "application/json", ...headers } });
}

/** Writes a request as text, as a careless server or proxy could repeat it. */
export function echoRequest({ url, headers, body }: Sent, ...more: readonly string[]): string {
  return [url, decodeURIComponent(url.replaceAll("+", " ")), JSON.stringify(headers), body ?? "", decodeForm(body ?? ""), ...more].join("\n");
}

function decodeForm(body: string): string {
  return [...new URLSearchParams(body)].map(([name, value]) => `${name}: ${value}`).join("\n");
}

/** Creates a body whose pieces `pull` produces. */
export function createBody(pull: UnderlyingDefaultSource<Uint8Array>["pull"], cancel?: (reason: unknown) => void): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({ ...(pull && { pull }), ...(cancel && { cancel }) }, { highWaterMark: 0 });
}

/** Encodes text as bytes. */
export function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Waits, with the real timer even if a test has replaced it. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    realSetTimeout(resolve, ms);
  });
}

const realSetTimeout = setTimeout;
