/** What tells a simulator the time and wakes it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Runs `then` in `ms` milliseconds.
   *
   * @returns What cancels it.
   */
  later(ms: number, then: () => void | Promise<void>): () => void;
}

/** A clock that stands still until it is told to go on. Several simulators may share one. */
export interface VirtualClock extends Clock {
  /**
   * Goes `ms` milliseconds on. Whatever falls due on the way is run at its own instant, one after the other, and what it started (a
   * push and its answer) is awaited before the clock goes on. It may be called from there too: time then goes on within time.
   */
  advance(ms: number): Promise<void>;
  /** Goes on until nothing is pending any more. */
  run(): Promise<void>;
}

/**
 * A clock that stands still until it is told to go on, so that an hour passes in a millisecond.
 *
 * @param at Where it starts. Default `2020-03-02T17:47:58+08:00`, where the example of mixcom's document starts.
 */
export function createVirtualClock(at: Date | string | number = "2020-03-02T17:47:58+08:00"): VirtualClock {
  let now = instantOf(at);
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
      const timer: Timer = { at: now + Math.max(0, ms), order: placed++, then };
      const after = pending.findIndex(({ at, order }) => at > timer.at || (at === timer.at && order > timer.order));
      pending.splice(after === -1 ? pending.length : after, 0, timer);
      return () => {
        const index = pending.indexOf(timer);
        if (index !== -1) pending.splice(index, 1);
      };
    },
    async advance(ms) {
      if (!(ms >= 0)) throw new RangeError(`a clock goes forward only: ${ms} ms`);
      const target = now + ms;
      await runUntil(target);
      now = Math.max(now, target);
    },
    run: () => runUntil(Infinity),
  };
}

/** The clock on the wall. What is later than a timer can wait is reached in several. */
export function createRealClock(): Clock & { stop(): void } {
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
    now: () => Date.now(),
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

/** Whether this clock is moved by hand. */
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

/** Epoch milliseconds of a date, an ISO 8601 text with an offset, or themselves. */
export function instantOf(at: Date | string | number): number {
  const naive = typeof at === "string" && !/(?:Z|[+-]\d\d:?\d\d)$/i.test(at);
  const ms = typeof at === "number" ? at : new Date(at).getTime();
  if (naive || !Number.isFinite(ms))
    throw new TypeError(`${JSON.stringify(at)} is no instant: give a Date, epoch milliseconds or ISO 8601 with an offset`);
  return ms;
}
