// Pushes through the receiver, from a standard Request to a standard Response, beside a handler written by hand with Hono and zod that
// does the same. One after the other, in this process; what is kept goes nowhere.
import { isDeepStrictEqual } from "node:util";
import { createReceiver, createToken } from "ringback";
import { honoReceiver } from "../peers/hono-receiver.mjs";
import { PUSH } from "../peers/push.mjs";

const TOKEN = createToken();
const ADDRESS = `https://crm.example/push/${TOKEN}`;
const PUSHES = 2_000;

export async function* groups() {
  await same();
  yield {
    title: `receive: one push through the receiver in Node ${process.version}`,
    unit: "µs",
    rounds: 30,
    rows: [{ row: "one push through the receiver in Node", subject: "Hono + zod", part: "ratio", least: 1.3 }],
    reference: "ringback",
    subjects: {
      ringback: () => took(receiver(() => undefined)),
      "ringback, onPush (unparsed)": () => took(createReceiver({ provider: "mixcom", tokens: [TOKEN], onPush: () => undefined })),
      "Hono + zod": () => took(peer(() => undefined)),
    },
  };
}

function receiver(onRecord) {
  return createReceiver({ provider: "mixcom", tokens: [TOKEN], onRecord });
}

function peer(keep) {
  const app = honoReceiver({ token: TOKEN, keep });
  return (request) => app.fetch(request);
}

function request(count) {
  return new Request(ADDRESS, { method: "POST", headers: { "content-type": "application/json" }, body: PUSH(count) });
}

async function took(answer) {
  const began = performance.now();
  for (let count = 0; count < PUSHES; count += 1) {
    const response = await answer(request(count));
    if (response.status !== 200) throw new Error(`answered ${response.status}`);
  }
  return ((performance.now() - began) * 1000) / PUSHES;
}

/** Both must have done the same before either is timed. */
async function same() {
  const outcomes = await Promise.all(
    [receiver, peer].map(async (make) => {
      let kept;
      const response = await make((record) => (kept = record))(request(1));
      const { completeness, ...record } = JSON.parse(JSON.stringify(kept));
      return { status: response.status, body: await response.text(), record };
    }),
  );
  if (!isDeepStrictEqual(...outcomes)) throw new Error(`not the same: ${JSON.stringify(outcomes, null, 2)}`);
}
