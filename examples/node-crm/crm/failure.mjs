// The message of a failed dial, in the page's language.
import { explainCode } from "ringback";
import { describe, explainCode as explainCodeInChinese } from "ringback/zh";

/** @import { Provider, RingbackError } from "ringback" */
/** @import { DialFailure } from "ringback/sql" */
/** @import { Words } from "./words.mjs" */

/** @param {DialFailure} failure As it is stored, with the fields that its Chinese is made from. @param {Words} words @returns {{ message: string, hint?: string }} */
export function describeFailure(failure, words) {
  // An error of this CRM, not of the package.
  if (words.htmlLang === "en" || failure.reason === undefined) return failure;
  return describe(/** @type {RingbackError} */ (/** @type {unknown} */ (failure)));
}

/** The advice of a platform's code. @param {Provider} provider @param {string | undefined} code @param {Words} words */
export function adviseOnCode(provider, code, words) {
  if (code === undefined) return undefined;
  return (words.htmlLang === "en" ? explainCode : explainCodeInChinese)(provider, code).advice;
}
