// Bytes are read by the same rule from every source, with the same vectors as natively: from a push, from an envelope, from a line of a stream,
// and from the pushes that a receiver and a table keep.
import { readFileSync } from "node:fs";
import { createReceiver, createToken, normalizeStream, parsePush, processPush, type Push } from "ringback";
import { createTables } from "ringback/sql";
import { describe, expect, test } from "vitest";

interface Case {
  name: string;
  base64: string;
  contentType?: string;
  message: string;
}

const CASES = JSON.parse(readFileSync(new URL("../../../tests/vectors/bytes.json", import.meta.url), "utf8")) as Case[];

async function normalizeLine(envelope: string): Promise<unknown> {
  const stream = new Blob([envelope]).stream().pipeThrough(normalizeStream("dingxin"));
  return JSON.parse(await new Response(stream).text());
}

describe("bytes", () => {
  test.each(CASES.map((one) => [one.name, one] as const))("%s", async (_, { base64, contentType, message }) => {
    const body = new Uint8Array(Buffer.from(base64, "base64"));
    const { records } = parsePush("dingxin", body, { contentType });
    expect(records).toMatchObject([{ callId: "1", outcome: { message } }]);
    const envelope = { provider: "dingxin" as const, receivedAt: "2020-03-02T09:40:00.000Z", ...(contentType !== undefined && { contentType }) };
    expect(processPush({ ...envelope, body }).records).toEqual(records);
    // A Uint8Array has no toJSON, so JSON.stringify writes an object with numbered keys.
    expect(await normalizeLine(JSON.stringify({ ...envelope, body }))).toEqual(records[0]);
    expect(await normalizeLine(JSON.stringify({ ...envelope, bodyHex: Buffer.from(body).toString("hex") }))).toEqual(records[0]);

    const token = createToken();
    const kept: Push[] = [];
    const receive = createReceiver({ provider: "dingxin", tokens: [token], onPush: (push) => void kept.push(push) });
    const headers = new Headers();
    if (contentType !== undefined) headers.set("content-type", contentType);
    const response = await receive(new Request(`https://crm.example/${token}`, { method: "POST", body, headers }));
    expect(response.status).toBe(200);
    const [push] = kept;
    if (push === undefined) throw new Error("no push was kept");
    expect(processPush(push).records).toEqual(records);
    expect(processPush(JSON.parse(JSON.stringify(push)) as Push).records).toEqual(records);
    expect(await normalizeLine(JSON.stringify(push))).toEqual(records[0]);
    const tables = createTables({ dialect: "sqlite" });
    const stored = tables.store(push).values.find((value): value is string => typeof value === "string" && value.startsWith("{"));
    expect(processPush(tables.pushOf({ envelope: stored ?? "" })).records).toEqual(records);
  });
});
