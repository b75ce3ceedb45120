import { isRingbackError } from "../model/error.js";
import { callCore } from "./instance.js";
import * as core from "../wasm/ringback.js";

/**
 * Writes any thrown value on one line for a log: name, code and redacted message.
 *
 * @internal
 */
export function formatError(error: unknown): string {
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
 * Returns a RingbackError unchanged, and copies any other error with name, code and redacted message.
 *
 * @internal
 */
export function redactError(error: unknown): Error {
  if (isRingbackError(error)) return error;
  const copy = new Error("an error that cannot be shown");
  try {
    const { name, code, message } = Object(error) as { name?: unknown; code?: unknown; message?: unknown };
    copy.message = excerpt(String(message ?? error));
    if (typeof name === "string") Object.defineProperty(copy, "name", { value: excerpt(name), configurable: true, writable: true });
    if (typeof code === "string" || typeof code === "number") Object.assign(copy, { code: typeof code === "string" ? excerpt(code) : code });
  } catch {
    // Its members cannot be read.
  }
  copy.stack = `${copy.name}: ${copy.message}`;
  return copy;
}

/** Removes control and format characters, which could overwrite other lines of a terminal. */
function excerpt(text: string): string {
  return callCore(() => core.excerpt(text)).replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ");
}
