import type { CodeExplanation } from "../generated/model.js";
import type { Provider } from "../generated/platforms.js";
import { callFrom } from "./call-site.js";
import { callCore } from "./instance.js";
import { requireName } from "../model/error.js";
import * as core from "../wasm/ringback.js";

/**
 * Explains a platform's code: of a record (mixcom's `ulFailReason`, quanmayun's `reason`, dingxin's `status` and so on, as in
 * `record.outcome.code`), or of a refusal, as in `error.providerCode`. An undocumented code is `unknown`.
 *
 * @param provider - The platform that gave the code.
 * @param code - The code, as text or as a number.
 */
export function explainCode(provider: Provider, code: string | number): CodeExplanation {
  return callFrom(explainCode, () => {
    requireName("provider", provider);
    // A code may be passed as the number in the platform's JSON.
    const text = typeof code === "number" ? String(Math.trunc(code)) : typeof code === "string" ? code : "";
    return callCore(() => core.explainCode(provider, text));
  });
}
