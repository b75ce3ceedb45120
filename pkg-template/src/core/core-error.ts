import { RingbackError, type RingbackErrorFields } from "../model/error.js";

/** An error as the core throws it: a plain object, since the core does not know the package's error class. */
interface CoreError extends Omit<RingbackErrorFields, "cause"> {
  message: string;
  cause?: { name: string; code?: string; message: string };
}

/** Returns true for an error of the core. Everything else that a call into the wasm throws is a trap. */
export function isCoreError(thrown: unknown): thrown is CoreError {
  return typeof thrown === "object" && thrown !== null && !(thrown instanceof Error) && "delivery" in thrown && "message" in thrown;
}

/** Converts it to a RingbackError whose stack leads to the caller. */
export function toRingbackError({ message, cause, ...fields }: CoreError): RingbackError {
  return new RingbackError(message, cause === undefined ? fields : { ...fields, cause: toCause(cause) });
}

/** Creates the cause. The core has removed secrets from its name and message; its stack would only lead here. */
function toCause({ name, message, code }: NonNullable<CoreError["cause"]>): Error {
  const cause = new Error(message);
  Object.defineProperty(cause, "name", { value: name, configurable: true, writable: true });
  if (code !== undefined) Object.assign(cause, { code });
  cause.stack = String(cause);
  return cause;
}
