import { createReceiver, parsePush, type Provider } from "ringback";
import { type CallScript, codes, forgePush, type PushOverrides } from "ringback/testing";
import { describe, expect, test } from "vitest";
import { convertToReported, PROVIDERS, TOKEN } from "./simulations.js";

const ADDRESS = `https://crm.example/push?token=${TOKEN}`;

async function receivePush(
  push: { toRequest(url: string): Request },
  provider: Provider,
): Promise<{ body: string; status: number; contentType: string | null; records: Awaited<ReturnType<typeof parsePush>>["records"] }> {
  const records: Awaited<ReturnType<typeof parsePush>>["records"] = [];
  const receiver = createReceiver({ provider, tokens: [TOKEN], onRecord: (record) => void records.push(record) });
  const response = await receiver(push.toRequest(ADDRESS));
  return { body: await response.text(), status: response.status, contentType: response.headers.get("content-type"), records };
}

describe.each(PROVIDERS)("a forged push of %s", (provider) => {
  const scripts: CallScript[] = [
    {},
    { status: "unanswered" },
    { talkSeconds: 77 },
    { recording: "none" },
    ...codes[provider].map(({ code }) => ({ code })),
  ];

  test.each([{}, { encoding: "form" }, { charset: "gbk" }] as const)("is received, and gives the values in its description: %o", async (writing) => {
    for (const script of scripts) {
      const push = forgePush(provider, { reference: "order-7", ...script, ...writing } as PushOverrides);
      const { records, ...answer } = await receivePush(push, provider);
      expect(answer).toEqual(push.acknowledgement);
      expect(records).toHaveLength(1);
      expect(convertToReported(records[0]), JSON.stringify(script)).toEqual(push.call.reported);
      expect(records[0]?.callId).toBe(push.call.callId);
    }
  });

  test("is the same each time, without reading a clock", () => {
    const [one, other] = [forgePush(provider), forgePush(provider)];
    expect(one.body).toEqual(other.body);
    expect(one.payload).toEqual(other.payload);
    expect(one.call.startedAt).toBe(Date.parse("2020-03-02T17:47:58+08:00"));
  });

  test("contains the given values", async () => {
    const prefix = provider === "seatcall" ? "+86" : "";
    const push = forgePush(provider, {
      caller: `${prefix}13700000003`,
      callee: `${prefix}13700000004`,
      callId: "call-1",
      reference: "order-7",
      at: "2026-01-02T03:04:05+08:00",
      talkSeconds: 12,
    });
    const [record] = (await receivePush(push, provider)).records;
    expect(record).toMatchObject({ callId: "call-1", outcome: { status: "answered" } });
    if (provider !== "quanmayun") expect([record?.caller.number, record?.callee.number]).toEqual(["+8613700000003", "+8613700000004"]);
    if (["mixcom", "quanmayun", "dingxin"].includes(provider)) expect(record?.reference).toBe("order-7");
    expect(provider === "dingxin" ? record?.billedSeconds : record?.talkSeconds).toBe(12);
    expect(record?.endedAt?.startsWith("2026-01-02T03:0")).toBe(true);
  });
});

describe("the platform's own fields", () => {
  test("can be added, replaced and removed", async () => {
    const push = forgePush("mixcom", { fields: { ulFailReason: "E42", isRecord: undefined, price: 12 } });
    const [record] = (await receivePush(push, "mixcom")).records;
    expect(record).toMatchObject({ outcome: { status: "answered", cause: "unknown", code: "E42" }, recording: { state: "available" }, raw: { price: 12 } });
    expect(push.payload).not.toHaveProperty("isRecord");
    expect(convertToReported(record)).toEqual(push.call.reported);
  });

  test("apply to the record in cyjcloud's list", async () => {
    const push = forgePush("cyjcloud", { fields: { sessionId: "s-1", ulFailReason: undefined } });
    const [record] = (await receivePush(push, "cyjcloud")).records;
    expect(record).toMatchObject({ callId: "s-1", outcome: { status: "answered" } });
    expect(record?.outcome.code).toBeUndefined();
  });

  test("an id of 19 digits is a number in seatcall's JSON, with all digits", () => {
    const push = forgePush("seatcall", { fields: { id: "1234567890123456789" } });
    expect(push.body).toContain('"id":1234567890123456789,');
  });
});

test("a form in GBK has percent-encoded GBK", () => {
  const push = forgePush("dingxin", { status: "unanswered", encoding: "form", charset: "gbk" });
  expect(push.contentType).toBe("application/x-www-form-urlencoded;charset=GBK");
  const [, written = ""] = /unaswRsn=([^&]*)/.exec(push.body as string) ?? [];
  const bytes = Uint8Array.from(written.match(/%[0-9A-F]{2}|./g) ?? [], (part) =>
    part.startsWith("%") ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0),
  );
  expect(new TextDecoder("gbk", { fatal: true }).decode(bytes)).toBe("被叫无应答");
});
