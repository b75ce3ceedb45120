import { captions } from "../generated/zh.js";
import { find } from "./find.js";

/**
 * Returns a caption of a signature trace in Chinese: the `action` of a step, or the `reason` of a parameter that is not signed. A caption of
 * another version of the package that is not known here is returned as it is.
 *
 * @param step - A step of `client.explain()`, a dropped parameter, or the caption alone.
 */
export function explainStep(step: string | { readonly action: string } | { readonly reason: string }): string {
  const caption = typeof step === "string" ? step : "action" in step ? step.action : step.reason;
  return find(captions, caption) ?? caption;
}
