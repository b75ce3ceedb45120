// An answer in GBK, which its content type says, means what it means in UTF-8.
import type { Operation, Provider } from "ringback";
import { describe, expect, test } from "vitest";
import { accountAt, type Expected, FREE_SEAT, prepared, REQUESTED, requestsOf, verdictOf } from "../support/contract-account.js";
import { failureOf } from "../support/failure.js";
import { CALLEE, CALLER } from "../testing/simulations.js";

describe("an answer in GBK", () => {
  test.each(REQUESTED)("%s %s: it is done, with one request", async (provider, operation) => {
    const account = accountAt(provider);
    const act = await prepared(account, operation);
    account.simulator.fault({ kind: "gbk", on: operation });
    act.expectDone(await act.ask(account.client));
    expect(account.sent).toHaveLength(requestsOf(provider, operation));
  });

  // As the documents' examples have it.
  test.each([
    ["quanmayun", "操作成功"],
    ["dingxin", "请求成功"],
  ] as const)("%s dial: its words stand in raw as in UTF-8", async (provider, words) => {
    const account = accountAt(provider);
    const act = await prepared(account, "dial");
    account.simulator.fault({ kind: "gbk" });
    expect(await act.ask(account.client)).toMatchObject({ raw: { msg: words } });
  });

  const REFUSED: readonly [Provider, Operation, object, Pick<Expected, "code" | "providerCode"> & { providerMessage: string }][] = [
    ["mixcom", "recording", {}, { code: "not-found", providerCode: "404", providerMessage: "录音不存在" }],
    ["quanmayun", "recording", {}, { code: "not-found", providerCode: "404", providerMessage: "录音不存在" }],
    ["dingxin", "recording", {}, { code: "not-found", providerCode: "2003", providerMessage: "暂无数据" }],
    ["dingxin", "dial", { appSecret: "mistyped" }, { code: "authentication", providerCode: "1005", providerMessage: "认证错误" }],
    ["cyjcloud", "dial", { appId: "mistyped" }, { code: "authentication", providerCode: "1001", providerMessage: "账户授权令牌不存在" }],
    ["cyjcloud", "recording", {}, { code: "not-found", providerCode: "3003", providerMessage: "录音不存在" }],
    ["seatcall", "dial", {}, { code: "rejected", providerCode: undefined, providerMessage: "坐席未绑定主叫号码" }],
  ];
  test.each(REFUSED)("%s %s: a refusal is one, in its own words", async (provider, operation, options, shown) => {
    const { simulator, clientWith, sent } = accountAt(provider);
    const client = clientWith(options);
    simulator.fault({ kind: "gbk", on: operation });
    const asked = operation === "dial" ? client.dial({ caller: CALLER, callee: CALLEE, ...(provider === "seatcall" && { seat: FREE_SEAT }) } as never) : client.recording("0123456789" as never);
    const expected = { provider, operation, delivery: "refused", retryable: false, ...shown } as const;
    expect(verdictOf(await failureOf(asked), expected)).toEqual(expected);
    expect(sent).toHaveLength(1);
    expect(simulator.calls).toHaveLength(0);
  });
});
