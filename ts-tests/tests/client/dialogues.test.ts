// Runs a thousand random dialogues. RINGBACK_UNDER_TEST may name the entry of a package with an altered rule, with which they must fail.
import fc from "fast-check";
import { type Provider, providers } from "ringback";
import { codes } from "ringback/testing";
import { describe, expect, test } from "vitest";
import { findDisagreements, type Mishap, type Plan, type PlannedCall } from "../../dialogues/dialogue.js";
import { listOutcomes } from "../testing/simulations.js";

const ringback = (await import(process.env.RINGBACK_UNDER_TEST ?? "ringback")) as typeof import("ringback");
const DIALOGUES = 1000;
const NAMES = Object.keys(providers) as Provider[];

const seconds = (min: number, max: number): fc.Arbitrary<number | undefined> => fc.option(fc.integer({ min, max }), { nil: undefined });
const mobile = fc.integer({ min: 0, max: 99_999_999 }).map((rest) => `139${String(rest).padStart(8, "0")}`);

function generateCall(provider: Provider): fc.Arbitrary<PlannedCall> {
  const firsts = provider === "mixcom" ? [undefined, "caller" as const, "callee" as const] : [undefined];
  const known = codes[provider].map(({ code }) => code);
  const ending = fc.oneof(
    // Some outcomes need a certain party to be rung first.
    fc.constantFrom(...firsts.flatMap((first) => listOutcomes(provider, { first }).map((words) => ({ ...words, first })))),
    ...(known.length === 0 ? [] : [fc.constantFrom(...known).map((code) => ({ code }))]),
    // Undocumented codes.
    ...(known.length === 0 ? [] : [fc.constantFrom(...(provider === "quanmayun" ? ["Rejected", "新的原因"] : [4, 599, 65_535])).map((code) => ({ code }))]),
  );
  const mishaps: Mishap[] = ["none", "none", "not kept at first", "pushed twice more", "out of order", "before the answer", "in GBK", ...(provider === "cyjcloud" ? [] : ["as a form" as const])];
  return fc.record({
    script: fc
      .tuple(
        ending,
        fc.record(
          {
            setupSeconds: fc.integer({ min: 1, max: 20 }),
            callerRingSeconds: fc.integer({ min: 0, max: 60 }),
            calleeRingSeconds: fc.integer({ min: 0, max: 60 }),
            talkSeconds: fc.integer({ min: 0, max: 4000 }),
            recording: fc.constantFrom("available", "none", "failed"),
            ...(provider === "mixcom" && { first: fc.constantFrom("caller", "callee") }),
          },
          { requiredKeys: [] },
        ),
      )
      .map(([end, rest]) => ({ ...rest, ...end })),
    caller: fc.constantFrom("13800000001", "13800000002"),
    callee: mobile,
    reference: fc.option(fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/), { nil: undefined }),
    mishap: fc.constantFrom(...mishaps),
    hangUpAfter: seconds(0, 90),
    // dingxin refuses a number that is in a call, so each call ends before the next.
    pause: provider === "dingxin" ? fc.constant(10_000) : fc.integer({ min: 0, max: 10_000 }),
  }) as fc.Arbitrary<PlannedCall>;
}

function generatePlan(provider: Provider): fc.Arbitrary<Plan> {
  return fc.record({
    provider: fc.constant(provider),
    seed: fc.integer({ min: 0, max: 2 ** 31 }),
    at: fc.date({ min: new Date("2020-01-01T00:00:00Z"), max: new Date("2029-12-31T00:00:00Z"), noInvalidDate: true }).map((date) => date.getTime()),
    account: fc.option(fc.constantFrom("shanghai", "b"), { nil: undefined }),
    calls: fc.array(generateCall(provider), { minLength: 1, maxLength: 4 }),
  });
}

describe("the simulator and the package agree", () => {
  test.each(NAMES)("in %s's share of a thousand dialogues", async (provider) => {
    let played = 0;
    await fc.assert(
      fc.asyncProperty(generatePlan(provider), async (dialogue) => {
        played += 1;
        expect(await findDisagreements(ringback, dialogue)).toEqual([]);
      }),
      { numRuns: DIALOGUES / NAMES.length, seed: 5, endOnFailure: false },
    );
    expect(played).toBeGreaterThanOrEqual(DIALOGUES / NAMES.length);
  }, 120_000);
});
