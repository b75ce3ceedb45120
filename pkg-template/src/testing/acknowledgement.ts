/**
 * Describes what is wrong with an answer to a push. Returns undefined if it is the acknowledgement, byte for byte.
 *
 * @param expected The body that the platform expects, with status 200.
 */
export function describeProblem(answer: { status: number; body: string }, expected: string): string | undefined {
  if (answer.status !== 200) return `status ${answer.status}, not 200`;
  const got = answer.body;
  if (got === expected) return undefined;
  if (got === "") return "an empty body";
  if (got.startsWith("\uFEFF")) return "a byte order mark before it";
  const trimmed = got.trim();
  if (trimmed === expected) return describeSurplus(got, expected);
  if (expected.startsWith(got)) return `${countBytes(measureBytes(expected) - measureBytes(got))} missing at the end: ${JSON.stringify(expected.slice(got.length))}`;
  if (got.startsWith(expected))
    return `${countBytes(measureBytes(got) - measureBytes(expected))} too many at the end: ${JSON.stringify(shorten(got.slice(expected.length)))}`;
  if (trimmed.toLowerCase() === expected.toLowerCase()) return "upper and lower case differ";
  if (trimmed.startsWith("<")) return "HTML";
  if (isSameJson(trimmed, expected)) return "the same JSON, but not byte for byte";
  const at = [...expected].findIndex((character, index) => [...got][index] !== character);
  const [wanted, came] = [expected, got].map((text) => JSON.stringify([...text][at] ?? "nothing"));
  return `from byte ${measureBytes([...expected].slice(0, at).join("")) + 1} on it differs: ${came}, not ${wanted}`;
}

/** The beginning of a text. */
export function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

function describeSurplus(got: string, expected: string): string {
  const [before = "", after = ""] = got.split(expected);
  const count = countBytes(measureBytes(before) + measureBytes(after));
  if (before === "") return `${count} too many: ${after === "\n" ? "a final newline" : `${JSON.stringify(after)} at the end`}`;
  return `${count} too many: ${JSON.stringify(before)} at the start${after === "" ? "" : `, ${JSON.stringify(after)} at the end`}`;
}

function countBytes(count: number): string {
  return count === 1 ? "one byte" : `${count} bytes`;
}

function measureBytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

function isSameJson(one: string, other: string): boolean {
  try {
    return sortKeys(JSON.parse(one)) === sortKeys(JSON.parse(other));
  } catch {
    return false;
  }
}

function sortKeys(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return JSON.stringify(value);
  return JSON.stringify(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
