import { isRingbackError } from "ringback";
import type { Language } from "./words/index.js";

/** An error as it is shown. */
export interface Failure {
  code?: string;
  message: string;
  hint?: string | undefined;
}

export function describeFailure(error: unknown, _language: Language): Failure {
  if (isRingbackError(error)) return { code: error.code, message: error.message, hint: error.hint };
  return { message: error instanceof Error ? error.message : String(error) };
}
