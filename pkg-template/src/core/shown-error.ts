import { isRingbackError } from "../model/error.js";
import { callCore } from "./instance.js";
import * as core from "../wasm/ringback.js";

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

/**
 * The same error, or a copy of a foreign one: its name, its code and its message, redacted.
 *
 * @internal
 */
export function redactedError(error: unknown): Error {
  if (isRingbackError(error)) return error;
  const copy = new Error("an error that cannot be shown");
  try {
    const { name, code, message } = Object(error) as { name?: unknown; code?: unknown; message?: unknown };
    copy.message = excerpt(String(message ?? error));
    if (typeof name === "string") Object.defineProperty(copy, "name", { value: excerpt(name), configurable: true, writable: true });
    if (typeof code === "string" || typeof code === "number") Object.assign(copy, { code: typeof code === "string" ? excerpt(code) : code });
  } catch {
    // Its members cannot even be read.
  }
  copy.stack = `${copy.name}: ${copy.message}`;
  return copy;
}

/** Control and format characters could draw over the terminal's other lines. */
function excerpt(text: string): string {
  return callCore(() => core.excerpt(text)).replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ");
}
