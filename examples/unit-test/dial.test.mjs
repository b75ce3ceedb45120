import assert from "node:assert/strict";
import { test } from "node:test";
import { createToken } from "ringback";
import { createSimulator, createVirtualClock } from "ringback/testing";
import { callBack, createWebhook } from "./calls.mjs";

const account = { provider: "mixcom", appKey: "test", appSecret: "test-secret" };

test("a dial's record comes back with the order's number", async () => {
  const [token, kept, clock] = [createToken(), [], createVirtualClock()];
  const deliver = createWebhook({ token, keep: (record) => kept.push(record) });
  const simulator = createSimulator({ ...account, clock, pushUrl: `https://crm.example/push/${token}`, deliver });

  simulator.script({ status: "answered", talkSeconds: 600 });
  assert.equal(await callBack("13900000002", "order-8", simulator.clientOptions), "order-8");
  await simulator.idle(); // ten minutes of talk are over

  assert.equal(simulator.calls[0].pushes[0].acknowledged, true);
  assert.equal(kept[0]?.reference, "order-8");
  assert.equal(kept[0]?.talkSeconds, 600);
});

test("a dial that times out may have rung: nobody knows", async () => {
  const simulator = createSimulator({ ...account, clock: createVirtualClock() }).fault({ kind: "timeout", on: "dial" });
  await assert.rejects(callBack("13900000002", "order-10", simulator.clientOptions), { code: "timeout", delivery: "unknown" });
});

test("a dial that the platform refuses says so, and rings nobody", async () => {
  const simulator = createSimulator({ ...account, clock: createVirtualClock() });
  const mistyped = { ...simulator.clientOptions, appSecret: "mistyped" };
  await assert.rejects(callBack("13900000002", "order-9", mistyped), { code: "authentication", delivery: "refused" });
  assert.equal(simulator.calls.length, 0);
});
