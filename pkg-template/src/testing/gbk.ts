/** A text in GBK. Throws where a character has no place in it, or where the runtime knows no GBK. */
export function toGbk(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) {
      bytes.push(code);
      continue;
    }
    const pair = table().get(character);
    if (pair === undefined) throw new RangeError(`${JSON.stringify(character)} is not in GBK`);
    bytes.push(pair >> 8, pair & 0xff);
  }
  return Uint8Array.from(bytes);
}

let pairs: Map<string, number> | undefined;

/** What the runtime decodes, turned round. */
function table(): Map<string, number> {
  if (pairs !== undefined) return pairs;
  pairs = new Map();
  const decoder = new TextDecoder("gbk");
  const pair = new Uint8Array(2);
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      pair[0] = lead;
      pair[1] = trail;
      const character = decoder.decode(pair);
      // The first place counts: what a decoder knows twice, an encoder writes in its first place.
      if ([...character].length === 1 && character !== "\uFFFD" && !pairs.has(character)) pairs.set(character, (lead << 8) | trail);
    }
  }
  return pairs;
}
