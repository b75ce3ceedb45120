import { createReceiver, processPush } from "ringback";
import { run, tables } from "./database.js";
import { setAside } from "./dead-letters.js";
import { consume, fitsInMessage } from "./message.js";
import { keepRefusal } from "./refusals.js";

// mixcom takes an answer without JSON for final, as Cloudflare's page for an error would be.
const FAULT = { code: 500 };

// No platform sends so many at once. What claims to is set aside whole, unread.
const MOST_RECORDS = 1_000;

// Kept from one request to the next, since a receiver remembers whom it has let in. The bindings stay what they were at the first.
let current = { accounts: undefined, receiver: undefined };

/** Acknowledges a push once it is kept. */
export async function receive(request, env) {
  try {
    if (current.receiver === undefined || current.accounts !== env.ACCOUNTS) current = { accounts: env.ACCOUNTS, receiver: receiverOf(env) };
    return await current.receiver(request, { remoteAddress: request.headers.get("cf-connecting-ip") ?? undefined });
  } catch (error) {
    console.error("no push can be received: ACCOUNTS:", error.message);
    return Response.json(FAULT, { status: 500 });
  }
}

function receiverOf(env) {
  return createReceiver({
    accounts: accountsIn(env.ACCOUNTS),
    onPush: (push) => accept(push, env),
    onRefused: (refusal) => keepRefusal(refusal, env),
  });
}

function accountsIn(text) {
  if (!text) throw new Error("is not set");
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message would show the text, and so the tokens in it.
    throw new Error("is not JSON");
  }
}

/** Resolves when the push cannot be lost any more: the queue has it, or, where it is too large for a message, D1 has what is in it. */
export async function accept(push, env) {
  if (fitsInMessage(push)) await env.PUSHES.send(push, { contentType: "json" });
  else await keep([{ id: crypto.randomUUID(), push }], env);
}

/** The queue's consumer. */
export function consumePushes(messages, env) {
  return consume(messages, (group) => keep(group.map(({ id, body }) => ({ id, push: body })), env));
}

/**
 * Keeps all records by one statement, as long as D1 takes it. What comes twice changes nothing the second time: records have their keys,
 * dead letters the message's id.
 */
async function keep(pushes, env) {
  const readings = pushes.map(({ id, push }) => ({ id, push, ...readingOf(push) }));
  await run(tables.keepInParts(readings.flatMap(({ records }) => records)), env);
  await Promise.all(readings.filter(({ reason }) => reason !== undefined).map(({ id, push, reason }) => setAside({ id, push, reason }, env)));
}

/** The records that can be read, and why the others cannot. */
function readingOf(push) {
  try {
    const { records, unreadable } = processPush(push, { maxRecords: MOST_RECORDS });
    const reasons = unreadable.map(({ index, field, reason }) => [`record ${index}`, field, reason].filter((part) => part !== undefined).join(": "));
    return { records, reason: reasons.length > 0 ? reasons.join("; ") : undefined };
  } catch (error) {
    return { records: [], reason: error.message };
  }
}
