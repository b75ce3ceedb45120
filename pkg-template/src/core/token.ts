import { toHex } from "./bytes.js";

/** Creates a token for a push address: 32 random bytes as base64url without padding. Everyone who knows it can push, so give each account its own. */
export function createToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/**
 * Draws the randomness of one operation: 16 bytes as hex. Called at run time, since Workers have no randomness at import.
 *
 * @internal
 */
export function drawHex(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(16)));
}
