import type { Ending } from "../exit-codes.js";

/** What one check found. */
export interface Finding {
  /** The check's name, the same in every language. */
  check: "node" | "credentials" | "address" | "connection" | "clock" | "signature" | "reading" | "sample";
  level: "ok" | "warning" | "failure";
  /** What is so. */
  text: string;
  /** What to do about it. */
  mend?: string;
  /** How the program ends for it, where it is a failure. */
  ending?: Ending;
}
