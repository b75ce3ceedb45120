// A push that is kept in a table gives the same records as the push itself, with any bytes.
import { type CallRecord, createReceiver, type ParsedPush, processPush, type Push, type ReceiverOptions } from "ringback";
import { createTables } from "ringback/sql";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";

const TOKEN = "Vx3f0Qm9T7yUe2LkR8sZpA1cWbDn4HgJ5oKi6MtNqXw";

/** 张三 and 拒接 in GBK. */
const NAME = Buffer.from([0xd5, 0xc5, 0xc8, 0xfd]);
const REASON = Buffer.from([0xbe, 0xdc, 0xbd, 0xd3]);
const surround = (head: string, inner: Uint8Array, tail: string): Buffer => Buffer.concat([Buffer.from(head), inner, Buffer.from(tail)]);
const json = (inner: Uint8Array): Buffer => surround('{"subid":"c-1","telA":"13800000001","status":2,"unaswRsn":"', inner, '"}');

const BODIES: [string, string | undefined, Uint8Array, string | undefined, string | undefined][] = [
  ["UTF-8", "application/json", json(Buffer.from("拒接")), undefined, "拒接"],
  ["GBK", "application/json; charset=GBK", json(REASON), undefined, "拒接"],
  ["GBK without its name", "application/json", json(REASON), undefined, "拒接"],
  ["GBK without a call id", "application/json; charset=gb18030", surround('{"telA":"13800000001","unaswRsn":"', NAME, '","status":2}'), undefined, "张三"],
  ["a form in GBK", "application/x-www-form-urlencoded; charset=GBK", surround("subid=c-1&status=2&unaswRsn=", REASON, ""), undefined, "拒接"],
  ["a form in GBK, escaped", "application/x-www-form-urlencoded; charset=GBK", Buffer.from("subid=c-1&status=2&unaswRsn=%BE%DC%BD%D3"), undefined, "拒接"],
  ["UTF-8 with another charset in the header", "application/json; charset=ISO-8859-1", json(Buffer.from("拒接")), undefined, "拒接"],
  ["bytes of no encoding", "application/json; charset=nonsense", json(Buffer.from([0xff, 0xff])), undefined, undefined],
  ["GBK in gzip", "application/json; charset=GBK", gzipSync(json(REASON)), "gzip", "拒接"],
  ["no content type", undefined, json(REASON), undefined, "拒接"],
];

describe.each(["postgresql", "mysql", "sqlite"] as const)("tables.store(push) of %s", (dialect) => {
  const tables = createTables({ dialect });
  /** Builds the row: the only value that is JSON. */
  const buildRow = (push: Push): { envelope: string } => {
    const values = Object.values(tables.store(push)).flat() as unknown[];
    const envelope = values.find((value): value is string => typeof value === "string" && value.startsWith("{"));
    return { envelope: envelope ?? "" };
  };
  const pickResults = ({ records, unreadable, ignored }: ParsedPush): unknown => ({ records, unreadable, ignored });

  test.each(BODIES)("keeps %s", async (_, contentType, body, contentEncoding, message) => {
    const pushes: Push[] = [];
    const records: CallRecord[] = [];
    const options = { provider: "dingxin", name: "main", tokens: [TOKEN] } as const;
    const request = (): Request =>
      new Request(`https://crm.example/${TOKEN}?reference=o-1`, {
        method: "POST",
        body: new Uint8Array(body),
        headers: { ...(contentType !== undefined && { "content-type": contentType }), ...(contentEncoding !== undefined && { "content-encoding": contentEncoding }) },
      });
    expect((await createReceiver({ ...options, onPush: (push) => void pushes.push(push) } as ReceiverOptions)(request())).status).toBe(200);
    expect((await createReceiver({ ...options, onRecord: (record) => void records.push(record) } as ReceiverOptions)(request())).status).toBe(200);
    const [push] = pushes as [Push];
    const expected = processPush(push);
    expect(expected.records).toEqual(records);
    if (message !== undefined) expect(records[0]?.outcome.message).toBe(message);
    const carried = [push, structuredClone(push), JSON.parse(JSON.stringify(push)) as Push];
    for (const each of carried) {
      const stored = tables.pushOf(buildRow(each));
      expect(pickResults(processPush(stored))).toEqual(pickResults(expected));
      expect(stored.contentEncoding).toBe(contentEncoding);
      // And a second time, as after a replay.
      expect(pickResults(processPush(tables.pushOf(buildRow(stored))))).toEqual(pickResults(expected));
    }
  });

  test("rows of an earlier version, with all bytes in hex, are read in their charset", () => {
    const row = (contentType: string, body: Buffer): { envelope: string } => ({
      envelope: JSON.stringify({ provider: "dingxin", receivedAt: "2020-03-02T09:40:00.000Z", contentType, query: "", bodyHex: body.toString("hex") }),
    });
    for (const [contentType, body] of [["application/json; charset=GBK", json(REASON)], ["application/x-www-form-urlencoded; charset=GBK", surround("subid=c-1&status=2&unaswRsn=", REASON, "")]] as const) {
      expect(processPush(tables.pushOf(row(contentType, body))).records[0]).toMatchObject({ key: "dingxin:c-1", outcome: { message: "拒接" } });
    }
  });
});
