import stringWidth from "string-width";
import { jsonText } from "./harmless.js";
import type { Terminal } from "./terminal.js";

/** One answer: JSON for a program, lines for a person. */
export async function answer(terminal: Terminal, value: unknown, lines: readonly string[]): Promise<void> {
  await terminal.write(terminal.json ? `${jsonText(value)}\n` : lines.map((line) => `${line.replaceAll("\n", "\ufffd")}\n`).join(""));
}

/** Names and what they stand for, in two columns; what is absent is left out. A Chinese character is two columns wide. */
export function paired(pairs: readonly (readonly [name: string, value: string | undefined])[]): string[] {
  const present = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined);
  const widest = Math.max(0, ...present.map(([name]) => stringWidth(name)));
  return present.map(([name, value]) => `${name}${" ".repeat(widest - stringWidth(name))}  ${value}`);
}
