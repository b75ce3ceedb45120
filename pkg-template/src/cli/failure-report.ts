import { isRingbackError, type RingbackError } from "ringback";
import { type Ending, chooseEnding } from "./exit-codes.js";
import { Failure } from "./failure.js";
import { describeInShell } from "./shell/index.js";
import type { Terminal } from "./terminal.js";

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
  /** The library's name of the option or parameter. */
  field?: string | undefined;
  provider?: string | undefined;
  account?: string | undefined;
  operation?: string | undefined;
  /** The given or created id of a dial, by which its record can be found. */
  reference?: string | undefined;
  providerCode?: string | undefined;
  providerMessage?: string | undefined;
}

/** Describes anything that was thrown. */
export function describeFailure(thrown: unknown, terminal: Terminal): FailureReport {
  if (isRingbackError(thrown)) return describeRingbackError(thrown, terminal);
  if (thrown instanceof Failure) {
    return { ending: thrown.ending, code: thrown.ending, delivery: "not-sent", retryable: false, message: thrown.message, hint: thrown.hint };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { ending: "failed", code: "internal", delivery: "not-sent", retryable: false, message };
}

function describeRingbackError(error: RingbackError, terminal: Terminal): FailureReport {
  const { code, reason, delivery, retryable, field, provider, account, operation, reference, providerCode, providerMessage } = error;
  const { message, hint } = describeInShell(error, terminal);
  return { ending: chooseEnding(error), code, reason, delivery, retryable, message, hint, field, provider, account, operation, reference, providerCode, providerMessage };
}
