import { md5 as md5Of, sha1 as sha1Of } from "@noble/hashes/legacy.js";

/** Lower-case hexadecimal MD5 of a text's UTF-8. */
export function md5(text: string): string {
  return hexOf(md5Of(utf8(text)));
}

/** Lower-case hexadecimal SHA-1 of a text's UTF-8. */
export function sha1(text: string): string {
  return hexOf(sha1Of(utf8(text)));
}

/** Base64 of a text's UTF-8. */
export function base64(text: string): string {
  return btoa(Array.from(utf8(text), (byte) => String.fromCharCode(byte)).join(""));
}

/** The text in base64, or nothing where this is not exactly how the text is written in it. */
export function fromBase64(written: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(written), (byte) => byte.charCodeAt(0));
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return base64(text) === written ? text : undefined;
  } catch {
    return undefined;
  }
}

/** A text's UTF-8. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
