// The receiver waits for anything that a keeper returns. A failure is never acknowledged, and always reported.
import { type AnswerEvent, type CallRecord, createReceiver, isRingbackError, type ReceiverOptions } from "ringback";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { findPlatform } from "../support/platforms.js";

const TOKEN = "Vx3f0Qm9T7yUe2LkR8sZpA1cWbDn4HgJ5oKi6MtNqXw";
const MIXCOM = findPlatform("mixcom");
const THREE = `[${MIXCOM.push("c-1")},${MIXCOM.push("c-2")},${MIXCOM.push("c-3")}]`;

type Handlers = Pick<ReceiverOptions, "onPush" | "onRecords" | "onRecord" | "onUnreadable" | "onRefused" | "on" | "quiet">;
type Settings = { name?: string; deadlineMs?: number; maxRecords?: number; maxBodyBytes?: number };

const post = (body: BodyInit, path = `/push/${TOKEN}`): Request => new Request(`https://crm.example${path}`, { method: "POST", body });
function createTestReceiver(handlers: Handlers, settings: Settings = {}): (request: Request) => Promise<Response> {
  return createReceiver({ provider: "mixcom", tokens: [TOKEN], ...settings, ...handlers } as ReceiverOptions);
}

const away = new Error("the database is unavailable");
const fails = (): Promise<never> => Promise.reject(away);
const later = (): Promise<number> => new Promise((resolve) => setTimeout(resolve, 5, 1));
const failsLater = (): Promise<never> => later().then(fails);

