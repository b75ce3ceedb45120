// One push, from its bytes to the CallRecord object, beside the same written by hand with JSON.parse, zod and Date.
import { isDeepStrictEqual } from "node:util";
import { parsePush } from "ringback";
import { read } from "../peers/hono-receiver.mjs";
import { PUSH } from "../peers/push.mjs";

const PUSHES = 4_000;

export function* groups() {
  const bodies = Array.from({ length: PUSHES }, (_, count) => new TextEncoder().encode(PUSH(count)));
  const subjects = { ringback: (body) => parsePush("mixcom", body).records[0], "JSON.parse + zod + Date": read };
  const [ours, theirs] = Object.values(subjects).map((parse) => parse(bodies[1]));
  const { completeness, ...record } = JSON.parse(JSON.stringify(ours));
  if (!isDeepStrictEqual(record, JSON.parse(JSON.stringify(theirs)))) throw new Error(`not the same: ${JSON.stringify([ours, theirs], null, 2)}`);
  yield {
    title: `parse: one push, bytes to CallRecord, in Node ${process.version}`,
    unit: "µs",
    rounds: 30,
    reference: "ringback",
    rows: [{ row: "one push, bytes to CallRecord", subject: "JSON.parse + zod + Date", part: "ratio", least: 1.5 }],
    subjects: Object.fromEntries(Object.entries(subjects).map(([name, parse]) => [name, () => time(parse, bodies)])),
  };
}

function time(parse, bodies) {
  const start = performance.now();
  for (const body of bodies) {
    if (parse(body).provider !== "mixcom") throw new Error("not read");
  }
  return ((performance.now() - start) * 1000) / bodies.length;
}
