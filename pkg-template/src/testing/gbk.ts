/** Encodes a text in GBK. Throws if a character is not in GBK, or if the runtime has no GBK decoder. */
export function toGbk(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) {
      bytes.push(code);
      continue;
    }
    const pair = getTable().get(character);
    if (pair === undefined) throw new RangeError(`${JSON.stringify(character)} is not in GBK`);
    bytes.push(pair >> 8, pair & 0xff);
  }
  return Uint8Array.from(bytes);
}

let pairs: Map<string, number> | undefined;

/** Builds the encoding table by decoding every byte pair. */
function getTable(): Map<string, number> {
  if (pairs !== undefined) return pairs;
  pairs = new Map();
  const decoder = new TextDecoder("gbk");
  const pair = new Uint8Array(2);
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      pair[0] = lead;
      pair[1] = trail;
      const character = decoder.decode(pair);
      // If two pairs decode to one character, the first is used, as encoders do.
      if ([...character].length === 1 && character !== "\uFFFD" && !pairs.has(character)) pairs.set(character, (lead << 8) | trail);
    }
  }
  return pairs;
}
