import { asBytes } from "./bytes.js";
import type { Delivery } from "../generated/model.js";
import { invalidArgument, readable, shownName } from "../model/error.js";

/** Options or parameters as JSON. What JSON would change in silence is no plain data. */
export function plainJson(what: string, given: unknown, delivery?: Delivery): string {
  const read = (): string => {
    // Texts alone need no question for each.
    const isFlat = given != null && Object.getPrototypeOf(given) === Object.prototype && Object.values(given).every((value) => typeof value === "string");
    try {
      return JSON.stringify(given, isFlat ? undefined : onlyPlain) ?? "null";
    } catch (error) {
      // The first that cannot be written by itself.
      for (const [key, value] of Object.entries(Object(given))) readable(`${what}.${shownName(key)}`, () => JSON.stringify(value, onlyPlain), undefined, delivery);
      throw error;
    }
  };
  return readable(what, read, undefined, delivery);
}

function onlyPlain(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const given = this[key];
  const isOwnWriter = typeof given === "object" && given !== null && "toJSON" in given;
  if (isOwnWriter || ["function", "symbol"].includes(typeof value)) throw new TypeError(key);
  if (typeof value === "bigint") return Number(value);
  // JSON has no such number, and would make nothing of it.
  if (typeof value === "number" && !Number.isFinite(value)) return 0.5;
  return value;
}

/** The body of an answer: text, bytes, or nothing. */
export function bodyBytes(body: unknown, delivery?: Delivery): Uint8Array {
  const bytes = body == null ? new Uint8Array(0) : asBytes(body);
  if (bytes === undefined) throw invalidArgument("wrong-type", "body", "is neither text nor bytes", "pass a string or a Uint8Array", delivery && { delivery });
  return bytes;
}
