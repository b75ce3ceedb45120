import { md5 as md5Of, sha1 as sha1Of } from "@noble/hashes/legacy.js";

/** Lower-case hexadecimal MD5 of a text in UTF-8. */
export function md5(text: string): string {
  return toHex(md5Of(encodeUtf8(text)));
}

/** Lower-case hexadecimal SHA-1 of a text in UTF-8. */
export function sha1(text: string): string {
  return toHex(sha1Of(encodeUtf8(text)));
}

/** Base64 of a text in UTF-8. */
export function encodeBase64(text: string): string {
  return btoa(Array.from(encodeUtf8(text), (byte) => String.fromCharCode(byte)).join(""));
}

/** Decodes Base64 to text. Returns undefined unless encoding the text gives exactly the same Base64. */
export function decodeBase64(written: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(written), (byte) => byte.charCodeAt(0));
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return encodeBase64(text) === written ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Encodes a text in UTF-8. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
