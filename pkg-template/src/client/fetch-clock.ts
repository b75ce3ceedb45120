/** Attaches a clock to a function that sends. A client without a `now` of its own takes the time from it. */
export function attachClock(fetch: object, now: () => number): void {
  Object.defineProperty(fetch, CLOCK, { value: now });
}

/** Reads the clock of a client's `fetch`, if this package attached one. */
export function readAttachedClock(fetch: unknown): (() => number) | undefined {
  const { fetch: own } = (fetch ?? {}) as { fetch?: unknown };
  return (fetch as Clocked | undefined)?.[CLOCK] ?? (own as Clocked | undefined)?.[CLOCK];
}

interface Clocked {
  [CLOCK]?: () => number;
}

const CLOCK = Symbol.for("ringback.clock");
