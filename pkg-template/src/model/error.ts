import type { Delivery, ErrorDetail, ErrorReason } from "../generated/model.js";

/** What a {@link RingbackError} says besides its message. */
export interface RingbackErrorFields extends Omit<ErrorDetail, "message"> {}

const marker = Symbol.for("ringback.error");

/** The fields of the class below: they are set by its constructor. */
export interface RingbackError extends Readonly<Omit<RingbackErrorFields, "cause">> {}

/**
 * The one error that everything here throws or rejects with. It shows no secret and no full phone number, its `cause` included.
 * `instanceof` and {@link isRingbackError} know it across copies of the package.
 */
export class RingbackError extends Error {
  /** Always `RingbackError`, minified or not. */
  declare readonly name: "RingbackError";
  /** The failure below this one, redacted. */
  declare readonly cause?: unknown;

  /**
   * Made by the library; by you for a test of your own error handling.
   *
   * @param message - What happened, for a person.
   * @param fields - What a program reads.
   */
  constructor(message: string, fields: RingbackErrorFields) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    for (const field of FIELDS) {
      if (fields[field] !== undefined) Object.defineProperty(this, field, { value: fields[field], enumerable: true, configurable: true });
    }
  }

  /** Plain values for a log: as redacted as the error itself. */
  toJSON(): Record<string, unknown> {
    const json: Record<string, unknown> = { name: this.name, message: this.message };
    for (const field of FIELDS) {
      if (this[field] !== undefined && field !== "nack") json[field] = this[field];
    }
    return json;
  }

  /** True of a RingbackError from any copy of the package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // A class that extends this one asks for its own instances only.
    return Object.hasOwn(this.prototype, marker) ? isRingbackError(value) : super[Symbol.hasInstance](value);
  }
}

// Bundlers and minifiers rename classes, and logs would show that name.
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
  "reference",
  "provider",
  "account",
  "operation",
  "providerCode",
  "providerMessage",
  "hint",
  "nack",
] as const satisfies readonly (keyof RingbackErrorFields)[];

/**
 * Whether this is a {@link RingbackError}, from whichever copy of the package.
 *
 * @param value - Whatever was caught.
 */
export function isRingbackError(value: unknown): value is RingbackError {
  try {
    return typeof value === "object" && value !== null && (value as { [marker]?: unknown })[marker] === true;
  } catch {
    // Of something whose members cannot even be read.
    return false;
  }
}

/**
 * A platform's or an operation's name on its way into the core. Judged here, since the glue takes whatever comes for text: what is
 * none would end in a trap.
 *
 * @internal
 */
export function nameOf<T extends string>(field: "provider" | "operation", value: T): T {
  if (typeof value !== "string") throw invalidArgument("not-text", field, "is not text", `pass the ${field === "provider" ? "platform" : "operation"}'s name`);
  return value;
}

/**
 * Bad input that TypeScript itself must judge, in the form that the core gives its own: the message names the field and what is wrong,
 * the hint says what to do.
 *
 * @internal
 */
export function invalidArgument(reason: ErrorReason, field: string, wrong: string, hint: string, context?: Partial<RingbackErrorFields>): RingbackError {
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
 * A defect of ours. Nothing but the name of what was thrown is shown, since nobody redacted it.
 *
 * @internal
 */
export function internalError(thrown: unknown, delivery: Delivery): RingbackError {
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
 * A reference as an error of JavaScript's own may show it: not where it may hold a phone number.
 *
 * @internal
 */
export function shownReference(reference: unknown): string | undefined {
  const isShown = typeof reference === "string" && /^[\w.:-]{1,128}$/.test(reference) && !/(^|[^0-9a-z])(\d[.:_-]?){10,12}($|[^0-9a-z])/i.test(reference);
  return isShown ? reference : undefined;
}

/**
 * The error with a dial's reference, where the core did not give it one: a failure of JavaScript's own.
 *
 * @internal
 */
export function withReference(error: RingbackError, reference: string | undefined): RingbackError {
  if (reference === undefined || error.reference !== undefined || error.field === "reference") return error;
  // A copy: two dials may have failed by one error, of the wasm that could not be loaded, say.
  const copy = new RingbackError(error.message, { ...error, cause: error.cause, reference });
  if (error.stack !== undefined) copy.stack = error.stack;
  return copy;
}

/**
 * What `read` gives. What throws there is what the caller passed, whose own words are not shown.
 *
 * @internal
 */
export function readable<T>(
  field: string,
  read: () => T,
  mend = "pass text, numbers, true, false and plain objects only",
  delivery: Delivery = "not-sent",
  reason: ErrorReason = "not-plain-data",
): T {
  try {
    return read();
  } catch (error) {
    if (isRingbackError(error)) throw error;
    throw isFullStack(error) ? internalError(error, delivery) : invalidArgument(reason, field, "cannot be read", mend, { delivery });
  }
}

/** By nesting without end, or the caller's own. */
function isFullStack(error: unknown): boolean {
  try {
    return error instanceof RangeError && /call stack/i.test(error.message);
  } catch (asked) {
    // Either not even for this question there is a stack, or something was thrown that cannot be asked.
    return asked instanceof RangeError;
  }
}

/**
 * A name that nobody knows, as an error may repeat it: somebody may have taken a value for a name.
 *
 * @internal
 */
export function shownName(name: string): string {
  return /^\w{1,30}$/.test(name) && !/(\d\D*){7}/.test(name) ? name : "a name that is no identifier";
}
