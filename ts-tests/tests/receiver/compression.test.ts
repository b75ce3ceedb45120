// Compressed pushes: decompressed if the host can, within the size limit, and otherwise kept as received.
import { createReceiver, parsePush, processPush, type Push, type ReceiverOptions, type Refusal, type UnreadablePush } from "ringback";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test, vi } from "vitest";
import { findPlatform } from "../support/platforms.js";

const TOKEN = "Vx3f0Qm9T7yUe2LkR8sZpA1cWbDn4HgJ5oKi6MtNqXw";
const MIXCOM = findPlatform("mixcom");
const BODY = MIXCOM.push("c-1");

type Handlers = Pick<ReceiverOptions, "onPush" | "onRecords" | "onRecord" | "onUnreadable" | "onRefused" | "on" | "quiet">;

function createTestReceiver(handlers: Handlers, maxBodyBytes?: number): (request: Request) => Promise<Response> {
  return createReceiver({ provider: "mixcom", tokens: [TOKEN], quiet: true, maxBodyBytes, ...handlers } as ReceiverOptions);
}
const post = (body: BodyInit, encoding?: string, type = "application/json"): Request =>
  new Request(`https://crm.example/push/${TOKEN}`, { method: "POST", body, headers: { "content-type": type, ...(encoding !== undefined && { "content-encoding": encoding }) } });

const CODINGS: [string, Buffer][] = [
  ["gzip", gzipSync(BODY)],
  ["x-gzip", gzipSync(BODY)],
  ["GZIP", gzipSync(BODY)],
  ["deflate", deflateSync(BODY)],
  ["deflate", deflateRawSync(BODY)],
  ["br", brotliCompressSync(BODY)],
  ["gzip, br", brotliCompressSync(gzipSync(BODY))],
  ["identity", Buffer.from(BODY)],
  ["gzip, identity", gzipSync(BODY)],
  // A proxy has decompressed the body and left the header.
  ["gzip", Buffer.from(BODY)],
  ["br", Buffer.from(BODY)],
  // A proxy has compressed the body again, and the header names one encoding.
  ["gzip", gzipSync(gzipSync(BODY))],
];

