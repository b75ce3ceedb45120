import { createReceiver, processPush } from "ringback";
import { run, tables } from "./database.js";
import { storeDeadLetter } from "./dead-letters.js";
import { consume, fitsInMessage } from "./message.js";
import { keepRefusal } from "./refusals.js";

// The answer when no receiver exists. mixcom does not retry after an answer without JSON, such as Cloudflare's own error page.
const FAULT = { code: 500 };

// No platform sends so many records at once. A push with more becomes a dead letter as a whole.
const MOST_RECORDS = 1_000;

// Kept between requests, because a receiver remembers the senders that it has accepted. It uses the bindings of the first request.
let current = { accounts: undefined, receiver: undefined };

/** Answers a push, and acknowledges it once it is kept. */
export async function receive(request, env) {
  try {
    if (current.receiver === undefined || current.accounts !== env.ACCOUNTS) current = { accounts: env.ACCOUNTS, receiver: openReceiver(env) };
    return await current.receiver(request, { remoteAddress: request.headers.get("cf-connecting-ip") ?? undefined });
  } catch (error) {
    console.error("cannot receive pushes: ACCOUNTS:", error.message);
    return Response.json(FAULT, { status: 500 });
  }
}

function openReceiver(env) {
  return createReceiver({
    accounts: parseAccounts(env.ACCOUNTS),
    onPush: (push) => accept(push, env),
    onRefused: (refusal) => keepRefusal(refusal, env),
  });
}

function parseAccounts(text) {
  if (!text) throw new Error("is not set");
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message would show the text, which contains the tokens.
    throw new Error("is not JSON");
  }
}

/** Stores a push in the queue, or its records in D1 if it is too large for a message. Resolves when it cannot be lost any more. */
export async function accept(push, env) {
  if (fitsInMessage(push)) await env.PUSHES.send(push, { contentType: "json" });
  else await keep([{ id: crypto.randomUUID(), push }], env);
}

/** Consumes the queue: reads the pushes and keeps their records. */
export function consumePushes(messages, env) {
  return consume(messages, (group) => keep(group.map(({ id, body }) => ({ id, push: body })), env));
}

/**
 * Keeps all records by one statement, or by several if D1 does not accept one so long. A repeated push changes nothing: records have their keys,
 * and dead letters have the message's id.
 */
async function keep(pushes, env) {
  const readings = pushes.map(({ id, push }) => ({ id, push, ...readPush(push) }));
  await run(tables.keepInParts(readings.flatMap(({ records }) => records)), env);
  await Promise.all(readings.filter(({ reason }) => reason !== undefined).map(({ id, push, reason }) => storeDeadLetter({ id, push, reason }, env)));
}

/** Reads a push: the records, and the reason why others cannot be read. */
function readPush(push) {
  try {
    const { records, unreadable } = processPush(push, { maxRecords: MOST_RECORDS });
    const reasons = unreadable.map(({ index, field, reason }) => [`record ${index}`, field, reason].filter((part) => part !== undefined).join(": "));
    return { records, reason: reasons.length > 0 ? reasons.join("; ") : undefined };
  } catch (error) {
    return { records: [], reason: error.message };
  }
}
