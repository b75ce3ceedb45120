/** What stands for bytes, as bytes: text, a buffer or a view of one, of any realm. Nothing where it is none of these. */
export function asBytes(value: unknown): Uint8Array | undefined {
  if (typeof value === "string") return new TextEncoder().encode(value);
  try {
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return classOf(value) === "ArrayBuffer" ? new Uint8Array(value as ArrayBuffer) : undefined;
  } catch {
    // Detached: its bytes are somebody else's now.
    return undefined;
  }
}

/** The name of a value's class. Not instanceof: test runners and edge sandboxes hand over what another realm made. */
export function classOf(value: unknown): string {
  try {
    return Object.prototype.toString.call(value).slice("[object ".length, -1);
  } catch {
    return "";
  }
}

/** All of it in one piece; a single piece is not copied. */
export function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
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

/** Text where the bytes are UTF-8 (a byte-order mark stays) or in the encoding given, the bytes themselves where not. */
export function textOrBytes(bytes: Uint8Array, charset = "utf-8"): string | Uint8Array {
  for (const encoding of new Set(["utf-8", charset])) {
    try {
      return decoderOf(encoding).decode(bytes);
    } catch {
      // Not in this one, or this host does not know it.
    }
  }
  return bytes;
}

/** Made once, not for each push. */
const decoders = new Map<string, TextDecoder>();

function decoderOf(encoding: string): TextDecoder {
  const known = decoders.get(encoding);
  if (known !== undefined) return known;
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  // Encodings are named by those who push.
  if (decoders.size < MOST_DECODERS) decoders.set(encoding, decoder);
  return decoder;
}

const MOST_DECODERS = 8;

/** Two digits for each byte. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
