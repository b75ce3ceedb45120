// What an operation rejected with, and whether anything can be read from it that nobody may see.
import { createHash } from "node:crypto";
import { inspect } from "node:util";
import { isRingbackError, type RingbackError } from "ringback";
import { expect } from "vitest";

/** The error of a promise that must reject, or of work that must throw. */
export async function failureOf(work: Promise<unknown> | (() => unknown)): Promise<RingbackError> {
  let result: unknown;
  try {
    result = await (typeof work === "function" ? work() : work);
  } catch (error) {
    if (!isRingbackError(error)) throw new Error(`this is no RingbackError: ${inspect(error)}`);
    return error;
  }
  throw new Error(`it should have failed, but gave ${inspect(result)}`);
}

/** Everything that a log could show of these values. */
export function shownOf(...values: unknown[]): string {
  return values.flatMap(viewsOf).join("\n");
}

/** Each string in which a log, a debugger or a serializer could show a value. */
export function viewsOf(value: unknown): string[] {
  const views = [inspect(value, { depth: 10, showHidden: true, maxStringLength: null, maxArrayLength: null }), JSON.stringify(value) ?? "", String(value)];
  if (!(value instanceof Error)) return views;
  return [...views, String(value.stack), inspect(value.cause, { depth: 10, showHidden: true, maxStringLength: null, maxArrayLength: null })];
}

function digests(secret: string): string[] {
  const digest = (algorithm: string) => createHash(algorithm).update(secret);
  return ["md5", "sha1"].map((algorithm) => digest(algorithm).digest("hex"));
}

/** A secret in all forms in which it could come to light. */
export function encodingsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const percent = encodeURIComponent(secret);
  const form = new URLSearchParams([["", secret]]).toString().slice(1);
  // Within a longer text's base64, whatever stands before it: without the characters that its neighbours have a part in.
  const within = [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    return whole.slice([0, 2, 3][before], Math.floor(((before + bytes.length) * 8) / 6));
  });
  const all = [...within, secret, percent, percent.toLowerCase(), form, bytes.toString("base64"), bytes.toString("base64url"), bytes.toString("hex"), ...digests(secret)];
  const forUrls = within.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  return [...new Set([...all, ...forUrls].flatMap((text) => [text, text.replace(/=+$/, "")]))];
}

/** Those of the numbers that stand in a text in whatever spelling. */
export function numbersIn(text: string, numbers: readonly string[]): string[] {
  const digits = text.replaceAll(/(?<=\d)[ ()+.-]{1,2}(?=\d)/g, "");
  return numbers.filter((number) => digits.includes(number));
}

/** The parties' numbers as digits, without what the spellings differ in. */
export const DIGITS = ["13712345678", "75528765432"];

/** Fails where a secret in any encoding or a full phone number can be read. */
export function expectNoLeak(shown: string, secrets: readonly string[]): void {
  const lower = shown.toLowerCase();
  for (const secret of secrets) {
    const seen = encodingsOf(secret).filter((encoding) => lower.includes(encoding.toLowerCase()));
    expect(seen, `a secret is seen in:\n${shown}`).toEqual([]);
  }
  expect(numbersIn(shown, DIGITS), `a full phone number is seen in:\n${shown}`).toEqual([]);
}
