// A refused push is the trace of a token that was mistyped or given up, and of the calls that are lost by it: after the
// answer of an address that is not there mixcom never tries again. Strangers are refused too: so there are limits.
import { prepared, run } from "./database.js";

const MOST_AN_HOUR = 100;
const MOST = 1_000;
const PAGE = 20;

const HOUR_MS = 60 * 60 * 1_000;

/** `npm run schema` creates it. `body` is text, or bytes where these are no UTF-8. */
export const REFUSALS = `create table if not exists refusal (
  id integer primary key,
  refused_at text not null,
  reason text not null,
  method text not null,
  remote_address text,
  body blob
)`;

// The oldest go first, so that the ids have no gaps: the hundredth newest is found without counting.
const ADD = `insert into refusal (refused_at, reason, method, remote_address, body) select ?, ?, ?, ?, ?
  where coalesce((select refused_at from refusal where id = (select max(id) from refusal) - ${MOST_AN_HOUR - 1}), '') < ?`;
const LIMIT = `delete from refusal where id <= (select max(id) from refusal) - ${MOST}`;
const FORGET = "delete from refusal where refused_at < ?";
const LIST = `select id, refused_at, reason, method, remote_address,
    case typeof(body) when 'text' then body end as body, case typeof(body) when 'blob' then lower(hex(body)) end as body_hex
  from refusal where id > ? order by id limit ${PAGE}`;

/** Keeps what is known of a refused request. The answer to it is the same where that fails. */
export async function keepRefusal({ reason, method, remoteAddress, body }, env) {
  console.warn("refused:", reason, remoteAddress ?? "");
  const now = Date.now();
  const values = [new Date(now).toISOString(), reason, method, remoteAddress ?? null, body ?? null, new Date(now - HOUR_MS).toISOString()];
  try {
    await run([{ text: ADD, values }, { text: LIMIT, values: [] }], env);
  } catch (error) {
    console.error("a refusal is not kept:", error.message);
  }
}

/** The statement that deletes those before an instant. */
export function forgetRefusals({ before }) {
  return { text: FORGET, values: [before.toISOString()] };
}

/**
 * `{ refused, next? }`, oldest first; the next page is at `/refused` + `next`. With the `provider` and the `account`, which nobody knows
 * but who recognizes the call, `push` is one that can be replayed.
 */
export async function listRefusals(request, env) {
  const after = Number(new URL(request.url).searchParams.get("id") ?? 0);
  const { results } = await prepared({ text: LIST, values: [after] }, env).all();
  const next = results.length === PAGE ? `?id=${results.at(-1).id}` : undefined;
  return Response.json({ refused: results.map(refusalOf), next });
}

function refusalOf({ id, refused_at, reason, method, remote_address, body, body_hex }) {
  const push = { receivedAt: refused_at, body: body ?? undefined, bodyHex: body_hex ?? undefined };
  return { id: `refused-${id}`, reason, method, remoteAddress: remote_address ?? undefined, push };
}
