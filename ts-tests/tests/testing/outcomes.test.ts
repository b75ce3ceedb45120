// An outcome is scripted in the words of the record, and the record then has exactly these words.
import { type CallRecord, createReceiver, type Provider, providers } from "ringback";
import { type CallDetails, type CallScript, codes, createSimulator, forgePush, outcomes, type PushOverrides } from "ringback/testing";
import { describe, expect, test } from "vitest";
import { ALL_OUTCOMES, CALLEE, CALLER, listOutcomes, PROVIDERS, PUSH_URL, simulate, TOKEN, type Words } from "./simulations.js";

/** The causes that name the recording or the announcement follow from 5 呼叫失败原因 of mixcom's document. */
const SIP = [
  "answered hung-up",
  "answered recording",
  "unanswered no-answer caller",
  "unanswered no-answer callee",
  "unanswered cancelled caller",
  "unanswered cancelled callee",
  "unanswered timeout caller",
  "unanswered timeout callee",
  "unanswered unknown caller",
  "unanswered unknown callee",
  "failed call-failed caller",
  "failed call-failed callee",
  "failed recording",
  "failed announcement",
  "failed capacity",
  "failed platform caller",
  "failed platform callee",
  "unknown unknown",
];

/** The outcomes that the records of each platform can have, by its document: 5 呼叫失败原因; 3.2 reason; 3 通话状态; 获取话单以及录音接口. */
const POSSIBLE = {
  mixcom: SIP,
  quanmayun: [
    "answered hung-up",
    "unanswered busy caller",
    "unanswered busy callee",
    "unanswered no-answer caller",
    "unanswered no-answer callee",
    "unanswered abandoned caller",
    "unanswered unknown",
    "failed call-failed caller",
    "failed call-failed callee",
    "failed other",
    "unknown unknown",
  ],
  dingxin: ["answered hung-up", "unanswered other", "unanswered unknown", "failed call-failed", "unknown unknown"],
  // The caller is rung first, so a caller who does not answer is never alone with the normal code.
  cyjcloud: SIP.filter((outcome) => outcome !== "unanswered unknown caller"),
  seatcall: ["answered hung-up", "unanswered unknown", "unanswered unknown callee"],
};

const write = ({ status, cause, leg }: Words): string => [status, cause, ...(leg === undefined ? [] : [leg])].join(" ");

/** Which details a script may have, besides none. */
const DETAILS: { readonly [provider: string]: readonly CallDetails[] } = {
  mixcom: [{ first: "caller" }, { first: "callee" }],
  dingxin: [{ first: "caller" }, { first: "callee" }],
  cyjcloud: [{ direction: "inbound" }],
  seatcall: [{ direction: "inbound" }],
};

describe.each(PROVIDERS)("%s", (provider) => {
  const possible = POSSIBLE[provider as keyof typeof POSSIBLE];

  test("can be scripted with every outcome that its records have, and with no other", () => {
    expect(ALL_OUTCOMES).toHaveLength(4 * 13 * 3);
    expect(listOutcomes(provider).map(write).sort()).toEqual([...possible].sort());
    expect(outcomes[provider].map(write).sort()).toEqual([...possible].sort());
    expect(new Set(outcomes[provider].map(write)).size).toBe(possible.length);
  });

  test.each([{}, ...(DETAILS[provider] ?? [])])("has in each record exactly the scripted outcome, with %o", async (details) => {
    const { simulator, received } = simulate(provider);
    const listed = listOutcomes(provider, details);
    expect(listed.length).toBeGreaterThan(1);
    for (const words of listed) {
      simulator.placeCall({ caller: CALLER, callee: CALLEE, script: { ...words, ...details } as CallScript });
      expect(simulator.calls.at(-1)?.outcome).toMatchObject(words);
      await simulator.idle();
    }
    expect(received.map(({ outcome }) => write(outcome))).toEqual(listed.map(write));
    expect(simulator.calls.map(({ outcome }) => write(outcome))).toEqual(listed.map(write));
  });

  test("has in each forged push exactly the given outcome", async () => {
    for (const words of listOutcomes(provider)) {
      const records: CallRecord[] = [];
      const receive = createReceiver({ provider, tokens: [TOKEN], onRecord: (record) => void records.push(record) });
      const push = forgePush(provider, words as PushOverrides);
      await receive(push.toRequest(PUSH_URL));
      expect(records.map(({ outcome }) => write(outcome))).toEqual([write(words)]);
      expect(push.call.outcome).toEqual(pickWords(records[0]));
    }
  });

  test("has every word that is given, where only some are", async () => {
    const { simulator, received } = simulate(provider);
    const partial = listOutcomes(provider).flatMap(({ status, cause, leg }) => [{ status }, { cause }, { status, cause }, ...(leg === undefined ? [] : [{ leg }, { cause, leg }, { status, leg }])]);
    for (const words of partial) {
      simulator.placeCall({ caller: CALLER, callee: CALLEE, script: words as CallScript });
      await simulator.idle();
      expect(received.at(-1)?.outcome, JSON.stringify(words)).toMatchObject(words);
    }
  });

  test("has the scripted code, documented or not", async () => {
    const { simulator, received } = simulate(provider);
    const undocumented = codes[provider].length === 0 ? [] : ["E42", 40_404];
    for (const code of [...codes[provider].map((one) => one.code), ...undocumented]) {
      simulator.placeCall({ caller: CALLER, callee: CALLEE, script: { code } });
      await simulator.idle();
      expect(received.at(-1)?.outcome.code).toBe(String(code));
      expect(simulator.calls.at(-1)?.outcome).toEqual(pickWords(received.at(-1)));
    }
    expect(received).toHaveLength(codes[provider].length + undocumented.length);
  });

  test("can be scripted with the outcome of a record of its own", async () => {
    for (const words of listOutcomes(provider)) {
      const push = forgePush(provider, words as PushOverrides);
      expect(forgePush(provider, push.call.outcome as PushOverrides).payload).toEqual(push.payload);
    }
  });

  test("names what is possible, where the outcome is not", () => {
    const { simulator } = simulate(provider);
    const impossible = ALL_OUTCOMES.find((words) => words.status !== "answered" && !possible.includes(write(words)));
    expect(() => simulator.script(impossible as CallScript)).toThrow(
      expect.objectContaining({
        code: "invalid-argument",
        reason: "unsupported-value",
        message: expect.stringContaining(provider) as string,
        hint: expect.stringMatching(/^possible here: .*unanswered/) as string,
      }),
    );
  });
});