const lines: string[] = [];
const unhandled = vi.fn();
beforeEach(() => {
  lines.length = 0;
  unhandled.mockClear();
  vi.spyOn(console, "error").mockImplementation((line: unknown) => void lines.push(String(line)));
  process.on("unhandledRejection", unhandled);
});
afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off("unhandledRejection", unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

describe("every value that a keeper returns must succeed", () => {
  const failing: [string, (records: CallRecord[]) => unknown][] = [
    ["an array of promises that all reject", (records) => records.map(fails)],
    ["an array of promises of which the last rejects later", () => [later(), 1, null, failsLater()]],
    ["a promise of an array of promises", async (records) => records.map(failsLater)],
    ["arrays within arrays", (records) => records.map(() => [later(), [failsLater()]])],
    ["a set of promises", () => new Set([later(), failsLater()])],
    ["a map of promises", () => new Map([["c-1", failsLater()]])],
    ["a generator, which does nothing before it is iterated", function* () { yield later(); yield failsLater(); }],
    ["a generator that throws", function* () { yield failsLater(); throw away; }],
    ["an async generator", async function* () { yield 1; await failsLater(); }],
    ["a thenable", () => ({ then: (_: unknown, reject: (error: unknown) => void) => void setTimeout(reject, 5, away) })],
    ["what Promise.allSettled gives", (records) => Promise.allSettled(records.map(failsLater))],
    ["a Response that is not ok", async () => new Response("", { status: 503 })],
    ["an array of Responses", () => [Promise.resolve(new Response("")), Promise.resolve(new Response("", { status: 429 }))]],
  ];
  test.each(failing)("%s", async (_, onRecords) => {
    const events: AnswerEvent[] = [];
    const response = await createTestReceiver({ onRecords, on: { answer: (event) => events.push(event) } })(post(THREE));
    expect({ status: response.status, body: await response.text() }).toEqual({ status: 500, body: '{"code":500}' });
    expect(events).toMatchObject([{ outcome: "not-kept", reason: "onRecords failed", records: 3, error: expect.any(Error) }]);
    for (const handlers of [{ onPush: onRecords }, { onRecord: onRecords }] as unknown as Handlers[]) {
      // With onRecord, `records` is a single record: mapping over it throws, which is a failure too.
      expect((await createTestReceiver({ ...handlers, quiet: true })(post(THREE))).status).toBe(500);
    }
  });

  const cyclic: unknown[] = [];
  cyclic.push(cyclic, later());
  test.each<[string, () => unknown]>([
    ["nothing", () => undefined],
    ["rows of a database", () => [{ status: "rejected", reason: "a column" }, { id: 1n }, [1, 2]]],
    ["promises that resolve", () => [later(), [later()], new Set([later()])]],
    ["an array that contains itself", () => cyclic],
    ["bytes, text and false", () => [new Uint8Array(4), "text", false]],
    ["a Response that is ok", async () => new Response(null, { status: 204 })],
    ["the fulfilled results of Promise.allSettled", () => Promise.allSettled([later()])],
  ])("%s is kept", async (_, onRecords) => {
    expect((await createTestReceiver({ onRecords })(post(THREE))).status).toBe(200);
    expect(lines).toEqual([]);
  });

  test("waits for all records even if one has failed", async () => {
    const saved: string[] = [];
    const save = async ({ callId = "" }: CallRecord): Promise<void> => {
      if (callId === "c-1") throw away;
      await later();
      saved.push(callId);
    };
    expect((await createTestReceiver({ onRecords: (records) => records.map(save), quiet: true })(post(THREE))).status).toBe(500);
    expect(saved).toEqual(["c-2", "c-3"]);
  });

  test("applies to onUnreadable as well", async () => {
    expect((await createTestReceiver({ onRecord: () => undefined, onUnreadable: () => [failsLater()], quiet: true })(post("<html>"))).status).toBe(500);
  });
});

describe("the reason why a push was not kept", () => {
  const collectEvents = async (handlers: Handlers, body: BodyInit = THREE, settings: Settings = {}): Promise<AnswerEvent> => {
    const events: AnswerEvent[] = [];
    await createTestReceiver({ ...handlers, on: { answer: (event) => events.push(event) } }, settings)(post(body));
    expect(events).toHaveLength(1);
    expect(lines, "somebody listens").toEqual([]);
    return events[0] as AnswerEvent;
  };

  test("is the keeper's own exception, the first of several", async () => {
    let count = 0;
    const onRecord = (): never => {
      throw Object.assign(new Error(`number ${(count += 1)}`), { code: "42P01" });
    };
    expect(await collectEvents({ onRecord })).toMatchObject({ outcome: "not-kept", reason: "onRecord failed", error: { message: "number 1", code: "42P01" } });
    expect(count).toBe(3);
    expect((await collectEvents({ onPush: fails })).error).toBe(away);
    expect((await collectEvents({ onRecord: () => Promise.reject(undefined) })).outcome).toBe("not-kept");
  });

  test("is the receiver's own error if the keeper did not fail", async () => {
    const missing = await collectEvents({ onRecord: () => undefined }, "<html>");
    expect(missing).toMatchObject({ outcome: "not-kept", reason: expect.stringContaining("no onUnreadable"), error: { code: "malformed-push", provider: "mixcom" } });
    const late = await collectEvents({ onRecord: () => new Promise(() => undefined) }, THREE, { deadlineMs: 20 });
    expect(late).toMatchObject({ outcome: "late", reason: "onRecord took longer than deadlineMs (20)", error: { code: "timeout", reason: "deadline-passed" } });
    expect(isRingbackError(late.error)).toBe(true);
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) });
    const events: AnswerEvent[] = [];
    const receive = createTestReceiver({ onRecord: () => undefined, on: { answer: (event) => events.push(event) } });
    await receive(new Request(`https://crm.example/${TOKEN}`, { method: "POST", body: broken, duplex: "half" } as RequestInit));
    expect(events).toMatchObject([{ outcome: "fault", error: { message: "reset" } }]);
  });

  test("is one line of console.error if there is no hook, without token and phone number", async () => {
    const onRecords = (): never => {
      throw Object.assign(new Error(`duplicate key (13812345678)\n\u001b[2J\u202e of ${TOKEN}`), { name: "DatabaseError", code: "23505" });
    };
    await createTestReceiver({ onRecords }, { name: "main" })(post(THREE));
    expect(lines).toHaveLength(1);
    const [line = ""] = lines;
    expect(line).toMatch(/^ringback: a push was not kept \(mixcom, account main; answered 500\): onRecords failed: DatabaseError \[23505\]: duplicate key/);
    expect(line).not.toMatch(/13812345678|Vx3f0Qm9|[\p{Cc}\p{Cf}]/u);
    lines.length = 0;
    await createTestReceiver({ onRecord: () => undefined })(post("<html>"));
    expect(lines).toEqual([expect.stringContaining("there is no onUnreadable")]);
    lines.length = 0;
    await createTestReceiver({ onRecord: () => undefined }, { maxBodyBytes: 10 })(post(THREE));
    expect(lines).toEqual([expect.stringContaining("maxBodyBytes")]);
    lines.length = 0;
    for (const thrown of [null, undefined, 7, "13812345678", { get message(): never { throw new Error(); } }, Object.create(null)]) {
      await createTestReceiver({ onRecord: () => Promise.reject(thrown) })(post(THREE));
    }
    expect(lines).toHaveLength(6);
    expect(lines.join()).not.toContain("13812345678");
  });

  test("is not logged for a stranger's request, for a kept push, and with quiet", async () => {
    await createTestReceiver({ onRecords: fails, quiet: true })(post(THREE));
    await createTestReceiver({ onRecords: () => undefined })(post(THREE));
    await createTestReceiver({ onRecords: fails })(post(THREE, `/push/${"Ab1-".repeat(10)}`));
    await createTestReceiver({ onRecords: fails })(new Request(`https://crm.example/${TOKEN}`));
    expect(lines).toEqual([]);
    expect(() => createTestReceiver({ onRecord: fails, quiet: 1 as unknown as boolean })).toThrow(/quiet/);
  });
});

