import { createArgumentError } from "../model/error.js";
import { Value } from "./statement.js";

/** Binds a text. */
export function bindText(value: string | null | undefined): Value {
  return new Value("text", value ?? null);
}

/** Binds JSON. */
export function bindJson(value: unknown): Value {
  return new Value("json", JSON.stringify(value));
}

/** Checks that a parameter is a text that is not empty. */
export function requireText(field: string, value: unknown): string {
  if (typeof value !== "string") throw createArgumentError("not-text", field, "is not text", "pass text that is not empty", { expected: ["text"] });
  if (value === "") throw createArgumentError("empty", field, "is empty", "pass text that is not empty");
  return value;
}

/** Binds a list of texts as one value. */
export function bindList(field: string, values: string | readonly string[]): Value {
  const texts = typeof values === "string" ? [values] : values;
  if (!Array.isArray(texts)) throw createArgumentError("wrong-type", field, "must be a list", "pass one id or a list of them", { expected: ["text", "list"] });
  return bindJson(texts.map((value) => shortenId(requireText(field, value))));
}

/** Binds an instant as ISO 8601 in UTC with milliseconds, which sorts by time. */
export function bindInstant(field: string, value: Date | string): Value {
  const iso = typeof value === "string" ? formatInstant(normalizeOffset(value)) : Object.prototype.toString.call(value) === "[object Date]" ? formatInstant(value) : undefined;
  if (iso === undefined) throw createArgumentError("not-a-date", field, "is not a valid time", "pass a Date, or text with an offset such as 2026-03-01T00:00:00+08:00");
  return new Value("instant", iso);
}

/** Binds the instant this many minutes earlier. */
export function bindEarlier(field: string, value: Date | string, minutes: number): Value {
  return bindInstant(field, new Date(Date.parse(String(bindInstant(field, value).value)) - minutes * 60_000));
}

/** Binds the largest number of rows. */
export function bindLimit(value: number | undefined): Value {
  const rows = value ?? 100;
  const hint = "pass a whole number from 1 to 10000";
  if (!Number.isInteger(rows)) throw createArgumentError("not-a-whole-number", "limit", "is not a whole number", hint, { expected: ["1", "10000"] });
  if (rows < 1 || rows > 10_000) throw createArgumentError("out-of-range", "limit", "is not between 1 and 10000", hint, { expected: ["1", "10000"] });
  return new Value("number", rows);
}

/** Formats an instant of the years 1 to 9999 in UTC. Returns undefined for any other value. */
export function formatInstant(value: Date | string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const epochMs = typeof value === "string" ? Date.parse(value) : Number(value);
  const iso = Number.isNaN(epochMs) ? "" : new Date(epochMs).toISOString();
  return /^(?!0000)\d/.test(iso) ? iso : undefined;
}

/** Replaces NUL and lone surrogates, which databases refuse. The JSON beside it keeps them. */
export function cleanText(value: string | undefined): string | undefined {
  return value?.replace(/[\0\p{Surrogate}]/gu, "\uFFFD");
}

/**
 * Shortens an id so that it fits into an index entry (PostgreSQL: 2704 bytes). An id longer than any platform's is cut, and a digest keeps
 * it unique.
 */
export function shortenId(value: string): string;
export function shortenId(value: string | undefined): string | undefined;
export function shortenId(value: string | undefined): string | undefined {
  const whole = cleanText(value);
  return whole === undefined || whole.length <= LONGEST ? whole : `${cleanText(whole.slice(0, LONGEST - 17))}#${fnv1a(whole)}`;
}

const LONGEST = 500;
/** Normalizes ISO 8601 with an offset so that every engine reads it; undefined without an offset. Databases write a space instead of T, and +00. */
function normalizeOffset(value: string): string | undefined {
  const [, date, time, sign, hours, minutes = "00"] = ZONED.exec(value) ?? [];
  if (date === undefined) return undefined;
  return `${date}T${time}${hours === undefined ? "Z" : `${sign}${hours}:${minutes}`}`;
}

const ZONED = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(?:Z|([+-])(\d{2})(?::?(\d{2}))?)$/i;

/** The 64-bit FNV-1a hash. */
function fnv1a(value: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let at = 0; at < value.length; at += 1) hash = BigInt.asUintN(64, (hash ^ BigInt(value.charCodeAt(at))) * 0x100000001b3n);
  return hash.toString(16).padStart(16, "0");
}
