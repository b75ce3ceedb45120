import type { Cause, ErrorCode, OutcomeStatus } from "../generated/model.js";
import type { Provider } from "../generated/platforms.js";
import { platforms, unlistedCode } from "../generated/zh.js";
import { find } from "./find.js";

/** The meaning of a platform's code, with the advice in Chinese. */
export interface ChineseCodeExplanation {
  /** The broad answer. */
  status: OutcomeStatus;
  /** The reason for the end of the call. */
  cause: Cause;
  /** The leg that decided it, where one did. */
  leg?: "caller" | "callee";
  /** Of the code of a refusal: the `code` of the error that carries it. */
  error?: ErrorCode;
  /** The words of the platform's document. */
  message: string;
  /** The advice, in Chinese. */
  advice: string;
}

/**
 * Explains the code of a record (`record.outcome.code`) or of a refusal (`error.providerCode`) in Chinese. A code that the platform's document
 * does not list is explained as unknown.
 *
 * @param provider - The platform's name.
 * @param code - The code, as a record or an error of this package gives it.
 */
export function explainCode(provider: Provider, code: string | number): ChineseCodeExplanation {
  const known = find(find(platforms, provider)?.codes, String(code).trim());
  return known === undefined ? { status: "unknown", cause: "unknown", ...unlistedCode } : { ...known };
}
