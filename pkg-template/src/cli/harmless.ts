/**
 * Characters that a terminal would obey, or that change how text around them is shown: control characters (C0, DEL, C1) but the tab, bidirectional marks,
 * embeddings, overrides and isolates, line and paragraph separators, deprecated and annotation format characters, and tags.
 */
const UNSAFE = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** A text of a platform's, a file's or a stranger's, as one line that can be shown. */
export function plain(text: string): string {
  return text.replace(UNSAFE, "\ufffd");
}

/** JSON whose meaning is the same, and which a terminal can show: `\u009b` instead of what it stands for. */
export function jsonText(value: unknown): string {
  return (JSON.stringify(value) ?? "null").replace(UNSAFE, escaped);
}

function escaped(character: string): string {
  return character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}

/**
 * The same for everything that goes to a terminal. Lines stay, and so do our own colours, which bear the seal: a number that nobody
 * else can know.
 */
export function harmless(text: string, seal: string): string {
  return text
    .split("\n")
    .map((line) => line.split(sealed(seal)).map((part, at) => (at % 2 === 0 ? plain(part) : `\u001b[${part}m`)).join(""))
    .join("\n");
}

/** With the colour's own number as a group, which `split` gives between the parts. */
function sealed(seal: string): RegExp {
  return new RegExp(`\\u001b\\[(\\d{1,2});${seal}m`);
}
