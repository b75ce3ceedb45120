// A dead letter is a push with the reason why its records are not, or not all, in D1. Both ways lead through the second queue into D1:
// the consumer sends what it cannot read, and the platform moves what it has delivered in vain as often as the configuration allows.
import { prepared, run, tables } from "./database.js";
import { consume, fitsInMessage } from "./message.js";

const TRIED_IN_VAIN = "delivered in vain, as often as the configuration allows: D1 was away, most likely";
const LONGEST_REASON = 1_000;
const PAGE = 20;

const LIST = `select id, received_at, reason, envelope from ${tables.names.push}
  where state = 'unreadable' and (received_at, id) > (?, ?) order by received_at, id limit ?`;

/** Resolves when the dead letter cannot be lost any more. */
export async function setAside({ id, push, reason }, env) {
  const letter = { id, push, reason: reason.slice(0, LONGEST_REASON) };
  if (fitsInMessage(push)) await env.DEAD_LETTERS.send(letter, { contentType: "json" });
  else await run(burial(letter), env);
}

/** The second queue's consumer: keeps the dead letters where nothing expires. */
export function consumeDeadLetters(messages, env) {
  return consume(messages, (group) => run(group.flatMap((message) => burial(letterOf(message))), env));
}

/** What the platform moves is the push alone. */
function letterOf({ id, body }) {
  return body.push === undefined ? { id, push: body, reason: TRIED_IN_VAIN } : body;
}

function burial({ id, push, reason }) {
  return [tables.store(push, id), tables.unreadable({ id, reason })];
}

/** `{ deadLetters, next? }`, oldest first; the next page is at `/dead-letters` + `next`. */
export async function listDeadLetters(request, env) {
  const query = new URL(request.url).searchParams;
  const { results } = await prepared({ text: LIST, values: [query.get("time") ?? "", query.get("id") ?? "", PAGE] }, env).all();
  const last = results.at(-1);
  const next = results.length === PAGE ? `?${new URLSearchParams({ time: last.received_at, id: last.id })}` : undefined;
  return Response.json({ deadLetters: results.map((row) => ({ id: row.id, reason: row.reason, push: tables.pushOf(row) })), next });
}
