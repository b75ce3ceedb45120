import type { Delivery, ErrorReason } from "../generated/model.js";
import type { Provider } from "../generated/platforms.js";
import type { DialAttempt, RingbackError } from "../model/error.js";

/**
 * Observes a router. Events contain no secret and no phone number. Hooks are not awaited, and a hook that throws or rejects has no effect.
 * Each client's own hooks are called as well.
 */
export interface RouterHooks {
  /** An attempt at one account has ended. */
  attempt?: ((event: RouterAttemptEvent) => unknown) | undefined;
  /** An account has failed, and rests. */
  rest?: ((event: RestEvent) => unknown) | undefined;
  /** An account that had failed works again. */
  recover?: ((event: RouterAccount) => unknown) | undefined;
  /** A dial has ended, with or without success. Called once for each dial. */
  done?: ((event: RouterDoneEvent) => unknown) | undefined;
}

/** The names of the hooks. */
export const ROUTER_HOOKS = ["attempt", "rest", "recover", "done"] as const satisfies readonly (keyof RouterHooks)[];

/** An account of a router. */
export interface RouterAccount {
  /** The platform's name. */
  provider: Provider;
  /** The account's name, if the client has one. */
  account?: string;
}

/** The dial that an event is about. */
export interface RouterSubject {
  /** Identifies the dial: the same random text in all of its events. */
  dialId: string;
  /** The reference that all attempts share. Absent where it may contain a phone number. */
  reference?: string;
}

/** An attempt that has ended. */
export interface RouterAttemptEvent extends RouterSubject, DialAttempt {
  /** The number of the attempt, from 1. */
  attempt: number;
  /** True if another account is tried after it. */
  goesOn: boolean;
  /** The error that it failed with. */
  error?: RingbackError;
}

/** An account that rests. */
export interface RestEvent extends RouterAccount {
  /** The end of its rest, ISO 8601 with an offset. */
  until: string;
  /** The reason of its failure. */
  reason: ErrorReason;
}

/** A dial that has ended. */
export interface RouterDoneEvent extends RouterSubject {
  /** The attempts, in order. Empty if nothing was tried. */
  attempts: DialAttempt[];
  /** Milliseconds since the dial began. */
  durationMs: number;
  /** `ok`, or the `delivery` of its error. */
  outcome: "ok" | Delivery;
  /** The error that the dial rejects with. */
  error?: RingbackError;
}
