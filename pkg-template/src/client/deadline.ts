/** The time-out of a request. A simulator with a virtual clock reads it from the request's signal. */
export interface Deadline {
  /** Milliseconds after sending. */
  readonly ms: number;
  /** Ends the request like its time-out. */
  readonly pass: () => void;
}

/** Attaches the time-out to the signal that `fetch` gets. */
export function attachDeadline(signal: AbortSignal, deadline: Deadline): void {
  Object.defineProperty(signal, DEADLINE, { value: deadline });
}

/** Reads the time-out from a signal, if this package attached one. */
export function readDeadline(signal: AbortSignal | null | undefined): Deadline | undefined {
  return (signal as { [DEADLINE]?: Deadline } | null | undefined)?.[DEADLINE];
}

const DEADLINE = Symbol.for("ringback.deadline");
