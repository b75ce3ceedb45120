import type { Ending } from "./exit-codes.js";

/** What the program itself has to object to. What the library objects to stays a RingbackError. */
export class Failure extends Error {
  /**
   * @param ending - How the program ends.
   * @param message - What is wrong, in the user's language.
   * @param hint - The mend, in the user's language.
   */
  constructor(
    readonly ending: Ending,
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** The reader of our output has gone (`| head -1`): no reason to say anything. */
export class BrokenPipe extends Error {
  /** @param ending - What the exit code tells: all is well, unless something was to be kept. */
  constructor(readonly ending: Extract<Ending, "done" | "unwritable"> = "done") {
    super();
  }
}

/** The code of a system's error: `ENOENT`, `EPIPE`. */
export function systemCode(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
