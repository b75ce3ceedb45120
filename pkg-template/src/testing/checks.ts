// What is given is checked, not guessed at: a misspelled option would otherwise do nothing, silently.

/** Throws where an object has a key that is not known, and names it. */
export function knownKeys(where: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new TypeError(`${where}: ${JSON.stringify(unknown)} is not known; there are ${known.join(", ")}`);
}

/** Throws where a value is given and is none of these. */
export function oneOf(where: string, given: unknown, known: readonly unknown[]): void {
  if (given !== undefined && !known.includes(given)) {
    throw new TypeError(`${where}: ${JSON.stringify(given)} is not known; there are ${known.map((one) => JSON.stringify(one)).join(", ")}`);
  }
}

/** Throws where a value is given and is no number in this range. */
export function numberWithin(where: string, given: unknown, from: number, to: number, whole = false): void {
  if (given === undefined) return;
  const fits = typeof given === "number" && given >= from && given <= to && (!whole || Number.isInteger(given));
  if (!fits) throw new RangeError(`${where}: ${String(given)} is no ${whole ? "whole " : ""}number from ${from} to ${to}`);
}

/** Throws where a value is missing or is no text. */
export function text(where: string, given: unknown): asserts given is string {
  if (typeof given !== "string" || given === "") throw new TypeError(`${where}: a text is needed`);
}
