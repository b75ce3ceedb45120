// Options are checked strictly: a misspelled option would otherwise be ignored silently.

/** Throws if an object has an unknown key, and names it. */
export function checkKeys(where: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new TypeError(`${where}: ${JSON.stringify(unknown)} is unknown; valid: ${known.join(", ")}`);
}

/** Throws if a value is given that is not in the list. */
export function checkValue(where: string, given: unknown, known: readonly unknown[]): void {
  if (given !== undefined && !known.includes(given)) {
    throw new TypeError(`${where}: ${JSON.stringify(given)} is unknown; valid: ${known.map((one) => JSON.stringify(one)).join(", ")}`);
  }
}

/** Throws if a value is given that is not a number in this range. */
export function checkNumber(where: string, given: unknown, from: number, to: number, whole = false): void {
  if (given === undefined) return;
  const fits = typeof given === "number" && given >= from && given <= to && (!whole || Number.isInteger(given));
  if (!fits) throw new RangeError(`${where}: ${String(given)} is not a ${whole ? "whole " : ""}number from ${from} to ${to}`);
}

/** Throws if a value is missing or is not a string. */
export function checkText(where: string, given: unknown): asserts given is string {
  if (typeof given !== "string" || given === "") throw new TypeError(`${where}: a text is required`);
}
