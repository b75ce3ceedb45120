import { EXIT } from "./exit-codes.js";

/** Ctrl-C and SIGTERM. The first lets the command put things in order, the second ends at once. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** How it ends, if it was interrupted. */
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
export function aborted(...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    }
  });
}
