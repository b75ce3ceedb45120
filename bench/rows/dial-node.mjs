// A whole dial through a fetch that answers at once: beside stripe-node's create, and beside axios with the signature written by hand.
import { isDeepStrictEqual } from "node:util";
import { createClient } from "ringback";
import Stripe from "stripe";
import { axiosDialer } from "../peers/dial.mjs";

const DIALS = 2_000;
const ACCOUNT = { appKey: "k1", appSecret: "mix-secret" };
const JSON_TYPE = { headers: { "content-type": "application/json" } };

const sent = [];
const dialed = async (url, { body }) => {
  sent.push([String(url), String(body)]);
  return new Response('{"success":true,"code":200,"msg":""}', JSON_TYPE);
};
const created = async () => new Response('{"id":"cus_1","object":"customer","name":"13800000001","phone":"075528000123"}', JSON_TYPE);

export async function* groups() {
  const stripe = new Stripe("sk_test_1", { httpClient: Stripe.createFetchHttpClient(created), telemetry: false });
  const client = createClient({ provider: "mixcom", ...ACCOUNT, fetch: dialed });
  const byHand = axiosDialer({ ...ACCOUNT, fetch: dialed });
  const calls = {
    ringback: (dial) => client.dial(dial),
    "stripe-node: create": ({ caller, callee, reference }) => stripe.customers.create({ name: caller, phone: callee, metadata: { reference } }),
    "axios by hand": byHand,
  };
  await compare(calls);
  yield {
    title: `dial: a whole client.dial through an instant fetch in Node ${process.version}`,
    unit: "µs",
    rounds: 30,
    reference: "ringback",
    rows: [
      { row: "a whole client.dial through an instant fetch", subject: "stripe-node: create", part: "ratio", least: 1.5 },
      { row: "a whole client.dial through an instant fetch", subject: "axios by hand", part: "ratio", least: 1.2 },
    ],
    subjects: Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, () => time(call)])),
  };
}

async function time(call) {
  sent.length = 0;
  const start = performance.now();
  for (let count = 0; count < DIALS; count += 1) await call(dialOf(count));
  return ((performance.now() - start) * 1000) / DIALS;
}

/** No two dials are alike, so that nothing can be remembered. */
function dialOf(count) {
  return { caller: `138${String(count).padStart(8, "0")}`, callee: "0755-28000123", reference: `order-${count}` };
}

/** Both must send the same request and return the same call before either is timed. */
async function compare(calls) {
  for (let attempt = 0; ; attempt += 1) {
    sent.length = 0;
    const results = [await calls.ringback(dialOf(7)), await calls["axios by hand"](dialOf(7))];
    const [ours, theirs] = sent.map(([url, body]) => [url, [...new URLSearchParams(body)].sort()]);
    const isSame = isDeepStrictEqual(ours, theirs) && isDeepStrictEqual(...results.map((call) => JSON.parse(JSON.stringify(call))));
    if (isSame) return;
    // A second may have ended between the two.
    if (attempt === 2) throw new Error(`not the same: ${JSON.stringify([ours, theirs, results], null, 2)}`);
  }
}
