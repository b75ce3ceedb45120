import { EXIT } from "./exit-codes.js";

/** Handles Ctrl-C and SIGTERM. The first signal lets the command finish cleanly, the second ends the process at once. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** The exit code, if the program was interrupted. */
  readonly ending: "interrupted" | "terminated" | undefined;
}

export function watchInterruption(): Interruption {
  const controller = new AbortController();
  let ending: Interruption["ending"];
  const on = (signal: "SIGINT" | "SIGTERM", by: "interrupted" | "terminated"): void => {
    process.on(signal, () => {
      if (ending !== undefined) process.exit(EXIT[ending]);
      ending = by;
      controller.abort();
    });
  };
  on("SIGINT", "interrupted");
  on("SIGTERM", "terminated");
  return {
    signal: controller.signal,
    get ending() {
      return ending;
    },
  };
}

/** Resolves when one of the signals is aborted. */
export function waitForAbort(...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    }
  });
}
