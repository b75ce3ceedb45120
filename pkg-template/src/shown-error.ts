import { isRingbackError } from "./error.js";
import { guarded } from "./instance.js";
import * as core from "./wasm/ringback.js";

/**
 * A foreign error on one line of a log: its name, its code, and its message, redacted. It may be anything that somebody has thrown.
 *
 * @internal
 */
export function shownError(error: unknown): string {
  try {
    if (typeof error !== "object" || error === null) return excerpt(String(error));
    if (isRingbackError(error)) return excerpt(error.message);
    const { name, code, message } = error as { name?: unknown; code?: unknown; message?: unknown };
    const title = [name, typeof code === "string" || typeof code === "number" ? `[${code}]` : ""].filter((part) => part !== "" && part !== undefined);
    return excerpt(`${title.join(" ") || "an object"}: ${typeof message === "string" ? message : ""}`);
  } catch {
    return "an error that cannot be shown";
  }
}

/** Control and format characters could draw over the terminal's other lines. */
function excerpt(text: string): string {
  return guarded(() => core.excerpt(text)).replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ");
}
