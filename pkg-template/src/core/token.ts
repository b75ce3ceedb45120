import { hexOf } from "./bytes.js";

/**
 * A token for a push address: 32 random bytes as base64url, without padding. Who knows it can push; give each account its own.
 */
export function createToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/**
 * The randomness of one operation: 16 bytes as hex. Taken at call time, since Workers have none at import.
 *
 * @internal
 */
export function freshHex(): string {
  return hexOf(crypto.getRandomValues(new Uint8Array(16)));
}
