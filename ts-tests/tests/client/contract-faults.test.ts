// What can happen to a request on its way, to each operation of each platform: what the client says of it, and how often it asked.
import { type Operation, type Provider, providers } from "ringback";
import type { Fault } from "ringback/testing";
import { describe, expect, test, vi } from "vitest";
import { accountAt, type Expected, isSafe, OFFERED, OPERATIONS, prepared, REQUESTED, requestsOf, verdictOf, wallClock } from "../support/contract-account.js";
import { failureOf } from "../support/failure.js";
import { CALLEE, CALLER, PROVIDERS, SEAT } from "../testing/simulations.js";

/** `delivery`, and whether repeating may help, as design.md says: an answer of 5xx, a broken connection and a time-out leave open what became of it. */
interface Struck extends Pick<Expected, "code" | "delivery"> {
  readonly when: string;
  readonly fault: Fault;
  /** What only reads may be tried again. */
  readonly again: boolean;
  /** Nothing was done, and that is certain. */
  readonly repeatable?: true;
  /** The platform did what was asked, though nobody was told. */
  readonly acted: boolean;
}

const FAULTS: readonly Struck[] = [
  { when: "the connection is reset before the platform acts", fault: { kind: "reset" }, code: "network", delivery: "unknown", again: true, acted: false },
  { when: "the connection is reset after it acted", fault: { kind: "reset", when: "after" }, code: "network", delivery: "unknown", again: true, acted: true },
  { when: "no answer ever comes", fault: { kind: "timeout" }, code: "timeout", delivery: "unknown", again: true, acted: false },
  { when: "no answer ever comes after it acted", fault: { kind: "timeout", when: "after" }, code: "timeout", delivery: "unknown", again: true, acted: true },
  { when: "a gateway answers 502", fault: { kind: "bad-gateway" }, code: "provider-unavailable", delivery: "unknown", again: true, acted: false },
  { when: "a gateway answers 502 after the platform acted", fault: { kind: "bad-gateway", when: "after" }, code: "provider-unavailable", delivery: "unknown", again: true, acted: true },
  { when: "it is sent elsewhere with 307", fault: { kind: "redirect" }, code: "malformed-response", delivery: "unknown", again: false, acted: false },
  { when: "it is sent to another host with 307", fault: { kind: "redirect", location: "https://elsewhere.example/" }, code: "malformed-response", delivery: "unknown", again: false, acted: false },
  { when: "the answer breaks off", fault: { kind: "truncated" }, code: "malformed-response", delivery: "unknown", again: false, acted: true },
  { when: "there are too many requests", fault: { kind: "rate-limited", retryAfterSeconds: 0 }, code: "rate-limited", delivery: "refused", again: true, repeatable: true, acted: false },
];

/** cyjcloud alone has a code of its own for too many requests: 2016. */
function codeOf(provider: Provider, { kind }: Fault): string | undefined {
  return provider === "cyjcloud" && kind === "rate-limited" ? "2016" : undefined;
}

/** A recording that is the answer itself breaks off while it is read, after an answer that was in order. */
const STREAMED = (provider: Provider, operation: Operation): boolean => operation === "recording" && ["mixcom", "dingxin"].includes(provider);

function expectedOf(provider: Provider, operation: Operation, { code, delivery, again, repeatable, fault }: Struck): object {
  const retryable = isSafe(operation) ? again : repeatable === true;
  return { provider, operation, code, delivery, retryable, providerCode: codeOf(provider, fault) };
}

const STRUCK = REQUESTED.flatMap(([provider, operation]) => FAULTS.map((struck) => ({ provider, operation, ...struck }))).filter(
  ({ provider, operation, fault }) => !(fault.kind === "truncated" && STREAMED(provider, operation)),
);

describe.concurrent("what acts is asked for once", () => {
  const acting = STRUCK.filter(({ operation }) => !isSafe(operation));
  test.each(acting)("$provider $operation, when $when: $code, $delivery", async (struck) => {
    const { provider, operation, fault, acted } = struck;
    const account = accountAt(provider, { client: { retries: 5 } });
    const act = await prepared(account, operation);
    account.simulator.fault({ ...fault, on: operation } as Fault);
    const expected = expectedOf(provider, operation, struck);
    expect(verdictOf(await failureOf(act.ask(account.client)), expected as Expected)).toEqual(expected);
    expect(account.sent).toHaveLength(1);
    expect(act.done?.()).toBe(acted);
  });

  test.each(PROVIDERS)("%s dial, when its record comes before its answer: it is done, once", async (provider) => {
    const account = accountAt(provider);
    const act = await prepared(account, "dial");
    account.simulator.fault({ kind: "early" });
    act.expectDone(await act.ask(account.client));
    expect(account.received).toHaveLength(1);
    expect(account.sent).toHaveLength(1);
  });
});

