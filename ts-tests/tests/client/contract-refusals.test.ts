// Each platform's refusals: how the client reports the platform's codes, and its refusals of wrong credentials, clocks and requests.
import type { ErrorCode, Operation, Provider } from "ringback";
import type { Fault } from "ringback/testing";
import { describe, expect, test } from "vitest";
import { type Account, openAccount, createDialRequest, type Expected, FREE_SEAT, isSafe, CONTRACTED, type Contracted, OPERATIONS, prepareOperation, REQUESTED, countRequests, pickExpected } from "../support/contract-account.js";
import { expectFailure } from "../support/failure.js";
import { CALLEE, CALLER, SEAT } from "../testing/simulations.js";

/** A code's meaning, from providers.md. */
interface Meaning {
  readonly codes: readonly (number | string)[];
  readonly code: ErrorCode;
  /** The platform may have acted although it reports a refusal. */
  readonly indeterminate?: true;
  /** A retry may help if the operation only reads. */
  readonly transient?: true;
  /** A dial may be repeated, because nothing was done. */
  readonly repeatable?: true;
  /** The document's texts, one for each code. */
  readonly words?: readonly string[];
}

/** The documents of mixcom and quanmayun list no refusals. A code with a meaning in HTTP has design.md's error code for it; others are `rejected`. */
const BY_HTTP: readonly Meaning[] = [
  { codes: [401], code: "authentication" },
  { codes: [403], code: "forbidden" },
  { codes: [404], code: "not-found" },
  { codes: [429], code: "rate-limited", transient: true, repeatable: true },
  { codes: [500, 503], code: "provider-unavailable", indeterminate: true, transient: true },
  { codes: [0, 400, 402, 409, 4001, "E17"], code: "rejected" },
];

const MEANINGS: { readonly [P in Exclude<Contracted, "seatcall">]: readonly Meaning[] } = {
  mixcom: BY_HTTP,
  quanmayun: BY_HTTP,
  dingxin: [
    { codes: [1002], code: "rejected", words: ["非法请求"] },
    { codes: [1003], code: "invalid-argument", words: ["参数错误"] },
    { codes: [1004, 1005, 1006], code: "authentication", words: ["签名无效", "认证错误", "请求无效"] },
    { codes: [2000, 3001], code: "provider-unavailable", indeterminate: true, transient: true, words: ["服务器繁忙", "服务器处理异常"] },
    { codes: [2001], code: "rejected", indeterminate: true, words: ["未知错误"] },
    { codes: [2002, 2003], code: "not-found", words: ["没有更多数据了", "暂无数据"] },
    { codes: [7001], code: "line-busy", words: ["正在呼叫中"] },
    { codes: [7002], code: "conflict", words: ["绑定关系已存在"] },
    { codes: [9001], code: "insufficient-balance", words: ["费用不足，请联系平台充值！"] },
    // Not in the document's list, but in its ranges.
    { codes: [1001, 1007, 1999, 2004, 2999, 7003, 8001], code: "rejected" },
    { codes: [3002, 4000], code: "provider-unavailable", indeterminate: true, transient: true },
    // In none of the document's ranges.
    { codes: [0, 3000, 4001, 9002, "E17"], code: "rejected", indeterminate: true },
  ],
  cyjcloud: [
    { codes: [1001, 1005, 1006], code: "authentication" },
    { codes: [1002, 1003, 2017], code: "insufficient-balance" },
    { codes: [1004], code: "forbidden" },
    { codes: [2001, 2011], code: "invalid-argument" },
    { codes: [2010], code: "conflict" },
    { codes: [2013, 2015, 3003], code: "not-found" },
    { codes: [2016, 3000], code: "rate-limited", transient: true, repeatable: true },
    // No document says whether the dial may be repeated; this is the careful choice.
    { codes: [2018], code: "provider-unavailable", transient: true },
    { codes: [0, 2, 2012, 9999, "E17"], code: "rejected" },
  ],
};

/** Each code as a number and as text, because the documents do not say which is sent. */
const REFUSALS = (Object.keys(MEANINGS) as (keyof typeof MEANINGS)[]).flatMap((provider) =>
  MEANINGS[provider].flatMap(({ codes, words, ...meaning }) =>
    codes.flatMap((code, index) => [...new Set([code, String(code)])].map((given) => ({ provider, given, meaning, words: words?.[index] }))),
  ),
);
const REFUSED = REFUSALS.flatMap((refusal) => OPERATIONS[refusal.provider].map((operation) => ({ ...refusal, operation: operation as Operation })));

