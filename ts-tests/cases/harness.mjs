// The harness of the cases: each `add` is a test. `npx vitest run --project cases -t ID` runs the cases whose name contains ID.
import { createRequire } from "node:module";
import { expect, test } from "vitest";

export const require = createRequire(import.meta.url);
export const rb = require("ringback");
export const nodeAdapters = require("ringback/node");

/**
 * Adds a case. `what` describes the input, `source` is the public report that it comes from, `run` returns the result,
 * `expect` is a partial value of the result, or `check` is a predicate.
 */
export function add({ id, what, source, run, expect: wanted, check }) {
  test(`${id} ${what}`, { timeout: 120_000 }, async () => {
    let got;
    try {
      got = await run();
    } catch (error) {
      got = { thrown: error.code ?? error.name, message: error.message, delivery: error.delivery, hint: error.hint };
    }
    const holds = check ? check(got) : matches(wanted, got);
    expect(Boolean(holds), `source: ${source}\ngot: ${JSON.stringify(got)?.slice(0, 700)}`).toBe(true);
  });
}

/** Marks a member that must be absent. */
export const ABSENT = Symbol("absent");

function matches(wanted, got) {
  if (wanted instanceof RegExp) return typeof got === "string" && wanted.test(got);
  if (typeof wanted === "function") return wanted(got);
  if (wanted === ABSENT) return got === undefined;
  if (Array.isArray(wanted)) return Array.isArray(got) && wanted.length === got.length && wanted.every((each, at) => matches(each, got[at]));
  if (typeof wanted === "object" && wanted !== null)
    return got && typeof got === "object" && Object.entries(wanted).every(([name, each]) => matches(each, got[name]));
  return Object.is(wanted, got);
}

/** Picks the fields of a record that the cases compare. */
export const pickFields = (record) =>
  record &&
  JSON.parse(
    JSON.stringify({
      key: record.key,
      callId: record.callId,
      reference: record.reference,
      direction: record.direction,
      caller: record.caller,
      callee: record.callee,
      display: record.displayNumber,
      status: record.outcome.status,
      cause: record.outcome.cause,
      leg: record.outcome.leg,
      code: record.outcome.code,
      message: record.outcome.message,
      final: record.final,
      startedAt: record.startedAt,
      connectedAt: record.connectedAt,
      endedAt: record.endedAt,
      duration: record.durationSeconds,
      talk: record.talkSeconds,
      recording: record.recording,
      problems: record.problems,
    }),
  );

/** Reads a body with parsePush, and returns the records' compared fields, or the error. */
export function parsePush(provider, body, options = {}) {
  try {
    const parsed = rb.parsePush(provider, body, options);
    return {
      records: parsed.records.map(pickFields),
      unreadable: parsed.unreadable.map(({ field, reason }) => `${field ?? ""}: ${reason}`),
      ignored: parsed.ignored.length,
      raw: parsed.records[0]?.raw,
    };
  } catch (error) {
    return { error: error.code ?? error.name, message: error.message };
  }
}
