import { crossed } from "../core/crossing.js";
import { type ErrorCode, nameOf } from "./error.js";
import type { Provider } from "./platform.js";
import type { Cause, OutcomeStatus } from "./record.js";
import * as core from "../wasm/ringback.js";

/** What a platform's code means. */
export interface CodeExplanation {
  /** The broad answer. */
  status: OutcomeStatus;
  /** Why the call ended. */
  cause: Cause;
  /** The leg that decided it, where one did. */
  leg?: "caller" | "callee";
  /** Of the code of a refusal: the `code` of the RingbackError that carries it. */
  error?: ErrorCode;
  /** The document's own words. */
  message: string;
  /** The same in English. */
  messageEn: string;
  /** What to do about it. */
  advice: string;
}

/**
 * What a code in a record means: mixcom's `ulFailReason`, quanmayun's `reason`, dingxin's `status` and so on, as in
 * `record.outcome.code`; or the code of a refusal, as in `error.providerCode`. A code that no document lists is `unknown`.
 *
 * @param provider - The platform that gave the code.
 * @param code - The code, as text or as a number.
 */
export function explainCode(provider: Provider, code: string | number): CodeExplanation {
  nameOf("provider", provider);
  // A code may come as the number that it is in the platform's JSON.
  const text = typeof code === "number" ? String(Math.trunc(code)) : typeof code === "string" ? code : "";
  return crossed(() => core.explainCode(provider, text));
}
