// Pulls seatcall's records page by page.
import { type CallRecord, type Client, parsePush, type RecordPage } from "ringback";
import { describe, expect, test } from "vitest";
import { expectFailure } from "../support/failure.js";
import { createFetch, answerJson, type RecordingFetch } from "../support/fetches.js";
import { createTestClient } from "../support/platforms.js";

const RANGE = { from: "2019-03-25T10:23:52+08:00", to: "2019-03-26T14:19:21+08:00" };

/** Writes a record in the platform's form. `id` is written as it is, because a JavaScript number would lose digits. */
function writeRecord(id: bigint | number, more = ""): string {
  return `{"id":${id},"sessionId":"s-${id}","direction":"0","callerNum":"+8613712345678","calleeNum":"+8675528765432","callEndTime":"2019-03-26 10:00:00","callOutAnswerTime":"2019-03-26 09:59:00"${more}}`;
}

/** Creates an answer with these records. */
function answerWith(...records: string[]): () => Promise<Response> {
  return answerJson(`{"meta":{"success":true,"message":"ok"},"data":[${records.join(",")}]}`);
}

function writeRecords(count: number, after: bigint | number): string[] {
  return Array.from({ length: count }, (_, index) => writeRecord(BigInt(after) + BigInt(index) + 1n));
}

/** Creates a client, and a fetch that keeps its requests. */
function createPullingClient(...answers: (() => Promise<Response>)[]): { client: Client<"seatcall">; fetch: RecordingFetch } {
  const fetch = createFetch(...answers);
  return { client: createTestClient("seatcall", fetch, { account: "main" }), fetch };
}

function readMaxIds(fetch: RecordingFetch): (string | undefined)[] {
  return fetch.sent.map(({ body }) => /"maxId":(\d+)[,}]/.exec(body ?? "")?.[1]);
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const gathered: T[] = [];
  for await (const item of items) gathered.push(item);
  return gathered;
}

