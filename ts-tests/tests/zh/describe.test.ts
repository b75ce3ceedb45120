// Provokes errors through the public API and the simulator, and reads each in Chinese.
import { type AddressInfo, createServer } from "node:net";
import {
  type ClientOptions,
  createClient,
  createReceiver,
  explainCode as explainCodeInEnglish,
  init,
  isRingbackError,
  normalizeStream,
  parsePush,
  processPush,
  type Provider,
  providers,
  readRecords,
  RingbackError,
} from "ringback";
import { createTables } from "ringback/sql";
import { createSimulator } from "ringback/testing";
import { describe as describeError, describeProblem, describeUnreadable, explainCode, explainStep } from "ringback/zh";
import { beforeAll, describe, expect, test } from "vitest";
import { searchForLeaks } from "../support/leak-search.js";
import { findPlatform, PLATFORMS } from "../support/platforms.js";

type Loose = Record<string, unknown>;
type LooseClient = Record<string, (...given: unknown[]) => unknown>;
type Respond = () => Response | Promise<Response>;

const SECRETS = PLATFORMS.flatMap(({ secrets }) => secrets);
const NUMBERS = ["13712345678", "075528765432"];
const TOKEN = "t-8f3c1e07b94d62a5f0d7c3916be2845a";
const DIAL = { caller: "13712345678", callee: "0755-28765432" };
const RANGE = { from: "2020-03-02T00:00:00+08:00", to: "2020-03-03T00:00:00+08:00" };

function client(provider: Provider, more: Loose = {}, respond: Respond = () => new Response(findPlatform(provider).accepted)): LooseClient {
  return createClient({ ...findPlatform(provider).options, fetch: async () => respond(), retries: 0, timeoutMs: 60_000, ...more } as ClientOptions) as unknown as LooseClient;
}

const dial = (provider: Provider, more: Loose = {}, respond?: Respond): unknown => client(provider, {}, respond).dial?.({ ...findPlatform(provider).dial, ...more });
const answered = (provider: Provider, body: string, init: ResponseInit = {}): unknown => dial(provider, {}, () => new Response(body, init));
const receiver = (more: Loose): unknown => createReceiver({ provider: "mixcom", tokens: [TOKEN], onRecord: () => undefined, ...more } as never);
const readAll = async (iterable: unknown): Promise<void> => {
  for await (const _ of iterable as AsyncIterable<unknown>) continue;
};
const lines = (...texts: string[]): ReadableStream<Uint8Array> => new Blob([texts.join("\n")]).stream() as ReadableStream<Uint8Array>;

/** A simulator of a platform with a fault. */
function simulated(provider: Provider, fault: Loose): unknown {
  const simulator = createSimulator({ ...findPlatform(provider).options, ...(provider === "seatcall" && { seats: { PP7568036551: "+8613712345678" } }) } as never);
  simulator.fault(fault as never);
  const options = { ...simulator.clientOptions, retries: 0, timeoutMs: 60_000 };
  return (createClient(options as never) as unknown as LooseClient).dial?.({ ...findPlatform(provider).dial });
}

