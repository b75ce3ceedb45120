// The checks for every runtime. This module imports nothing specific to a runtime, so that all of them can run it.
import { listDifferences, decodeFields } from "./comparison.mjs";

/**
 * Runs all checks, one after the other, and never throws. Returns `[{ check, error? }]`.
 *
 * `ringback` and `trapping` are the package and its variant that can trap, `slim` is the module `ringback/slim` of a separate copy.
 * `host.ready` is "at import", "after init()" or "after init(url)"; `host.sources` has functions that return the argument of `init`: `slim` if
 * there is a `slim`, `ringback` and `trapping` with "after init(url)".
 */
export async function conformance({ ringback, trapping, slim, vectors, host }) {
  const report = [];
  for (const [check, work] of planChecks({ vectors, ready: host.ready, slim: slim !== undefined })) {
    try {
      await work({ ringback, trapping, slim, sources: host.sources ?? {} });
      report.push({ check });
    } catch (error) {
      report.push({ check, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
    }
  }
  return report;
}

/** Lists the names of all checks of such a run, each unique. */
export function checkNames(plan) {
  return planChecks(plan).map(([check]) => check);
}

function planChecks({ vectors, ready, slim }) {
  const perPlatform = vectors.platforms.flatMap(({ provider, requests, pushes }) => [
    ...requests.map((vector, index) => [`${provider} request ${index}: ${vector.name}`, ({ ringback }) => checkRequest(ringback, provider, vector)]),
    ...pushes.map((vector, index) => [`${provider} push ${index}: ${vector.name}`, ({ ringback }) => checkPush(ringback, provider, vector)]),
  ]);
  const signatures = vectors.signatures.map((vector, index) => [`signature ${index}: ${vector.provider} ${vector.operation}`, ({ ringback }) => checkSignature(ringback, vector)]);
  return [...READINESS[ready], ...perPlatform, ...signatures, ...BEHAVIOUR, ...TESTING, ...(slim ? SLIM : [])];
}

const FRESH = "0123456789abcdef0123456789abcdef";
const NOW = 1_583_142_000_123;
const NUMBERS = { caller: "13800000001", callee: "13900000002" };
const ACCOUNT = { provider: "mixcom", appKey: "k1", appSecret: "s1" };
// From mixcom's document.
const ACCEPTED = '{"success":true,"code":200,"msg":""}';
const ACK = '{"code":200}';
const NACK = '{"code":500}';
const PUSH =
  '{"event":"fee","callIdentifier":"c-1","caller":"+8613800000001","callee":"13900000002","callerAnswerTime":"2020-03-02 17:48:07",' +
  '"calleeAnswerTime":"2020-03-02 17:48:15","callEndTime":"2020-03-02 17:48:17","ulFailReason":0,"uuid":"demo-1"}';
// The signature of the dial above: the first of signatures.json.
const SIGN = "8ff56e8015da6b485d766eb8dbdd0b14744d08e3";

// V8's stacks begin with the message; Firefox's have only the frames.
const STACKS_NAME = new Error("probe").stack.includes("probe");

const NOT_INITIALIZED = ["a synchronous call before init() says what to do", async ({ ringback, trapping }) => {
  for (const copy of [ringback, trapping]) {
    const error = await expectFailure(() => copy.explainCode("mixcom", "514"));
    expectMatch({ name: "RingbackError", code: "not-initialized", delivery: "not-sent", retryable: false }, error);
    expect(error.hint.includes("init()"), `unexpected hint: ${error.hint}`);
    expect(copy.providers.mixcom.operations.includes("dial"), "the capability matrix must be available before init()");
  }
}];

// These checks run first, because each runtime loads the wasm only once.
const READINESS = {
  "at import": [
    ["ready at import", ({ ringback }) => checkWorks(ringback)],
    ["init() may still be called, also twice at once", async ({ ringback }) => {
      await Promise.all([ringback.init(), ringback.init()]);
      checkWorks(ringback);
    }],
  ],
  "after init()": [
    NOT_INITIALIZED,
    ["an asynchronous call loads the wasm itself", async ({ ringback }) => {
      expectMatch({ reference: "demo-1" }, await dial(ringback, createFetch(ACCEPTED)));
      checkWorks(ringback);
    }],
    ["init(), called twice at once and again, loads the wasm once", ({ trapping }) => checkLoadsOnce(trapping)],
  ],
  "after init(url)": [
    NOT_INITIALIZED,
    ["init(url), called twice at once and again, loads the wasm once", async ({ ringback, trapping, sources }) => {
      await checkLoadsOnce(ringback, sources.ringback());
      await checkLoadsOnce(trapping, sources.trapping());
    }],
  ],
};

const BEHAVIOUR = [
  ["calls give the same results after the runtime has optimized the wasm", async ({ ringback }) => {
    // Engines compile the wasm anew after some hundred calls. An optimizing compiler of Bun once compiled a build of it wrongly.
    const outcomes = new Map();
    const dialInSequence = async (_, lane) => {
      for (let time = 0; time < 120; time += 1) {
        const status = 200 + ((time * 7 + lane) % 350);
        const client = ringback.createClient({ ...ACCOUNT, fetch: async () => answerAfterTurn(status) });
        const outcome = await client.dial(NUMBERS).then(() => "placed", (error) => `${error.code} ${error.delivery}`);
        if (!outcomes.has(status)) outcomes.set(status, outcome);
        expectEqual(outcomes.get(status), outcome);
        if (outcome.startsWith("internal")) throw new Error(`status ${status}: ${outcome}`);
      }
    };
    await Promise.all(Array.from({ length: 24 }, dialInSequence));
    expectEqual("placed", outcomes.get(200));
  }],
  ["a call is dialed, and its record is received, kept and found by reference", async ({ ringback }) => {
    const fetch = createFetch(ACCEPTED);
    const call = await dial(ringback, fetch);
    expectMatch({ provider: "mixcom", reference: "demo-1", correlation: "reference" }, call);
    expectEqual(1, fetch.sent.length);
    const [{ url, method, redirect, body }] = fetch.sent;
    expectMatch({ url: "http://api-voicecall.mixcom.cn/voice/dial", method: "POST", redirect: "manual" }, { url, method, redirect });
    expectEqual(SIGN, new URLSearchParams(body).get("sign"));

    const kept = new Map();
    const { receive, push } = createTestReceiver(ringback, (record) => kept.set(record.reference, record));
    const answer = await receive(push);
    expectEqual(200, answer.status);
    expectEqual([...new TextEncoder().encode(ACK)].join(), [...new Uint8Array(await answer.arrayBuffer())].join());
    expectEqual(1, kept.size);
    expectMatch({ key: "mixcom:c-1", connectedAt: "2020-03-02T17:48:15+08:00", outcome: { status: "answered" } }, kept.get(call.reference));
  }],
  ["a push that was not kept is requested again", async ({ ringback }) => {
    const { receive, push } = createTestReceiver(ringback, () => Promise.reject(new Error("the disk is full")));
    const answer = await receive(push);
    expectEqual(`500 ${NACK}`, `${answer.status} ${await answer.text()}`);
  }],
  ["a push without the token gets 404", async ({ ringback }) => {
    const { receive } = createTestReceiver(ringback, () => undefined);
    expectEqual(404, (await receive(new Request("https://crm.example/push/elsewhere", { method: "POST", body: PUSH }))).status);
  }],
  ["an abort before the platform answers makes the dial's delivery unknown", async ({ ringback }) => {
    const controller = new AbortController();
    const silent = (_url, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        queueMicrotask(() => controller.abort());
      });
    expectMatch({ code: "aborted", delivery: "unknown", retryable: false }, await expectFailure(dial(ringback, silent, { signal: controller.signal })));
  }],
  ["an already aborted signal sends nothing", async ({ ringback }) => {
    const fetch = createFetch(ACCEPTED);
    expectMatch({ code: "aborted", delivery: "not-sent" }, await expectFailure(dial(ringback, fetch, { signal: AbortSignal.abort() })));
    expectEqual(0, fetch.sent.length);
  }],
  ["an error has its code and delivery, and is an Error", async ({ ringback }) => {
    const unreachable = () => Promise.reject(new TypeError("fetch failed"));
    const cases = [
      [() => dial(ringback, createFetch("", 401)), { code: "authentication", delivery: "refused" }],
      [() => dial(ringback, createFetch("<html>")), { code: "malformed-response", delivery: "unknown" }],
      [() => dial(ringback, unreachable), { code: "network", delivery: "unknown" }],
      [() => ringback.createClient({ ...ACCOUNT, appKey: 7 }), { code: "invalid-argument", delivery: "not-sent" }],
    ];
    for (const [work, expected] of cases) {
      const error = await expectFailure(work);
      expectMatch({ name: "RingbackError", retryable: false, ...expected }, error);
      expect(error instanceof Error && error.stack !== "" && (!STACKS_NAME || error.stack.includes(error.message)), "it is not an Error with a stack");
    }
  }],
  ["an error is recognized by either copy of the package", async ({ ringback, trapping }) => {
    expect(ringback.RingbackError !== trapping.RingbackError, "both copies share one class");
    for (const thrower of [ringback, trapping]) {
      const error = await expectFailure(dial(thrower, createFetch("", 401)));
      expectMatch({ code: "authentication", delivery: "refused" }, error);
      for (const copy of [ringback, trapping]) {
        expect(copy.isRingbackError(error), "isRingbackError returns false");
        expect(error instanceof copy.RingbackError, "instanceof returns false");
      }
    }
    const alike = Object.assign(new Error("x"), { name: "RingbackError", code: "network", delivery: "unknown", retryable: false });
    expect(!ringback.isRingbackError(alike) && !(alike instanceof ringback.RingbackError), "a similar error is recognized as a RingbackError");
  }],
  ["after a trap the next call works, twenty times", async ({ trapping }) => {
    const client = trapping.createClient({ ...ACCOUNT, fetch: createFetch(ACCEPTED) });
    for (let count = 0; count < 20; count += 1) {
      const error = await expectFailure(() => trapping.trapForTests());
      expectMatch({ name: "RingbackError", code: "internal" }, error);
      checkWorks(trapping);
      expectMatch({ correlation: "reference" }, await client.dial(NUMBERS));
    }
  }],
  ["a stream of pushes becomes a stream of records", async ({ ringback }) => {
    const bytes = new TextEncoder().encode(`${PUSH}\r\n\n${PUSH.replace("c-1", "c-2")}`);
    const pushes = new ReadableStream({
      start(controller) {
        // The pieces end within a line.
        for (let at = 0; at < bytes.length; at += 100) controller.enqueue(bytes.slice(at, at + 100));
        controller.close();
      },
    });
    const keys = [];
    for await (const record of ringback.readRecords(pushes.pipeThrough(ringback.normalizeStream("mixcom")))) keys.push(record.key);
    expectEqual("mixcom:c-1,mixcom:c-2", keys.join());
  }],
];

// Imported at its use, as in a user's test, because the harness, which only reads the names of the checks, does not have the package.
const testing = () => import("ringback/testing");

const SIMULATED = {
  mixcom: { credentials: { appKey: "k1", appSecret: "s1" } },
  quanmayun: { credentials: { appId: "1696054309969104898", appSecret: "s1" } },
  dingxin: { credentials: { appKey: "k1", appSecret: "s1" } },
  cyjcloud: { credentials: { accountSid: "sid-1", appId: "app-1" } },
  seatcall: { credentials: { customerId: "customer-1", appSecret: "s1" }, seat: "PP7568036551" },
};
const TALK_SECONDS = 3600;

const TESTING = [
  ...Object.keys(SIMULATED).flatMap((provider) => [
    [`ringback/testing: ${provider} accepts a dial, and its record is received an hour later on a virtual clock`, ({ ringback }) => checkSimulation(ringback, provider)],
    [`ringback/testing: parsePush reads the push that forgePush creates for ${provider}`, ({ ringback }) => checkForgedPush(ringback, provider)],
  ]),
  ["ringback/testing: a dial times out on a virtual clock, in hardly any real time", async ({ ringback }) => {
    const { createSimulator, createVirtualClock } = await testing();
    const account = { provider: "mixcom", ...SIMULATED.mixcom.credentials };
    for (const fault of [{ kind: "timeout", on: "dial" }, { kind: "delay", on: "dial", ms: 3_600_000 }]) {
      const clock = createVirtualClock(NOW);
      const simulator = createSimulator({ ...account, clock }).fault(fault);
      const client = ringback.createClient({ ...account, fetch: simulator.fetch, timeoutMs: 1_800_000 });
      expectMatch({ code: "timeout", delivery: "unknown", retryable: false }, await expectFailure(client.dial(NUMBERS)));
      await simulator.idle();
      expectEqual(NOW + (fault.ms ?? 1_800_000), clock.now());
    }
  }],
  ["ringback/testing: a dial with a wrong secret is refused", async ({ ringback }) => {
    const { createSimulator, createVirtualClock } = await testing();
    const simulator = createSimulator({ provider: "mixcom", ...SIMULATED.mixcom.credentials, clock: createVirtualClock(NOW) });
    const client = ringback.createClient({ ...simulator.clientOptions, appSecret: "mistyped" });
    expectMatch({ code: "authentication", delivery: "refused", retryable: false }, await expectFailure(client.dial(NUMBERS)));
    expectEqual(0, simulator.calls.length);
  }],
];

async function checkSimulation(ringback, provider) {
  const { createSimulator, createVirtualClock } = await testing();
  const { credentials, seat } = SIMULATED[provider];
  const token = ringback.createToken();
  const pushUrl = `https://crm.example/push/${token}`;
  const kept = [];
  const receive = ringback.createReceiver({ provider, tokens: [token], onRecord: (record) => void kept.push(record) });
  const clock = createVirtualClock(NOW);
  // dingxin takes the push address with the dial.
  const withDial = provider === "dingxin";
  const simulator = createSimulator({
    provider,
    ...credentials,
    clock,
    deliver: receive,
    ...(!withDial && { pushUrl }),
    ...(seat !== undefined && { seats: { [seat]: `+86${NUMBERS.caller}` } }),
  });
  simulator.script({ status: "answered", talkSeconds: TALK_SECONDS });
  const client = ringback.createClient({ ...simulator.clientOptions, ...(withDial && { pushUrl }) });
  const call = await client.dial({ ...NUMBERS, reference: "demo-1", ...(seat !== undefined && { seat }) });
  expectMatch({ provider, reference: "demo-1", correlation: ringback.providers[provider].correlation }, call);
  expectEqual(0, kept.length);

  await clock.advance(2 * TALK_SECONDS * 1000);
  expectEqual(1, kept.length);
  const [{ callId, pushes, endedAt }] = simulator.calls;
  expectMatch([{ acknowledged: true, status: 200 }], pushes);
  expectMatch({ provider, callId, outcome: { status: "answered" } }, kept[0]);
  expectEqual(endedAt, Date.parse(kept[0].endedAt));
  if (call.correlation === "call-id") expectEqual(call.id, kept[0].callId);
  if (call.correlation === "reference") expectEqual(call.reference, kept[0].reference);
}

async function checkForgedPush(ringback, provider) {
  const { forgePush } = await testing();
  const push = forgePush(provider, { callId: "c-7", reference: "order-7", status: "unanswered" });
  // dingxin's reference is in the address.
  const query = new URL(push.toRequest("https://crm.example/push").url).search;
  const { records, ack } = ringback.parsePush(provider, push.body, { contentType: push.contentType, query });
  expectEqual(1, records.length);
  const { status, cause, reference } = push.call.reported;
  expectEqual("unanswered", status);
  expectMatch({ callId: "c-7", outcome: { status, cause } }, records[0]);
  expectEqual(reference, records[0].reference);
  expectEqual(push.acknowledgement.body, ack.body);
}

const SLIM = [
  ["ringback/slim is not ready before init(source)", async ({ slim }) => {
    expectMatch({ name: "RingbackError", code: "not-initialized", delivery: "not-sent" }, await expectFailure(() => slim.explainCode("mixcom", "514")));
  }],
  ["ringback/slim signs after init(source)", async ({ slim, sources }) => {
    await slim.init(await sources.slim());
    const { body } = slim.createClient({ ...ACCOUNT, now: () => NOW }).prepare("dial", { ...NUMBERS, reference: "demo-1" });
    expectEqual(SIGN, new URLSearchParams(body).get("sign"));
  }],
];

function checkRequest(ringback, provider, vector) {
  const prepared = prepare(ringback, provider, vector.options, vector);
  const { method, url, headers = {}, encoding, fields = {} } = vector.request;
  expectMatch({ provider, operation: vector.operation, method }, prepared);
  expectEqual(url, encoding === "query" ? prepared.url.split("?")[0] : prepared.url);
  for (const [name, value] of Object.entries(headers)) expectEqual(value, prepared.headers[name] ?? null);
  for (const name of Object.keys(prepared.headers)) expectEqual(name.toLowerCase(), name);
  expectEmpty(listDifferences(fields, decodeFields(prepared, encoding), true));
  // quanmayun always sends JSON, so beside a query its body is an empty object.
  if (encoding === "none" || encoding === "query") expect([undefined, "{}"].includes(prepared.body), `unexpected body: ${prepared.body}`);
}

function checkSignature(ringback, { provider, operation, credentials, params, fields, sign, authorization, now, fresh }) {
  const prepared = prepare(ringback, provider, credentials, { operation, params, now, fresh });
  if (authorization !== undefined) expectEqual(authorization, prepared.headers.authorization ?? null);
  if (fields !== undefined && fields !== null) expectEmpty(listDifferences(fields, decodeFields(prepared, findDefaultEncoding(provider, operation)), true));
  if (provider === "cyjcloud") expectEqual(`?sig=${sign}`, new URL(prepared.url).search);
  else if (sign !== undefined) expectEqual(sign, fields?.sign);
}

function findDefaultEncoding(provider, operation) {
  if (provider === "dingxin" && operation === "recording") return "query";
  return provider === "mixcom" || provider === "dingxin" ? "form" : "json";
}

async function checkPush(ringback, provider, { body, contentType, query, options, records = [], raw, ignored = [], unreadable = [], error, ack, nack }) {
  const given = { ...options, ...(contentType !== undefined && { contentType }), ...(query !== undefined && { query }) };
  // As text, and as bytes, which a receiver gets.
  for (const form of [body, new TextEncoder().encode(body)]) {
    if (error !== undefined) {
      const thrown = await expectFailure(() => ringback.parsePush(provider, form, given));
      expect(ringback.isRingbackError(thrown), `not a RingbackError: ${thrown}`);
      expectMatch(error, thrown);
      expect(thrown.nack !== undefined, "the answer to give is missing");
      if (nack !== undefined) expectMatch(nack, thrown.nack);
      continue;
    }
    const parsed = ringback.parsePush(provider, form, given);
    const bare = parsed.records.map(removeRaw);
    expectEmpty(listDifferences(records, bare, true));
    expectMatch(ignored, parsed.ignored);
    expectMatch(unreadable, parsed.unreadable);
    if (raw !== undefined) expectEmpty(listDifferences(raw, parsed.records.map((record) => record.raw), true));
    for (const { completeness } of parsed.records) expectEqual("number", typeof completeness);
    if (ack !== undefined) expectMatch(ack, parsed.ack);
    if (nack !== undefined) expectMatch(nack, parsed.nack);
  }
}

/** Removes `raw`, and the reasons of problems, of which only the field is compared; a reason must not be empty. */
function removeRaw({ raw: _raw, completeness: _completeness, problems, ...record }) {
  for (const { field, reason } of problems ?? []) expect(reason.length > 10, `the reason for ${field} is too short: ${reason}`);
  return problems === undefined ? record : { ...record, problems: problems.map(({ field }) => ({ field })) };
}

/** Prepares the signed request with the vector's clock and random bytes. */
function prepare(ringback, provider, options, { operation, params, now = NOW, fresh = FRESH }) {
  const client = ringback.createClient({ ...options, provider, now: () => now, fetch: () => Promise.reject(new Error("no request may be sent")) });
  const random = fresh.match(/../g).map((pair) => Number.parseInt(pair, 16));
  // The reference of a dial without one is generated from these bytes.
  const own = Object.getOwnPropertyDescriptor(crypto, "getRandomValues");
  const getRandomValues = (array) => {
    array.set(random);
    return array;
  };
  Object.defineProperty(crypto, "getRandomValues", { value: getRandomValues, configurable: true, writable: true });
  try {
    return client.prepare(operation, params);
  } finally {
    if (own === undefined) delete crypto.getRandomValues;
    else Object.defineProperty(crypto, "getRandomValues", own);
  }
}

function dial(ringback, fetch, options) {
  const client = ringback.createClient({ ...ACCOUNT, fetch, now: () => NOW });
  return client.dial({ ...NUMBERS, reference: "demo-1" }, options);
}

function createTestReceiver(ringback, onRecord) {
  const token = ringback.createToken();
  // Quiet, because a page that writes to console.error counts as failed.
  const receive = ringback.createReceiver({ provider: "mixcom", tokens: [token], onRecord, quiet: true });
  const push = new Request(`https://crm.example/push/${token}`, { method: "POST", headers: { "content-type": "application/json" }, body: PUSH });
  return { receive, push };
}

/** Creates a fetch that gives one answer and keeps the arguments of its calls. */
function createFetch(body, status = 200) {
  const sent = [];
  const fetch = async (url, init) => {
    sent.push({ url, ...init });
    return new Response(body, { status, headers: { "content-type": "application/json" } });
  };
  return Object.assign(fetch, { sent });
}

async function checkLoadsOnce(ringback, source) {
  const real = globalThis.fetch;
  let loaded = 0;
  globalThis.fetch = (...args) => {
    loaded += 1;
    return real(...args);
  };
  try {
    await Promise.all([ringback.init(source), ringback.init(source)]);
    await ringback.init(source);
  } finally {
    globalThis.fetch = real;
  }
  expectEqual(1, loaded);
  checkWorks(ringback);
}

function checkWorks(ringback) {
  expectEqual("no-answer", ringback.explainCode("mixcom", "514").cause);
}

/** Answers a dial with this status, after other dials had their turn. */
async function answerAfterTurn(status) {
  await new Promise((resolve) => setTimeout(resolve));
  // A Response has no body with these.
  const body = status === 204 || status === 205 || status === 304 ? null : ACCEPTED;
  return new Response(body, { status, headers: { "content-type": "application/json" } });
}

async function expectFailure(work) {
  try {
    await (typeof work === "function" ? work() : work);
  } catch (error) {
    return error;
  }
  throw new Error("expected a failure");
}

function expectMatch(expected, found) {
  expectEmpty(listDifferences(expected, found, false));
}

function expectEmpty(found) {
  if (found.length > 0) throw new Error(found.join("\n"));
}

function expectEqual(expected, found) {
  if (expected !== found) throw new Error(`expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
}

function expect(condition, otherwise) {
  if (!condition) throw new Error(otherwise);
}