describe.concurrent("a code of the platform's own", () => {
  test.each(REFUSED)("$provider $operation, $given: $meaning.code", async ({ provider, operation, given, meaning, words }) => {
    const { code, indeterminate = false, transient = false, repeatable = false } = meaning;
    const account = openAccount(provider);
    const act = await prepareOperation(account, operation);
    account.simulator.fault({ kind: "code", code: given, on: operation, times: Infinity });
    const expected = {
      provider,
      operation,
      code,
      delivery: indeterminate && !isSafe(operation) ? "unknown" : "refused",
      retryable: isSafe(operation) ? transient : repeatable,
      providerCode: String(given),
      ...(words !== undefined && { providerMessage: words }),
    } as const;
    expect(pickExpected(await expectFailure(act.run(account.client)), expected)).toEqual(expected);
    expect(account.sent).toHaveLength(isSafe(operation) && transient ? 3 : 1);
    expect(act.isDone?.() ?? false).toBe(false);
  });

  const FAULTS: readonly [Provider, Fault["kind"], ErrorCode, string | undefined][] = [
    ["mixcom", "insufficient-balance", "rejected", "402"],
    ["mixcom", "line-busy", "rejected", "409"],
    ["quanmayun", "insufficient-balance", "rejected", "402"],
    ["quanmayun", "line-busy", "rejected", "409"],
    ["dingxin", "insufficient-balance", "insufficient-balance", "9001"],
    ["dingxin", "line-busy", "line-busy", "7001"],
    ["cyjcloud", "insufficient-balance", "insufficient-balance", "1002"],
    ["cyjcloud", "line-busy", "conflict", "2010"],
    // The answer has meta.success false and no code.
    ["seatcall", "insufficient-balance", "rejected", undefined],
    ["seatcall", "line-busy", "rejected", undefined],
  ];
  test.each(FAULTS)("%s dial, a fault of %s: %s", async (provider, kind, code, providerCode) => {
    const account = openAccount(provider);
    const act = await prepareOperation(account, "dial");
    account.simulator.fault({ kind } as Fault);
    await expectRefusal(account, "dial", act.run(account.client), { code, providerCode });
  });
});

async function expectRefusal({ provider, sent, simulator }: Account, operation: Operation, request: Promise<unknown>, { code, providerCode, ...more }: Pick<Expected, "code" | "providerCode"> & { providerMessage?: string }): Promise<void> {
  const before = simulator.calls.length;
  const expected = { provider, operation, code, delivery: "refused", retryable: false, providerCode, ...more } as const;
  expect(pickExpected(await expectFailure(request), expected)).toEqual(expected);
  expect(sent).toHaveLength(1);
  expect(simulator.calls).toHaveLength(before);
}

/** For each of an account's credentials, the refusal if it is wrong, or the reason why there is none. */
type CredentialRefusal = Pick<Expected, "code" | "providerCode"> | { readonly hidden: string };
const BY_SIGN: CredentialRefusal = { code: "authentication", providerCode: "401" };
const BY_CODE: CredentialRefusal = { code: "authentication", providerCode: "1005" };
const BY_FLAG: CredentialRefusal = { code: "authentication", providerCode: "1001" };
/** providers.md, seatcall: a failure has a text and no code. */
const BY_WORDS: CredentialRefusal = { code: "rejected", providerCode: undefined };

const CREDENTIALS: { readonly [P in Contracted]: Readonly<Record<string, Partial<Record<Operation, CredentialRefusal>>>> } = {
  mixcom: { appKey: { dial: BY_SIGN, recording: BY_SIGN }, appSecret: { dial: BY_SIGN, recording: BY_SIGN } },
  quanmayun: { appId: { dial: BY_SIGN, hangUp: BY_SIGN, recording: BY_SIGN }, appSecret: { dial: BY_SIGN, hangUp: BY_SIGN, recording: BY_SIGN } },
  dingxin: { appKey: { dial: BY_CODE, recording: BY_CODE }, appSecret: { dial: BY_CODE, recording: BY_CODE } },
  cyjcloud: { accountSid: { dial: BY_FLAG, recording: BY_FLAG }, appId: { dial: BY_FLAG, recording: BY_FLAG } },
  seatcall: {
    customerId: { dial: BY_WORDS, bindSeat: BY_WORDS, records: BY_WORDS, balance: BY_WORDS },
    appSecret: { dial: { hidden: "Authorization is not on a dial" }, bindSeat: BY_WORDS, records: BY_WORDS, balance: BY_WORDS },
  },
};

const MISTYPED = CONTRACTED.flatMap((provider) =>
  Object.entries(CREDENTIALS[provider]).flatMap(([name, shown]) => Object.entries(shown).map(([operation, sight]) => ({ provider, name, operation: operation as Operation, sight }))),
);

