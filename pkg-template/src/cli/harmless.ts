/**
 * Characters that a terminal would interpret, or that change how the text around them is shown: control characters (C0, DEL, C1) except the
 * tab, bidirectional marks,
 * embeddings, overrides and isolates, line and paragraph separators, deprecated and annotation format characters, and tags.
 */
const UNSAFE = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** Makes text from outside safe to show on one line. */
export function toSafeLine(text: string): string {
  return text.replace(UNSAFE, "\ufffd");
}

/** Writes JSON with the same meaning in which unsafe characters are escaped, such as `\u009b`. */
export function toSafeJson(value: unknown): string {
  return (JSON.stringify(value) ?? "null").replace(UNSAFE, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}

/**
 * Makes text safe for a terminal, but keeps line breaks and our own colours. Our colour codes carry the seal, a random number that text
 * from
 * outside cannot contain.
 */
export function toSafeText(text: string, seal: string): string {
  return text
    .split("\n")
    .map((line) => line.split(createColourPattern(seal)).map((part, at) => (at % 2 === 0 ? toSafeLine(part) : `\u001b[${part}m`)).join(""))
    .join("\n");
}

/** Matches our colour codes. The group is the colour's number, so that `split` returns it between the parts. */
function createColourPattern(seal: string): RegExp {
  return new RegExp(`\\u001b\\[(\\d{1,2});${seal}m`);
}
