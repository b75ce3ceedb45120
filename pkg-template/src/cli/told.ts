import { isRingbackError, type RingbackError } from "ringback";
import { type Ending, endingOf } from "./exit-codes.js";
import { Failure } from "./failure.js";

/** What is told of a failure, on stderr and as JSON. */
export interface Told {
  ending: Ending;
  code: string;
  /** The kind of fault, of an error of the library. */
  reason?: string | undefined;
  delivery: string;
  retryable: boolean;
  message: string;
  hint?: string | undefined;
  provider?: string | undefined;
  account?: string | undefined;
  operation?: string | undefined;
  /** The given or made id of a dial, by which its record is found. */
  reference?: string | undefined;
  providerCode?: string | undefined;
  providerMessage?: string | undefined;
}

/** What is told of whatever was thrown. */
export function toldOf(thrown: unknown): Told {
  if (isRingbackError(thrown)) return ofLibrary(thrown);
  if (thrown instanceof Failure) {
    return { ending: thrown.ending, code: thrown.ending, delivery: "not-sent", retryable: false, message: thrown.message, hint: thrown.hint };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { ending: "failed", code: "internal", delivery: "not-sent", retryable: false, message };
}

function ofLibrary(error: RingbackError): Told {
  const { code, reason, delivery, retryable, message, hint, provider, account, operation, reference, providerCode, providerMessage } = error;
  // The library's messages end with the hint, which gets a line of its own here.
  const short = hint !== undefined && message.endsWith(`; ${hint}`) ? message.slice(0, -`; ${hint}`.length) : message;
  return { ending: endingOf(error), code, reason, delivery, retryable, message: short, hint, provider, account, operation, reference, providerCode, providerMessage };
}