describe("a mistyped credential", () => {
  test("is tested in every request", () => {
    const looked = new Set(MISTYPED.map(({ provider, operation }) => `${provider} ${operation}`));
    expect([...looked].sort()).toEqual(REQUESTED.map(([provider, operation]) => `${provider} ${operation}`).sort());
  });

  test.each(MISTYPED)("$provider $operation, $name", async ({ provider, operation, name, sight }) => {
    const account = openAccount(provider);
    const act = await prepareOperation(account, operation);
    const asked = act.run(account.clientWith({ [name]: "mistyped" }));
    if ("hidden" in sight) act.expectDone(await asked);
    else await expectRefusal(account, operation, asked, sight);
  });
});

/** The allowed difference of the clocks, in seconds: 10 and 5 minutes as documented. The other two platforms check the time, but do not document the limit. */
const WINDOWS: { readonly [P in Contracted]: Partial<Record<Operation, { seconds: number; shown: Pick<Expected, "code" | "providerCode"> } | { readonly hidden: string }>> } = {
  mixcom: { dial: { seconds: 600, shown: { code: "authentication", providerCode: "401" } }, recording: { hidden: "it has no time" } },
  quanmayun: Object.fromEntries((["dial", "hangUp", "recording"] as const).map((operation) => [operation, { seconds: 300, shown: { code: "authentication", providerCode: "401" } }])),
  dingxin: Object.fromEntries((["dial", "recording"] as const).map((operation) => [operation, { seconds: 600, shown: { code: "authentication", providerCode: "1006" } }])),
  cyjcloud: Object.fromEntries((["dial", "recording"] as const).map((operation) => [operation, { seconds: 600, shown: { code: "authentication", providerCode: "1006" } }])),
  seatcall: Object.fromEntries((["dial", "bindSeat", "records", "balance"] as const).map((operation) => [operation, { hidden: "no request has a time of its own" }])),
};
const DAY_SECONDS = 86_400;

describe("a wrong clock", () => {
  const skewed = REQUESTED.flatMap(([provider, operation]) => [1, -1].map((sign) => ({ provider, operation, sign, ahead: sign === 1 ? "ahead" : "behind" })));
  test.each(skewed)("$provider $operation, when the platform's clock is $ahead", async ({ provider, operation, sign }) => {
    const window = WINDOWS[provider][operation];
    if (window === undefined) throw new Error("WINDOWS has no entry for this operation");
    const requestWithSkew = async (seconds: number): Promise<{ account: Account; asked: Promise<unknown>; done: (result: unknown) => void }> => {
      const account = openAccount(provider);
      const act = await prepareOperation(account, operation);
      account.simulator.fault({ kind: "clock-skew", ms: sign * seconds * 1000 });
      return { account, asked: act.run(account.client), done: act.expectDone };
    };
    if ("hidden" in window) {
      const { asked, done } = await requestWithSkew(DAY_SECONDS);
      done(await asked);
      return;
    }
    // One second less than the limit, because timestamps are in whole seconds.
    const within = await requestWithSkew(window.seconds - 1);
    within.done(await within.asked);
    const beyond = await requestWithSkew(window.seconds + 1);
    await expectRefusal(beyond.account, operation, beyond.asked, window.shown);
  });
});

