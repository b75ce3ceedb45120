// A dial's reference, which identifies its record: it is on every error, in the error's JSON and in every hook.
import { type Client, isRingbackError, type RingbackError } from "ringback";
import { describe, expect, test } from "vitest";
import { expectFailure } from "../support/failure.js";
import { createFetch, answerJson } from "../support/fetches.js";
import { createTestClient, NUMBERS } from "../support/platforms.js";

const MADE = /^[0-9a-f]{32}$/;
const never = (): Promise<never> => new Promise(() => undefined);

describe.each(["mixcom", "quanmayun"] as const)("a dial through %s without a given reference", (provider) => {
  test.each([
    ["a time-out", never, { timeoutMs: 30 }],
    ["a reset", async () => Promise.reject(new TypeError("fetch failed")), {}],
    ["a 500", answerJson("{}", 500), {}],
    ["a refusal", answerJson('{"success":false,"code":1003,"msg":"no"}'), {}],
    ["an unreadable answer", answerJson("<html>"), {}],
  ])("has the generated reference, the one that was sent, on the error after %s", async (_, answer, options) => {
    const events: { reference?: string }[] = [];
    const seen = (event: object): number => events.push(event);
    const fetch = createFetch(answer);
    const error = await expectFailure(createTestClient(provider, fetch, { ...options, on: { request: seen, response: seen, error: seen } }).dial(NUMBERS));
    expect(error.reference).toMatch(MADE);
    expect(fetch.sent[0]?.body).toContain(error.reference);
    expect(error.toJSON()["reference"]).toBe(error.reference);
    expect(new Set(events.map(({ reference }) => reference))).toEqual(new Set([error.reference]));
    if (error.delivery === "unknown") expect(error.hint).toContain(error.reference);
  });

  test("has it on the error when the signal is aborted after sending", async () => {
    const controller = new AbortController();
    const fetch = createFetch(() => {
      controller.abort();
      return never();
    });
    const error = await expectFailure(createTestClient(provider, fetch).dial(NUMBERS, { signal: controller.signal }));
    expect(error).toMatchObject({ code: "aborted", delivery: "unknown" });
    expect(fetch.sent[0]?.body).toContain(error.reference);
  });

  test("has it on the errors of interpret, also when the response itself cannot be read", () => {
    const client = createTestClient(provider, createFetch(never)) as Client<"mixcom">;
    const prepared = client.prepare("dial", NUMBERS);
    const catchInterpretError = (response: unknown): RingbackError => {
      try {
        client.interpret(prepared, response as never);
      } catch (error) {
        if (isRingbackError(error)) return error;
      }
      throw new Error("interpret should have failed");
    };
    for (const response of [{ status: 500, body: "" }, { status: 200, body: 5 }, null]) {
      expect(catchInterpretError(response), JSON.stringify(response)).toMatchObject({ delivery: "unknown", reference: prepared.reference });
    }
  });
});

test("a given reference is on errors that JavaScript raises before anything is sent", async () => {
  const client = createTestClient("mixcom", createFetch(never), {
    now: () => {
      throw new Error("no clock");
    },
  });
  expect(await expectFailure(client.dial({ ...NUMBERS, reference: "o-1" }))).toMatchObject({ code: "invalid-argument", delivery: "not-sent", reference: "o-1" });
});

test("the same error in two dials does not mix up their references", async () => {
  const now = (): never => {
    throw shared;
  };
  const client = createTestClient("mixcom", createFetch(answerJson("{}")), { now });
  const shared = await expectFailure(createTestClient("mixcom", createFetch(answerJson("{}", 500)), { retries: 0 }).recording("CAE-1"));
  const [one, two] = await Promise.all([expectFailure(client.dial({ ...NUMBERS, reference: "o-1" })), expectFailure(client.dial({ ...NUMBERS, reference: "o-2" }))]);
  expect([one.reference, two.reference]).toEqual(["o-1", "o-2"]);
});

test("an invalid reference is not repeated", async () => {
  const error = await expectFailure(createTestClient("mixcom", createFetch(never)).dial({ ...NUMBERS, reference: "a b" }));
  expect(error).toMatchObject({ code: "invalid-argument", field: "reference" });
  expect(error.reference).toBeUndefined();
});
