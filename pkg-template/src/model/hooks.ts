import type { Operation, Provider } from "../generated/platforms.js";
import type { RingbackError } from "./error.js";

/**
 * Observes a client's requests. Events contain no secret and no full phone number. Hooks are not awaited, and a hook that throws or
 * rejects has no effect.
 */
export interface Hooks {
  /** A request is about to be sent. */
  request?: ((event: RequestEvent) => unknown) | undefined;
  /** A response has come. */
  response?: ((event: ResponseEvent) => unknown) | undefined;
  /** An operation has failed finally: its promise rejects with this error. */
  error?: ((event: ErrorEvent) => unknown) | undefined;
}

/** The fields of every event. */
export interface ExchangeSubject {
  /** The platform's name. */
  provider: Provider;
  /** The account's name, if the client has one. */
  account?: string;
  /** The operation. */
  operation: Operation;
  /** The number of the attempt, from 1; 0 if nothing was sent. A redirect that is followed belongs to its attempt. */
  attempt: number;
  /** For a dial: the given or created reference, once it is known. */
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
  /** Milliseconds since sending; for a stream, until its first bytes. */
  durationMs: number;
}

/** An operation that has failed. */
export interface ErrorEvent extends ExchangeSubject {
  /** The last request's method, if one was sent. */
  method?: string;
  /** The last request's address, redacted, if one was sent. */
  url?: string;
  /** The error that the operation rejects with. */
  error: RingbackError;
}

/**
 * Calls a hook and ignores its errors.
 *
 * @internal
 */
export function callHook<E>(hook: ((event: E) => unknown) | undefined, event: E): void {
  if (hook === undefined) return;
  try {
    Promise.resolve(hook(event)).catch(() => undefined);
  } catch {
    // A hook only observes.
  }
}
