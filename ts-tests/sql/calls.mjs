// Fills the tables with many calls, for the plans of statements and for their cost.
import { createRecord } from "./pushes.mjs";

/** The calls of the last hours, whose dials and records are not joined yet. */
export const NEW_CALLS = 20;

const DAY = 86_400_000;
const BATCH = 1_000;

/**
 * Fills empty tables with calls in equal distances over the days before `now`. Of the dials 5 % were refused and 5 % lost their record; 1 % of
 * the records are not final; there are 200 callers. The processed pushes, the dead letters (1 %) and the pending pushes are one for each kept record.
 */
export async function fillTables({ tables, run }, { calls, days, now }) {
  const { record, dial, push } = tables.names;
  const model = createRecord("seatcall");
  const times = { startedAt: undefined, connectedAt: undefined, endedAt: undefined };
  const leg = (number) => ({ ...model.caller, number, rawNumber: number, startedAt: undefined, ringingAt: undefined, answeredAt: undefined });
  const findTime = (number) => new Date(now - ((calls - number) / calls) * days * DAY).toISOString();
  const isMysql = tables.schema[0].includes("`");
  const key = isMysql ? "`key`" : "key";
  for (let from = 0; from < calls; from += BATCH) {
    const records = Array.from({ length: Math.min(BATCH, calls - from) }, (_, index) => {
      const number = from + index;
      const id = `call-${number}`;
      const seat = number >= calls - NEW_CALLS ? "new" : number % 20 === 3 ? "refused" : number % 20 === 7 ? "lost" : "joined";
      const [caller, callee] = [leg(`137${String(number % 200).padStart(8, "0")}`), leg(`139${String((number * 7919) % 20_011).padStart(8, "0")}`)];
      return { ...model, ...times, key: `seatcall:${id}`, callId: id, reference: `r-${id}`, seat, startedAt: findTime(number), caller, callee, final: number % 100 !== 0 };
    });
    await run(tables.keep(records));
    // The times contain no quotes. One millisecond is less than the distance of two calls.
    const batch = `where called_at >= '${findTime(from)}' and called_at <= '${findTime(from + records.length - 1)}'`;
    await run({ text: `insert into ${dial} (id, provider, account, reference, call_id, correlation, caller, callee, caller_digits, callee_digits, state, dialed_at, record_key)
select call_id, provider, account, reference, call_id, 'call-id', caller, callee, caller_digits, callee_digits, case seat when 'refused' then 'refused' else 'placed' end, called_at, case seat when 'joined' then ${key} end
from ${record} ${batch}`, values: [] });
    await run({ text: `insert into ${push} (id, provider, received_at, state, settled_at, envelope)
select call_id, provider, called_at, case when seat = 'new' then 'pending' when final then 'processed' else 'unreadable' end, called_at, '{}' from ${record} ${batch}`, values: [] });
    await run({ text: `delete from ${record} ${batch} and seat in ('lost', 'refused')`, values: [] });
  }
}