describe("a request that the platform refuses", () => {
  const USED_UP: readonly [Provider, Pick<Expected, "code" | "providerCode">][] = [
    ["mixcom", { code: "rejected", providerCode: "402" }],
    ["quanmayun", { code: "rejected", providerCode: "402" }],
    ["dingxin", { code: "insufficient-balance", providerCode: "9001" }],
    ["cyjcloud", { code: "insufficient-balance", providerCode: "1002" }],
    ["seatcall", { code: "rejected", providerCode: undefined }],
  ];
  test.each(USED_UP)("%s dial, when the balance is used up", async (provider, shown) => {
    const account = openAccount(provider, { balanceSeconds: 0 });
    await expectRefusal(account, "dial", (await prepareOperation(account, "dial")).run(account.client), shown);
  });

  const UNKNOWN: readonly [Provider, Pick<Expected, "code" | "providerCode">][] = [
    ["mixcom", { code: "not-found", providerCode: "404" }],
    ["quanmayun", { code: "not-found", providerCode: "404" }],
    ["dingxin", { code: "not-found", providerCode: "2003" }],
    ["cyjcloud", { code: "not-found", providerCode: "3003" }],
  ];
  test.each(UNKNOWN)("%s recording, of an unknown call", async (provider, shown) => {
    const account = openAccount(provider);
    await expectRefusal(account, "recording", account.client.recording("0123456789" as never), shown);
  });
  test.each(UNKNOWN)("%s recording, of a call without a recording", async (provider, shown) => {
    const account = openAccount(provider);
    const { callId } = account.simulator.placeCall({ caller: CALLER, callee: CALLEE, script: { recording: "none" } });
    await account.simulator.idle();
    await expectRefusal(account, "recording", account.client.recording(callId as never), shown);
  });
  test.each(UNKNOWN)("%s recording, of a call that has not ended", async (provider, shown) => {
    const account = openAccount(provider);
    const { callId } = account.simulator.placeCall({ caller: CALLER, callee: CALLEE, script: { talkSeconds: 600 } });
    await expectRefusal(account, "recording", account.client.recording(callId as never), shown);
  });

  const DAY_MS = DAY_SECONDS * 1000;
  test("quanmayun recording, after its 3 days: neither the address nor the file", async () => {
    const account = openAccount("quanmayun");
    await prepareOperation(account, "recording");
    const { callId } = account.simulator.calls[0] ?? { callId: "" };
    await account.clock.advance(3 * DAY_MS - 1000);
    const recording = await account.client.recording(callId as never);
    await account.clock.advance(2000);
    account.sent.length = 0;
    await expectRefusal(account, "recording", recording.body(), { code: "not-found", providerCode: undefined });
    account.sent.length = 0;
    await expectRefusal(account, "recording", account.client.recording(callId as never), { code: "not-found", providerCode: "404" });
  });

  test("seatcall recording, after its 7 days: the record's address answers not-found", async () => {
    const account = openAccount("seatcall");
    const act = await prepareOperation(account, "recording");
    await account.clock.advance(7 * DAY_MS - 1000);
    act.expectDone(await act.run(account.client));
    await account.clock.advance(2000);
    account.sent.length = 0;
    await expectRefusal(account, "recording", act.run(account.client), { code: "not-found", providerCode: undefined });
  });

  test.each(["mixcom", "dingxin", "cyjcloud"] as const)("%s recording, after a month: succeeds, because no document limits the time", async (provider) => {
    const account = openAccount(provider);
    const act = await prepareOperation(account, "recording");
    await account.clock.advance(31 * DAY_MS);
    act.expectDone(await act.run(account.client));
    expect(account.sent).toHaveLength(countRequests(provider, "recording"));
  });

  test("quanmayun hangUp, of an unknown call, and of one that has ended", async () => {
    const unknown = openAccount("quanmayun");
    await expectRefusal(unknown, "hangUp", unknown.client.hangUp("128754716574532539"), { code: "not-found", providerCode: "404" });
    const ended = openAccount("quanmayun");
    const { callId } = ended.simulator.placeCall({ caller: CALLER, callee: CALLEE });
    await ended.simulator.idle();
    await expectRefusal(ended, "hangUp", ended.client.hangUp(callId), { code: "not-found", providerCode: "404" });
  });

  test("dingxin dial, of two numbers that are already bound: conflict; of a number that is in a call: line-busy", async () => {
    const account = openAccount("dingxin");
    const act = await prepareOperation(account, "dial");
    await act.run(account.client);
    account.sent.length = 0;
    await expectRefusal(account, "dial", act.run(account.client), { code: "conflict", providerCode: "7002", providerMessage: "绑定关系已存在" });
    account.sent.length = 0;
    const another = account.client.dial({ ...createDialRequest("dingxin"), callee: "13700000003" } as never);
    await expectRefusal(account, "dial", another, { code: "line-busy", providerCode: "7001", providerMessage: "正在呼叫中" });
  });

  test("cyjcloud dial, with a virtual number that the account does not have: not-found", async () => {
    const account = openAccount("cyjcloud");
    const asked = account.client.dial({ ...createDialRequest("cyjcloud"), virtualNumber: "17100000000" } as never);
    await expectRefusal(account, "dial", asked, { code: "not-found", providerCode: "2013" });
  });

  test("seatcall dial, from a seat without a phone, and from one bound to another phone: rejected, with the platform's text", async () => {
    const unbound = openAccount("seatcall");
    const from = (account: Account, request: object): Promise<unknown> => account.client.dial({ caller: CALLER, callee: CALLEE, seat: SEAT, ...request });
    await expectRefusal(unbound, "dial", from(unbound, { seat: FREE_SEAT }), { code: "rejected", providerCode: undefined, providerMessage: "坐席未绑定主叫号码" });
    const another = openAccount("seatcall");
    await expectRefusal(another, "dial", from(another, { caller: "13700000003" }), { code: "rejected", providerCode: undefined, providerMessage: "主叫号码与坐席绑定的号码不一致" });
    // After binding, the dial succeeds.
    await unbound.client.bindSeat({ seat: FREE_SEAT, phone: CALLER });
    await from(unbound, { seat: FREE_SEAT });
    expect(unbound.simulator.calls).toHaveLength(1);
  });
});
