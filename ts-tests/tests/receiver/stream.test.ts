// Streams of many pushes: lines of pushes in, lines of records out.
import { type CallRecord, type NormalizeOptions, normalizeStream, parsePush, type Push, readRecords, type UnreadableLine } from "ringback";
import { describe, expect, test } from "vitest";
import { expectFailure } from "../support/failure.js";
import { encode } from "../support/fetches.js";
import { PLATFORMS, findPlatform } from "../support/platforms.js";

const MIXCOM = findPlatform("mixcom");

function createSource(pieces: readonly (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(typeof piece === "string" ? encode(piece) : piece);
      controller.close();
    },
  });
}

async function readText(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream as BodyInit).text();
}

async function readAllRecords(stream: ReadableStream<Uint8Array>): Promise<CallRecord[]> {
  const records: CallRecord[] = [];
  for await (const record of readRecords(stream)) records.push(record);
  return records;
}

function normalize(pieces: readonly (string | Uint8Array)[], options?: NormalizeOptions<"mixcom">): Promise<CallRecord[]> {
  return readAllRecords(createSource(pieces).pipeThrough(normalizeStream("mixcom", options)));
}

function listKeys(records: readonly CallRecord[]): string[] {
  return records.map(({ key }) => key);
}

function createPushes(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => MIXCOM.push(`c-${from + index}`));
}

/** The keys of three pushes' records. */
const THREE = ["mixcom:c-0", "mixcom:c-1", "mixcom:c-2"];

