import { toBytes } from "./bytes.js";
import type { Delivery } from "../generated/model.js";
import { createArgumentError, readSafely, filterName } from "../model/error.js";

/** Writes options or parameters as JSON. Rejects values that JSON.stringify would change or drop. */
export function writePlainJson(what: string, given: unknown, delivery?: Delivery): string {
  if (given == null) return "null";
  const read = (): string => {
    // An object with only string values needs no check of each value.
    const isFlat = Object.getPrototypeOf(given) === Object.prototype && Object.values(given).every((value) => typeof value === "string");
    try {
      return JSON.stringify(given, isFlat ? undefined : refuseNonPlain) ?? "null";
    } catch (error) {
      // Finds the first member that cannot be written.
      for (const [key, value] of Object.entries(Object(given))) readSafely(`${what}.${filterName(key)}`, () => JSON.stringify(value, refuseNonPlain), undefined, delivery);
      throw error;
    }
  };
  return readSafely(what, read, undefined, delivery);
}

function refuseNonPlain(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const given = this[key];
  const isOwnWriter = typeof given === "object" && given !== null && "toJSON" in given;
  if (isOwnWriter || ["function", "symbol"].includes(typeof value)) throw new TypeError(key);
  if (typeof value === "bigint") return Number(value);
  // JSON cannot write this number. A fraction instead makes the core report that it is not a whole number.
  if (typeof value === "number" && !Number.isFinite(value)) return 0.5;
  return value;
}

/** Converts the body of an answer to bytes: text, bytes or nothing. */
export function toBodyBytes(body: unknown, delivery?: Delivery): Uint8Array {
  const bytes = body == null ? new Uint8Array(0) : toBytes(body);
  if (bytes === undefined) throw createArgumentError("wrong-type", "body", "is neither text nor bytes", "pass a string or a Uint8Array", { expected: ["text", "bytes"], ...(delivery && { delivery }) });
  return bytes;
}
