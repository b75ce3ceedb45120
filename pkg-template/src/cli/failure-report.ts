import { isRingbackError, type RingbackError } from "ringback";
import { type Ending, chooseEnding } from "./exit-codes.js";
import { Failure } from "./failure.js";

/** A failure as reported on stderr or as JSON. */
export interface FailureReport {
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
  /** The given or created id of a dial, by which its record can be found. */
  reference?: string | undefined;
  providerCode?: string | undefined;
  providerMessage?: string | undefined;
}

/** Describes anything that was thrown. */
export function describeFailure(thrown: unknown): FailureReport {
  if (isRingbackError(thrown)) return describeRingbackError(thrown);
  if (thrown instanceof Failure) {
    return { ending: thrown.ending, code: thrown.ending, delivery: "not-sent", retryable: false, message: thrown.message, hint: thrown.hint };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { ending: "failed", code: "internal", delivery: "not-sent", retryable: false, message };
}

function describeRingbackError(error: RingbackError): FailureReport {
  const { code, reason, delivery, retryable, message, hint, provider, account, operation, reference, providerCode, providerMessage } = error;
  // The library's messages end with the hint, which is printed on its own line here.
  const short = hint !== undefined && message.endsWith(`; ${hint}`) ? message.slice(0, -`; ${hint}`.length) : message;
  return { ending: chooseEnding(error), code, reason, delivery, retryable, message: short, hint, provider, account, operation, reference, providerCode, providerMessage };
}