describe("normalizeStream", () => {
  test.each(PLATFORMS.map((each) => [each.provider, each] as const))("gives the same as parsePush for each line, for %s", async (provider, each) => {
    const lines = [each.push("c-1"), each.push("c-2"), each.push("c-3")];
    const records = await readAllRecords(createSource([lines.join("\n")]).pipeThrough(normalizeStream(provider, { account: "main" })));
    expect(records).toEqual(lines.flatMap((line) => parsePush(provider, line, { account: "main" }).records));
    expect(listKeys(records)).toEqual([`${provider}/main:c-1`, `${provider}/main:c-2`, `${provider}/main:c-3`]);
  });

  test("writes one line of JSON per record, with a line feed after the last one too", async () => {
    const text = await readText(createSource([createPushes(2).join("\n")]).pipeThrough(normalizeStream("mixcom")));
    expect(text.endsWith("\n")).toBe(true);
    expect(text.trimEnd().split("\n").map((line) => (JSON.parse(line) as CallRecord).key)).toEqual(THREE.slice(0, 2));
  });

  test("gives the same records wherever chunks end", async () => {
    const whole = encode(`\ufeff${createPushes(1)}\r\n\n${createPushes(1, 1).join().replace('"fee"', '"fee","note":"中文"')}\n${createPushes(1, 2)}`);
    for (let cut = 0; cut <= whole.length; cut += 1) {
      expect(listKeys(await normalize([whole.subarray(0, cut), whole.subarray(cut)])), `cut at byte ${cut}`).toEqual(THREE);
    }
    const single = await normalize(Array.from(whole, (byte) => new Uint8Array([byte])));
    expect(listKeys(single)).toEqual(THREE);
    expect(single[1]?.raw).toMatchObject({ note: "中文" });
  });

  test.each([
    ["line feeds", createPushes(3).join("\n")],
    ["a last line feed", `${createPushes(3).join("\n")}\n`],
    ["carriage returns", `${createPushes(3).join("\r\n")}\r\n`],
    ["a byte-order mark", `\ufeff${createPushes(3).join("\n")}`],
    ["blank lines", `\n\n${createPushes(3).join("\n \n\t\n")}\n\n`],
    ["spaces around lines", createPushes(3).map((line) => `  ${line}\t`).join("\n")],
    ["an array in one line", `[${createPushes(3).join(",")}]`],
  ])("takes %s", async (_, text) => {
    expect(listKeys(await normalize([text]))).toEqual(THREE);
  });

  test("gives no records for an empty stream", async () => {
    expect(await normalize([])).toEqual([]);
    expect(await normalize(["", "\n", "\r\n"])).toEqual([]);
  });

  test("reads envelopes from onPush, and prefers their account and time zone to its own", async () => {
    const envelope = (push: Partial<Push>): string => JSON.stringify({ provider: "mixcom", receivedAt: "2020-03-02T09:48:18Z", body: MIXCOM.push("c-1"), ...push });
    const dingxin = JSON.stringify({
      provider: "dingxin",
      receivedAt: "2020-03-02T09:48:18Z",
      query: "reference=order-1",
      body: findPlatform("dingxin").push("c-9"),
    });
    const lines = [envelope({ account: "a" }), envelope({ timeZone: "+00:00" }), MIXCOM.push("c-1"), dingxin];
    const records = await normalize([lines.join("\n")], { account: "own" });
    expect(listKeys(records)[0]).toBe("mixcom/a:c-1");
    expect(listKeys(records)[2]).toBe("mixcom/own:c-1");
    expect(records[3]).toMatchObject({ provider: "dingxin", callId: "c-9", reference: "order-1" });
    expect(Date.parse(records[1]?.endedAt ?? "")).toBe(Date.parse("2020-03-02T17:48:17Z"));
  });

  test("keeps all digits of a 19-digit id", async () => {
    const [record] = await normalize([MIXCOM.push("c-1").replace('"c-1"', "9007199254740993123")]);
    expect(record?.callId).toBe("9007199254740993123");
    expect(record?.raw).toMatchObject({ callIdentifier: "9007199254740993123" });
  });

  test("leaves out pushes that are not call records", async () => {
    expect(listKeys(await normalize([`${MIXCOM.push("c-0")}\n{"event":"heartbeat"}\n${MIXCOM.push("c-1")}`]))).toEqual(THREE.slice(0, 2));
  });

  test("fails at a bad line with its number and byte, after the valid lines before it", async () => {
    const first = `${MIXCOM.push("c-0")}\n`;
    const read: string[] = [];
    const stream = createSource([first, "\n", "{not json}\n", MIXCOM.push("c-1")]).pipeThrough(normalizeStream("mixcom"));
    const error = await expectFailure(
      (async () => {
        for await (const { key } of readRecords(stream)) read.push(key);
      })(),
    );
    expect(error).toMatchObject({ code: "malformed-push", provider: "mixcom", retryable: false });
    expect(error.message).toContain("line 3");
    expect(error.message).toContain(`byte ${first.length + 1}`);
    expect(error.hint).toContain("onUnreadable");
  });

  test("does not show the line or its numbers in the error", async () => {
    const error = await expectFailure(normalize([MIXCOM.push("c-0").replace('"event"', '"evnt"').replace("callIdentifier", "callIdentifer")]));
    expect(error.message).toContain("this is no call record");
    expect(error.message).not.toContain("13712345678");
  });

  test("passes bad lines and bad records to onUnreadable, waits for it, and continues", async () => {
    const unreadable: UnreadableLine[] = [];
    const onUnreadable = async (line: UnreadableLine): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      unreadable.push(line);
    };
    const bad = '{"callIdentifer":"c-7"}';
    const lines = [MIXCOM.push("c-0"), "<html>", `[${MIXCOM.push("c-1")},${bad}]`, "\u0000", MIXCOM.push("c-2")];
    const records = await normalize([lines.join("\n")], { onUnreadable });
    expect(listKeys(records)).toEqual(THREE);
    expect(unreadable).toMatchObject([
      { line: 2, offset: MIXCOM.push("c-0").length + 1, index: 0, raw: "<html>" },
      { line: 3, index: 1, field: "event", raw: { callIdentifer: "c-7" } },
      { line: 4, index: 0 },
    ]);
  });

  test("fails when onUnreadable fails", async () => {
    const onUnreadable = (): Promise<never> => Promise.reject(new Error("the disk is full"));
    await expect(normalize(["<html>\n", MIXCOM.push("c-0")], { onUnreadable })).rejects.toThrow("the disk is full");
  });

  test("bytes that are not UTF-8 make only their own line unreadable", async () => {
    const unreadable: UnreadableLine[] = [];
    const pieces = [`${MIXCOM.push("c-0")}\n`, new Uint8Array([0x22, 0xff, 0xfe, 0x22, 0x0a]), MIXCOM.push("c-1")];
    expect(listKeys(await normalize(pieces, { onUnreadable: (line) => unreadable.push(line) }))).toEqual(THREE.slice(0, 2));
    expect(unreadable).toMatchObject([{ line: 2 }]);
  });

  test("a line longer than maxLineBytes is one bad line, in any chunks", async () => {
    const long = MIXCOM.push("x".repeat(5_000));
    const text = `${MIXCOM.push("c-0")}\n${long}\n${MIXCOM.push("c-1")}\n`;
    for (const size of [text.length, 1_000, 17]) {
      const unreadable: UnreadableLine[] = [];
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, index) => text.slice(index * size, (index + 1) * size));
      const records = await normalize(pieces, { maxLineBytes: 2_000, onUnreadable: (line) => unreadable.push(line) });
      expect(listKeys(records), `in pieces of ${size}`).toEqual(THREE.slice(0, 2));
      expect(unreadable).toMatchObject([{ line: 2, offset: MIXCOM.push("c-0").length + 1, reason: expect.stringContaining("2000") }]);
    }
  });

  test("continues to count lines and bytes after a too long line", async () => {
    const head = `${"y".repeat(200_000)}\n`;
    const unreadable: UnreadableLine[] = [];
    const pieces = [head.slice(0, 100_000), head.slice(100_000), "<html>\n"];
    await normalize(pieces, { maxLineBytes: 1_000, onUnreadable: (line) => unreadable.push(line) });
    expect(unreadable.map(({ line, offset }) => [line, offset])).toEqual([
      [1, 0],
      [2, head.length],
    ]);
  });

  test("applies backpressure when nobody reads", async () => {
    let produced = 0;
    const line = encode(`${MIXCOM.push("c-0")}\n`);
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        produced += 1;
        controller.enqueue(line);
      },
    });
    const reader = endless.pipeThrough(normalizeStream("mixcom")).getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(produced).toBeLessThan(20);
    await reader.cancel();
  });

  test("reads a large chunk at its reader's pace", async () => {
    // Each line is counted as soon as it is parsed: 200,000 lines in one chunk of 3 MB, of which the reader takes one piece.
    let seen = 0;
    const chunk = encode(`${"not JSON, yes\n".repeat(100_000)}${createPushes(1).join()}\n${"not JSON, yes\n".repeat(100_000)}`);
    const reader = createSource([chunk]).pipeThrough(normalizeStream("mixcom", { onUnreadable: () => void (seen += 1) })).getReader();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(seen).toBeLessThan(50_000);
    const first = await reader.read();
    expect(first.done).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(seen).toBeGreaterThan(100_000 - 1);
    expect(seen).toBeLessThan(150_000);
    expect((await reader.read()).done).toBe(true);
    expect(seen).toBe(200_000);
  });

  test("reads a large file in little memory", async () => {
    const line = encode(`${createPushes(200).join("\n")}\n`);
    let left = 400;
    const large = new ReadableStream<Uint8Array>({
      pull(controller) {
        left -= 1;
        controller.enqueue(line.slice());
        if (left === 0) controller.close();
      },
    });
    const before = process.memoryUsage();
    let records = 0;
    for await (const _ of readRecords(large.pipeThrough(normalizeStream("mixcom")))) records += 1;
    expect(records).toBe(80_000);
    const after = process.memoryUsage();
    expect(after.arrayBuffers + after.external - before.arrayBuffers - before.external).toBeLessThan(64 << 20);
  });

  test.each([
    ["an unknown option", { maxLineLength: 1 }, "maxLineLength"],
    ["an invalid limit", { maxLineBytes: 0 }, "maxLineBytes"],
    ["an invalid time zone", { timeZone: "Shanghai" }, "timeZone"],
    ["an unknown dialect", { dialect: { nothing: "x" } }, "nothing"],
    ["a handler that is not a function", { onUnreadable: 1 }, "onUnreadable"],
  ])("names %s when it is created", async (_, options, field) => {
    const error = await expectFailure(() => normalizeStream("mixcom", options as NormalizeOptions<"mixcom">));
    expect(error).toMatchObject({ code: "invalid-argument", delivery: "not-sent" });
    expect(error.message).toContain(field);
  });

  test("says what to do if text comes instead of bytes", async () => {
    const text = new ReadableStream<string>({
      start(controller) {
        controller.enqueue(MIXCOM.push("c-0"));
        controller.close();
      },
    });
    const error = await expectFailure(readText((text as unknown as ReadableStream<Uint8Array>).pipeThrough(normalizeStream("mixcom"))));
    expect(error).toMatchObject({ code: "invalid-argument" });
    expect(error.hint).toContain("TextEncoderStream");
  });
});

