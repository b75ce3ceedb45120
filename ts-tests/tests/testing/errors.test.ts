// Every mistake in the use of ringback/testing is a RingbackError that names the field and says what to do.
import { isRingbackError, RingbackError } from "ringback";
import { createSimulator, createVirtualClock, type Fault, forgePush, serveSimulators, type Simulator } from "ringback/testing";
import { describe, expect, test } from "vitest";
import { THROWING, SECRET as HIDDEN } from "../support/strange-values.js";
import { ACCOUNTS, type AnyOptions, CALLEE, CALLER, PUSH_URL, SEAT, simulate } from "./simulations.js";

const ACCOUNT = { provider: "mixcom", appKey: "k", appSecret: "s" } as const;
const PARTIES = { caller: CALLER, callee: CALLEE };

const create = (options: unknown) => () => createSimulator(options as AnyOptions);
const script = (given: unknown, provider: "mixcom" | "quanmayun" | "dingxin" | "seatcall" = "mixcom") => () => simulate(provider).simulator.script(given as never);
const fault = (given: unknown, provider: "mixcom" | "seatcall" = "mixcom") => () => simulate(provider).simulator.fault(given as Fault);
const place = (given: unknown, provider: "mixcom" | "quanmayun" = "mixcom") => () => simulate(provider).simulator.placeCall(given as never);
const forge = (overrides: unknown, provider: unknown = "mixcom") => () => forgePush(provider as "mixcom", overrides as never);

