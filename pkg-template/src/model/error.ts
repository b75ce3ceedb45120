import type { Delivery, ErrorCode, ErrorDetail, ErrorReason } from "../generated/model.js";
import type { Provider } from "../generated/platforms.js";

/** The fields of a {@link RingbackError} besides its message. */
export interface RingbackErrorFields extends Omit<ErrorDetail, "message"> {
  /** Of a router's dial: the attempts, in order. The error is the last one's. */
  attempts?: readonly DialAttempt[];
}

/** One attempt of a router's dial. */
export interface DialAttempt {
  /** The platform's name. */
  provider: Provider;
  /** The account's name, if the client has one. */
  account?: string;
  /** True if the account had failed before, and this attempt found out if it works again. */
  trial: boolean;
  /** Milliseconds until its end. */
  durationMs: number;
  /** `ok`, or the `delivery` of its error. */
  outcome: "ok" | Delivery;
  /** The error's code. */
  code?: ErrorCode;
  /** The error's reason. */
  reason?: ErrorReason;
  /** The platform's own code, as text. */
  providerCode?: string;
}

const marker = Symbol.for("ringback.error");

/** Declares the fields that the constructor below sets. */
export interface RingbackError extends Readonly<Omit<RingbackErrorFields, "cause">> {}

/**
 * The error that everything in this package throws or rejects with. Neither it nor its `cause` contains a secret or a full phone number.
 * `instanceof` and {@link isRingbackError} also recognize errors of other copies of the package.
 */
export class RingbackError extends Error {
  /** Always `RingbackError`, also in minified code. */
  declare readonly name: "RingbackError";
  /** The error that caused this one, redacted. */
  declare readonly cause?: unknown;

  /**
   * Created by the library. You can create one to test your error handling.
   *
   * @param message - What happened, as text for people.
   * @param fields - The fields for programs.
   */
  constructor(message: string, fields: RingbackErrorFields) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    for (const field of FIELDS) {
      if (fields[field] !== undefined) Object.defineProperty(this, field, { value: fields[field], enumerable: true, configurable: true });
    }
  }

  /** Returns plain values for a log, redacted like the error itself. */
  toJSON(): Record<string, unknown> {
    const json: Record<string, unknown> = { name: this.name, message: this.message };
    for (const field of FIELDS) {
      if (this[field] !== undefined && field !== "nack") json[field] = this[field];
    }
    return json;
  }

  /** Returns true for a RingbackError of any copy of the package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // A class that extends this one recognizes only its own instances.
    return Object.hasOwn(this.prototype, marker) ? isRingbackError(value) : super[Symbol.hasInstance](value);
  }
}

// Bundlers and minifiers rename classes, and logs would show the new name.
Object.defineProperty(RingbackError, "name", { value: "RingbackError", configurable: true });
Object.defineProperties(RingbackError.prototype, {
  name: { value: "RingbackError", configurable: true, writable: true },
  [marker]: { value: true },
});

const FIELDS = [
  "code",
  "reason",
  "delivery",
  "retryable",
  "field",
  "expected",
  "reference",
  "provider",
  "account",
  "operation",
  "callId",
  "status",
  "retryAfterMs",
  "clockOffsetMs",
  "providerCode",
  "providerMessage",
  "hint",
  "nack",
  "attempts",
] as const satisfies readonly (keyof RingbackErrorFields)[];

/**
 * Returns true if a value is a {@link RingbackError} of any copy of the package.
 *
 * @param value - The caught value.
 */
export function isRingbackError(value: unknown): value is RingbackError {
  try {
    return typeof value === "object" && value !== null && (value as { [marker]?: unknown })[marker] === true;
  } catch {
    // The object's members cannot be read.
    return false;
  }
}

/**
 * Checks that a platform's or an operation's name is text before it is passed to the core, where another type would cause a trap.
 *
 * @internal
 */
export function requireName<T extends string>(field: "provider" | "operation", value: T): T {
  if (typeof value !== "string") throw createArgumentError("not-text", field, "is not text", `pass the ${field === "provider" ? "platform" : "operation"}'s name`, { expected: ["text"] });
  return value;
}

