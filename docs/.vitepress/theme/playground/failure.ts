import { isRingbackError } from "ringback";
import { describe } from "ringback/zh";
import type { Language } from "./words/index.js";

/** An error as it is shown. */
export interface Failure {
  code?: string;
  message: string;
  hint?: string | undefined;
}

export function describeFailure(error: unknown, language: Language): Failure {
  if (isRingbackError(error)) return { code: error.code, ...describe(error, language) };
  return { message: error instanceof Error ? error.message : String(error) };
}
