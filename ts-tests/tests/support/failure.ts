// Catches the error of an operation, and checks that it shows no secret and no phone number.
import { createHash } from "node:crypto";
import { inspect } from "node:util";
import { isRingbackError, type RingbackError } from "ringback";
import { expect } from "vitest";

/** Returns the error of a promise that must reject, or of a function that must throw. */
export async function expectFailure(work: Promise<unknown> | (() => unknown)): Promise<RingbackError> {
  let result: unknown;
  try {
    result = await (typeof work === "function" ? work() : work);
  } catch (error) {
    if (!isRingbackError(error)) throw new Error(`this is not a RingbackError: ${inspect(error)}`);
    return error;
  }
  throw new Error(`expected a failure, got ${inspect(result)}`);
}

/** Joins all texts in which a log could show these values. */
export function joinViews(...values: unknown[]): string {
  return values.flatMap(listViews).join("\n");
}

/** Lists the texts in which a log, a debugger or a serializer could show a value. */
export function listViews(value: unknown): string[] {
  const views = [inspect(value, { depth: 10, showHidden: true, maxStringLength: null, maxArrayLength: null }), JSON.stringify(value) ?? "", String(value)];
  if (!(value instanceof Error)) return views;
  return [...views, String(value.stack), inspect(value.cause, { depth: 10, showHidden: true, maxStringLength: null, maxArrayLength: null })];
}

function listDigests(secret: string): string[] {
  const digest = (algorithm: string) => createHash(algorithm).update(secret);
  return ["md5", "sha1"].map((algorithm) => digest(algorithm).digest("hex"));
}

/** Lists a secret in all encodings in which it could be shown. */
export function listEncodings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const percent = encodeURIComponent(secret);
  const form = new URLSearchParams([["", secret]]).toString().slice(1);
  // Inside the base64 of a longer text, at each of the three offsets: without the characters that it shares with its neighbours.
  const within = [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    return whole.slice([0, 2, 3][before], Math.floor(((before + bytes.length) * 8) / 6));
  });
  const utf16 = Buffer.from(secret, "utf16le");
  const fullWidth = secret.replaceAll(/[!-~]/g, (character) => String.fromCodePoint((character.codePointAt(0) ?? 0) + 0xfee0));
  const escaped = [...secret].map((character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`).join("");
  const further = [utf16.toString("hex"), utf16.toString("base64"), Buffer.from(bytes.toString("base64")).toString("base64"), fullWidth, escaped, encodeURIComponent(percent)];
  const all = [...within, ...further, secret, percent, percent.toLowerCase(), form, bytes.toString("base64"), bytes.toString("base64url"), bytes.toString("hex"), ...listDigests(secret)];
  const forUrls = within.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  return [...new Set([...all, ...forUrls].flatMap((text) => [text, text.replace(/=+$/, "")]))];
}

/** Finds the numbers of which `row` digits in sequence occur in a text, in any script and with up to three other characters between them. */
export function findNumbers(text: string, numbers: readonly string[], row = 7): string[] {
  const read = listUnescaped(text).map((seen) => {
    const plain = seen.normalize("NFKC").replaceAll(/[\p{Cf}\p{M}]/gu, "").replaceAll(/[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f〇零一二三四五六七八九]/g, readDigit);
    // The digits before and after the stars of a mask are not one sequence.
    return plain.replaceAll(/\*{3,}/g, "x").replaceAll(/(?<=\d)[^\p{L}\p{N}]{1,3}(?=\d)/gu, "");
  });
  const rows = (number: string): string[] => Array.from({ length: Math.max(1, number.length - row + 1) }, (_, at) => number.slice(at, at + row));
  return numbers.filter((number) => rows(number).some((digits) => read.some((seen) => seen.includes(digits))));
}

function listUnescaped(text: string): string[] {
  const unescaped = text
    .replaceAll(/%([0-7][0-9a-f])/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replaceAll(/\\+u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replaceAll(/&#(\d{1,4});/g, (_, code: string) => String.fromCodePoint(Number(code)));
  return unescaped === text ? [text] : [text, unescaped];
}

function readDigit(character: string): string {
  const numeral = "〇一二三四五六七八九".indexOf(character);
  if (character === "零") return "0";
  return String(numeral >= 0 ? numeral : readScriptDigit(character.codePointAt(0) ?? 0));
}

function readScriptDigit(code: number): number {
  const zero = [0x660, 0x6f0, 0x966].find((first) => code >= first && code < first + 10) ?? code;
  return code - zero;
}

/** Lists a number in unusual spellings. */
export function listSpellings(number: string): string[] {
  const joined = (sign: string): string => [number.slice(0, 3), number.slice(3, 7), number.slice(7)].join(sign);
  const each = (write: (digit: string, code: number) => string): string => [...number].map((digit) => write(digit, digit.charCodeAt(0))).join("");
  const script = (zero: number): string => each((digit) => String.fromCodePoint(zero + Number(digit)));
  return [
    ...[".", ",", "_", "/", ":", "·", "|", "\n", "\r\n", "\\n", " - ", "</b><b>", "\u200b", "\u200d", "\u202e", "\u2066", "&nbsp;", "%2E"].map(joined),
    ...[0xff10, 0x660, 0x6f0, 0x966, 0x1d7ce].map(script),
    each((digit) => "〇一二三四五六七八九"[Number(digit)] ?? ""),
    each((digit) => `${digit}\u200b`),
    each((digit) => `${digit}.`),
    each((_, code) => `%${code.toString(16)}`),
    each((_, code) => `%25${code.toString(16)}`),
    each((_, code) => `\\u00${code.toString(16)}`),
    each((_, code) => `&#${code};`),
    `https://crm.example/tel/${number}?n=${joined("-")}`,
  ];
}

/** The parties' numbers as digits, without prefixes and separators. */
export const DIGITS = ["13712345678", "75528765432"];

/** Fails if a secret in any encoding or a full phone number is shown. */
export function expectNoLeak(shown: string, secrets: readonly string[]): void {
  const lower = shown.toLowerCase();
  for (const secret of secrets) {
    const seen = listEncodings(secret).filter((encoding) => lower.includes(encoding.toLowerCase()));
    expect(seen, `a secret is shown in:\n${shown}`).toEqual([]);
  }
  expect(findNumbers(shown, DIGITS), `a full phone number is shown in:\n${shown}`).toEqual([]);
}
