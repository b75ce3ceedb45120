import type { Delivery } from "../generated/model.js";
import type { Operation, Provider } from "../generated/platforms.js";
import { createArgumentError, filterName, type RingbackError } from "./error.js";

/**
 * Observes a client's operations. Events contain no secret and no full phone number. Hooks are not awaited, and a hook that throws or
 * rejects has no effect.
 *
 * Each page of `records` is an operation of its own. `recording()` ends when it resolves or rejects; each `body()` is one more operation of
 * the name `recording`, and ends when its stream ends, breaks or is cancelled. A body that is never read never ends.
 */
export interface Hooks {
  /**
   * An operation begins. Call `begin` to run it within a context of your own, such as `storage.run(value, begin)`; the other hooks and
   * `fetch` are then called in that context. It begins once in any case: after the hook, if you have not called `begin`.
   */
  start?: ((event: StartEvent, begin: () => void) => unknown) | undefined;
  /** A request is about to be sent. */
  request?: ((event: RequestEvent) => unknown) | undefined;
  /** A response has come. */
  response?: ((event: ResponseEvent) => unknown) | undefined;
  /** An operation has failed finally: its promise rejects with this error. Followed by `done`. */
  error?: ((event: ErrorEvent) => unknown) | undefined;
  /** An operation has ended, with or without success. Called once for each operation. */
  done?: ((event: DoneEvent) => unknown) | undefined;
}

/**
 * The names of the hooks.
 *
 * @internal
 */
export const HOOKS = ["start", "request", "response", "error", "done"] as const satisfies readonly (keyof Hooks)[];

/**
 * Checks hooks. Returns undefined if none is given, so that an operation then does nothing for them.
 *
 * @param on - The given hooks.
 * @param names - The names of the hooks that exist.
 *
 * @internal
 */
export function checkHooks<H extends object>(on: H | undefined, names: readonly string[]): H | undefined {
  if (on === undefined) return undefined;
  if (typeof on !== "object" || on === null) throw createArgumentError("wrong-type", "on", "must be an object", `pass { ${names.join(", ")} }`, { expected: ["object"] });
  for (const [name, hook] of Object.entries(on)) {
    if (!names.includes(name)) throw createArgumentError("unknown-option", `on.${filterName(name)}`, "is not a hook", `use ${names.slice(0, -1).join(", ")} or ${names.at(-1)}`, { expected: names.map((hook) => `on.${hook}`) });
    if (hook !== undefined && typeof hook !== "function") throw createArgumentError("wrong-type", `on.${name}`, "is not a function", "pass a function, or leave it out", { expected: ["function"] });
  }
  return Object.values(on).every((hook) => hook === undefined) ? undefined : { ...on };
}

/** An operation that begins. */
export interface StartEvent {
  /** Identifies the operation: the same random text in all of its events. */
  operationId: string;
  /** The platform's name. */
  provider: Provider;
  /** The account's name, if the client has one. */
  account?: string;
  /** The operation. */
  operation: Operation;
}

/** The fields that the events of requests, responses and errors share. */
export interface ExchangeSubject extends StartEvent {
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

/** An operation that has ended. */
export interface DoneEvent extends StartEvent {
  /** The number of attempts; 0 if nothing was sent. */
  attempts: number;
  /** Milliseconds since the operation began, waits between attempts included. */
  durationMs: number;
  /** `ok`, or the `delivery` of its error. A recording's body that its reader cancels is `ok`. */
  outcome: "ok" | Delivery;
  /**
   * The platform's call id: of a dial, from the answer; of `hangUp` and `recording`, as given. Absent where it may contain a phone
   * number.
   */
  callId?: string;
  /** For a dial: the given or created reference. Absent where it may contain a phone number. */
  reference?: string;
  /** For a recording's body: the bytes that were read. */
  bytes?: number;
  /** The error that the operation rejects with. */
  error?: RingbackError;
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

/**
 * Calls a hook with a function that begins the work, and begins it afterwards if the hook has not.
 *
 * @param hook - The hook.
 * @param event - Its event.
 * @param work - The work. It runs once, whatever the hook does.
 *
 * @internal
 */
export function beginWithin<E, T>(hook: (event: E, begin: () => void) => unknown, event: E, work: () => Promise<T>): Promise<T> {
  let running: Promise<T> | undefined;
  const begin = (): void => {
    running ??= work();
  };
  callHook((given: E) => hook(given, begin), event);
  return (running ??= work());
}
