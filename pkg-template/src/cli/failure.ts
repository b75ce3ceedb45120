import type { Ending } from "./exit-codes.js";

/** An error of the program itself, such as wrong usage or a file that cannot be written. Errors of the library stay RingbackErrors. */
export class Failure extends Error {
  /**
   * @param ending - The exit code.
   * @param message - The problem, in the user's language.
   * @param hint - The remedy, in the user's language.
   */
  constructor(
    readonly ending: Ending,
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** The reader of stdout has closed the pipe (`| head -1`). Nothing is printed. */
export class BrokenPipe extends Error {
  /** @param ending - The exit code: "done", or "unwritable" if output had to be kept. */
  constructor(readonly ending: Extract<Ending, "done" | "unwritable"> = "done") {
    super();
  }
}

/** Returns the code of a system error: `ENOENT`, `EPIPE`. */
export function readSystemCode(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
