import type { CallRecord, Provider } from "ringback";

/** A line of a file of records: its records, or what is wrong with it. */
export interface RecordLine {
  /** Counted from 1. */
  line: number;
  records: readonly CallRecord[];
  problem?: "not-a-record" | "other-platform" | "too-long";
}

/** Returns true if a JSON text is a record as this program and the receiver write it, or a list that begins with one. */
export function isRecordText(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return isRecord(Array.isArray(parsed) ? parsed[0] : parsed);
  } catch {
    return false;
  }
}

/** Reads records that were written before, one or a list of them a line. Empty lines are skipped. @param longest - Bytes of a line. */
export async function* readRecordLines(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  provider: Provider,
  longest: number,
): AsyncGenerator<RecordLine, void, undefined> {
  let line = 0;
  for await (const bytes of splitLines(pieces, longest)) {
    line += 1;
    const text = bytes?.toString("utf8").replace(/^\ufeff/, "").trim();
    if (text === "") continue;
    yield { line, ...(text === undefined ? { records: [], problem: "too-long" as const } : readLine(text, provider)) };
  }
}

function readLine(text: string, provider: Provider): Omit<RecordLine, "line"> {
  let values: unknown[];
  try {
    values = [JSON.parse(text) as unknown].flat();
  } catch {
    return { records: [], problem: "not-a-record" };
  }
  if (!values.every(isRecord)) return { records: values.filter(isRecord), problem: "not-a-record" };
  const own = values.filter((record) => record.provider === provider);
  return own.length === values.length ? { records: own } : { records: own, problem: "other-platform" };
}

function isRecord(value: unknown): value is CallRecord {
  if (typeof value !== "object" || value === null) return false;
  const { provider, key, outcome, recording, caller, callee, completeness } = value as Partial<Record<keyof CallRecord, unknown>>;
  const hasParts = [outcome, recording, caller, callee].every((part) => typeof part === "object" && part !== null);
  return typeof provider === "string" && typeof key === "string" && typeof completeness === "number" && hasParts;
}

/** Splits bytes into lines. A line that is too long is undefined, and its bytes are not held. */
async function* splitLines(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, longest: number): AsyncGenerator<Buffer | undefined, void, undefined> {
  let held: Uint8Array[] = [];
  let length = 0;
  const take = (): Buffer | undefined => {
    const line = length > longest ? undefined : Buffer.concat(held);
    [held, length] = [[], 0];
    return line;
  };
  const hold = (bytes: Uint8Array): void => {
    length += bytes.length;
    if (length > longest) held = [];
    else held.push(bytes);
  };
  for await (const piece of pieces) {
    let from = 0;
    for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, from)) {
      hold(piece.subarray(from, at));
      from = at + 1;
      yield take();
    }
    hold(piece.subarray(from));
  }
  if (length > 0) yield take();
}

const NEWLINE = 0x0a;
