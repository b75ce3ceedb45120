// Fetches that answer, and fetches that fail in every way a network knows.
import type { Fetch, FetchInit } from "ringback";

/** A request as `fetch` got it. */
export interface Sent extends FetchInit {
  url: string;
}

/** A fetch that keeps what it was called with. */
export interface RecordingFetch extends Fetch {
  /** The calls, in order. */
  readonly sent: Sent[];
}

/** A fetch that answers call after call; the last answer is for all that follow. */
export function answering(...answers: ((sent: Sent) => unknown)[]): RecordingFetch {
  const sent: Sent[] = [];
  const fetch = (url: string, init: FetchInit): Promise<Response> => {
    sent.push({ url, ...init });
    const answer = answers[Math.min(sent.length, answers.length) - 1];
    // What a fetch may do wrong, TypeScript would not let it.
    return answer?.({ url, ...init }) as Promise<Response>;
  };
  return Object.assign(fetch, { sent });
}

/** A JSON answer. */
export function json(body: string, status = 200, headers: Record<string, string> = {}): () => Promise<Response> {
  return async () => new Response(body, { status, headers: { "content-type": "application/json", ...headers } });
}

/** Everything that was sent, as text: what a careless server or proxy gives back. */
export function echoOf({ url, headers, body }: Sent, ...more: readonly string[]): string {
  return [url, decodeURIComponent(url.replaceAll("+", " ")), JSON.stringify(headers), body ?? "", decodeForm(body ?? ""), ...more].join("\n");
}

function decodeForm(body: string): string {
  return [...new URLSearchParams(body)].map(([name, value]) => `${name}: ${value}`).join("\n");
}

/** A body whose pieces come when `pull` makes them. */
export function streamed(pull: UnderlyingDefaultSource<Uint8Array>["pull"], cancel?: (reason: unknown) => void): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({ ...(pull && { pull }), ...(cancel && { cancel }) }, { highWaterMark: 0 });
}

/** Text as bytes. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Waits, without a timer that tests could fake. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    realSetTimeout(resolve, ms);
  });
}

const realSetTimeout = setTimeout;
