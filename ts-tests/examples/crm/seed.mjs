// Fills a CRM's database with calls of three days, as the CRM itself writes them: dials before and after their request, records, and joins.

/** The first instant of a day in China. */
const START = Date.parse("2026-03-01T00:00:00+08:00");
const DAY_MS = 86_400_000;
const PLATFORMS = ["mixcom", "quanmayun", "dingxin", "cyjcloud", "seatcall"];
const OUTCOMES = ["answered", "unanswered", "failed", "waiting", "refused", "not-sent", "unknown", "no-dial"];

/** The calls of the test: 430 of three days, some at the first or the last millisecond of a day, some at one instant. */
export function listCalls() {
  const calls = Array.from({ length: 430 }, (_, index) => {
    const outcome = OUTCOMES[index % OUTCOMES.length];
    const day = index % 3;
    const edge = { 8: 0, 9: DAY_MS - 1, 15: 0, 16: 1, 23: 1 }[index];
    // Pairs of calls begin in the same second.
    const at = START + day * DAY_MS + (edge ?? (Math.floor(index / 2) * 397_000) % DAY_MS);
    const isAlone = outcome === "no-dial";
    return {
      id: isAlone ? undefined : `crm-${index.toString(16).padStart(24, "0")}`,
      callId: `call-${index}`,
      provider: PLATFORMS[(index * 7) % PLATFORMS.length],
      outcome: isAlone ? "answered" : outcome,
      caller: `1380000${String(index % 40).padStart(4, "0")}`,
      callee: index % 10 === 3 ? `0755280${String(index).padStart(5, "0")}` : `139${String(index).padStart(8, "0")}`,
      day: ["2026-03-01", "2026-03-02", "2026-03-03"][day],
      at,
      talkSeconds: outcome === "answered" || isAlone ? (index % 50) + 1 : 0,
    };
  });
  // A typed "number" that would be a formula in a spreadsheet, and a name with quotes.
  calls.find(({ outcome }) => outcome === "not-sent").callee = '=HYPERLINK("http://evil.example","13900000001")';
  return calls;
}

/** Names a call as the page does. */
export function nameEntry({ id, provider, callId }) {
  return id ?? `${provider}:${callId}`;
}

/** Writes the calls with the statements of ringback/sql. */
export async function writeCalls({ calls, tables, run }) {
  const records = [];
  for (const call of calls) {
    const { id, callId, provider, outcome, caller, callee, at } = call;
    if (id !== undefined) {
      await run(tables.intend({ id, provider, reference: id, caller, callee, at: new Date(at) }));
      if (["refused", "not-sent", "unknown"].includes(outcome)) {
        const code = { refused: "rejected", "not-sent": "invalid-argument", unknown: "timeout" }[outcome];
        await run(tables.failed({ id, at: new Date(at + 300), error: { code, delivery: outcome, message: `the dial failed: ${outcome}`, hint: '+1 "hint", with a comma' } }));
        continue;
      }
      await run(tables.placed({ id, at: new Date(at + 300), call: { id: callId, provider, reference: id, correlation: "call-id" } }));
      if (outcome === "waiting") continue;
    }
    records.push(createRecord(call));
  }
  await run(tables.keep(records));
  const [first, last] = [Math.min(...calls.map(({ at }) => at)), Math.max(...calls.map(({ at }) => at))];
  while ((await run(tables.settle({ at: new Date(last + DAY_MS), since: new Date(first - 1) }))).length > 0);
}

function createRecord({ id, callId, provider, outcome, caller, callee, at, talkSeconds }) {
  const leg = (number) => ({ number: `+86${number.replace(/^0/, "")}`, rawNumber: number });
  const instant = (ms) => new Date(ms + 8 * 3_600_000).toISOString().replace("Z", "+08:00");
  return {
    key: `${provider}:${callId}`, provider, callId, direction: "outbound", final: true, completeness: 100, problems: [],
    ...(id !== undefined && { reference: id }),
    caller: { ...leg(caller), startedAt: instant(at) },
    callee: leg(callee),
    outcome: { status: outcome, cause: outcome === "answered" ? "hung-up" : "no-answer" },
    startedAt: instant(at),
    endedAt: instant(at + 60_000),
    talkSeconds,
    recording: { state: "none" },
    raw: {},
  };
}
