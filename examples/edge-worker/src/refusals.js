// Keeps refused pushes. They show that a token was mistyped or removed, and which calls were lost by it: after an answer of 404
// mixcom never tries again. Requests of strangers are refused too, so their number is limited.
import { prepare, run } from "./database.js";

const MOST_AN_HOUR = 100;
const MOST = 1_000;
const PAGE = 20;

const HOUR_MS = 60 * 60 * 1_000;

/** The table of refused pushes, created by `npm run schema`. `body` is text, or bytes if they are not UTF-8. */
export const REFUSALS = `create table if not exists refusal (
  id integer primary key,
  refused_at text not null,
  reason text not null,
  method text not null,
  remote_address text,
  body blob
)`;

// Only the oldest are deleted, so the ids have no gaps and the hundredth newest is found without counting.
const ADD = `insert into refusal (refused_at, reason, method, remote_address, body) select ?, ?, ?, ?, ?
  where coalesce((select refused_at from refusal where id = (select max(id) from refusal) - ${MOST_AN_HOUR - 1}), '') < ?`;
const LIMIT = `delete from refusal where id <= (select max(id) from refusal) - ${MOST}`;
const FORGET = "delete from refusal where refused_at < ?";
const LIST = `select id, refused_at, reason, method, remote_address,
    case typeof(body) when 'text' then body end as body, case typeof(body) when 'blob' then lower(hex(body)) end as body_hex
  from refusal where id > ? order by id limit ${PAGE}`;

/** Keeps a refused request. A failure is only logged, and does not change the answer to the request. */
export async function keepRefusal({ reason, method, remoteAddress, body }, env) {
  console.warn("refused:", reason, remoteAddress ?? "");
  const now = Date.now();
  const values = [new Date(now).toISOString(), reason, method, remoteAddress ?? null, body ?? null, new Date(now - HOUR_MS).toISOString()];
  try {
    await run([{ text: ADD, values }, { text: LIMIT, values: [] }], env);
  } catch (error) {
    console.error("cannot keep a refused request:", error.message);
  }
}

/** The statement that deletes refusals from before an instant. */
export function forgetRefusals({ before }) {
  return { text: FORGET, values: [before.toISOString()] };
}

/**
 * Answers `{ refused, next? }`, oldest first; the next page is at `/refused` + `next`. Once its `provider` and `account` are added by a person
 * who recognizes the call, `push` can be replayed.
 */
export async function listRefusals(request, env) {
  const after = Number(new URL(request.url).searchParams.get("id") ?? 0);
  const { results } = await prepare({ text: LIST, values: [after] }, env).all();
  const next = results.length === PAGE ? `?id=${results.at(-1).id}` : undefined;
  return Response.json({ refused: results.map(readRefusal), next });
}

function readRefusal({ id, refused_at, reason, method, remote_address, body, body_hex }) {
  const push = { receivedAt: refused_at, body: body ?? undefined, bodyHex: body_hex ?? undefined };
  return { id: `refused-${id}`, reason, method, remoteAddress: remote_address ?? undefined, push };
}