/** The mistake, the call that makes it, the reason and the field of its error, and what its hint says. */
const MISTAKES: [string, () => unknown, string, string, RegExp][] = [
  ["no options", create(undefined), "missing", "options", /provider/],
  ["options that are a list", create([]), "wrong-type", "options", /provider/],
  ["no platform", create({}), "missing", "provider", /mixcom, quanmayun/],
  ["a platform that is a number", create({ provider: 5 }), "not-text", "provider", /mixcom, quanmayun/],
  ["an unknown platform", create({ provider: "mixcon" }), "unsupported-value", "provider", /mixcom, quanmayun/],
  ["credentials in an object of their own", create({ provider: "mixcom", credentials: { appKey: "k", appSecret: "s" } }), "unknown-option", "credentials", /appKey and appSecret directly.*\{ provider: "mixcom", appKey, appSecret \}/],
  ["an unknown option", create({ ...ACCOUNT, speed: 2 }), "unknown-option", "speed", /known here: .*pace/],
  ["another platform's credential", create({ ...ACCOUNT, appId: "x" }), "unknown-option", "appId", /known here: .*appKey/],
  ["a missing credential", create({ provider: "mixcom", appKey: "k" }), "missing", "appSecret", /appKey, appSecret/],
  ["an empty credential", create({ ...ACCOUNT, appSecret: " " }), "empty", "appSecret", /appKey, appSecret/],
  ["a credential that is a number", create({ ...ACCOUNT, appKey: 1 }), "not-text", "appKey", /appKey, appSecret/],
  ["an account without a name", create({ ...ACCOUNT, account: "" }), "empty", "account", /text/],
  ["a dialect that is a text", create({ ...ACCOUNT, dialect: "json" }), "wrong-type", "dialect", /signature/],
  ["an unknown dialect option", create({ ...ACCOUNT, dialect: { signatur: "digest-only" } }), "unknown-option", "dialect.signatur", /signature/],
  ["an unknown dialect value", create({ ...ACCOUNT, dialect: { signature: "digest" } }), "unsupported-value", "dialect.signature", /digest-only/],
  ["a dialect value that is no text", create({ provider: "seatcall", customerId: "c", appSecret: "s", dialect: { ack: 5 } }), "not-text", "dialect.ack", /text/],
  ["seats at a platform without seats", create({ ...ACCOUNT, seats: { PP1: "+8613800000001" } }), "unsupported-option", "seats", /leave it out/],
  ["seats that are a text", create({ provider: "seatcall", customerId: "c", appSecret: "s", seats: "PP1" }), "wrong-type", "seats", /\+86/],
  ["a seat's number without +86", create({ provider: "seatcall", customerId: "c", appSecret: "s", seats: { PP1: "13800000001" } }), "wrong-format", "seats", /\+86/],
  ["virtual numbers at a platform without", create({ ...ACCOUNT, virtualNumbers: ["1"] }), "unsupported-option", "virtualNumbers", /leave it out/],
  ["virtual numbers that are a text", create({ provider: "cyjcloud", accountSid: "a", appId: "b", virtualNumbers: "1" }), "wrong-type", "virtualNumbers", /list/],
  ["no virtual numbers", create({ provider: "cyjcloud", accountSid: "a", appId: "b", virtualNumbers: [] }), "empty", "virtualNumbers", /leave it out/],
  ["a virtual number that is a number", create({ provider: "cyjcloud", accountSid: "a", appId: "b", virtualNumbers: [1] }), "not-text", "virtualNumbers[0]", /text/],
  ["additional fields that are no list", create({ ...ACCOUNT, extraFields: "maxduration" }), "wrong-type", "extraFields", /list/],
  ["an invalid push address", create({ ...ACCOUNT, pushUrl: "crm.example/push" }), "not-a-url", "pushUrl", /https:/],
  ["a push address that is a number", create({ ...ACCOUNT, pushUrl: 80 }), "not-text", "pushUrl", /https:/],
  ["an invalid address", create({ ...ACCOUNT, baseUrl: "http:///x" }), "not-a-url", "baseUrl", /https:/],
  ["an invalid address of the recordings", create({ ...ACCOUNT, recordingBaseUrl: "ftp://x.example" }), "not-a-url", "recordingBaseUrl", /https:/],
  ["a time zone by its name", create({ ...ACCOUNT, timeZone: "Asia/Shanghai" }), "wrong-format", "timeZone", /\+08:00/],
  ["a time zone of 25 hours", create({ ...ACCOUNT, timeZone: "+25:00" }), "wrong-format", "timeZone", /\+08:00/],
  ["a seed that is not an integer", create({ ...ACCOUNT, seed: 1.5 }), "not-a-whole-number", "seed", /whole number/],
  ["a pace of 0", create({ ...ACCOUNT, pace: 0 }), "out-of-range", "pace", /0.001/],
  ["a pace that is a text", create({ ...ACCOUNT, retryPace: "60" }), "wrong-type", "retryPace", /number/],
  ["a balance below 0", create({ ...ACCOUNT, balanceSeconds: -1 }), "out-of-range", "balanceSeconds", /0 or more/],
  ["a clock without now()", create({ ...ACCOUNT, clock: {} }), "wrong-type", "clock", /createVirtualClock/],
  ["both a clock and a now", create({ ...ACCOUNT, clock: createVirtualClock(), now: () => 1 }), "conflicting-options", "now", /leave now out/],
  ["a now that is a number", create({ ...ACCOUNT, now: 5 }), "wrong-type", "now", /Date\.now/],
  ["a function as the client's hooks", create({ ...ACCOUNT, on: () => undefined }), "wrong-type", "on", /onStep/],
  ["an onStep that is no function", create({ ...ACCOUNT, onStep: {} }), "wrong-type", "onStep", /function/],
  ["a deliver that is no function", create({ ...ACCOUNT, deliver: "https://crm.example" }), "wrong-type", "deliver", /receiver/],
  ["a script that is a text", create({ ...ACCOUNT, script: "answered" }), "wrong-type", "script", /status: "answered"/],
  ["a script with a word of an earlier version", create({ ...ACCOUNT, script: { outcome: "callee-no-answer" } }), "unknown-option", "script.outcome", /write cause: "no-answer", leg: "callee"/],
  ["a script with an unknown key", create({ ...ACCOUNT, script: { ringSeconds: 3 } }), "unknown-option", "script.ringSeconds", /calleeRingSeconds/],
  ["a script with half a second of talk", create({ ...ACCOUNT, script: { talkSeconds: 0.5 } }), "not-a-whole-number", "script.talkSeconds", /86400/],

  ["no script", script(undefined), "missing", "script", /status/],
  ["a script that is null", script(null), "wrong-type", "script", /status/],
  ["an old word", script({ outcome: "caller-busy" }), "unknown-option", "outcome", /write cause: "busy", leg: "caller"/],
  ["an old word that never was one", script({ outcome: "engaged" }), "unknown-option", "outcome", /write status: "unanswered"/],
  ["a reason", script({ reason: 514 }), "unknown-option", "reason", /write code/],
  ["a cause that the platform's records do not have", script({ cause: "busy" }), "unsupported-value", "cause", /unanswered no-answer, leg callee or caller; /],
  ["a cause that does not go with the status", script({ status: "answered", cause: "timeout" }), "unsupported-value", "cause", /answered hung-up/],
  ["a leg that does not go with the cause", script({ cause: "capacity", leg: "callee" }), "unsupported-value", "leg", /failed capacity/],
  ["a code that does not go with the leg", script({ code: 518, leg: "caller" }), "unsupported-value", "leg", /^possible here: failed call-failed, leg callee$/],
  ["a status that is a number", script({ status: 1 }), "not-text", "status", /outcome\.status/],
  ["a code that is an object", script({ code: {} }), "wrong-type", "code", /platform's own code/],
  ["a code at a platform without codes", script({ code: 514 }, "seatcall"), "unsupported-option", "code", /leave it out/],
  ["a first party where the caller is always first", script({ first: "callee" }, "quanmayun"), "unsupported-option", "first", /leave it out/],
  ["a first party that is nobody", script({ first: "agent" }), "unsupported-value", "first", /caller, callee/],
  ["an inbound call at a platform without", script({ direction: "inbound" }), "unsupported-option", "direction", /leave it out/],
  ["an unknown state of the recording", script({ recording: "lost" }), "unsupported-value", "recording", /available/],
  ["a setup of 21 seconds", script({ setupSeconds: 21 }), "out-of-range", "setupSeconds", /1 to 20/],
  ["ringing for a text", script({ calleeRingSeconds: "3" }), "wrong-type", "calleeRingSeconds", /0 to 600/],

  ["no fault", fault(undefined), "missing", "fault", /kind/],
  ["a fault without its kind", fault({}), "missing", "kind", /delay, timeout/],
  ["an unknown kind of fault", fault({ kind: "earthquake" }), "unsupported-value", "kind", /delay, timeout/],
  ["a fault's unknown key", fault({ kind: "delay", seconds: 3, ms: 1 }), "unknown-option", "seconds", /ms/],
  ["a delay without its ms", fault({ kind: "delay" }), "missing", "ms", /milliseconds/],
  ["a delay of less than nothing", fault({ kind: "delay", ms: -1 }), "out-of-range", "ms", /0 to/],
  ["an operation that the platform does not offer", fault({ kind: "reset", on: "hangUp" }), "unsupported-value", "on", /dial, recording, push/],
  ["an operation to which the fault does not apply", fault({ kind: "lost", on: "dial" }), "unsupported-value", "on", /push/],
  ["a code without the code", fault({ kind: "code" }), "missing", "code", /code/],
  ["a code that is a list", fault({ kind: "code", code: [] }), "wrong-type", "code", /code/],
  ["a code's fault at a platform without codes", fault({ kind: "code", code: 1 }, "seatcall"), "unsupported-value", "kind", /another kind/],
  ["a redirect to a number", fault({ kind: "redirect", location: 5 }), "not-text", "location", /text/],
  ["a time before or after that is neither", fault({ kind: "reset", when: "during" }), "unsupported-value", "when", /before, after/],
  ["a retry time that is a text", fault({ kind: "rate-limited", retryAfterSeconds: "soon" }), "wrong-type", "retryAfterSeconds", /number/],
  ["half a time", fault({ kind: "reset", times: 0.5 }), "out-of-range", "times", /whole/],

  ["no party", place(undefined), "missing", "party", /caller and callee/],
  ["a call without a callee", place({ caller: CALLER }), "missing", "callee", /text/],
  ["a call with an unknown key", place({ ...PARTIES, from: "x" }), "unknown-option", "from", /caller/],
  ["a call's seat at a platform without seats", place({ ...PARTIES, seat: SEAT }), "unsupported-option", "seat", /leave it out/],
  ["a call's virtual number at a platform without", place({ ...PARTIES, virtualNumber: CALLEE }, "quanmayun"), "unsupported-option", "virtualNumber", /leave it out/],
  ["a call's push address where the console has it", place({ ...PARTIES, pushUrl: PUSH_URL }), "unsupported-option", "pushUrl", /setPushUrl/],
  ["a call's invalid script", place({ ...PARTIES, script: { talkSeconds: -1 } }), "out-of-range", "script.talkSeconds", /86400/],
  [
    "the id of another call",
    () => {
      const { simulator } = simulate("mixcom");
      simulator.placeCall({ ...PARTIES, callId: "c-1" });
      simulator.placeCall({ ...PARTIES, callId: "c-1" });
    },
    "duplicate",
    "callId",
    /another/,
  ],
  ["a console's push address at dingxin", () => simulate("dingxin").simulator.setPushUrl(PUSH_URL), "unsupported-option", "url", /each dial/],
  ["an invalid push address for the console", () => simulate("mixcom").simulator.setPushUrl("push"), "not-a-url", "url", /https:/],
  ["the push of an unknown call", () => simulate("mixcom").simulator.push("c-9"), "not-found", "callId", /simulator\.calls/],
  ["the push of no call", () => simulate("mixcom").simulator.push(undefined as never), "missing", "callId", /callId/],

  ["a forged push of an unknown platform", forge({}, "mixcon"), "unsupported-value", "provider", /mixcom, quanmayun/],
  ["a forged push of no platform", forge({}, null), "missing", "provider", /mixcom, quanmayun/],
  ["overrides that are a text", forge("order-7"), "wrong-type", "overrides", /reference/],
  ["an unknown override", forge({ colour: "red" }), "unknown-option", "colour", /reference/],
  ["an override of an earlier version", forge({ outcome: "callee-busy" }), "unknown-option", "outcome", /cause: "busy", leg: "callee"/],
  ["an impossible outcome", forge({ cause: "busy" }), "unsupported-value", "cause", /no-answer/],
  ["an unknown encoding", forge({ encoding: "xml" }), "unsupported-value", "encoding", /json, form/],
  ["an unknown charset", forge({ charset: "big5" }), "unsupported-value", "charset", /gbk/],
  ["an override's seat at a platform without seats", forge({ seat: "PP1" }), "unsupported-option", "seat", /leave it out/],
  ["an override's virtual number at a platform without", forge({ virtualNumber: "1" }), "unsupported-option", "virtualNumber", /leave it out/],
  ["a time without a zone", forge({ at: "2026-01-02 03:04:05" }), "missing-time-zone", "at", /offset/],
  ["a reference that is a number", forge({ reference: 7 }), "not-text", "reference", /text/],
  ["fields that are a text", forge({ fields: "x" }), "wrong-type", "fields", /object/],
  ["a field that is no plain data", forge({ fields: { price: 12n } }), "not-plain-data", "fields", /plain/],
  ["a push to an invalid address", () => forgePush("mixcom").toRequest("/push"), "not-a-url", "url", /https:/],
  ["a push to no address", () => forgePush("mixcom").toRequest(undefined as never), "missing", "url", /address/],

  ["a clock that goes back", () => createVirtualClock().advance(-1), "out-of-range", "ms", /0 to/],
  ["a clock moved by a text", () => createVirtualClock().advance("60" as never), "wrong-type", "ms", /number/],
  ["a timer without work", () => createVirtualClock().later(5, undefined as never), "missing", "then", /function/],
  ["a clock from no time", () => createVirtualClock(null as never), "wrong-type", "at", /Date/],

  ["serving something else", () => serveSimulators({} as Simulator), "wrong-type", "simulators", /createSimulator/],
  ["serving nothing", () => serveSimulators(undefined as never), "wrong-type", "simulators", /createSimulator/],
  ["serving a platform twice", () => serveSimulators([simulate("mixcom").simulator, simulate("mixcom").simulator]), "duplicate", "simulators", /once/],
  ["serving on a port that is a text", () => serveSimulators([], { port: "80" as never }), "wrong-type", "port", /65535/],
  ["serving with an unknown option", () => serveSimulators([], { hostname: "x" } as never), "unknown-option", "hostname", /port, host/],
  ["serving with options that are null", () => serveSimulators([], null as never), "wrong-type", "options", /port, host/],
  ["serving on a host that does not exist", () => serveSimulators([], { host: "203.0.113.1" }), "unreachable", "host", /another/],
];

async function findError(work: () => unknown): Promise<RingbackError> {
  try {
    await work();
  } catch (error) {
    if (isRingbackError(error)) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("a mistake is a RingbackError that names its field and says what to do", () => {
  test.each(MISTAKES)("%s", async (_, work, reason, field, hint) => {
    const error = await findError(work);
    expect(error).toMatchObject({ code: "invalid-argument", reason, field, delivery: "not-sent", retryable: false });
    expect(error.message.startsWith(`${field}: `)).toBe(true);
    expect(error.hint).toMatch(hint);
    expect(error.message).not.toContain(error.hint);
    expect(error).toBeInstanceOf(RingbackError);
  });

  test("whose stack begins where the simulator was used", async () => {
    const error = await findError(() => createSimulator({ provider: "mixcom", appKey: "k", appSecret: "" }));
    expect(error.stack?.split("\n")[1]).toContain("errors.test.ts");
  });
});

describe("a value that throws when it is read", () => {
  const { simulator } = simulate("mixcom");
  const TAKERS: [string, (value: never) => unknown][] = [
    ["createSimulator", (value) => createSimulator(value)],
    ["an option", (value) => createSimulator({ ...ACCOUNT, seats: value })],
    ["the dialect", (value) => createSimulator({ ...ACCOUNT, dialect: value })],
    ["a script", (value) => simulator.script(value)],
    ["a fault", (value) => simulator.fault(value)],
    ["a call", (value) => simulator.placeCall(value)],
    ["forgePush", (value) => forgePush("mixcom", value)],
    ["a field", (value) => forgePush("mixcom", { fields: { price: value } })],
    ["a clock's time", (value) => createVirtualClock(value)],
    ["a port", (value) => serveSimulators([], value)],
  ];

  test.each(TAKERS)("as %s gives a RingbackError that does not show it", async (_, take) => {
    for (const [name, make] of Object.entries(THROWING)) {
      const error = await Promise.resolve()
        .then(() => take(make() as never))
        .catch((thrown: unknown) => thrown);
      // Some values can be read in some places.
      if (!(error instanceof Error)) continue;
      expect(isRingbackError(error), `${name}: ${String(error)}`).toBe(true);
      expect(JSON.stringify(error)).not.toContain(HIDDEN);
    }
  });
});

test("an error shows no value that was passed", async () => {
  const error = await findError(create({ ...ACCOUNTS.mixcom, provider: "mixcom", "13800000001 secret": 1 }));
  expect(JSON.stringify(error)).not.toMatch(/13800000001|secret/);
});
