// Network faults in each operation of each platform: the error that the client reports, and the number of its requests.
import { type Operation, type Provider, providers } from "ringback";
import type { Fault } from "ringback/testing";
import { describe, expect, test, vi } from "vitest";
import { openAccount, type Expected, isSafe, OFFERED, CONTRACTED, OPERATIONS, prepareOperation, REQUESTED, countRequests, pickExpected, createWallClock } from "../support/contract-account.js";
import { expectFailure } from "../support/failure.js";
import { CALLEE, CALLER, SEAT } from "../testing/simulations.js";

/** `delivery` and `retryable` as design.md defines them: after a 5xx, a broken connection or a time-out the outcome is unknown. */
interface FaultCase extends Pick<Expected, "code" | "delivery"> {
  readonly when: string;
  readonly fault: Fault;
  /** Operations that only read are retried. */
  readonly again: boolean;
  /** The platform certainly did nothing. */
  readonly repeatable?: true;
  /** The platform performed the operation, although the client got no answer. */
  readonly acted: boolean;
}

const FAULTS: readonly FaultCase[] = [
  { when: "the connection is reset before the platform acts", fault: { kind: "reset" }, code: "network", delivery: "unknown", again: true, acted: false },
  { when: "the connection is reset after it acted", fault: { kind: "reset", when: "after" }, code: "network", delivery: "unknown", again: true, acted: true },
  { when: "no answer comes", fault: { kind: "timeout" }, code: "timeout", delivery: "unknown", again: true, acted: false },
  { when: "no answer comes after it acted", fault: { kind: "timeout", when: "after" }, code: "timeout", delivery: "unknown", again: true, acted: true },
  { when: "a gateway answers 502", fault: { kind: "bad-gateway" }, code: "provider-unavailable", delivery: "unknown", again: true, acted: false },
  { when: "a gateway answers 502 after the platform acted", fault: { kind: "bad-gateway", when: "after" }, code: "provider-unavailable", delivery: "unknown", again: true, acted: true },
  { when: "it is redirected with 307", fault: { kind: "redirect" }, code: "malformed-response", delivery: "unknown", again: false, acted: false },
  { when: "it is redirected to another host with 307", fault: { kind: "redirect", location: "https://elsewhere.example/" }, code: "malformed-response", delivery: "unknown", again: false, acted: false },
  { when: "the answer breaks off", fault: { kind: "truncated" }, code: "malformed-response", delivery: "unknown", again: false, acted: true },
  { when: "there are too many requests", fault: { kind: "rate-limited", retryAfterSeconds: 0 }, code: "rate-limited", delivery: "refused", again: true, repeatable: true, acted: false },
];

/** The platform's own code for a fault: only cyjcloud has one, 2016 for too many requests. */
function findProviderCode(provider: Provider, { kind }: Fault): string | undefined {
  return provider === "cyjcloud" && kind === "rate-limited" ? "2016" : undefined;
}

/** The recordings that are the answer itself: they break off while they are read, after a valid start of the answer. */
const isStreamed = (provider: Provider, operation: Operation): boolean => operation === "recording" && ["mixcom", "dingxin"].includes(provider);

function buildExpected(provider: Provider, operation: Operation, { code, delivery, again, repeatable, fault }: FaultCase): object {
  const retryable = isSafe(operation) ? again : repeatable === true;
  return { provider, operation, code, delivery, retryable, providerCode: findProviderCode(provider, fault) };
}

const FAULT_CASES = REQUESTED.flatMap(([provider, operation]) => FAULTS.map((struck) => ({ provider, operation, ...struck }))).filter(
  ({ provider, operation, fault }) => !(fault.kind === "truncated" && isStreamed(provider, operation)),
);

describe.concurrent("an operation that acts is sent once", () => {
  const acting = FAULT_CASES.filter(({ operation }) => !isSafe(operation));
  test.each(acting)("$provider $operation, when $when: $code, $delivery", async (struck) => {
    const { provider, operation, fault, acted } = struck;
    const account = openAccount(provider, { client: { retries: 5 } });
    const act = await prepareOperation(account, operation);
    account.simulator.fault({ ...fault, on: operation } as Fault);
    const expected = buildExpected(provider, operation, struck);
    expect(pickExpected(await expectFailure(act.run(account.client)), expected as Expected)).toEqual(expected);
    expect(account.sent).toHaveLength(1);
    expect(act.isDone?.()).toBe(acted);
  });

  test.each(CONTRACTED)("%s dial, when its record comes before its answer: succeeds, with one request", async (provider) => {
    const account = openAccount(provider);
    const act = await prepareOperation(account, "dial");
    account.simulator.fault({ kind: "early" });
    act.expectDone(await act.run(account.client));
    expect(account.received).toHaveLength(1);
    expect(account.sent).toHaveLength(1);
  });
});

