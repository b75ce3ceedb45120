// Receives the pushes of several accounts and keeps their call records in Deno KV.
//   POST /push/<token>   receives a platform's push
//   GET  /records        lists the records by the time of the call, newest first
//   GET  /unreadable     lists unreadable payloads by the time of their arrival
import { createHash, timingSafeEqual } from "node:crypto";
import { createReceiver } from "ringback";

const PAGE = 100;

const listToken = readSetting("LIST_TOKEN");
const kv = await Deno.openKv(readSetting("KV_PATH"));

const receive = createReceiver({
  accounts: JSON.parse(readSetting("ACCOUNTS")),
  // The proxy in front of this server must set this header, and overwrite one that a sender has set.
  trustProxy: "x-real-ip",
  onRecord: keep,
  onUnreadable: keepUnreadable,
  onRefused: ({ reason, remoteAddress }) => console.warn("refused:", reason, remoteAddress ?? ""),
});

Deno.serve({ hostname: "127.0.0.1", port: Number(readSetting("PORT")) }, (request) => {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith("/push/")) return receive(request);
  if (pathname === "/records") return list("record-by-time", request);
  if (pathname === "/unreadable") return list("unreadable", request);
  return new Response(null, { status: 404 });
});

/** Keeps a record unless a more complete one of the same call is already kept. */
async function keep(record, push) {
  const key = ["kept", record.key];
  const time = new Date(record.endedAt ?? record.connectedAt ?? record.startedAt ?? push.receivedAt).toISOString();
  for (;;) {
    const present = await kv.get(key);
    if (present.value !== null && present.value.completeness >= record.completeness) return;
    const change = kv.atomic().check(present);
    if (present.value !== null) change.delete(["record-by-time", present.value.time, record.key]);
    change.set(key, { completeness: record.completeness, time }).set(["record-by-time", time, record.key], record);
    // If another request has kept a record of the same call since `get`, nothing was written: try again.
    if ((await change.commit()).ok) return;
  }
}

async function keepUnreadable({ reason, raw }, { account, provider, receivedAt }) {
  const payload = raw instanceof Uint8Array ? { base64: raw.toBase64() } : raw;
  await kv.set(["unreadable", receivedAt, crypto.randomUUID()], { account, provider, receivedAt, reason, payload });
}

/** Lists a page. `?from=` and `?to=` are instants, `?cursor=` comes from the previous page. */
async function list(index, request) {
  if (!hasListToken(request)) return new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } });
  const query = new URL(request.url).searchParams;
  const [from, to] = [query.get("from") ?? "1970-01-01T00:00:00Z", query.get("to") ?? "9999-01-01T00:00:00Z"].map((text) => new Date(text));
  if (Number.isNaN(from.getTime()) || Number.isNaN(to.getTime())) return new Response("from and to: an instant such as 2026-03-01T00:00:00Z", { status: 400 });
  const range = { start: [index, from.toISOString()], end: [index, to.toISOString()] };
  const entries = kv.list(range, { reverse: true, limit: PAGE, cursor: query.get("cursor") ?? undefined });
  const records = [];
  for await (const { value } of entries) records.push(value);
  const next = records.length === PAGE ? `?${new URLSearchParams({ from: from.toISOString(), to: to.toISOString(), cursor: entries.cursor })}` : undefined;
  return Response.json({ records, next });
}

function hasListToken(request) {
  // The digests always have the same length, so the duration of the comparison reveals nothing about the token.
  const [given, right] = [request.headers.get("authorization") ?? "", `Bearer ${listToken}`].map((text) => createHash("sha256").update(text).digest());
  return timingSafeEqual(given, right);
}

function readSetting(name) {
  const value = Deno.env.get(name);
  if (!value) throw new Error(`${name} is not set: copy .env.example to .env`);
  return value;
}