/** Each provokes an error; the words must be part of what is said in Chinese. */
const CASES: Record<string, [provoke: () => unknown, ...words: string[]]> = {
  // Options of a client.
  "no options": [() => createClient(null as never), "options", "对象"],
  "an unknown platform": [() => client("mixcom", { provider: "mixcon" }), "provider", "mixcom", "seatcall"],
  "no platform": [() => createClient({} as never), "provider", "缺少"],
  "a missing key": [() => client("mixcom", { appKey: undefined }), "appKey", "应用列表"],
  "an empty secret": [() => client("quanmayun", { appSecret: "  " }), "appSecret", "APPSECRET"],
  "a secret that is a number": [() => client("dingxin", { appSecret: 5 }), "appSecret", "公司账号", "加引号"],
  "a misspelt option": [() => client("mixcom", { app_key: "k" }), "app_key", "appKey", "是不是"],
  "an unknown option": [() => client("mixcom", { colour: "red" }), "colour", "appSecret"],
  "an address that is none": [() => client("mixcom", { baseUrl: "api.example" }), "baseUrl", "http"],
  "a missing address": [() => client("cyjcloud", { baseUrl: undefined }), "baseUrl", "平台提供"],
  "a time-out of 0": [() => client("mixcom", { timeoutMs: 0 }), "timeoutMs", "1 到 2147483647"],
  "a time-out with a fraction": [() => client("mixcom", { timeoutMs: 1.5 }), "timeoutMs", "整数"],
  "a time-out of text": [() => client("mixcom", { timeoutMs: "15" }), "timeoutMs"],
  "many retries": [() => client("mixcom", { retries: 11 }), "retries", "0 到 10"],
  "a named zone": [() => client("mixcom", { timeZone: "Asia/Shanghai" }), "timeZone", "+08:00"],
  "an unknown reading": [() => client("mixcom", { dialect: { signature: "sha256" } }), "dialect.signature", "digest-only"],
  "an unknown dialect option": [() => client("mixcom", { dialect: { colour: "red" } }), "colour", "bodyEncoding"],
  "a dialect that is a list": [() => client("mixcom", { dialect: ["a"] }), "dialect", "对象"],
  "an account with a slash": [() => client("mixcom", { account: "a/b" }), "account", "短名称"],
  "a long account": [() => client("mixcom", { account: "a".repeat(65) }), "account", "64"],
  "a recording host with a scheme": [() => client("mixcom", { recordingHosts: ["https://oss.example"] }), "recordingHosts", "主机名"],
  "a fetch that is a number": [() => client("mixcom", { fetch: 5 }), "fetch", "函数"],
  "a clock that is a number": [() => client("mixcom", { now: 5 }), "now", "函数"],
  "an unknown hook": [() => client("mixcom", { on: { finished: () => undefined } }), "on.finished", "on.response"],
  "debug that is a number": [() => client("mixcom", { debug: 5 }), "debug"],
  "a secret with a line break": [() => client("mixcom", { appSecret: "s1\n" }), "appSecret"],
  "a long key": [() => client("mixcom", { appKey: "k".repeat(33) }), "appKey", "32"],
  // Parameters.
  "no caller": [() => dial("mixcom", { caller: undefined }), "caller", "13800000001"],
  "two numbers": [() => dial("mixcom", { caller: "13800000001,13900000002" }), "caller", "不止一个"],
  "a masked number": [() => dial("mixcom", { callee: "138****0001" }), "callee", "隐藏"],
  "a spreadsheet's number": [() => dial("mixcom", { callee: "13800000001.0" }), "callee", "电子表格"],
  "a short mobile": [() => dial("mixcom", { callee: "1380000000" }), "callee", "11 位"],
  "no area code": [() => dial("mixcom", { callee: "28000123" }), "callee", "区号"],
  "no number": [() => dial("mixcom", { callee: "nobody" }), "callee"],
  "an emergency number": [() => dial("mixcom", { callee: "110" }), "callee", "紧急号码"],
  "the same number twice": [() => dial("mixcom", { callee: "13712345678", caller: "13712345678" }), "callee", "同一个号码"],
  "a reference with a space": [() => dial("mixcom", { reference: "a b" }), "reference", "0-9"],
  "a long reference": [() => dial("mixcom", { reference: "r".repeat(129) }), "reference", "128"],
  "a reserved field": [() => dial("mixcom", { extra: { callerNbr: "1" } }), "extra.callerNbr", "caller"],
  "a field given twice": [() => dial("mixcom", { extra: { a: "1", A: "2" } }), "extra."],
  "an empty field": [() => dial("mixcom", { extra: { a: "" } }), "extra.a", "空"],
  "a field of another platform": [() => dial("mixcom", { seat: "PP1" }), "seat", "去掉"],
  "no seat": [() => dial("seatcall", { seat: undefined }), "seat", "bindSeat"],
  "an unknown direction": [() => dial("cyjcloud", { direction: "up" }), "direction", "caller-to-callee"],
  "a binding of 61 minutes": [() => dial("cyjcloud", { expiresInMinutes: 61 }), "expiresInMinutes", "1 到 60"],
  "an area code of letters": [() => dial("cyjcloud", { areaCode: "abc" }), "areaCode", "0755"],
  "a push address that is none": [() => dial("dingxin", { pushUrl: "crm.example" }), "pushUrl", "https://crm.example.com/push"],
  "a misspelt parameter": [() => dial("mixcom", { calle: "1" }), "calle", "callee"],
  "a signal that is a number": [() => client("mixcom").dial?.(DIAL, { signal: 5 }), "signal", "AbortSignal"],
  "an unknown option of a dial": [() => client("mixcom").dial?.(DIAL, { retries: 5 }), "retries", "timeoutMs"],
  "an operation that is not offered": [() => client("mixcom").prepare?.("hangUp", "c-1"), "hangUp", "recording"],
  "an unknown operation": [() => client("mixcom").prepare?.("redial", {}), "hangUp"],
  "an operation that is a number": [() => client("mixcom").prepare?.(5, {}), "operation"],
  "a reversed range": [() => readAll(client("seatcall").records?.({ from: RANGE.to, to: RANGE.from })), "from", "对调"],
  "a time without a zone": [() => readAll(client("seatcall").records?.({ ...RANGE, from: "2020-03-02 00:00:00" })), "from", "+08:00"],
  "no date": [() => readAll(client("seatcall").records?.({ ...RANGE, to: "tomorrow" })), "to", "ISO 8601"],
  "a cursor of letters": [() => readAll(client("seatcall").records?.({ ...RANGE, after: "x" })), "after", "cursor"],
  "a recording by id where the record is needed": [() => client("seatcall").recording?.("c-1"), "call", "CallRecord"],
  "another platform's record": [() => client("mixcom").recording?.({ ...parsePush("dingxin", findPlatform("dingxin").push("1")).records[0] }), "call"],
  "a recording at an unknown host": [() => client("seatcall").recording?.({ recording: { url: "https://other.example/1.mp3" } }), "recordingHosts"],
  "a prepared request of another platform": [() => client("mixcom").interpret?.({ provider: "dingxin", operation: "dial", params: {} }, { status: 200, body: "" }), "prepared"],
  // Receivers.
  "a weak token": [() => receiver({ tokens: ["secret"] }), "tokens", "createToken()"],
  "no protection": [() => receiver({ tokens: [] }), "tokens", "推送地址"],
  "a range that is none": [() => receiver({ allow: ["203.0.113.0/40"] }), "allow", "203.0.113.0/24"],
  "no keeper": [() => receiver({ onRecord: undefined }), "onRecord", "onPush"],
  "two keepers": [() => receiver({ onPush: () => undefined }), "onRecord", "onPush"],
  "a keeper that is text": [() => receiver({ onRecord: "save" }), "onRecord", "函数"],
  "a proxy header with a space": [() => receiver({ trustProxy: "x forwarded for" }), "trustProxy"],
  "the header forwarded": [() => receiver({ trustProxy: "forwarded" }), "trustProxy", "x-forwarded-for"],
  "a token of two accounts": [() => createReceiver({ accounts: [{ name: "a", provider: "mixcom", tokens: [TOKEN] }, { name: "b", provider: "mixcom", tokens: [TOKEN] }], onRecord: () => undefined }), "tokens"],
  "two accounts without names": [() => createReceiver({ accounts: [{ provider: "mixcom", tokens: [TOKEN] }, { provider: "mixcom", tokens: [`${TOKEN}2`] }], onRecord: () => undefined } as never), "name", "缺少"],
  "overlapping ranges": [() => createReceiver({ accounts: [{ name: "a", provider: "mixcom", allow: ["203.0.113.0/24"] }, { name: "b", provider: "mixcom", allow: ["203.0.113.7"] }], onRecord: () => undefined } as never), "allow", "网段"],
  // Pushes and streams.
  "a push that is no JSON": [() => parsePush("mixcom", "<html>"), "mixcom", "nack"],
  "a push of a number": [() => parsePush("mixcom", 5 as never), "body", "字节"],
  "a compressed push": [() => parsePush("mixcom", new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0])), "解压"],
  "many records": [() => processPush({ provider: "mixcom", body: `[${findPlatform("mixcom").push("1")},${findPlatform("mixcom").push("2")}]` } as never, { maxRecords: 1 }), "maxRecords", "1"],
  "a damaged envelope": [() => processPush({ provider: "mixcom" } as never), "body", "信封"],
  "a line that is no record": [() => readAll(readRecords(lines("not a record"))), "JSON"],
  "a line that is no push": [() => readAll(readRecords(lines("not a push").pipeThrough(normalizeStream("mixcom") as never))), "mixcom"],
  // Answers of a platform.
  "a wrong signature": [() => answered("dingxin", '{"code":1004,"msg":"签名无效"}'), "dingxin", "dial", "1004", "签名无效", "signatureCase"],
  "a busy server": [() => answered("dingxin", '{"code":2000,"msg":"服务器繁忙"}'), "2000", "reference order-1"],
  "an existing binding": [() => answered("dingxin", '{"code":7002,"msg":"绑定关系已存在"}'), "7002", "绑定"],
  "no money, by words": [() => answered("quanmayun", '{"code":4001,"success":false,"msg":"余额不足"}'), "4001", "充值"],
  "a status of 401": [() => answered("mixcom", "", { status: 401 }), "401", "应用列表"],
  "a status of 403": [() => answered("quanmayun", "", { status: 403 }), "403", "白名单"],
  "a status of 404": [() => answered("mixcom", "", { status: 404 }), "404", "baseUrl"],
  "a status of 429": [() => answered("mixcom", "", { status: 429, headers: { "retry-after": "90" } }), "429", "90 秒"],
  "a status of 500": [() => answered("mixcom", "", { status: 500 }), "500", "order-1"],
  "a status of 418": [() => answered("mixcom", "", { status: 418 }), "418", "baseUrl"],
  "a web page": [() => answered("quanmayun", "<!doctype html><p>Please log in to continue</p>"), "网页", "order-1"],
  "an answer with a call and a refusal": [() => answered("quanmayun", '{"code":500,"success":false,"data":{"callidentifier":"128754716574532539"}}'), "128754716574532539"],
  "success without a call id": [() => answered("quanmayun", '{"code":200,"success":true,"data":null}'), "order-1"],
  "a clock that is 400 s ahead": [() => client("quanmayun", { now: () => Date.UTC(2026, 2, 1, 0, 6, 40) }, refuseAtMidnight).dial?.(DIAL), "快 400 秒", "NTP"],
  "an empty recording": [() => client("mixcom", {}, () => new Response("")).recording?.("c-1"), "几分钟"],
  "a seat that is not bound": [() => answered("seatcall", '{"meta":{"success":false,"message":"坐席未绑定"}}'), "坐席未绑定", "bindSeat"],
  "a hang-up without an answer": [() => client("quanmayun", {}, () => new Response("", { status: 502 })).hangUp?.("c-1"), "502", "可能已经执行"],
  // The network.
  "nobody at the port": [() => dialAtClosedPort(), "ECONNREFUSED", "baseUrl"],
  "no answer in time": [() => client("mixcom", { timeoutMs: 50, fetch: () => new Promise(() => undefined) }).dial?.({ ...DIAL, reference: "order-1" }), "order-1", "timeoutMs"],
  "an aborted dial": [() => client("mixcom").dial?.(DIAL, { signal: AbortSignal.abort() }), "signal"],
  "a reset connection": [() => client("mixcom", { fetch: () => Promise.reject(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" })) }).dial?.({ ...DIAL, reference: "order-1" }), "order-1", "ECONNRESET"],
  // Faults of a simulated platform.
  "a simulated rate limit": [() => simulated("quanmayun", { kind: "rate-limited", on: "dial" }), "频"],
  "a simulated empty account": [() => simulated("dingxin", { kind: "insufficient-balance", on: "dial" }), "9001", "充值"],
  "a simulated busy line": [() => simulated("dingxin", { kind: "line-busy", on: "dial" }), "7001", "通话"],
  "a simulated redirect": [() => simulated("mixcom", { kind: "redirect", on: "dial" }), "重定向", "order-1"],
  "a simulated bad gateway": [() => simulated("seatcall", { kind: "bad-gateway", on: "dial" }), "502"],
  // Statements for a database.
  "an unknown database": [() => createTables({ dialect: "oracle" } as never), "dialect", "postgresql"],
  "a prefix with a dash": [() => createTables({ dialect: "sqlite", prefix: "a-b" }), "prefix", "ringback_"],
};

/** The answer of a platform whose clock says midnight. */
const refuseAtMidnight: Respond = () => new Response('{"code":4001,"success":false,"msg":"时间错误"}', { headers: { date: "Sun, 01 Mar 2026 00:00:00 GMT" } });

/** Dials at a port that was open a moment ago and is closed now. */
async function dialAtClosedPort(): Promise<unknown> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const options = { ...findPlatform("mixcom").options, baseUrl: `http://127.0.0.1:${port}` };
  return (createClient(options) as unknown as LooseClient).dial?.(DIAL);
}

async function provokeError(provoke: () => unknown): Promise<RingbackError> {
  try {
    await provoke();
  } catch (error) {
    if (isRingbackError(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** Finds three or more English words in a row, outside of backticks and of the error's own values. */
function findEnglish(text: string, error: Partial<RingbackError>): string[] {
  const { account, callId, expected = [], field, operation, provider, providerCode, providerMessage, reference } = error;
  const values = [account, callId, field, operation, provider, providerCode, providerMessage, reference, ...expected].filter((value) => value !== undefined);
  const rest = values.sort((a, b) => b.length - a.length).reduce((left, value) => left.replaceAll(value, "，"), text.replace(/`[^`]*`/g, "，"));
  return rest.match(/[A-Za-z][A-Za-z']*(?:[,.:;]? +[A-Za-z][A-Za-z']*){2,}/g) ?? [];
}

beforeAll(async () => init());

describe("an error in Chinese", () => {
  test("the cases are many, and the search for English finds it", () => {
    expect(Object.keys(CASES).length).toBeGreaterThanOrEqual(100);
    expect(findEnglish("请 pass a text 。", {})).toEqual(["pass a text"]);
    expect(findEnglish("选项 pass a text", { field: "pass a text" })).toEqual([]);
  });

  test.each(Object.entries(CASES))("%s", async (_name, [provoke, ...words]) => {
    const error = await provokeError(provoke);
    const { message, hint = "" } = describeError(error);
    const said = `${message}\n${hint}`;
    for (const text of hint === "" ? [message] : [message, hint]) {
      expect(text).toMatch(/\p{Script=Han}/u);
      expect(text).toMatch(/[。！？]$/);
    }
    expect(findEnglish(said, error), said).toEqual([]);
    for (const word of words) expect(said).toContain(word);
    if (error.field !== undefined) expect(message).toContain(error.field);
    if (error.provider !== undefined) expect(message).toContain(error.provider);
    if (error.providerCode !== undefined) expect(message).toContain(error.providerCode);
    if (error.providerMessage !== undefined) expect(message).toContain(error.providerMessage);
    if (error.delivery === "unknown" && error.operation === "dial") expect(hint).toContain("话单");
    searchForLeaks({ provider: error.provider ?? "", secrets: SECRETS, numbers: NUMBERS }, said);
    expect(describeError(error, "en")).toEqual(error.hint === undefined ? { message: error.message } : { message: error.message, hint: error.hint });
  });

  test("the cases differ: each reason of arguments, refusals and answers is among them", async () => {
    const reasons = await Promise.all(Object.values(CASES).map(async ([provoke]) => (await provokeError(provoke)).reason));
    expect(new Set(reasons).size).toBeGreaterThanOrEqual(50);
  });

  test("of another copy of the package", () => {
    const copy = Object.assign(new Error("mixcom refused dial with 1"), { [Symbol.for("ringback.error")]: true, code: "rejected", reason: "rejected", delivery: "refused", retryable: false, provider: "mixcom", operation: "dial", providerCode: "1" });
    expect(isRingbackError(copy)).toBe(true);
    expect(describeError(copy as unknown as RingbackError).message).toBe("mixcom 的 dial：平台拒绝了请求，其代码和文字在这里没有对应的原因。平台返回代码 1。");
  });

  test.each([undefined, "a-later-reason", "constructor"])("of another version, with the reason %s, by its code", (reason) => {
    const error = new RingbackError("the platform refused", { code: "insufficient-balance", reason: reason as never, delivery: "refused", retryable: false, provider: "later" as never });
    const { message, hint } = describeError(error);
    expect(message).toContain("余额");
    expect(findEnglish(`${message}${hint ?? ""}`, error)).toEqual([]);
  });
});

describe("a platform's code in Chinese", () => {
  test("has the words of explainCode, and advice in Chinese", () => {
    for (const [provider, code] of [["mixcom", "514"], ["dingxin", "7002"], ["cyjcloud", "8104"], ["cyjcloud", "2010"], ["quanmayun", "CallerAbandon"]] as const) {
      const { status, cause, message } = explainCodeInEnglish(provider, code);
      const explained = explainCode(provider, code);
      expect(explained).toMatchObject({ status, cause, ...(message !== "" && { message }) });
      expect(findEnglish(explained.advice, {})).toEqual([]);
      expect(explained.advice).toMatch(/\p{Script=Han}.*。$/u);
    }
  });

  test.each(Object.keys(providers) as Provider[])("that %s does not list is unknown", (provider) => {
    expect(explainCode(provider, "987654")).toMatchObject({ status: "unknown", cause: "unknown", message: "未知代码" });
    expect(explainCode(provider, "toString").advice).toMatch(/询问/);
  });
});

test("each step of each platform's signature is in Chinese", () => {
  for (const { provider, dial: given } of PLATFORMS) {
    const trace = client(provider).explain?.("dial", given) as { steps: { action: string }[]; dropped: { reason: string }[] };
    expect(trace.steps.length).toBeGreaterThan(0);
    for (const step of [...trace.steps, ...trace.dropped]) {
      expect(explainStep(step)).toMatch(/\p{Script=Han}/u);
      expect(findEnglish(explainStep(step), {})).toEqual([]);
    }
  }
  expect(explainStep("a caption of another version")).toBe("a caption of another version");
});

test("what could not be read is named in Chinese by its place", () => {
  const { records, unreadable } = parsePush("mixcom", `[${findPlatform("mixcom").push("1").replace("2020-03-02 17:48:17", "later")},{"colour":"red"}]`);
  expect(records.flatMap(({ problems = [] }) => problems.map(describeProblem))).toEqual(["字段 `callEndTime` 的值无法解析，已略去；原值在 `raw` 中。"]);
  expect(unreadable.map(describeUnreadable)).toEqual([expect.stringMatching(/^第 2 条：.*\p{Script=Han}.*。$/u)]);
});