describe("records", () => {
  test("come from all pages, until a page has fewer than 100", async () => {
    const { client, fetch } = createPullingClient(answerWith(...writeRecords(100, 0)), answerWith(...writeRecords(100, 100)), answerWith(...writeRecords(37, 200)));
    const records = await collect(client.records(RANGE));
    expect(records).toHaveLength(237);
    expect(new Set(records.map(({ key }) => key)).size).toBe(237);
    expect(records[236]).toMatchObject({ provider: "seatcall", account: "main", key: "seatcall/main:s-237", callId: "s-237" });
    expect(readMaxIds(fetch)).toEqual(["0", "100", "200"]);
    expect(fetch.sent.map(({ body }) => JSON.parse(body ?? "") as object)).toMatchObject([{ starTime: "2019-03-25 10:23:52", endTime: "2019-03-26 14:19:21" }, {}, {}]);
  });

  test("are requested once more after a full last page", async () => {
    const { client, fetch } = createPullingClient(answerWith(...writeRecords(100, 0)), answerWith());
    expect(await collect(client.records(RANGE))).toHaveLength(100);
    expect(readMaxIds(fetch)).toEqual(["0", "100"]);
  });

  test("are empty if the platform has none", async () => {
    const { client, fetch } = createPullingClient(answerWith());
    expect(await collect(client.records(RANGE))).toEqual([]);
    expect(fetch.sent).toHaveLength(1);
  });

  test("keep all 19 digits of their cursors", async () => {
    const start = 9_007_199_254_740_993_000n;
    const { client, fetch } = createPullingClient(answerWith(...writeRecords(100, start)), answerWith(...writeRecords(1, start + 100n)));
    const pages = await collect(client.records({ ...RANGE, after: String(start) }).pages());
    expect(pages.map(({ cursor }) => cursor)).toEqual(["9007199254740993100", "9007199254740993101"]);
    expect(readMaxIds(fetch)).toEqual(["9007199254740993000", "9007199254740993100"]);
    expect(pages[1]?.records[0]?.callId).toBe("s-9007199254740993101");
    expect(pages[1]?.records[0]?.raw).toMatchObject({ id: "9007199254740993101" });
  });

  test("come as pages with the cursor for the next page", async () => {
    const { client, fetch } = createPullingClient(answerWith(...writeRecords(100, 0)), answerWith(...writeRecords(5, 100)));
    const iterator = client.records(RANGE).pages()[Symbol.asyncIterator]();
    const first = (await iterator.next()).value as RecordPage;
    expect(Object.keys(first).sort()).toEqual(["cursor", "records", "unreadable"]);
    expect(first.records).toHaveLength(100);
    await iterator.return?.();
    expect(fetch.sent, "the second page was not requested").toHaveLength(1);

    const rest = await collect(client.records({ ...RANGE, after: first.cursor }));
    expect(rest.map(({ callId }) => callId)).toEqual(["s-101", "s-102", "s-103", "s-104", "s-105"]);
    expect(readMaxIds(fetch)).toEqual(["0", "100"]);
  });

  test("are not requested further after the loop ends", async () => {
    const { client, fetch } = createPullingClient(answerWith(...writeRecords(100, 0)));
    for await (const { callId } of client.records(RANGE)) if (callId === "s-3") break;
    expect(fetch.sent).toHaveLength(1);
  });

  test("start again with each iteration", async () => {
    const { client, fetch } = createPullingClient(answerWith(...writeRecords(2, 0)));
    const list = client.records(RANGE);
    expect(fetch.sent, "nothing is sent before the iteration starts").toHaveLength(0);
    expect(await collect(list)).toHaveLength(2);
    expect(await collect(list)).toHaveLength(2);
    expect(readMaxIds(fetch)).toEqual(["0", "0"]);
  });

  test("a full page whose last id does not advance is an error, not a loop", async () => {
    const { client, fetch } = createPullingClient(answerWith(...writeRecords(100, 0)));
    const records: CallRecord[] = [];
    const error = await expectFailure(
      (async () => {
        for await (const item of client.records(RANGE)) records.push(item);
      })(),
    );
    expect(error).toMatchObject({ code: "malformed-response", operation: "records" });
    expect(records, "the records before the error are not lost").toHaveLength(100);
    expect(readMaxIds(fetch)).toEqual(["0", "100"]);
  });

  test("an unreadable field is named in problems and the record is kept", async () => {
    const { client } = createPullingClient(answerWith(writeRecord(1), writeRecord(2, ',"fwdAnswerTime":"yesterday"')));
    const records = await collect(client.records(RANGE));
    expect(records.map(({ callId }) => callId)).toEqual(["s-1", "s-2"]);
    expect(records[1]?.problems).toMatchObject([{ field: "fwdAnswerTime" }]);
    expect(records[0]?.problems).toBeUndefined();
  });

  test("an element that is not a record does not affect the others of its page", async () => {
    const { client } = createPullingClient(answerWith(writeRecord(1), '{"id":2,"note":"no field of a record"}', "7", writeRecord(4)));
    const [only] = await collect(client.records(RANGE).pages());
    expect(only?.records.map(({ callId }) => callId)).toEqual(["s-1", "s-4"]);
    expect(only?.unreadable).toMatchObject([{ index: 1 }, { index: 2 }]);
    expect(only?.unreadable[0]?.raw).toMatchObject({ note: "no field of a record" });
    expect(only?.cursor).toBe("4");
  });

  test("an element that is not a record is an error after the valid records, when records are iterated one by one", async () => {
    const { client } = createPullingClient(answerWith(writeRecord(1), "7", writeRecord(3)));
    const read: (string | undefined)[] = [];
    const error = await expectFailure(
      (async () => {
        for await (const { callId } of client.records(RANGE)) read.push(callId);
      })(),
    );
    expect(read).toEqual(["s-1", "s-3"]);
    expect(error).toMatchObject({ code: "malformed-response", reason: "unreadable-records", provider: "seatcall", account: "main", operation: "records" });
    expect(error.message).toContain("record 1");
    expect(error.hint).toContain("pages()");
    expect(error.message).not.toContain("pages()");
  });

  test("a page is requested again after a 503, and the next pages follow", async () => {
    const { client, fetch } = createPullingClient(answerWith(...writeRecords(100, 0)), answerJson("", 503, { "retry-after": "0" }), answerWith(...writeRecords(1, 100)));
    expect(await collect(client.records(RANGE))).toHaveLength(101);
    expect(readMaxIds(fetch)).toEqual(["0", "100", "100"]);
  });

  test("are the same as those of a push", async () => {
    const { client } = createPullingClient(answerWith(writeRecord(8)));
    const [pulled] = await collect(client.records(RANGE));
    expect(pulled).toEqual(parsePush("seatcall", writeRecord(8), { account: "main" }).records[0]);
  });

  test("may be requested with Dates", async () => {
    const { client, fetch } = createPullingClient(answerWith());
    await collect(client.records({ from: new Date("2019-03-25T02:23:52.500Z"), to: new Date("2019-03-26T06:19:21.001Z") }));
    // Rounded outwards to whole seconds, in Beijing time.
    expect(JSON.parse(fetch.sent[0]?.body ?? "")).toMatchObject({ starTime: "2019-03-25 10:23:52", endTime: "2019-03-26 14:19:22" });
  });
});

describe("a range that cannot be used is refused before anything is sent", () => {
  test.each([
    ["from after to", { from: RANGE.to, to: RANGE.from }, "from"],
    ["from after to, as Dates", { from: new Date(1), to: new Date(0) }, "from"],
    ["a text without a zone", { from: "2019-03-25T10:23:52", to: RANGE.to }, "from"],
    ["a bare date", { from: RANGE.from, to: "2019-03-26" }, "to"],
    ["an invalid Date", { from: new Date(Number.NaN), to: RANGE.to }, "from"],
    ["a number", { from: 0, to: RANGE.to }, "from"],
    ["no end", { from: RANGE.from }, "to"],
    ["an invalid cursor", { ...RANGE, after: "abc" }, "after"],
    ["an unknown field", { ...RANGE, limit: 10 }, "limit"],
    ["nothing", undefined, "from"],
  ])("%s", async (_, range, field) => {
    const { client, fetch } = createPullingClient(answerWith());
    const error = await expectFailure(collect(client.records(range as typeof RANGE)));
    expect(error).toMatchObject({ code: "invalid-argument", delivery: "not-sent", provider: "seatcall", operation: "records" });
    expect(error.message).toContain(field);
    expect(fetch.sent).toHaveLength(0);
  });
});
