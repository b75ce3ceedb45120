import type { Ending } from "../exit-codes.js";

/** The result of one check. */
export interface Finding {
  /** Name of the check, the same in every language. */
  check: "node" | "credentials" | "address" | "connection" | "clock" | "signature" | "reading" | "sample";
  level: "ok" | "warning" | "failure";
  /** The result, in the user's language. */
  text: string;
  /** The remedy, in the user's language. */
  hint?: string;
  /** The exit code of a failure. */
  ending?: Ending;
}
