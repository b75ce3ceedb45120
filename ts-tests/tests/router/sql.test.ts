// One dial in ringback/sql for all attempts of a router: a record of any of its accounts settles it. On PostgreSQL in this process.
import { PGlite } from "@electric-sql/pglite";
import { createRouter, type CallRecord, isRingbackError } from "ringback";
import { createTables, type DialRow, type Statement } from "ringback/sql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CALLER } from "../testing/simulations.js";
import { createAccount } from "./accounts.js";

const tables = createTables({ dialect: "postgresql" });
let database: PGlite;

beforeAll(async () => {
  database = await PGlite.create();
  for (const text of tables.schema) await database.exec(text);
}, 300_000);

afterAll(() => database.close());

async function run<Row = Record<string, unknown>>({ text, values }: Statement): Promise<Row[]> {
  return (await database.query<Row>(text, values as unknown[])).rows;
}

async function settle(at: Date): Promise<Record<string, unknown>[]> {
  const joined: Record<string, unknown>[] = [];
  for (let rows = await run(tables.settle({ at })); rows.length > 0; rows = await run(tables.settle({ at }))) joined.push(...rows);
  return joined;
}

let used = 0;
/** Writes a router's dial down. Returns its id, which is its reference as well, its callee and its time. */
async function intend(): Promise<{ id: string; callee: string; at: Date }> {
  used += 1;
  const dial = { id: `order-${used}`, callee: `1390000${String(used).padStart(4, "0")}`, at: new Date("2026-03-02T10:00:00+08:00") };
  expect(await run(tables.intend({ provider: "any", reference: dial.id, caller: CALLER, ...dial }))).toHaveLength(1);
  return dial;
}

function createRecord(provider: string, callId: string, callee: string, more: Partial<CallRecord> = {}): CallRecord {
  return {
    provider,
    key: `${provider}:${callId}`,
    callId,
    direction: "outbound",
    caller: { number: `+86${CALLER}` },
    callee: { number: `+86${callee}` },
    outcome: { status: "answered", cause: "hung-up" },
    final: true,
    completeness: 9,
    startedAt: "2026-03-02T10:00:05+08:00",
    recording: { state: "none" },
    raw: {},
    ...more,
  } as CallRecord;
}

const LATER = new Date("2026-03-02T11:00:00+08:00");

describe("a router's dial", () => {
  test("belongs to the platform that placed it", async () => {
    const { id, callee, at } = await intend();
    expect(await run(tables.dial(id))).toMatchObject([{ provider: "any", state: "intended", reference: id }]);
    const [first, second] = [createAccount("mixcom"), createAccount("quanmayun", { client: { account: "north" } })];
    first.simulator.fault({ kind: "rate-limited" });
    const call = await createRouter({ routes: [first, second].map(({ client }) => ({ client })) }).dial({ caller: CALLER, callee, reference: id });
    expect(await run(tables.placed({ id, call, at }))).toEqual([{ id }]);
    expect(await run(tables.dial(id))).toMatchObject([{ provider: "quanmayun", account: "north", call_id: call.id, state: "placed" }]);
    // Another platform's record of the same reference is another call.
    await run(tables.keep([createRecord("mixcom", "other-1", callee, { reference: id })]));
    expect(await settle(LATER)).toEqual([]);
    await run(tables.keep([createRecord("quanmayun", String(call.id), callee, { reference: id, account: "north", key: `quanmayun/north:${call.id}` })]));
    expect(await settle(LATER)).toEqual([{ id, record_key: `quanmayun/north:${call.id}` }]);
  });

  test.each(["mixcom", "quanmayun", "dingxin"])("whose end was never written down is settled by a record of %s", async (provider) => {
    const { id, callee } = await intend();
    await run(tables.keep([createRecord(provider, `lost-${provider}`, callee, { reference: id, account: "south" })]));
    expect(await settle(LATER)).toEqual([{ id, record_key: `${provider}:lost-${provider}` }]);
  });

  test.each(["cyjcloud", "seatcall"])("whose end was never written down is settled by a record of %s, which has no reference, by its numbers", async (provider) => {
    const { id, callee } = await intend();
    await run(tables.keep([createRecord(provider, `numbers-${provider}`, callee)]));
    // Its answer may still come.
    expect(await settle(new Date("2026-03-02T10:01:00+08:00"))).toEqual([]);
    expect(await settle(LATER)).toEqual([{ id, record_key: `${provider}:numbers-${provider}` }]);
  });

  test.each(["mixcom", "dingxin"])("that ended in doubt at its last account is settled by a record of %s", async (provider) => {
    const { id, callee, at } = await intend();
    const [first, second] = [createAccount("mixcom"), createAccount("quanmayun")];
    first.simulator.fault({ kind: "rate-limited" });
    second.simulator.fault({ kind: "bad-gateway" });
    const dial = createRouter({ routes: [first, second].map(({ client }) => ({ client })) }).dial({ caller: CALLER, callee, reference: id });
    const error = await dial.catch((thrown: unknown) => thrown);
    if (!isRingbackError(error)) throw error;
    await run(tables.failed({ id, error, at }));
    expect(await run(tables.dial(id))).toMatchObject([{ provider: "quanmayun", state: "unknown" }]);
    const missing = await run<DialRow>(tables.missing({ before: LATER }));
    expect(missing.map((row) => row.id)).toContain(id);
    await run(tables.keep([createRecord(provider, `doubt-${provider}`, callee, { reference: id })]));
    expect(await settle(LATER)).toEqual([{ id, record_key: `${provider}:doubt-${provider}` }]);
  });

  test("that all accounts refused has no record", async () => {
    const { id, callee, at } = await intend();
    const account = createAccount("mixcom");
    account.simulator.fault({ kind: "rate-limited" });
    const error = await createRouter({ routes: [{ client: account.client }] }).dial({ caller: CALLER, callee, reference: id }).catch((thrown: unknown) => thrown);
    await run(tables.failed({ id, error: error as never, at }));
    expect(await run(tables.dial(id))).toMatchObject([{ provider: "mixcom", state: "refused" }]);
    expect((await run<DialRow>(tables.missing({ before: LATER }))).map((row) => row.id)).not.toContain(id);
  });

  test("leaves the dials of one platform as they are", async () => {
    const { callee, at } = await intend();
    await run(tables.intend({ id: "plain", provider: "mixcom", reference: "plain", caller: CALLER, callee: callee.replace("1390", "1370"), at }));
    await run(tables.keep([createRecord("dingxin", "plain-other", callee.replace("1390", "1370"), { reference: "plain" })]));
    expect(await settle(LATER)).toEqual([]);
  });
});
