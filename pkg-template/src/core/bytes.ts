/** Converts text, a buffer or a view of any realm to bytes. Returns undefined for any other value. */
export function toBytes(value: unknown): Uint8Array | undefined {
  if (typeof value === "string") return new TextEncoder().encode(value);
  try {
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return readClassName(value) === "ArrayBuffer" ? new Uint8Array(value as ArrayBuffer) : undefined;
  } catch {
    // The buffer is detached.
    return undefined;
  }
}

/** Returns the class name of a value. Used instead of instanceof, since test runners and edge sandboxes pass objects of other realms. */
export function readClassName(value: unknown): string {
  try {
    return Object.prototype.toString.call(value).slice("[object ".length, -1);
  } catch {
    return "";
  }
}

/** Joins pieces of bytes. A single piece is not copied. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Decodes bytes as UTF-8 (keeping a byte-order mark) or in the given encoding. Returns the bytes if neither fits. */
export function decodeText(bytes: Uint8Array, charset = "utf-8"): string | Uint8Array {
  for (const encoding of new Set(["utf-8", charset])) {
    try {
      return getDecoder(encoding).decode(bytes);
    } catch {
      // Not valid in this encoding, or the host does not support it.
    }
  }
  return bytes;
}

/** Decoders are reused. */
const decoders = new Map<string, TextDecoder>();

function getDecoder(encoding: string): TextDecoder {
  const known = decoders.get(encoding);
  if (known !== undefined) return known;
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  // Limited, since senders choose the encoding.
  if (decoders.size < MOST_DECODERS) decoders.set(encoding, decoder);
  return decoder;
}

const MOST_DECODERS = 8;

/** Writes bytes as hex. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