describe("a push with more records than maxRecords", () => {
  const many = (count: number): string => `[${Array.from({ length: count }, (_, index) => MIXCOM.push(`c-${index}`)).join()}]`;

  test("is kept by onPush like any other", async () => {
    const onPush = vi.fn();
    expect((await createTestReceiver({ onPush }, { maxRecords: 2 })(post(THREE))).status).toBe(200);
    expect(onPush).toHaveBeenCalledOnce();
  });

  test("is otherwise not parsed, and goes to onUnreadable or is requested again", async () => {
    const onRecord = vi.fn();
    const onUnreadable = vi.fn();
    expect((await createTestReceiver({ onRecord, quiet: true }, { maxRecords: 2 })(post(THREE))).status).toBe(500);
    expect((await createTestReceiver({ onRecord, onUnreadable }, { maxRecords: 2 })(post(THREE))).status).toBe(200);
    expect(onUnreadable.mock.calls).toMatchObject([[{ raw: THREE, reason: expect.stringContaining("more than 2 records (maxRecords)") }, {}]]);
    expect(onRecord).not.toHaveBeenCalled();
    expect((await createTestReceiver({ onRecord }, { maxRecords: 3 })(post(THREE))).status).toBe(200);
  });

  test("means 1,001 or more by default", async () => {
    const onRecords = vi.fn();
    expect((await createTestReceiver({ onRecords }, { maxBodyBytes: 1 << 20 })(post(many(1_000)))).status).toBe(200);
    expect((await createTestReceiver({ onRecords, quiet: true }, { maxBodyBytes: 1 << 20 })(post(many(1_001)))).status).toBe(500);
    expect(onRecords).toHaveBeenCalledOnce();
  });
});

describe("GET and HEAD test the address", () => {
  const ask = (method: string, path: string, handlers: Handlers = { onRecord: fails, quiet: true }): Promise<Response> =>
    createTestReceiver(handlers)(new Request(`https://crm.example${path}`, { method }));

  test("200 with the right token, and only then", async () => {
    const events: AnswerEvent[] = [];
    const on = { answer: (event: AnswerEvent) => events.push(event) };
    for (const method of ["GET", "HEAD"]) {
      for (const path of [`/push/${TOKEN}`, `/push?token=${TOKEN}`, `//push/${TOKEN}/`]) expect((await ask(method, path, { onRecord: fails, on })).status).toBe(200);
      expect((await ask(method, "/push")).status).toBe(404);
      expect((await ask(method, `/push/${TOKEN}x`)).status).toBe(404);
    }
    expect(new Set(events.map(({ outcome, provider }) => `${outcome} ${provider}`))).toEqual(new Set(["probe mixcom"]));
    expect(lines).toEqual([]);
  });

  test.each(["PUT", "DELETE", "PATCH", "OPTIONS"])("%s gets the list of allowed methods", async (method) => {
    const response = await ask(method, `/push/${TOKEN}`);
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, HEAD, POST");
  });

  test.each(["GET", "POST"])("the query of a %s without a body is a push if it contains a record", async (method) => {
    const fields = new URLSearchParams(JSON.parse(MIXCOM.push("c-1")) as Record<string, string>);
    const records: CallRecord[] = [];
    const onRecord = (record: CallRecord): void => void records.push(record);
    for (const path of [`/push/${TOKEN}?${fields}`, `/push?token=${TOKEN}&${fields}`]) expect((await ask(method, path, { onRecord })).status).toBe(200);
    expect(records.map(({ key, raw }) => [key, "token" in (raw as object)])).toEqual([["mixcom:c-1", false], ["mixcom:c-1", false]]);
    const failed = await ask(method, `/push/${TOKEN}?${fields}`);
    expect({ status: failed.status, body: await failed.text() }).toEqual({ status: 500, body: '{"code":500}' });
    expect((await ask(method, `/push/${TOKEN}?event=heartbeat`, { onRecord })).status).toBe(200);
    // A query that is not a record is not kept.
    expect((await ask(method, `/push/${TOKEN}?a=1`)).status).toBe(method === "GET" ? 405 : 500);
  });
});
