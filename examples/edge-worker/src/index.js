// Receives the pushes of several accounts: the receiver puts each, unparsed, into a queue; the queue's consumer keeps the records in D1.
//   POST /push/<token>   what the platforms call
//   GET  /records        the records, by the time of the call, newest first
import { createReceiver, isRingbackError, processPush } from "ringback";

const PAGE = 100;

const KEEP = `insert into call_record (key, completeness, called_at, record) values (?1, ?2, ?3, ?4)
  on conflict (key) do update set completeness = excluded.completeness, called_at = excluded.called_at, record = excluded.record
  where excluded.completeness > call_record.completeness`;

const KEEP_UNREADABLE = `insert into unreadable_push (id, received_at, provider, account, reason, content_type, query, body)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) on conflict (id) do nothing`;

const LIST = `select key, called_at, record from call_record where called_at >= ?1 and (called_at, key) < (?2, ?3)
  order by called_at desc, key desc limit ?4`;

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/push/")) return receive(request, env);
    if (pathname === "/records") return list(request, env);
    return new Response(null, { status: 404 });
  },

  async queue(batch, env) {
    for (const message of batch.messages) await keep(message, env);
  },
};

function receive(request, env) {
  const receiver = createReceiver({
    accounts: JSON.parse(env.ACCOUNTS),
    // Resolves once the queue has stored it. v8, since a body that is not UTF-8 is bytes, which JSON cannot carry.
    onPush: (push) => env.PUSHES.send(push, { contentType: "v8" }),
    onRefused: ({ reason, remoteAddress }) => console.warn("refused:", reason, remoteAddress ?? ""),
  });
  return receiver(request, { remoteAddress: request.headers.get("cf-connecting-ip") ?? undefined });
}

/** Keeps what a push holds, all of it or nothing. A queue may deliver twice: both statements change nothing the second time. */
async function keep(message, env) {
  const push = message.body;
  try {
    const { records, unreadable } = read(push);
    const statements = records.map((record) => env.DB.prepare(KEEP).bind(record.key, record.completeness, timeOf(record, push), JSON.stringify(record)));
    if (unreadable.length > 0) {
      const { receivedAt, provider, account = null, contentType = null, query = null, body } = push;
      const reasons = unreadable.map(({ reason }) => reason).join("; ");
      statements.push(env.DB.prepare(KEEP_UNREADABLE).bind(message.id, receivedAt, provider, account, reasons, contentType, query, body));
    }
    if (statements.length > 0) await env.DB.batch(statements);
    message.ack();
  } catch (error) {
    console.error("not kept, to be tried again:", message.id, error.message);
    message.retry();
  }
}

function read(push) {
  try {
    return processPush(push);
  } catch (error) {
    if (!isRingbackError(error) || error.code !== "malformed-push") throw error;
    return { records: [], unreadable: [{ reason: error.message }] };
  }
}

function timeOf({ endedAt, connectedAt, startedAt }, { receivedAt }) {
  return new Date(endedAt ?? connectedAt ?? startedAt ?? receivedAt).toISOString();
}

/** `?from=` and `?to=` are instants, `?after=` is the key of the last record of the page before, whose time is then `to`. */
async function list(request, env) {
  if (!(await hasListToken(request, env))) return new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } });
  const query = new URL(request.url).searchParams;
  const [from, to] = [query.get("from") ?? "1970-01-01T00:00:00Z", query.get("to") ?? "9999-01-01T00:00:00Z"].map((text) => new Date(text));
  if (Number.isNaN(from.getTime()) || Number.isNaN(to.getTime())) return new Response("from and to: an instant such as 2026-03-01T00:00:00Z", { status: 400 });
  const { results } = await env.DB.prepare(LIST).bind(from.toISOString(), to.toISOString(), query.get("after") ?? "", PAGE).all();
  const last = results.at(-1);
  const next = results.length === PAGE ? `?${new URLSearchParams({ from: from.toISOString(), to: last.called_at, after: last.key })}` : undefined;
  return Response.json({ records: results.map(({ record }) => JSON.parse(record)), next });
}

async function hasListToken(request, { LIST_TOKEN }) {
  if (!LIST_TOKEN) return false;
  // Digests have the same length, whatever was sent: nothing can be learned from how long the comparison takes.
  const texts = [request.headers.get("authorization") ?? "", `Bearer ${LIST_TOKEN}`];
  const [given, right] = await Promise.all(texts.map((text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
  return crypto.subtle.timingSafeEqual(given, right);
}