describe.concurrent("an operation that only reads is retried", () => {
  const reading = FAULT_CASES.filter(({ operation }) => isSafe(operation));
  const counted = reading.flatMap((struck) => [0, 1, 2].map((retries) => ({ ...struck, retries, times: struck.again ? retries + 1 : 1 })));
  test.each(counted)("$provider $operation, when $when and retries is $retries: $code after $times requests", async ({ retries, times, ...struck }) => {
    const { provider, operation, fault } = struck;
    const account = openAccount(provider, { client: { retries } });
    const act = await prepareOperation(account, operation);
    account.simulator.fault({ ...fault, on: operation, times: Infinity } as Fault);
    const expected = buildExpected(provider, operation, struck);
    expect(pickExpected(await expectFailure(act.run(account.client)), expected as Expected)).toEqual(expected);
    expect(account.sent).toHaveLength(times);
  });

  test.each(reading.filter(({ again }) => again))("$provider $operation, when $when twice: the third answer is used", async ({ provider, operation, fault }) => {
    const account = openAccount(provider);
    const act = await prepareOperation(account, operation);
    account.simulator.fault({ ...fault, on: operation, times: 2 } as Fault);
    act.expectDone(await act.run(account.client));
    expect(account.sent).toHaveLength(2 + countRequests(provider, operation));
  });

  test.each(["mixcom", "dingxin"] as const)("%s recording, when its bytes break off: the stream fails and is not restarted", async (provider) => {
    const account = openAccount(provider);
    const act = await prepareOperation(account, "recording");
    account.simulator.fault({ kind: "truncated", on: "recording" });
    const expected = { provider, operation: "recording", code: "network", delivery: "unknown", retryable: true, providerCode: undefined } as const;
    expect(pickExpected(await expectFailure(act.run(account.client)), expected)).toEqual(expected);
    expect(account.sent).toHaveLength(1);
    act.expectDone(await act.run(account.client));
  });
});

describe.concurrent("a platform that is slow", () => {
  const A_MINUTE = 60_000;
  const slowly = (provider: Provider, client: object = {}): ReturnType<typeof openAccount> => openAccount(provider, { clock: createWallClock(), pace: 1_000_000, client });

  test.each(REQUESTED)("%s %s, when the answer takes longer than timeoutMs: timeout, unknown", async (provider, operation) => {
    const account = slowly(provider, { timeoutMs: 40, retries: 1 });
    const act = await prepareOperation(account, operation);
    account.simulator.fault({ kind: "delay", on: operation, ms: A_MINUTE, times: Infinity });
    const expected = { provider, operation, code: "timeout", delivery: "unknown", retryable: isSafe(operation), providerCode: undefined } as const;
    expect(pickExpected(await expectFailure(act.run(account.client)), expected)).toEqual(expected);
    expect(account.sent).toHaveLength(isSafe(operation) ? 2 : 1);
    // The platform acted before its slow answer.
    expect(act.isDone?.() ?? true).toBe(true);
  });

  test.each(REQUESTED)("%s %s, when the signal is aborted during the request: aborted, unknown, and not retried", async (provider, operation) => {
    const account = slowly(provider);
    const act = await prepareOperation(account, operation);
    account.simulator.fault({ kind: "delay", on: operation, ms: A_MINUTE });
    const controller = new AbortController();
    const failure = expectFailure(act.run(account.client, { signal: controller.signal }));
    await vi.waitFor(() => expect(account.sent).toHaveLength(1), 10_000);
    controller.abort();
    const expected = { provider, operation, code: "aborted", delivery: "unknown", retryable: false, providerCode: undefined } as const;
    expect(pickExpected(await failure, expected)).toEqual(expected);
    expect(account.sent).toHaveLength(1);
  });
});

describe("an operation that is not sent", () => {
  test.each(REQUESTED)("%s %s, when the signal was aborted before: aborted, not-sent", async (provider, operation) => {
    const account = openAccount(provider);
    const act = await prepareOperation(account, operation);
    const expected = { provider, operation, code: "aborted", delivery: "not-sent", retryable: false, providerCode: undefined } as const;
    expect(pickExpected(await expectFailure(act.run(account.client, { signal: AbortSignal.abort() })), expected)).toEqual(expected);
    expect(account.sent).toHaveLength(0);
  });

  const ALL: readonly Operation[] = ["dial", "hangUp", "bindSeat", "records", "recording", "balance"];
  const MISSING = CONTRACTED.flatMap((provider) => ALL.filter((operation) => !(OPERATIONS[provider] as readonly Operation[]).includes(operation)).map((operation) => [provider, operation] as const));

  test("every operation is either offered or missing", () => {
    expect(MISSING.length + OFFERED.length).toBe(ALL.length * Object.keys(providers).length);
  });

  test.each(MISSING)("%s %s: unsupported", async (provider, operation) => {
    const { client, sent } = openAccount(provider);
    const range = { from: "2020-03-02T00:00:00+08:00", to: "2020-03-03T00:00:00+08:00" };
    const asked: Record<Operation, () => Promise<unknown>> = {
      dial: () => client.dial({ caller: CALLER, callee: CALLEE, seat: SEAT }),
      hangUp: () => client.hangUp("c-1"),
      bindSeat: () => client.bindSeat({ seat: SEAT, phone: CALLER }),
      records: () => client.records(range)[Symbol.asyncIterator]().next(),
      // Every platform offers this operation.
      recording: () => client.recording("c-1" as never),
      balance: () => client.balance(),
    };
    const expected = { provider, operation, code: "unsupported", delivery: "not-sent", retryable: false, providerCode: undefined } as const;
    expect(pickExpected(await expectFailure(asked[operation]), expected)).toEqual(expected);
    expect(sent).toHaveLength(0);
  });

  test("seatcall recording, by a call id: only the record has its address", async () => {
    const { client, sent } = openAccount("seatcall");
    expect(await expectFailure(client.recording("b82effb1_324874486" as never))).toMatchObject({ code: "invalid-argument", delivery: "not-sent", retryable: false });
    expect(sent).toHaveLength(0);
  });
});
