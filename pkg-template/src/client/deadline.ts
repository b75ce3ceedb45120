/** When a request's time is up. A simulator whose clock is moved by hand reads it from the request's signal. */
export interface Deadline {
  /** Milliseconds from the sending on. */
  readonly ms: number;
  /** Ends the request as its time-out does. */
  readonly pass: () => void;
}

/** Says on the signal that `fetch` gets when the request's time is up. */
export function tellDeadline(signal: AbortSignal, deadline: Deadline): void {
  Object.defineProperty(signal, DEADLINE, { value: deadline });
}

/** What the sender said, where it was this package. */
export function deadlineOf(signal: AbortSignal | null | undefined): Deadline | undefined {
  return (signal as { [DEADLINE]?: Deadline } | null | undefined)?.[DEADLINE];
}

const DEADLINE = Symbol.for("ringback.deadline");
