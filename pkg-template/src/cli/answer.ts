import stringWidth from "string-width";
import { toSafeJson } from "./harmless.js";
import type { Terminal } from "./terminal.js";

/** Writes the result of a command: JSON with `--json`, otherwise lines of text. */
export async function writeResult(terminal: Terminal, value: unknown, lines: readonly string[]): Promise<void> {
  await terminal.write(terminal.json ? `${toSafeJson(value)}\n` : lines.map((line) => `${line.replaceAll("\n", "\ufffd")}\n`).join(""));
}

/** Aligns name-value pairs in two columns and leaves out absent values. A Chinese character takes two columns. */
export function alignPairs(pairs: readonly (readonly [name: string, value: string | undefined])[]): string[] {
  const present = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined);
  const widest = Math.max(0, ...present.map(([name]) => stringWidth(name)));
  return present.map(([name, value]) => `${name}${" ".repeat(widest - stringWidth(name))}  ${value}`);
}
