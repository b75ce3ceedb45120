import { createReceiver, processPush } from "ringback";
import { run, tables } from "./database.js";
import { setAside } from "./dead-letters.js";
import { consume, fitsInMessage } from "./message.js";

/** Acknowledges a push once it is kept. */
export function receive(request, env) {
  const receiver = createReceiver({
    accounts: JSON.parse(env.ACCOUNTS),
    onPush: (push) => accept(push, env),
    onRefused: ({ reason, remoteAddress }) => console.warn("refused:", reason, remoteAddress ?? ""),
  });
  return receiver(request, { remoteAddress: request.headers.get("cf-connecting-ip") ?? undefined });
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
    const { records, unreadable } = processPush(push);
    const reasons = unreadable.map(({ index, field, reason }) => [`record ${index}`, field, reason].filter((part) => part !== undefined).join(": "));
    return { records, reason: reasons.length > 0 ? reasons.join("; ") : undefined };
  } catch (error) {
    return { records: [], reason: error.message };
  }
}
