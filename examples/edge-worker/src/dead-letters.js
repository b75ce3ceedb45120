// A dead letter is a push with the reason why some or all of its records are not in D1. Both kinds go through the second queue into D1:
// the consumer sends the pushes that it cannot read, and Cloudflare moves the pushes that have used up their retries.
import { prepare, run, tables } from "./database.js";
import { consume, fitsInMessage } from "./message.js";

const RETRIES_USED_UP = "all retries failed; the most likely cause is that D1 was unavailable";
const LONGEST_REASON = 1_000;
const PAGE = 20;

const LIST = `select id, received_at, reason, envelope from ${tables.names.push}
  where state = 'unreadable' and (received_at, id) > (?, ?) order by received_at, id limit ?`;

/** Stores a dead letter in the second queue, or in D1 if it is too large for a message. Resolves when it cannot be lost any more. */
export async function storeDeadLetter({ id, push, reason }, env) {
  const letter = { id, push, reason: reason.slice(0, LONGEST_REASON) };
  if (fitsInMessage(push)) await env.DEAD_LETTERS.send(letter, { contentType: "json" });
  else await run(buildKeepStatements(letter), env);
}

/** Consumes the second queue: keeps the dead letters in D1, where nothing expires. */
export function consumeDeadLetters(messages, env) {
  return consume(messages, (group) => run(group.flatMap((message) => buildKeepStatements(readLetter(message))), env));
}

/** Reads a dead letter from a message. Cloudflare moves the push alone, without id and reason. */
function readLetter({ id, body }) {
  return body.push === undefined ? { id, push: body, reason: RETRIES_USED_UP } : body;
}

function buildKeepStatements({ id, push, reason }) {
  return [tables.store(push, id), tables.unreadable({ id, reason })];
}

/** Answers `{ deadLetters, next? }`, oldest first; the next page is at `/dead-letters` + `next`. */
export async function listDeadLetters(request, env) {
  const query = new URL(request.url).searchParams;
  const { results } = await prepare({ text: LIST, values: [query.get("time") ?? "", query.get("id") ?? "", PAGE] }, env).all();
  const last = results.at(-1);
  const next = results.length === PAGE ? `?${new URLSearchParams({ time: last.received_at, id: last.id })}` : undefined;
  return Response.json({ deadLetters: results.map((row) => ({ id: row.id, reason: row.reason, push: tables.pushOf(row) })), next });
}
