import { isRingbackError } from "ringback";
import { prepare, tables } from "./database.js";

const PAGE = 100;

/**
 * Answers `{ records, next? }`; the next page is at `/records` + `next`. `?from=` and `?to=` are instants, `?number=` is a party's number, in any
 * usual spelling.
 */
export async function listRecords(request, env) {
  const query = new URL(request.url).searchParams;
  const { from = "1970-01-01T00:00:00Z", to = "9999-01-01T00:00:00Z", number, time, key } = Object.fromEntries(query);
  const after = time && key ? { called_at: time, key } : undefined;
  const range = { from, to, after, limit: PAGE };
  let statement;
  try {
    statement = number === undefined ? tables.recordsByTime(range) : tables.recordsByNumber({ ...range, number });
  } catch (error) {
    if (!isRingbackError(error)) throw error;
    return Response.json({ error: error.message }, { status: 400 });
  }
  const { results } = await prepare(statement, env).all();
  const last = results.at(-1);
  if (results.length === PAGE) for (const [name, value] of Object.entries({ time: last.called_at, key: last.key })) query.set(name, value);
  return Response.json({ records: results.map(tables.recordOf), next: results.length === PAGE ? `?${query}` : undefined });
}
