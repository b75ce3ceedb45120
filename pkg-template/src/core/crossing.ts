import type { Delivery } from "../generated/model.js";
import { asBytes } from "./bytes.js";
import { invalidArgument, readable, RingbackError, type RingbackErrorFields, shownName } from "../model/error.js";
import { guarded } from "./instance.js";

/** What crosses back: exactly one of the three. */
interface CoreAnswer {
  result?: unknown;
  error?: CoreError;
  /** What the core lacks, to be brought with the same call made again. */
  ask?: string;
}

type CoreError = Omit<RingbackErrorFields, "cause"> & { message: string; cause?: { name: string; code?: string; message: string } };

/**
 * Calls the core and reads its answer. Its errors come out as RingbackErrors, whose stack leads to the caller.
 *
 * @param call - The call, given what the core asked for: nothing at first.
 * @param bring - What to give where the core asks.
 * @param delivery - What to say of a request's fate after a trap.
 */
export function crossed<T>(call: (brought?: string) => string, bring?: (ask: string) => string, delivery?: Delivery): T {
  const read = (brought?: string): CoreAnswer => guarded(() => JSON.parse(call(brought)) as CoreAnswer, delivery);
  let answer = read();
  if (answer.ask !== undefined && bring) answer = read(bring(answer.ask));
  return resultOf(answer) as T;
}

/** The answer's result, or its error thrown. */
export function resultOf({ result, error }: CoreAnswer): unknown {
  if (error !== undefined) throw errorOf(error);
  return result ?? undefined;
}

function errorOf({ message, cause, ...fields }: CoreError): RingbackError {
  return new RingbackError(message, cause === undefined ? fields : { ...fields, cause: causeOf(cause) });
}

/** The core wrote it anew, without secrets: its stack would only show where. */
function causeOf({ name, message, code }: NonNullable<CoreError["cause"]>): Error {
  const cause = new Error(message);
  Object.defineProperty(cause, "name", { value: name, configurable: true, writable: true });
  if (code !== undefined) Object.assign(cause, { code });
  cause.stack = String(cause);
  return cause;
}

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
