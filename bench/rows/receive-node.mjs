// One push through the receiver, from a standard Request to a standard Response: beside a handler with Hono and zod that does the same, and
// with 1,000 accounts beside one. One push after another, in this process; the records are not kept anywhere.
import { isDeepStrictEqual } from "node:util";
import { createReceiver, createToken } from "ringback";
import { honoReceiver } from "../peers/hono-receiver.mjs";
import { PUSH } from "../peers/push.mjs";

const TOKEN = createToken();
const UNKNOWN_TOKEN = createToken();
const PUSHES = 2_000;
const MANY = 1_000;

export async function* groups() {
  await compare();
  yield {
    title: `receive: one push through the receiver in Node ${process.version}`,
    unit: "µs",
    rounds: 30,
    reference: "ringback",
    rows: [{ row: "one push through the receiver in Node", subject: "Hono + zod", part: "ratio", least: 1.7 }],
    subjects: {
      ringback: () => time(receiver(() => undefined), TOKEN, 200),
      "Hono + zod": () => time(peer(() => undefined), TOKEN, 200),
    },
  };
  const [one, many] = [receiverOf(1), receiverOf(MANY)];
  for (const [push, token, status] of [
    ["one push through the receiver", TOKEN, 200],
    ["one push of a stranger", UNKNOWN_TOKEN, 404],
  ]) {
    yield {
      title: `accounts: ${push}, with 1 account and with ${MANY}`,
      unit: "µs",
      rounds: 15,
      reference: "1 account",
      rows: [{ row: push, subject: "1,000 accounts", part: "ratio", most: 1.05 }],
      subjects: { "1 account": () => time(one, token, status), "1,000 accounts": () => time(many, token, status) },
    };
  }
}

function receiver(onRecord) {
  return createReceiver({ provider: "mixcom", tokens: [TOKEN], onRecord });
}

/** The pushes that are timed belong to the last account. */
function receiverOf(count) {
  const accounts = Array.from({ length: count }, (_, number) => ({
    name: `account-${number}`,
    provider: "mixcom",
    tokens: [number === count - 1 ? TOKEN : createToken()],
  }));
  return createReceiver({ accounts, onRecord: () => undefined });
}

function peer(keep) {
  const app = honoReceiver({ token: TOKEN, keep });
  return (request) => app.fetch(request);
}

function request(count, token) {
  return new Request(`https://crm.example/push/${token}`, { method: "POST", headers: { "content-type": "application/json" }, body: PUSH(count) });
}

async function time(answer, token, status) {
  const start = performance.now();
  for (let count = 0; count < PUSHES; count += 1) {
    const response = await answer(request(count, token));
    if (response.status !== status) throw new Error(`answered ${response.status}`);
  }
  return ((performance.now() - start) * 1000) / PUSHES;
}

/** Both must answer alike and keep the same record before either is timed. */
async function compare() {
  const outcomes = await Promise.all(
    [receiver, peer].map(async (make) => {
      let kept;
      const response = await make((record) => (kept = record))(request(1, TOKEN));
      const { completeness, ...record } = JSON.parse(JSON.stringify(kept));
      return { status: response.status, body: await response.text(), record };
    }),
  );
  if (!isDeepStrictEqual(...outcomes)) throw new Error(`not the same: ${JSON.stringify(outcomes, null, 2)}`);
}
