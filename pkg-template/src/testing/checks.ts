// Arguments are checked strictly: a misspelled option would otherwise be ignored silently.
import type { ErrorReason } from "../generated/model.js";
import { createArgumentError, filterName, isRingbackError } from "../model/error.js";
import type { RingbackError } from "../model/error.js";

/** Returns the path of a field, as an error names it. */
export function joinPath(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/** Throws the error of a field that cannot be used. It contains no value that was passed. */
export function refuse(reason: ErrorReason, field: string, wrong: string, hint: string, cause?: unknown): never {
  throw createArgumentError(reason, field, wrong, hint, cause === undefined ? undefined : { cause });
}

/** Throws unless a value is an object that is not a list. */
export function checkObject(field: string, given: unknown, hint: string): asserts given is object {
  if (typeof given !== "object" || given === null || Array.isArray(given)) refuse(given === undefined ? "missing" : "wrong-type", field, given === undefined ? "is missing" : "must be an object", hint);
}

/** Throws if an object has an unknown key, and names it. */
export function checkKeys(path: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) refuse("unknown-option", joinPath(path, filterName(unknown)), "is not known here", `leave it out; known here: ${known.join(", ")}`);
}

/** Throws if a value is given that is not in the list. */
export function checkValue(field: string, given: unknown, known: readonly string[]): void {
  if (given !== undefined && !(known as readonly unknown[]).includes(given)) refuse("unsupported-value", field, "has no such value", `pass one of ${known.join(", ")}`);
}

/** Throws if a value is given that is not a number in this range. */
export function checkNumber(field: string, given: unknown, from: number, to: number, whole = false): void {
  if (given === undefined) return;
  const hint = to === Infinity ? `pass ${from} or more` : `pass a ${whole ? "whole " : ""}number from ${from} to ${to}`;
  if (typeof given !== "number" || Number.isNaN(given)) refuse("wrong-type", field, "is not a number", hint);
  if (given < from || given > to) refuse("out-of-range", field, "is out of range", hint);
  if (whole && !Number.isInteger(given)) refuse("not-a-whole-number", field, "is not a whole number", hint);
}

/** Throws if a value is missing or is not a text. */
export function checkText(field: string, given: unknown, hint = "pass a text"): asserts given is string {
  if (given === undefined || given === null) refuse("missing", field, "is missing", hint);
  if (typeof given !== "string") refuse("not-text", field, "is not text", hint);
  if (given.trim() === "") refuse("empty", field, "is empty", hint);
}

/** Throws if a value is given that is not a function. */
export function checkFunction(field: string, given: unknown, hint: string): void {
  if (given !== undefined && typeof given !== "function") refuse("wrong-type", field, "is not a function", hint);
}

/** Throws if a value is given that is not an absolute http(s) address. */
export function checkUrl(field: string, given: unknown): asserts given is string | undefined {
  if (given === undefined) return;
  const hint = 'pass an address like "https://crm.example/push"';
  checkText(field, given, hint);
  if (!/^https?:\/\/[^/]/i.test(given) || !URL.canParse(given)) refuse("not-a-url", field, "must be an absolute http(s) URL", hint);
}

/** Runs a public function's work on its arguments. An argument that throws when it is read gives a RingbackError, too. */
export function readArguments<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw toArgumentError(field, error);
  }
}

/** Converts what reading an argument threw to a RingbackError. Its message is not shown: it may contain the argument. */
export function toArgumentError(field: string, error: unknown): RingbackError {
  return isRingbackError(error) ? error : createArgumentError("not-plain-data", field, "cannot be read", "pass text, numbers, true, false, functions and plain objects only");
}
