// Forms in GBK: their escapes are bytes in that encoding.
import { createReceiver, createToken, type CallRecord, parsePush, processPush, type Push } from "ringback";
import { forgePush } from "ringback/testing";
import { describe, expect, test } from "vitest";

const WORDS = "被叫无法接通";
const forged = forgePush("dingxin", { callId: "04202107251831296890045359", status: "failed", encoding: "form", charset: "gbk", fields: { unaswRsn: WORDS } });
const contentType = forged.contentType;
const text = typeof forged.body === "string" ? forged.body : new TextDecoder("latin1").decode(forged.body);

describe("a push as a form in GBK", () => {
  test("has escapes that are not UTF-8, and a content type that says so", () => {
    expect(contentType).toMatch(/x-www-form-urlencoded; ?charset=gbk/i);
    expect(() => decodeURIComponent(/unaswRsn=([^&]*)/.exec(text)?.[1] ?? "")).toThrow(URIError);
  });

  test.each([
    ["text", text],
    ["bytes", new TextEncoder().encode(text)],
  ])("keeps its text when parsePush gets %s", (_, body) => {
    const { records } = parsePush("dingxin", body, { contentType });
    expect(records).toMatchObject([{ callId: "04202107251831296890045359", outcome: { message: WORDS }, raw: { unaswRsn: WORDS } }]);
  });

  test.each([
    ["with a second byte that needed no escape", "subid=1&status=3&unaswRsn=%D6%EC%E9F%BB%F9+a%3Db", "朱镕基 a=b"],
    ["with nothing escaped", Uint8Array.from([..."subid=1&status=3&unaswRsn="].map((letter) => letter.charCodeAt(0)).concat([0xd6, 0xec, 0xe9, 0x46, 0xbb, 0xf9])), "朱镕基"],
  ])("is read %s", (_, body, words) => {
    const { records } = parsePush("dingxin", body, { contentType: "application/x-www-form-urlencoded; charset=GBK" });
    expect(records).toMatchObject([{ callId: "1", raw: { unaswRsn: words } }]);
  });

  test("keeps it through the receiver, and through an envelope that was kept as JSON", async () => {
    const token = createToken();
    const request = (): Request => forged.toRequest(`https://crm.example/${token}`);
    const records: CallRecord[] = [];
    const receive = createReceiver({ provider: "dingxin", tokens: [token], onRecord: (record) => void records.push(record) });
    expect((await receive(request())).status).toBe(200);
    expect(records).toMatchObject([{ outcome: { message: WORDS } }]);

    let line = "";
    const keep = createReceiver({ provider: "dingxin", tokens: [token], onPush: (push) => void (line = JSON.stringify(push)) });
    expect((await keep(request())).status).toBe(200);
    expect(processPush(JSON.parse(line) as Push).records).toMatchObject([{ outcome: { message: WORDS } }]);
  });
});
