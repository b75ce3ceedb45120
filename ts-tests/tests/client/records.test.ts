// seatcall's records, pulled page by page.
import { type CallRecord, type Client, parsePush, type RecordPage } from "ringback";
import { describe, expect, test } from "vitest";
import { failureOf } from "../support/failure.js";
import { answering, json, type RecordingFetch } from "../support/fetches.js";
import { clientOf } from "../support/platforms.js";

const RANGE = { from: "2019-03-25T10:23:52+08:00", to: "2019-03-26T14:19:21+08:00" };

/** A record as the platform has it; `id` goes in as it stands, since a JavaScript number would lose digits. */
function record(id: bigint | number, more = ""): string {
  return `{"id":${id},"sessionId":"s-${id}","direction":"0","callerNum":"+8613712345678","calleeNum":"+8675528765432","callEndTime":"2019-03-26 10:00:00","callOutAnswerTime":"2019-03-26 09:59:00"${more}}`;
}

/** An answer with these records. */
function page(...records: string[]): () => Promise<Response> {
  return json(`{"meta":{"success":true,"message":"ok"},"data":[${records.join(",")}]}`);
}

function ids(count: number, after: bigint | number): string[] {
  return Array.from({ length: count }, (_, index) => record(BigInt(after) + BigInt(index) + 1n));
}

/** The client, and what it asked. */
function pulling(...answers: (() => Promise<Response>)[]): { client: Client<"seatcall">; fetch: RecordingFetch } {
  const fetch = answering(...answers);
  return { client: clientOf("seatcall", fetch, { account: "main" }), fetch };
}

function maxIds(fetch: RecordingFetch): (string | undefined)[] {
  return fetch.sent.map(({ body }) => /"maxId":(\d+)[,}]/.exec(body ?? "")?.[1]);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const gathered: T[] = [];
  for await (const item of items) gathered.push(item);
  return gathered;
}

