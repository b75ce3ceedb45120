import { invalidArgument } from "../model/error.js";
import { Value } from "./statement.js";

/** A text to bind. */
export function text(value: string | null | undefined): Value {
  return new Value("text", value ?? null);
}

/** JSON to bind. */
export function json(value: unknown): Value {
  return new Value("json", JSON.stringify(value));
}

/** A parameter that must be text. */
export function given(field: string, value: unknown): string {
  if (typeof value !== "string") throw invalidArgument("not-text", field, "is not text", "pass text that is not empty");
  if (value === "") throw invalidArgument("empty", field, "is empty", "pass text that is not empty");
  return value;
}

/** The texts of a list, to bind as one value. */
export function list(field: string, values: string | readonly string[]): Value {
  const texts = typeof values === "string" ? [values] : values;
  if (!Array.isArray(texts)) throw invalidArgument("wrong-type", field, "are not a list", "pass one id or a list of them");
  return json(texts.map((value) => identifier(given(field, value))));
}

/** An instant to bind: ISO 8601 in UTC with milliseconds, which sorts by time. */
export function instant(field: string, value: Date | string): Value {
  const iso = typeof value === "string" ? isoOf(zoned(value)) : Object.prototype.toString.call(value) === "[object Date]" ? isoOf(value) : undefined;
  if (iso === undefined) throw invalidArgument("not-a-date", field, "is no instant", "pass a Date, or text with an offset such as 2026-03-01T00:00:00+08:00");
  return new Value("instant", iso);
}

/** The instant so many minutes before, to bind. */
export function earlier(field: string, value: Date | string, minutes: number): Value {
  return instant(field, new Date(Date.parse(String(instant(field, value).value)) - minutes * 60_000));
}

/** How many rows at most, to bind. */
export function limit(value: number | undefined): Value {
  const rows = value ?? 100;
  const hint = "pass a whole number from 1 to 10000";
  if (!Number.isInteger(rows)) throw invalidArgument("not-a-whole-number", "limit", "is not a whole number", hint);
  if (rows < 1 || rows > 10_000) throw invalidArgument("out-of-range", "limit", "is not between 1 and 10000", hint);
  return new Value("number", rows);
}

/** An instant of the years 1 to 9999, written in UTC; nothing where it is none. */
export function isoOf(value: Date | string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const epochMs = typeof value === "string" ? Date.parse(value) : Number(value);
  const iso = Number.isNaN(epochMs) ? "" : new Date(epochMs).toISOString();
  return /^(?!0000)\d/.test(iso) ? iso : undefined;
}

/** Text that every database takes: NUL and halves of a character cannot be in it. The JSON beside it keeps them. */
export function plain(value: string | undefined): string | undefined {
  return value?.replace(/[\0\p{Surrogate}]/gu, "\uFFFD");
}

/**
 * An id as it stands in an index, whose entries are limited (PostgreSQL: 2704 bytes). One that is longer than any platform's is cut, and
 * stays one of its own by a digest.
 */
export function identifier(value: string): string;
export function identifier(value: string | undefined): string | undefined;
export function identifier(value: string | undefined): string | undefined {
  const whole = plain(value);
  return whole === undefined || whole.length <= LONGEST ? whole : `${plain(whole.slice(0, LONGEST - 17))}#${fnv1a(whole)}`;
}

const LONGEST = 500;
/** ISO 8601 with an offset, as every engine reads it; nothing where there is no offset. Databases write a blank for T, and +00. */
function zoned(value: string): string | undefined {
  const [, date, time, sign, hours, minutes = "00"] = ZONED.exec(value) ?? [];
  if (date === undefined) return undefined;
  return `${date}T${time}${hours === undefined ? "Z" : `${sign}${hours}:${minutes}`}`;
}

const ZONED = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(?:Z|([+-])(\d{2})(?::?(\d{2}))?)$/i;

/** 64 bits: Fowler, Noll and Vo's. */
function fnv1a(value: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let at = 0; at < value.length; at += 1) hash = BigInt.asUintN(64, (hash ^ BigInt(value.charCodeAt(at))) * 0x100000001b3n);
  return hash.toString(16).padStart(16, "0");
}
