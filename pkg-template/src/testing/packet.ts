import type { Provider } from "../generated/platforms.js";
import { utf8 } from "./digest.js";
import { toGbk } from "./gbk.js";
import type { Platform } from "./platform.js";
import type { Payload } from "./reported.js";

/** A push's body and its content type. */
export interface Packet {
  body: string | Uint8Array<ArrayBuffer>;
  contentType: string;
}

/** How a push is written. */
export interface Writing {
  encoding?: "json" | "form" | undefined;
  charset?: "utf-8" | "gbk" | undefined;
}

/** A payload as it goes over the wire. */
export function packetOf<P extends Provider>(platform: Platform<P>, payload: Payload, { encoding = "json", charset = "utf-8" }: Writing): Packet {
  const gbk = charset === "gbk";
  if (encoding === "form") {
    const fields = platform.formOf?.(payload) ?? Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, fieldOf(value)]));
    const pairs = Object.entries(fields);
    const body = gbk ? pairs.map((pair) => pair.map(percentGbk).join("=")).join("&") : new URLSearchParams(pairs).toString();
    return { body, contentType: `application/x-www-form-urlencoded;charset=${gbk ? "GBK" : "UTF-8"}` };
  }
  const text = platform.write?.(payload) ?? JSON.stringify(payload);
  return { body: gbk ? toGbk(text) : text, contentType: `application/json;charset=${gbk ? "GBK" : "UTF-8"}` };
}

/** A packet whose body breaks off in the middle. */
export function truncatedPacket({ body, contentType }: Packet): Packet {
  return { body: body.slice(0, Math.floor(body.length / 2)), contentType };
}

function fieldOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function percentGbk(text: string): string {
  const safe = new Set(utf8("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._*"));
  return Array.from(toGbk(text), (byte) =>
    safe.has(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
  ).join("");
}