describe.concurrent("what only reads is asked for again", () => {
  const reading = STRUCK.filter(({ operation }) => isSafe(operation));
  const counted = reading.flatMap((struck) => [0, 1, 2].map((retries) => ({ ...struck, retries, times: struck.again ? retries + 1 : 1 })));
  test.each(counted)("$provider $operation, when $when and retries are $retries: $code after $times", async ({ retries, times, ...struck }) => {
    const { provider, operation, fault } = struck;
    const account = accountAt(provider, { client: { retries } });
    const act = await prepared(account, operation);
    account.simulator.fault({ ...fault, on: operation, times: Infinity } as Fault);
    const expected = expectedOf(provider, operation, struck);
    expect(verdictOf(await failureOf(act.ask(account.client)), expected as Expected)).toEqual(expected);
    expect(account.sent).toHaveLength(times);
  });

  test.each(reading.filter(({ again }) => again))("$provider $operation, when $when twice: the third answer counts", async ({ provider, operation, fault }) => {
    const account = accountAt(provider);
    const act = await prepared(account, operation);
    account.simulator.fault({ ...fault, on: operation, times: 2 } as Fault);
    act.expectDone(await act.ask(account.client));
    expect(account.sent).toHaveLength(2 + requestsOf(provider, operation));
  });

  test.each(["mixcom", "dingxin"] as const)("%s recording, when its bytes break off: the stream fails, and is not begun again", async (provider) => {
    const account = accountAt(provider);
    const act = await prepared(account, "recording");
    account.simulator.fault({ kind: "truncated", on: "recording" });
    const expected = { provider, operation: "recording", code: "network", delivery: "unknown", retryable: true, providerCode: undefined } as const;
    expect(verdictOf(await failureOf(act.ask(account.client)), expected)).toEqual(expected);
    expect(account.sent).toHaveLength(1);
    act.expectDone(await act.ask(account.client));
  });
});

describe.concurrent("a platform that is slow", () => {
  const A_MINUTE = 60_000;
  const slowly = (provider: Provider, client: object = {}): ReturnType<typeof accountAt> => accountAt(provider, { clock: wallClock(), pace: 1_000_000, client });

  test.each(REQUESTED)("%s %s, when the answer takes longer than timeoutMs: timeout, unknown", async (provider, operation) => {
    const account = slowly(provider, { timeoutMs: 40, retries: 1 });
    const act = await prepared(account, operation);
    account.simulator.fault({ kind: "delay", on: operation, ms: A_MINUTE, times: Infinity });
    const expected = { provider, operation, code: "timeout", delivery: "unknown", retryable: isSafe(operation), providerCode: undefined } as const;
    expect(verdictOf(await failureOf(act.ask(account.client)), expected)).toEqual(expected);
    expect(account.sent).toHaveLength(isSafe(operation) ? 2 : 1);
    // The platform had acted all the same, before it was slow.
    expect(act.done?.() ?? true).toBe(true);
  });

  test.each(REQUESTED)("%s %s, when the signal is aborted meanwhile: aborted, unknown, and not asked for again", async (provider, operation) => {
    const account = slowly(provider);
    const act = await prepared(account, operation);
    account.simulator.fault({ kind: "delay", on: operation, ms: A_MINUTE });
    const controller = new AbortController();
    const failure = failureOf(act.ask(account.client, { signal: controller.signal }));
    await vi.waitFor(() => expect(account.sent).toHaveLength(1), 10_000);
    controller.abort();
    const expected = { provider, operation, code: "aborted", delivery: "unknown", retryable: false, providerCode: undefined } as const;
    expect(verdictOf(await failure, expected)).toEqual(expected);
    expect(account.sent).toHaveLength(1);
  });
});

describe("what never leaves this machine", () => {
  test.each(REQUESTED)("%s %s, when the signal was aborted before: aborted, not-sent", async (provider, operation) => {
    const account = accountAt(provider);
    const act = await prepared(account, operation);
    const expected = { provider, operation, code: "aborted", delivery: "not-sent", retryable: false, providerCode: undefined } as const;
    expect(verdictOf(await failureOf(act.ask(account.client, { signal: AbortSignal.abort() })), expected)).toEqual(expected);
    expect(account.sent).toHaveLength(0);
  });

  const ALL: readonly Operation[] = ["dial", "hangUp", "bindSeat", "records", "recording", "balance"];
  const LACKING = PROVIDERS.flatMap((provider) => ALL.filter((operation) => !(OPERATIONS[provider] as readonly Operation[]).includes(operation)).map((operation) => [provider, operation] as const));

  test("an operation is either offered or lacking", () => {
    expect(LACKING.length + OFFERED.length).toBe(ALL.length * Object.keys(providers).length);
  });

  test.each(LACKING)("%s %s: unsupported", async (provider, operation) => {
    const { client, sent } = accountAt(provider);
    const range = { from: "2020-03-02T00:00:00+08:00", to: "2020-03-03T00:00:00+08:00" };
    const asked: Record<Operation, () => Promise<unknown>> = {
      dial: () => client.dial({ caller: CALLER, callee: CALLEE, seat: SEAT }),
      hangUp: () => client.hangUp("c-1"),
      bindSeat: () => client.bindSeat({ seat: SEAT, phone: CALLER }),
      records: () => client.records(range)[Symbol.asyncIterator]().next(),
      // Every platform has this one.
      recording: () => client.recording("c-1" as never),
      balance: () => client.balance(),
    };
    const expected = { provider, operation, code: "unsupported", delivery: "not-sent", retryable: false, providerCode: undefined } as const;
    expect(verdictOf(await failureOf(asked[operation]), expected)).toEqual(expected);
    expect(sent).toHaveLength(0);
  });

  test("seatcall recording, by a call id: its address stands in the record only", async () => {
    const { client, sent } = accountAt("seatcall");
    expect(await failureOf(client.recording("b82effb1_324874486" as never))).toMatchObject({ code: "invalid-argument", delivery: "not-sent", retryable: false });
    expect(sent).toHaveLength(0);
  });
});