describe("a compressed push", () => {
  test.each(CODINGS)("in %s is read, and kept decompressed with its header", async (encoding, body) => {
    const keys: string[] = [];
    expect((await createTestReceiver({ onRecord: ({ key }) => void keys.push(key) })(post(new Uint8Array(body), encoding))).status).toBe(200);
    expect(keys).toEqual(["mixcom:c-1"]);
    const pushes: Push[] = [];
    expect((await createTestReceiver({ onPush: (push) => void pushes.push(push) })(post(new Uint8Array(body), encoding))).status).toBe(200);
    expect(pushes).toMatchObject([{ body: BODY, contentEncoding: encoding }]);
    for (const carried of [pushes[0], structuredClone(pushes[0]), JSON.parse(JSON.stringify(pushes[0]))] as Push[]) {
      expect(processPush(carried).records.map(({ key }) => key)).toEqual(["mixcom:c-1"]);
      expect(carried.contentEncoding).toBe(encoding);
    }
  });

  test("in gzip without the header is read too", async () => {
    const pushes: Push[] = [];
    expect((await createTestReceiver({ onPush: (push) => void pushes.push(push) })(post(gzipSync(BODY)))).status).toBe(200);
    expect(pushes[0]).toMatchObject({ body: BODY });
    expect(pushes[0]).not.toHaveProperty("contentEncoding");
  });

  test("in GBK keeps its characters", async () => {
    const text = Buffer.concat([Buffer.from('{"event":"fee","callIdentifier":"c-1","note":"'), Buffer.from([0xbe, 0xdc, 0xbd, 0xd3]), Buffer.from('"}')]);
    const raw: unknown[] = [];
    await createTestReceiver({ onRecord: (record) => void raw.push(record.raw) })(post(gzipSync(text), "gzip", "application/json; charset=GBK"));
    expect(raw).toMatchObject([{ note: "拒接" }]);
  });

  const bomb = "[".repeat(64 << 20);
  test.each<[string, Buffer]>([
    ["gzip", gzipSync(bomb)],
    ["deflate", deflateSync(bomb)],
    ["br", brotliCompressSync(bomb)],
    ["gzip, gzip", gzipSync(gzipSync(bomb))],
  ])("that would be too large in %s is refused with 413, without decompressing all of it", async (encoding, body) => {
    expect(body.length).toBeLessThan(262_144);
    const refusals: Refusal[] = [];
    const before = process.memoryUsage().rss;
    const response = await createTestReceiver({ onPush: () => undefined, onRefused: (refusal) => void refusals.push(refusal) })(post(new Uint8Array(body), encoding));
    expect({ status: response.status, body: await response.text() }).toEqual({ status: 413, body: MIXCOM.nack });
    expect(refusals).toMatchObject([{ reason: expect.stringContaining("maxBodyBytes") }]);
    expect(process.memoryUsage().rss - before).toBeLessThan(48 << 20);
  });

  test("may have maxBodyBytes bytes, and not one more", async () => {
    const keep = (most: number): Promise<Response> => createTestReceiver({ onPush: () => undefined }, most)(post(gzipSync("x".repeat(5_000)), "gzip"));
    expect((await keep(5_000)).status).toBe(200);
    expect((await keep(4_999)).status).toBe(413);
  });

  const unknown: [string, Buffer, RegExp][] = [
    ["compress", Buffer.from([0x1f, 0x9d, 0x90, 0xff]), /compress\)?, which this host cannot decompress/],
    ["gzip", gzipSync(BODY).subarray(0, 40), /not valid gzip/],
    ["gzip", Buffer.from([0x1f, 0x8b, 8, 0, 0xff, 0xff]), /not valid gzip/],
    ["br", Buffer.from([0xff, 0xfe, 0x80]), /not valid br/],
    ["gzip, gzip, gzip, gzip, gzip", gzipSync(BODY), /compressed 5 times/],
    ["1380013800013800138000", Buffer.from([0xff]), /unknown coding|cannot decompress/],
  ];
  test.each(unknown)("in %s that cannot be decompressed is requested again, or kept as received", async (encoding, body, reason) => {
    const bytes = new Uint8Array(body);
    expect((await createTestReceiver({ onRecord: () => undefined })(post(bytes, encoding))).status).toBe(500);
    const unreadable: UnreadablePush[] = [];
    expect((await createTestReceiver({ onRecord: () => undefined, onUnreadable: (item) => void unreadable.push(item) })(post(bytes, encoding))).status).toBe(200);
    expect(unreadable).toMatchObject([{ reason: expect.stringMatching(reason), raw: bytes }]);
    const pushes: Push[] = [];
    // A single-byte charset would decode any bytes as text.
    expect((await createTestReceiver({ onPush: (push) => void pushes.push(push) })(post(bytes, encoding, "application/json; charset=ISO-8859-1"))).status).toBe(200);
    const carried = JSON.parse(JSON.stringify(pushes[0])) as { bodyHex: string };
    expect(Buffer.from(carried.bodyHex, "hex")).toEqual(body);
    for (const push of [pushes[0], structuredClone(pushes[0]), carried] as Push[]) {
      expect(() => processPush(push)).toThrow(/still compressed/);
    }
  });

  test("passed to parsePush is an error that names the compression", () => {
    expect(() => parsePush("mixcom", gzipSync(BODY))).toThrow(/still compressed \(gzip\)/);
  });

  test("is requested again if the host cannot decompress, and the reason names the encoding", async () => {
    vi.stubGlobal("DecompressionStream", class { constructor() { throw new TypeError("unknown"); } });
    vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
    const unreadable: UnreadablePush[] = [];
    await createTestReceiver({ onRecord: () => undefined, onUnreadable: (item) => void unreadable.push(item) })(post(brotliCompressSync(BODY), "br"));
    await createTestReceiver({ onRecord: () => undefined, onUnreadable: (item) => void unreadable.push(item) })(post(gzipSync(BODY), "gzip"));
    expect(unreadable).toMatchObject([{ reason: expect.stringContaining("(br), which this host cannot") }, { reason: expect.stringContaining("(gzip), which this host cannot") }]);
  });
});
