import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { createReceiver, createToken } from "ringback";
import { createSimulator, createVirtualClock } from "ringback/testing";
import { createPresses } from "./presses.mjs";

const HOUR_MS = 60 * 60 * 1000;
const [AGENT, CUSTOMER] = ["13800000001", "13900000002"];

/** Your program, with a simulated mixcom, a database in memory, and a clock that the tests move. */
function setUp() {
  const [token, clock] = [createToken(), createVirtualClock()];
  const account = { provider: "mixcom", appKey: "test", appSecret: "test-secret" };
  const deliver = createReceiver({ provider: "mixcom", tokens: [token], onRecords: (records) => presses.keep(records) });
  const simulator = createSimulator({ ...account, clock, pushUrl: `https://crm.example/push/${token}`, deliver });
  const presses = createPresses({ account: { ...account, fetch: simulator.fetch }, database: new DatabaseSync(":memory:"), now: clock.now });
  return { clock, simulator, presses };
}

test("a double press is one call", async () => {
  const { simulator, presses } = setUp();
  const pressed = await Promise.all([presses.press("press-1", AGENT, CUSTOMER), presses.press("press-1", AGENT, CUSTOMER)]);
  assert.deepEqual(pressed.toSorted(), ["accepted", "repeated"]);
  assert.equal(simulator.calls.length, 1);
});

test("a dial that times out is not repeated, and its record tells that it was placed", async () => {
  const { clock, simulator, presses } = setUp();
  simulator.fault({ kind: "timeout", when: "after", on: "dial" }); // the platform places the call, and its answer never comes
  assert.equal(await presses.press("press-2", AGENT, CUSTOMER), "unknown");
  assert.equal(await presses.press("press-2", AGENT, CUSTOMER), "repeated");
  await simulator.idle();
  await clock.advance(3 * HOUR_MS);
  assert.equal(simulator.calls.length, 1);
  assert.deepEqual(presses.listMissing(), []);
});

test("a call whose push is lost is missing", async () => {
  const { clock, simulator, presses } = setUp();
  simulator.fault({ kind: "lost", on: "push" });
  for (const id of ["press-3", "press-4"]) {
    await presses.press(id, AGENT, CUSTOMER);
    await simulator.idle();
  }
  await clock.advance(3 * HOUR_MS);
  assert.deepEqual(
    presses.listMissing().map(({ id, state }) => [id, state]),
    [["press-3", "placed"]],
  );
});
