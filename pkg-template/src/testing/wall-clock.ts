// The platforms write times without a zone. Beijing's is meant unless the account says otherwise.

/** Milliseconds that a zone like `+08:00` is ahead of UTC. */
export function offsetOf(timeZone: string): number {
  const parts = /^([+-])(\d\d):(\d\d)$/.exec(timeZone);
  if (!parts) throw new TypeError(`timeZone ${JSON.stringify(timeZone)} is no offset like "+08:00"`);
  const minutes = Number(parts[2]) * 60 + Number(parts[3]);
  return (parts[1] === "-" ? -minutes : minutes) * 60_000;
}

/** `yyyy-MM-dd HH:mm:ss` of an instant. */
export function wallClock(at: number, offset: number): string {
  return new Date(at + offset).toISOString().slice(0, 19).replace("T", " ");
}

/** `yyyyMMddHHmmss` of an instant. */
export function stamp(at: number, offset: number): string {
  return wallClock(at, offset).replace(/\D/g, "");
}

/** The instant of `yyyy-MM-dd HH:mm:ss` or `yyyyMMddHHmmss`, or nothing where it is not that, or a day that does not exist. */
export function instantOfWallClock(text: string, offset: number): number | undefined {
  const digits = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? text.replace(/\D/g, "") : text;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(digits)?.slice(1).map(Number);
  if (!parts) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const at = Date.UTC(year, month - 1, day, hour, minute, second) - offset;
  return stamp(at, offset) === digits ? at : undefined;
}
