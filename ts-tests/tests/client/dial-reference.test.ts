// A dial's reference, by which its record is found: on every error, in its JSON and in every hook.
import { type Client, isRingbackError, type RingbackError } from "ringback";
import { describe, expect, test } from "vitest";
import { failureOf } from "../support/failure.js";
import { answering, json } from "../support/fetches.js";
import { clientOf, NUMBERS } from "../support/platforms.js";

const MADE = /^[0-9a-f]{32}$/;
const never = (): Promise<never> => new Promise(() => undefined);

describe.each(["mixcom", "quanmayun"] as const)("a dial through %s without a reference of one's own", (provider) => {
  test.each([
    ["a time-out", never, { timeoutMs: 30 }],
    ["a reset", async () => Promise.reject(new TypeError("fetch failed")), {}],
    ["a 500", json("{}", 500), {}],
    ["a refusal", json('{"success":false,"code":1003,"msg":"no"}'), {}],
    ["an unreadable answer", json("<html>"), {}],
  ])("is told after %s which one was made, the one that was sent", async (_, answer, options) => {
    const events: { reference?: string }[] = [];
    const seen = (event: object): number => events.push(event);
    const fetch = answering(answer);
    const error = await failureOf(clientOf(provider, fetch, { ...options, on: { request: seen, response: seen, error: seen } }).dial(NUMBERS));
    expect(error.reference).toMatch(MADE);
    expect(fetch.sent[0]?.body).toContain(error.reference);
    expect(error.toJSON()["reference"]).toBe(error.reference);
    expect(new Set(events.map(({ reference }) => reference))).toEqual(new Set([error.reference]));
    if (error.delivery === "unknown") expect(error.hint).toContain(error.reference);
  });

  test("is told it when the signal is aborted after sending", async () => {
    const controller = new AbortController();
    const fetch = answering(() => {
      controller.abort();
      return never();
    });
    const error = await failureOf(clientOf(provider, fetch).dial(NUMBERS, { signal: controller.signal }));
    expect(error).toMatchObject({ code: "aborted", delivery: "unknown" });
    expect(fetch.sent[0]?.body).toContain(error.reference);
  });

  test("is told it by interpret, also where the response itself cannot be read", () => {
    const client = clientOf(provider, answering(never)) as Client<"mixcom">;
    const prepared = client.prepare("dial", NUMBERS);
    const thrown = (response: unknown): RingbackError => {
      try {
        client.interpret(prepared, response as never);
      } catch (error) {
        if (isRingbackError(error)) return error;
      }
      throw new Error("it should have failed");
    };
    for (const response of [{ status: 500, body: "" }, { status: 200, body: 5 }, null]) {
      expect(thrown(response), JSON.stringify(response)).toMatchObject({ delivery: "unknown", reference: prepared.reference });
    }
  });
});

test("a given reference is on errors of JavaScript's own, before anything is sent", async () => {
  const client = clientOf("mixcom", answering(never), {
    now: () => {
      throw new Error("no clock");
    },
  });
  expect(await failureOf(client.dial({ ...NUMBERS, reference: "o-1" }))).toMatchObject({ code: "invalid-argument", delivery: "not-sent", reference: "o-1" });
});

test("one error for two dials keeps their references apart", async () => {
  const now = (): never => {
    throw shared;
  };
  const client = clientOf("mixcom", answering(json("{}")), { now });
  const shared = await failureOf(clientOf("mixcom", answering(json("{}", 500)), { retries: 0 }).recording("CAE-1"));
  const [one, two] = await Promise.all([failureOf(client.dial({ ...NUMBERS, reference: "o-1" })), failureOf(client.dial({ ...NUMBERS, reference: "o-2" }))]);
  expect([one.reference, two.reference]).toEqual(["o-1", "o-2"]);
});

test("an invalid reference is not repeated", async () => {
  const error = await failureOf(clientOf("mixcom", answering(never)).dial({ ...NUMBERS, reference: "a b" }));
  expect(error).toMatchObject({ code: "invalid-argument", field: "reference" });
  expect(error.reference).toBeUndefined();
});
