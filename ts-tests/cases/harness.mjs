// The harness of the cases. Each file adds its cases and ends with `await done("name of the group")`.
//   node <file>.mjs [ID …] [--verbose]
import { createRequire } from "node:module";

export const require = createRequire(import.meta.url);
export const rb = require("ringback");
export const nodeAdapters = require("ringback/node");

const verbose = process.argv.includes("--verbose");
const only = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const cases = [];

/**
 * Adds a case. `what` is the input in words, `source` the public report that it comes from, `run` gives what happened,
 * `expect` is a partial value of that, or `check` a predicate.
 */
export const add = (each) => cases.push(each);

/** Stands for a member that must not be there. */
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

/** The part of a record that the cases look at. */
export const brief = (record) =>
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

/** What parsePush makes of a body: its records in brief, or the error. */
export function push(provider, body, options = {}) {
  try {
    const parsed = rb.parsePush(provider, body, options);
    return {
      records: parsed.records.map(brief),
      unreadable: parsed.unreadable.map(({ field, reason }) => `${field ?? ""}: ${reason}`),
      ignored: parsed.ignored.length,
      raw: parsed.records[0]?.raw,
    };
  } catch (error) {
    return { error: error.code ?? error.name, message: error.message };
  }
}

/** Runs the cases, prints a line for each, and ends with the counts. */
export async function done(group) {
  let passed = 0;
  let failed = 0;
  for (const { id, what, source, run, expect, check } of cases) {
    if (only.length > 0 && !only.includes(id)) continue;
    let got;
    try {
      got = await run();
    } catch (error) {
      got = { thrown: error.code ?? error.name, message: error.message, delivery: error.delivery, hint: error.hint };
    }
    const holds = check ? check(got) : matches(expect, got);
    if (holds) passed += 1;
    else failed += 1;
    console.log(`${holds ? "ok    " : "FAILED"}  ${id} ${what}`);
    if (!holds || verbose) console.log(`          source: ${source}\n          got: ${JSON.stringify(got).slice(0, 700)}`);
  }
  console.log(`${group}: ${passed} passed, ${failed} failed`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}
