import type { Provider } from "../generated/platforms.js";
import { encodeUtf8 } from "./digest.js";
import { toGbk } from "./gbk.js";
import type { Platform } from "./platform.js";
import type { Payload } from "./reported.js";

/** The body of a push and its content type. */
export interface Packet {
  body: string | Uint8Array<ArrayBuffer>;
  contentType: string;
}

/** The encoding of a push. */
export interface Writing {
  encoding?: "json" | "form" | undefined;
  charset?: "utf-8" | "gbk" | undefined;
}

/** Encodes a payload as it is sent. */
export function createPacket<P extends Provider>(platform: Platform<P>, payload: Payload, { encoding = "json", charset = "utf-8" }: Writing): Packet {
  const gbk = charset === "gbk";
  if (encoding === "form") {
    const fields = platform.toForm?.(payload) ?? Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, toField(value)]));
    const pairs = Object.entries(fields);
    const body = gbk ? pairs.map((pair) => pair.map(percentEncodeGbk).join("=")).join("&") : new URLSearchParams(pairs).toString();
    return { body, contentType: `application/x-www-form-urlencoded;charset=${gbk ? "GBK" : "UTF-8"}` };
  }
  const text = platform.write?.(payload) ?? JSON.stringify(payload);
  return { body: gbk ? toGbk(text) : text, contentType: `application/json;charset=${gbk ? "GBK" : "UTF-8"}` };
}

/** Cuts a packet's body in half. */
export function truncatePacket({ body, contentType }: Packet): Packet {
  return { body: body.slice(0, Math.floor(body.length / 2)), contentType };
}

function toField(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function percentEncodeGbk(text: string): string {
  const safe = new Set(encodeUtf8("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._*"));
  return Array.from(toGbk(text), (byte) =>
    safe.has(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
  ).join("");
}
