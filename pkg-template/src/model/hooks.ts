import type { Operation, Provider } from "../generated/platforms.js";
import type { RingbackError } from "./error.js";

/**
 * Watches a client's traffic. What a hook gets holds no secret and no full phone number. A hook is not awaited, and one that
 * throws or rejects disturbs nothing.
 */
export interface Hooks {
  /** A request is about to be sent. */
  request?: ((event: RequestEvent) => unknown) | undefined;
  /** A response has come. */
  response?: ((event: ResponseEvent) => unknown) | undefined;
  /** An operation has failed for good: its promise rejects with this error. */
  error?: ((event: ErrorEvent) => unknown) | undefined;
}

/** What every hook gets. */
export interface ExchangeSubject {
  /** The platform's name. */
  provider: Provider;
  /** The account's name, where the client has one. */
  account?: string;
  /** The operation. */
  operation: Operation;
  /** Which attempt, counted from 1; 0 where nothing was sent. A redirect that is followed belongs to its attempt. */
  attempt: number;
  /** Of a dial: your id for it or the one that was made, once it is known. */
  reference?: string;
}

/** A request that is about to be sent. */
export interface RequestEvent extends ExchangeSubject {
  /** `GET` or `POST`. */
  method: string;
  /** The address, redacted. */
  url: string;
}

/** A response that has come. */
export interface ResponseEvent extends RequestEvent {
  /** The HTTP status. */
  status: number;
  /** Milliseconds from sending to here; of a stream, to its first bytes. */
  durationMs: number;
}

/** An operation that has failed. */
export interface ErrorEvent extends ExchangeSubject {
  /** The last request's method, where one was sent. */
  method?: string;
  /** The last request's address, redacted, where one was sent. */
  url?: string;
  /** What the operation rejects with. */
  error: RingbackError;
}

/**
 * Calls a hook, whatever it does.
 *
 * @internal
 */
export function announce<E>(hook: ((event: E) => unknown) | undefined, event: E): void {
  if (hook === undefined) return;
  try {
    Promise.resolve(hook(event)).catch(() => undefined);
  } catch {
    // A hook only watches.
  }
}
