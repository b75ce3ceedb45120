// Code that must compile, and lines that must not. Checked by `tsc --noEmit`; never run.
import {
  type CallRecord,
  createReceiver,
  createToken,
  explainCode,
  init,
  normalizeStream,
  parsePush,
  processPush,
  providers,
  type Push,
  readRecords,
} from "ringback";

const keep = async (_: CallRecord): Promise<void> => undefined;
const tokens = [createToken()];

export async function receivers(queue: { send(push: Push): Promise<void> }, request: Request): Promise<Response> {
  const receive = createReceiver({ provider: "mixcom", tokens, onRecord: (record, push) => keep(record).then(() => push.receivedAt) });
  createReceiver({ name: "main", provider: "dingxin", tokens, dialect: { ack: "ok" }, allow: ["127.0.0.1"], timeZone: "+00:00", onPush: (push) => queue.send(push) });
  createReceiver({
    accounts: [
      { name: "a", provider: "mixcom", tokens },
      { name: "b", provider: "seatcall", tokens, dialect: { ack: "ok" } },
    ],
    maxBodyBytes: 1,
    deadlineMs: 1,
    onRecords: (records) => Promise.all(records.map(keep)),
    onUnreadable: ({ reason, raw }) => [reason, raw],
    onRefused: ({ reason, method, remoteAddress }) => [reason, method, remoteAddress],
  });

  createReceiver({
    provider: "mixcom",
    allow: ["203.0.113.0/24"],
    trustProxy: "x-forwarded-for",
    onRecord: keep,
    on: {
      start: ({ requestId, method }, begin) => [requestId, method, begin()],
      answer: ({ outcome, provider, status, durationMs, records = 0, keys = [] }) => `${outcome}${provider}${status + durationMs + records}${keys.length}`,
    },
    debug: true,
  });

  // @ts-expect-error a keeper is missing
  createReceiver({ provider: "mixcom", tokens });
  // @ts-expect-error two keepers
  createReceiver({ provider: "mixcom", tokens, onRecord: keep, onPush: () => undefined });
  // @ts-expect-error neither tokens nor an allow-list
  createReceiver({ provider: "mixcom", onRecord: keep });
  // @ts-expect-error seatcall's dialect has no signature
  createReceiver({ provider: "seatcall", tokens, dialect: { signature: "digest-only" }, onRecord: keep });

  await receive(request, { body: { parsed: true } });
  return receive(request, { remoteAddress: "127.0.0.1" });
}

export async function pushes(stream: ReadableStream<Uint8Array>, push: Push): Promise<void> {
  const { records, unreadable, ignored, ack, nack } = parsePush("mixcom", "{}", { contentType: "application/json", query: "", account: "main" });
  for (const { key, completeness, outcome } of records) key.concat(String(completeness), outcome.cause);
  unreadable.map(({ index, reason }) => index + reason.length);
  ignored.map(({ event }) => event.trim());
  new Response(ack.body, { status: ack.status, headers: nack.headers });
  processPush(push).records.map(keep);
  for await (const record of readRecords(stream.pipeThrough(normalizeStream("quanmayun", { account: "main", onUnreadable: ({ line, offset }) => line + offset })))) await keep(record);
  explainCode("mixcom", "514").advice.trim();
  providers.mixcom.operations.includes("dial");
  await init(new URL("https://cdn.example/ringback.wasm"));
  await init(new Uint8Array(0));

  // @ts-expect-error there is no such platform
  parsePush("nobody", "{}");
  // @ts-expect-error dingxin's dialect
  parsePush("mixcom", "{}", { dialect: { ack: "ok" } });
  // @ts-expect-error a misspelled option
  normalizeStream("mixcom", { maxLineLength: 1 });
}
