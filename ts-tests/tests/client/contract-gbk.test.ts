// An answer in GBK, declared by its content type, is read like one in UTF-8.
import type { Operation, Provider } from "ringback";
import { describe, expect, test } from "vitest";
import { openAccount, type Expected, FREE_SEAT, prepareOperation, REQUESTED, countRequests, pickExpected } from "../support/contract-account.js";
import { expectFailure } from "../support/failure.js";
import { CALLEE, CALLER } from "../testing/simulations.js";

describe("an answer in GBK", () => {
  test.each(REQUESTED)("%s %s: succeeds with one request", async (provider, operation) => {
    const account = openAccount(provider);
    const act = await prepareOperation(account, operation);
    account.simulator.fault({ kind: "gbk", on: operation });
    act.expectDone(await act.run(account.client));
    expect(account.sent).toHaveLength(countRequests(provider, operation));
  });

  // The texts of the documents' examples.
  test.each([
    ["quanmayun", "操作成功"],
    ["dingxin", "请求成功"],
  ] as const)("%s dial: raw has the same words as in UTF-8", async (provider, words) => {
    const account = openAccount(provider);
    const act = await prepareOperation(account, "dial");
    account.simulator.fault({ kind: "gbk" });
    expect(await act.run(account.client)).toMatchObject({ raw: { msg: words } });
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
  test.each(REFUSED)("%s %s: a refusal is reported in the platform's words", async (provider, operation, options, shown) => {
    const { simulator, clientWith, sent } = openAccount(provider);
    const client = clientWith(options);
    simulator.fault({ kind: "gbk", on: operation });
    const asked = operation === "dial" ? client.dial({ caller: CALLER, callee: CALLEE, ...(provider === "seatcall" && { seat: FREE_SEAT }) } as never) : client.recording("0123456789" as never);
    const expected = { provider, operation, delivery: "refused", retryable: false, ...shown } as const;
    expect(pickExpected(await expectFailure(asked), expected)).toEqual(expected);
    expect(sent).toHaveLength(1);
    expect(simulator.calls).toHaveLength(0);
  });
});