/**
 * Creates the error for invalid input that TypeScript must check, in the form of the core's own errors: the message names the field and the
 * problem, the hint says what to do.
 *
 * @internal
 */
export function createArgumentError(reason: ErrorReason, field: string, wrong: string, hint: string, context?: Partial<RingbackErrorFields>): RingbackError {
  return new RingbackError(`${field}: ${wrong}`, {
    code: "invalid-argument",
    reason,
    delivery: "not-sent",
    retryable: false,
    field,
    hint,
    ...context,
  });
}

/**
 * Creates the error for a defect of the library. Contains only the name of the thrown error, since its message is not redacted.
 *
 * @internal
 */
export function createInternalError(thrown: unknown, delivery: Delivery): RingbackError {
  const name = thrown instanceof Error ? thrown.name : typeof thrown;
  return new RingbackError(`the library failed (${name})`, {
    code: "internal",
    reason: "defect",
    delivery,
    retryable: false,
    hint: "this is a defect: please report it with the operation and the platform's name",
  });
}

/**
 * Returns a reference that an error may show, or undefined if it may contain a phone number.
 *
 * @internal
 */
export function filterReference(reference: unknown): string | undefined {
  const isShown = typeof reference === "string" && /^[\w.:-]{1,128}$/.test(reference) && !/(^|[^0-9a-z])(\d[.:_-]?){10,12}($|[^0-9a-z])/i.test(reference);
  return isShown ? reference : undefined;
}

/**
 * Returns an id of a platform as an event may show it, or undefined if it may contain a phone number or is no plain id.
 *
 * @internal
 */
export function filterId(id: unknown): string | undefined {
  if (typeof id !== "string" || !/^[^\s\p{C}]{1,128}$/u.test(id)) return undefined;
  return isUuid(id) || !/(^|[^0-9a-z])(\d[.:_-]?){10,12}($|[^0-9a-z])/i.test(id) ? id : undefined;
}

/** A UUID may contain a group of digits only. */
function isUuid(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
}

/**
 * Adds a dial's reference to an error that does not have it, such as an error of JavaScript.
 *
 * @internal
 */
export function addReference(error: RingbackError, reference: string | undefined): RingbackError {
  if (reference === undefined || error.reference !== undefined || error.field === "reference") return error;
  return copyWith(error, { reference });
}

/**
 * Copies an error with further fields. Two dials may have failed with the same error, for example of wasm that could not be loaded.
 *
 * @internal
 */
export function copyWith(error: RingbackError, fields: Partial<RingbackErrorFields>): RingbackError {
  const copy = new RingbackError(error.message, { ...error, cause: error.cause, ...fields });
  if (error.stack !== undefined) copy.stack = error.stack;
  return copy;
}

/**
 * Reads a value that the caller passed. If reading throws, that error's own message is not shown.
 *
 * @internal
 */
export function readSafely<T>(
  field: string,
  read: () => T,
  hint = "pass text, numbers, true, false and plain objects only",
  delivery: Delivery = "not-sent",
  reason: ErrorReason = "not-plain-data",
): T {
  try {
    return read();
  } catch (error) {
    if (isRingbackError(error)) throw error;
    throw isStackOverflow(error) ? createInternalError(error, delivery) : createArgumentError(reason, field, "cannot be read", hint, { delivery });
  }
}

/** Returns true if the stack overflowed, by infinite nesting or because the caller's stack is full. */
function isStackOverflow(error: unknown): boolean {
  try {
    return error instanceof RangeError && /call stack/i.test(error.message);
  } catch (asked) {
    // The stack is too full even for this check, or the thrown object cannot be read.
    return asked instanceof RangeError;
  }
}

/**
 * Returns an unknown name as an error may show it: the caller may have passed a value instead of a name.
 *
 * @internal
 */
export function filterName(name: string): string {
  return /^\w{1,30}$/.test(name) && !/(\d\D*){7}/.test(name) ? name : "an invalid name";
}