describe("records", () => {
  test("come from all pages, until one has fewer than 100", async () => {
    const { client, fetch } = pulling(page(...ids(100, 0)), page(...ids(100, 100)), page(...ids(37, 200)));
    const records = await all(client.records(RANGE));
    expect(records).toHaveLength(237);
    expect(new Set(records.map(({ key }) => key)).size).toBe(237);
    expect(records[236]).toMatchObject({ provider: "seatcall", account: "main", key: "seatcall/main:s-237", callId: "s-237" });
    expect(maxIds(fetch)).toEqual(["0", "100", "200"]);
    expect(fetch.sent.map(({ body }) => JSON.parse(body ?? "") as object)).toMatchObject([{ starTime: "2019-03-25 10:23:52", endTime: "2019-03-26 14:19:21" }, {}, {}]);
  });

  test("are asked for once more after a last page that is full", async () => {
    const { client, fetch } = pulling(page(...ids(100, 0)), page());
    expect(await all(client.records(RANGE))).toHaveLength(100);
    expect(maxIds(fetch)).toEqual(["0", "100"]);
  });

  test("none are none", async () => {
    const { client, fetch } = pulling(page());
    expect(await all(client.records(RANGE))).toEqual([]);
    expect(fetch.sent).toHaveLength(1);
  });

  test("keep all 19 digits of their cursors", async () => {
    const start = 9_007_199_254_740_993_000n;
    const { client, fetch } = pulling(page(...ids(100, start)), page(...ids(1, start + 100n)));
    const pages = await all(client.records({ ...RANGE, after: String(start) }).pages());
    expect(pages.map(({ cursor }) => cursor)).toEqual(["9007199254740993100", "9007199254740993101"]);
    expect(maxIds(fetch)).toEqual(["9007199254740993000", "9007199254740993100"]);
    expect(pages[1]?.records[0]?.callId).toBe("s-9007199254740993101");
    expect(pages[1]?.records[0]?.raw).toMatchObject({ id: "9007199254740993101" });
  });

  test("come as pages with the cursor to go on from", async () => {
    const { client, fetch } = pulling(page(...ids(100, 0)), page(...ids(5, 100)));
    const iterator = client.records(RANGE).pages()[Symbol.asyncIterator]();
    const first = (await iterator.next()).value as RecordPage;
    expect(Object.keys(first).sort()).toEqual(["cursor", "records", "unreadable"]);
    expect(first.records).toHaveLength(100);
    await iterator.return?.();
    expect(fetch.sent, "nobody asked for more").toHaveLength(1);

    const rest = await all(client.records({ ...RANGE, after: first.cursor }));
    expect(rest.map(({ callId }) => callId)).toEqual(["s-101", "s-102", "s-103", "s-104", "s-105"]);
    expect(maxIds(fetch)).toEqual(["0", "100"]);
  });

  test("are not asked for further when the loop is left", async () => {
    const { client, fetch } = pulling(page(...ids(100, 0)));
    for await (const { callId } of client.records(RANGE)) if (callId === "s-3") break;
    expect(fetch.sent).toHaveLength(1);
  });

  test("start anew with each iteration", async () => {
    const { client, fetch } = pulling(page(...ids(2, 0)));
    const list = client.records(RANGE);
    expect(fetch.sent, "nothing is sent before somebody iterates").toHaveLength(0);
    expect(await all(list)).toHaveLength(2);
    expect(await all(list)).toHaveLength(2);
    expect(maxIds(fetch)).toEqual(["0", "0"]);
  });

  test("a full page whose last id does not advance is an error, not a loop", async () => {
    const { client, fetch } = pulling(page(...ids(100, 0)));
    const records: CallRecord[] = [];
    const error = await failureOf(
      (async () => {
        for await (const item of client.records(RANGE)) records.push(item);
      })(),
    );
    expect(error).toMatchObject({ code: "malformed-response", operation: "records" });
    expect(records, "what was good is not lost").toHaveLength(100);
    expect(maxIds(fetch)).toEqual(["0", "100"]);
  });

  test("a field that cannot be read is named in problems and costs no record", async () => {
    const { client } = pulling(page(record(1), record(2, ',"fwdAnswerTime":"yesterday"')));
    const records = await all(client.records(RANGE));
    expect(records.map(({ callId }) => callId)).toEqual(["s-1", "s-2"]);
    expect(records[1]?.problems).toMatchObject([{ field: "fwdAnswerTime" }]);
    expect(records[0]?.problems).toBeUndefined();
  });

  test("an element that is no record loses none of the others of its page", async () => {
    const { client } = pulling(page(record(1), '{"id":2,"note":"no mark of a record"}', "7", record(4)));
    const [only] = await all(client.records(RANGE).pages());
    expect(only?.records.map(({ callId }) => callId)).toEqual(["s-1", "s-4"]);
    expect(only?.unreadable).toMatchObject([{ index: 1 }, { index: 2 }]);
    expect(only?.unreadable[0]?.raw).toMatchObject({ note: "no mark of a record" });
    expect(only?.cursor).toBe("4");
  });

  test("an element that is no record is an error where records are iterated one by one, after the good ones", async () => {
    const { client } = pulling(page(record(1), "7", record(3)));
    const read: (string | undefined)[] = [];
    const error = await failureOf(
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

  test("a page is asked for again after a 503, and the following ones come", async () => {
    const { client, fetch } = pulling(page(...ids(100, 0)), json("", 503, { "retry-after": "0" }), page(...ids(1, 100)));
    expect(await all(client.records(RANGE))).toHaveLength(101);
    expect(maxIds(fetch)).toEqual(["0", "100", "100"]);
  });

  test("are the same that a push would have brought", async () => {
    const { client } = pulling(page(record(8)));
    const [pulled] = await all(client.records(RANGE));
    expect(pulled).toEqual(parsePush("seatcall", record(8), { account: "main" }).records[0]);
  });

  test("may be asked for with Dates", async () => {
    const { client, fetch } = pulling(page());
    await all(client.records({ from: new Date("2019-03-25T02:23:52.500Z"), to: new Date("2019-03-26T06:19:21.001Z") }));
    // Outwards to whole seconds, in Beijing.
    expect(JSON.parse(fetch.sent[0]?.body ?? "")).toMatchObject({ starTime: "2019-03-25 10:23:52", endTime: "2019-03-26 14:19:22" });
  });
});

describe("a range that cannot be used is refused before anything is sent", () => {
  test.each([
    ["from after to", { from: RANGE.to, to: RANGE.from }, "from"],
    ["from after to, as Dates", { from: new Date(1), to: new Date(0) }, "from"],
    ["a text without a zone", { from: "2019-03-25T10:23:52", to: RANGE.to }, "from"],
    ["a bare date", { from: RANGE.from, to: "2019-03-26" }, "to"],
    ["no Date at all", { from: new Date(Number.NaN), to: RANGE.to }, "from"],
    ["a number", { from: 0, to: RANGE.to }, "from"],
    ["no end", { from: RANGE.from }, "to"],
    ["a cursor that is none", { ...RANGE, after: "abc" }, "after"],
    ["an unknown field", { ...RANGE, limit: 10 }, "limit"],
    ["nothing", undefined, "from"],
  ])("%s", async (_, range, field) => {
    const { client, fetch } = pulling(page());
    const error = await failureOf(all(client.records(range as typeof RANGE)));
    expect(error).toMatchObject({ code: "invalid-argument", delivery: "not-sent", provider: "seatcall", operation: "records" });
    expect(error.message).toContain(field);
    expect(fetch.sent).toHaveLength(0);
  });
});
