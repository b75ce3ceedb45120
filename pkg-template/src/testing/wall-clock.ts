import { checkText, refuse } from "./checks.js";

// The platforms write times without a zone: Beijing time, unless the account says otherwise.

/** Returns a zone's offset from UTC in milliseconds, such as `+08:00` or `Z`. */
export function parseOffset(timeZone: string): number {
  const hint = 'write Asia/Shanghai as "+08:00", and UTC as "Z"';
  checkText("timeZone", timeZone, hint);
  if (/^z$/i.test(timeZone)) return 0;
  const parts = /^([+-])(\d\d)(?::?(\d\d))?$/.exec(timeZone);
  if (!parts || Number(parts[2]) > 14 || Number(parts[3] ?? 0) > 59) refuse("wrong-format", "timeZone", 'must be a fixed distance from UTC, as "+08:00"', hint);
  const minutes = Number(parts[2]) * 60 + Number(parts[3] ?? 0);
  return (parts[1] === "-" ? -minutes : minutes) * 60_000;
}

/** Formats an instant as `yyyy-MM-dd HH:mm:ss`. */
export function formatWallClock(at: number, offset: number): string {
  return new Date(at + offset).toISOString().slice(0, 19).replace("T", " ");
}

/** Formats an instant as `yyyyMMddHHmmss`. */
export function formatStamp(at: number, offset: number): string {
  return formatWallClock(at, offset).replace(/\D/g, "");
}

/** Parses `yyyy-MM-dd HH:mm:ss` or `yyyyMMddHHmmss`. Returns undefined for other texts and for days that do not exist. */
export function parseWallClock(text: string, offset: number): number | undefined {
  const digits = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? text.replace(/\D/g, "") : text;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(digits)?.slice(1).map(Number);
  if (!parts) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const at = Date.UTC(year, month - 1, day, hour, minute, second) - offset;
  return formatStamp(at, offset) === digits ? at : undefined;
}
