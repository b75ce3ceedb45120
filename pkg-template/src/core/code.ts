import type { CodeExplanation } from "../generated/model.js";
import type { Provider } from "../generated/platforms.js";
import { callFrom } from "./call-site.js";
import { callCore } from "./instance.js";
import { nameOf } from "../model/error.js";
import * as core from "../wasm/ringback.js";

/**
 * What a code in a record means: mixcom's `ulFailReason`, quanmayun's `reason`, dingxin's `status` and so on, as in
 * `record.outcome.code`; or the code of a refusal, as in `error.providerCode`. A code that no document lists is `unknown`.
 *
 * @param provider - The platform that gave the code.
 * @param code - The code, as text or as a number.
 */
export function explainCode(provider: Provider, code: string | number): CodeExplanation {
  return callFrom(explainCode, () => {
    nameOf("provider", provider);
    // A code may come as the number that it is in the platform's JSON.
    const text = typeof code === "number" ? String(Math.trunc(code)) : typeof code === "string" ? code : "";
    return callCore(() => core.explainCode(provider, text));
  });
}
