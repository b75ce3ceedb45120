import type { Dialect, Operation, OperationsByProvider, Provider } from "../generated/platforms.js";
import type { Hooks } from "./hooks.js";

/** The operations that platform `P` offers. */
export type OperationOf<P extends Provider> = OperationsByProvider[P];

/** The platforms that offer operation `O`. */
export type ProviderOf<O extends Operation> = { [P in Provider]: O extends OperationOf<P> ? P : never }[Provider];

/** Options of every client. An unknown key is an error that names it. */
export interface CommonOptions<P extends Provider> {
  /** A name for this account. It enters the records' keys, so that two accounts at one platform never collide. */
  account?: string | undefined;
  /**
   * The function that sends: like `fetch`, or an object with one (a service binding, say). Default: the global `fetch`, looked up at each
   * call. The runtime's own `fetch` is told to send each request once (Node repeats after a 421, Deno after a broken connection). A
   * function of your own that passes requests on to it must see to that itself.
   */
  fetch?: Fetch | { fetch: Fetch } | undefined;
  /** Another address of the platform: https, a test server, a proxy of your own. */
  baseUrl?: string | undefined;
  /** Another address of the platform's recordings. */
  recordingBaseUrl?: string | undefined;
  /** Further hosts that a recording may be fetched from. */
  recordingHosts?: readonly string[] | undefined;
  /** Milliseconds for one attempt, the body's reading included. Default 15000. */
  timeoutMs?: number | undefined;
  /** How often records, recording and balance are tried again. Default 2. A dial is never repeated. */
  retries?: number | undefined;
  /** The zone of the platform's times without a zone. Default `+08:00`. */
  timeZone?: string | undefined;
  /** The clock, in milliseconds since 1970. Default `Date.now`. It enters the signatures. */
  now?: (() => number) | undefined;
  /** Called at the start, each request, each response, an error and the end of each operation, with secrets and numbers masked. */
  on?: Hooks | undefined;
  /**
   * Writes one line for each step of an operation, with secrets and numbers masked: `true` to the console (standard error in Node, Deno and
   * Bun, otherwise `console.debug`), or a function that gets each line. What the function throws is ignored. Default `false`.
   */
  debug?: boolean | ((line: string) => unknown) | undefined;
  /** Where the document is ambiguous: how this platform is spoken to. */
  dialect?: Dialect<P> | undefined;
}

/** Sends a request. Every standard `fetch` fits. It is called unbound, once per attempt. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchedResponse>;

/** The second argument of {@link Fetch}. */
export interface FetchInit {
  /** `GET` or `POST`. */
  method: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** Text, sent as UTF-8. */
  body?: string;
  /** A redirect is never followed: it could dial twice. */
  redirect: "manual";
  /** Aborted at the time-out or by your signal. A `fetch` that ignores it is given up on all the same. */
  signal: AbortSignal;
}

/** The part of a response that is used. Every standard `Response` fits. */
export interface FetchedResponse {
  /** The HTTP status; 0 where a browser hides a redirect. */
  readonly status: number;
  /** The response's headers. */
  readonly headers: {
    /** A header's value, or null where there is none. */
    get(name: string): string | null;
  };
  /** A `ReadableStream`, or null. Where it is neither, `arrayBuffer` is used. */
  readonly body: unknown;
  /** The whole body. */
  arrayBuffer(): Promise<ArrayBuffer>;
}
