// The settings, from the environment of the server.
import { createHash, timingSafeEqual } from "node:crypto";

export function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: copy .env.example to .env.local`);
  return value;
}

/** Whether a request carries the access token. */
export function hasAccess(request) {
  // Digests have the same length, whatever was sent: nothing can be learned from how long the comparison takes.
  const texts = [request.headers.get("authorization") ?? "", `Bearer ${setting("ACCESS_TOKEN")}`];
  const [given, right] = texts.map((text) => createHash("sha256").update(text).digest());
  return timingSafeEqual(given, right);
}
