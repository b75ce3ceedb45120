import { callFrom } from "../core/call-site.js";
import { checkNumber, readArguments, refuse } from "./checks.js";

/** Gives a simulator the time, and runs its timers. */
export interface Clock {
  /** The time in milliseconds since 1970. */
  now(): number;
  /**
   * Runs `then` in `ms` milliseconds.
   *
   * @returns A function that cancels it.
   */
  later(ms: number, then: () => void | Promise<void>): () => void;
}

/** A clock that stands still until it is moved. Several simulators may share one. */
export interface VirtualClock extends Clock {
  /**
   * Moves the clock by `ms` milliseconds. Each due timer runs at its own instant, in order, and the work it started (a push and its
   * answer) is awaited before the clock moves on. A timer may call it, too.
   */
  advance(ms: number): Promise<void>;
  /** Moves the clock until no timer is pending. */
  run(): Promise<void>;
}

/**
 * Creates a clock that stands still until it is moved, so that an hour passes in a millisecond.
 *
 * @param at The start. Default `2020-03-02T17:47:58+08:00`, the start of the example in mixcom's document.
 */
export function createVirtualClock(at: Date | string | number = "2020-03-02T17:47:58+08:00"): VirtualClock {
  let now = callFrom(createVirtualClock, () => readArguments("at", () => toEpochMs(at)));
  let placed = 0;
  const pending: Timer[] = [];

  async function runUntil(limit: number): Promise<void> {
    for (let next = pending[0]; next !== undefined && next.at <= limit; next = pending[0]) {
      pending.shift();
      now = Math.max(now, next.at);
      await next.then();
    }
  }

  return {
    now: () => now,
    later(ms, then) {
      if (typeof then !== "function") refuse(then === undefined ? "missing" : "wrong-type", "then", "is not a function", "pass the function to run");
      const timer: Timer = { at: now + Math.max(0, ms), order: placed++, then };
      const after = pending.findIndex(({ at, order }) => at > timer.at || (at === timer.at && order > timer.order));
      pending.splice(after === -1 ? pending.length : after, 0, timer);
      return () => {
        const index = pending.indexOf(timer);
        if (index !== -1) pending.splice(index, 1);
      };
    },
    async advance(ms) {
      checkNumber("ms", ms, 0, Number.MAX_SAFE_INTEGER);
      const target = now + ms;
      await runUntil(target);
      now = Math.max(now, target);
    },
    run: () => runUntil(Infinity),
  };
}

/** Creates a clock of real time. A wait longer than a timer's limit is split into several timers. `now` may give another time. */
export function createRealClock(now = () => Date.now()): Clock & { stop(): void } {
  const pending = new Set<ReturnType<typeof setTimeout>>();

  function wait(ms: number, then: () => void | Promise<void>, timer: { set?: ReturnType<typeof setTimeout> }): void {
    const part = Math.min(ms, LONGEST_TIMER_MS);
    const set = setTimeout(() => {
      pending.delete(set);
      if (ms > part) wait(ms - part, then, timer);
      else void then();
    }, part);
    pending.add(set);
    timer.set = set;
  }

  return {
    now,
    later(ms, then) {
      const timer: { set?: ReturnType<typeof setTimeout> } = {};
      wait(Math.max(0, ms), then, timer);
      return () => {
        if (timer.set === undefined) return;
        clearTimeout(timer.set);
        pending.delete(timer.set);
      };
    },
    stop() {
      for (const timer of pending) clearTimeout(timer);
      pending.clear();
    },
  };
}

/** Returns true if this clock is moved by hand. */
export function isVirtual(clock: Clock): clock is VirtualClock {
  const { advance, run } = clock as Partial<VirtualClock>;
  return typeof advance === "function" && typeof run === "function";
}

interface Timer {
  at: number;
  order: number;
  then: () => void | Promise<void>;
}

/** setTimeout takes 31 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Converts a date, an ISO 8601 text with an offset or epoch milliseconds to epoch milliseconds. */
export function toEpochMs(at: Date | string | number): number {
  const hint = "pass a Date, epoch milliseconds or ISO 8601 with an offset";
  if (typeof at !== "string" && typeof at !== "number" && !(at instanceof Date)) refuse("wrong-type", "at", "is not a time", hint);
  if (typeof at === "string" && !/(?:Z|[+-]\d\d:?\d\d)$/i.test(at)) refuse("missing-time-zone", "at", "has no time zone", hint);
  const ms = typeof at === "number" ? at : new Date(at).getTime();
  if (!Number.isFinite(ms)) refuse("not-a-date", "at", "is not a valid time", hint);
  return ms;
}