function pickWords(record: CallRecord | undefined): object {
  const { message, ...words } = record?.outcome ?? {};
  return words;
}

describe("an outcome", () => {
  test("that is complete has no leg if none is given, where the record can be without one", async () => {
    const { simulator, received } = simulate("seatcall");
    for (const script of [{ status: "unanswered", cause: "unknown" }, { status: "unanswered" }] as const) {
      simulator.placeCall({ caller: `+86${CALLER}`, callee: `+86${CALLEE}`, script });
      await simulator.idle();
    }
    expect(received.map(({ outcome }) => outcome.leg)).toEqual([undefined, "callee"]);
  });

  test("can be answered with the code of another one, where the times decide", async () => {
    const { simulator, received } = simulate("mixcom");
    simulator.placeCall({ caller: CALLER, callee: CALLEE, script: { status: "answered", code: 514 } });
    await simulator.idle();
    expect(received[0]?.outcome).toMatchObject({ status: "answered", cause: "no-answer", code: "514" });
    expect(() => simulate("dingxin").simulator.script({ status: "answered", code: 2 })).toThrow(/does not go with/);
  });

  test("cannot blame a caller who dialed in", () => {
    expect(() => simulate("cyjcloud").simulator.script({ cause: "no-answer", leg: "caller", direction: "inbound" })).toThrow(/^leg: /);
  });

  test("without a word is answered", async () => {
    const { simulator, received } = simulate("quanmayun");
    simulator.placeCall({ caller: CALLER, callee: "13900000008", script: { talkSeconds: 5 } });
    await simulator.idle();
    expect(received[0]?.outcome).toMatchObject({ status: "answered", cause: "hung-up" });
  });

  test("of a call that is hung up is the one of its record", async () => {
    const { simulator, clock, received } = simulate("mixcom");
    const call = simulator.placeCall({ caller: CALLER, callee: CALLEE, script: { status: "answered", calleeRingSeconds: 30 } });
    await clock.advance(10_000);
    call.hangUp();
    await simulator.idle();
    expect(call.outcome).toEqual(pickWords(received[0]));
    expect(call.outcome).toMatchObject({ status: "unanswered", cause: "cancelled", leg: "callee" });
  });
});

describe("an impossible outcome is a type error", () => {
  test("at the platforms whose records cannot say it", () => {
    const { clientOptions: _, ...mixcom } = createSimulator({ provider: "mixcom", appKey: "k", appSecret: "s" });
    const dingxin = createSimulator({ provider: "dingxin", appKey: "k", appSecret: "s" });
    // @ts-expect-error mixcom has no code for busy
    expect(() => mixcom.script({ cause: "busy" })).toThrow(/^cause: no record of mixcom has this value$/);
    // @ts-expect-error dingxin's records do not name a leg
    expect(() => dingxin.script({ status: "unanswered", leg: "callee" })).toThrow(/^leg: no record of dingxin/);
    // @ts-expect-error a call that failed is not answered
    expect(() => mixcom.script({ status: "answered", cause: "call-failed" })).toThrow(/^cause: does not go with this status at mixcom$/);
    // @ts-expect-error the word of an earlier version
    expect(() => mixcom.script({ outcome: "callee-no-answer" })).toThrow(/^outcome: is written in the words of the record$/);
    mixcom.script({ status: "unanswered", cause: "no-answer", leg: "callee" }).script({ cause: "timeout" }).script({ code: 514, talkSeconds: 3 });
    createSimulator({ provider: "quanmayun", appId: "1", appSecret: "s", script: { cause: "busy", leg: "callee" } });
    forgePush("quanmayun", { cause: "abandoned", reference: "order-7" });
    for (const outcome of outcomes.mixcom) mixcom.script(outcome);
    // @ts-expect-error seatcall's records have no cause
    expect(() => forgePush("seatcall", { cause: "busy" })).toThrow(/^cause: no record of seatcall/);
  });
});

test("every platform is in the table above", () => {
  expect(Object.keys(POSSIBLE)).toEqual(Object.keys(providers) satisfies string[] as Provider[]);
});