describe("readRecords", () => {
  const lines = createPushes(3).map((push) => JSON.stringify(parsePush("mixcom", push).records[0]));

  test("gives the same records wherever chunks end", async () => {
    const whole = encode(`\ufeff${lines.join("\r\n")}`);
    for (let cut = 0; cut <= whole.length; cut += 7) expect(listKeys(await readAllRecords(createSource([whole.subarray(0, cut), whole.subarray(cut)])))).toEqual(THREE);
    expect(listKeys(await readAllRecords(createSource(Array.from(whole, (byte) => new Uint8Array([byte])))))).toEqual(THREE);
  });

  test("accepts blank lines and a missing last line feed", async () => {
    expect(listKeys(await readAllRecords(createSource([`\n${lines[0]}\n\n${lines[1]}\r\n \n`, lines[2] ?? ""])))).toEqual(THREE);
    expect(await readAllRecords(createSource([]))).toEqual([]);
  });

  test.each([["{oops"], ["7"], ["null"], ['"text"']])("names the line that is not a record: %s", async (bad) => {
    const error = await expectFailure(readAllRecords(createSource([`${lines[0]}\n\n${bad}\n${lines[1]}\n`])));
    expect(error).toMatchObject({ code: "malformed-push", reason: "unreadable-line" });
    expect(error.message).toContain(`line 3 (from byte ${encode(lines[0] ?? "").length + 2})`);
    expect(error.message).not.toContain("oops");
  });

  test("cancels the stream when the loop ends early", async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(encode(`${lines[0]}\n`)),
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const record of readRecords(endless)) {
      expect(record.key).toBe(THREE[0]);
      break;
    }
    expect(cancelled).toBe(true);
    expect(endless.locked).toBe(false);
  });

  test("passes the stream's own error on", async () => {
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error("the disk")),
    });
    await expect(readAllRecords(broken)).rejects.toThrow("the disk");
  });
});
