// What must hold in every runtime. It imports nothing of any runtime, so that one script is run in all of them.
import { differences, fieldsOf } from "./comparison.mjs";

/**
 * Runs every check, one after the other, and never throws: `[{ check, error? }]`.
 *
 * `ringback` and `trapping` are the package and its variant that can trap, `slim` is the module `ringback/slim` of a copy of its own.
 * `host.ready` is "at import", "after init()" or "after init(url)"; `host.sources` has what `init` is given, as functions: `slim` where
 * there is a `slim`, `ringback` and `trapping` after "init(url)".
 */
export async function conformance({ ringback, trapping, slim, vectors, host }) {
  const report = [];
  for (const [check, work] of planned({ vectors, ready: host.ready, slim: slim !== undefined })) {
    try {
      await work({ ringback, trapping, slim, sources: host.sources ?? {} });
      report.push({ check });
    } catch (error) {
      report.push({ check, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
    }
  }
  return report;
}

/** The names of all checks that such a run makes, each its own. */
export function checkNames(plan) {
  return planned(plan).map(([check]) => check);
}

function planned({ vectors, ready, slim }) {
  const perPlatform = vectors.platforms.flatMap(({ provider, requests, pushes }) => [
    ...requests.map((vector, index) => [`${provider} request ${index}: ${vector.name}`, ({ ringback }) => signs(ringback, provider, vector)]),
    ...pushes.map((vector, index) => [`${provider} push ${index}: ${vector.name}`, ({ ringback }) => understands(ringback, provider, vector)]),
  ]);
  const signatures = vectors.signatures.map((vector, index) => [`signature ${index}: ${vector.provider} ${vector.operation}`, ({ ringback }) => agrees(ringback, vector)]);
  return [...READINESS[ready], ...perPlatform, ...signatures, ...BEHAVIOUR, ...TESTING, ...(slim ? SLIM : [])];
}

const FRESH = "0123456789abcdef0123456789abcdef";
const NOW = 1_583_142_000_123;
const NUMBERS = { caller: "13800000001", callee: "13900000002" };
const ACCOUNT = { provider: "mixcom", appKey: "k1", appSecret: "s1" };
// As mixcom's document has them.
const ACCEPTED = '{"success":true,"code":200,"msg":""}';
const ACK = '{"code":200}';
const NACK = '{"code":500}';
const PUSH =
  '{"event":"fee","callIdentifier":"c-1","caller":"+8613800000001","callee":"13900000002","callerAnswerTime":"2020-03-02 17:48:07",' +
  '"calleeAnswerTime":"2020-03-02 17:48:15","callEndTime":"2020-03-02 17:48:17","ulFailReason":0,"uuid":"demo-1"}';
// Of the dial above: the first of signatures.json.
const SIGN = "8ff56e8015da6b485d766eb8dbdd0b14744d08e3";

// V8's stacks begin with the message, Firefox's have the frames only.
const STACKS_NAME = new Error("probe").stack.includes("probe");

const NOT_INITIALIZED = ["a synchronous call before init() says what to do", async ({ ringback, trapping }) => {
  for (const copy of [ringback, trapping]) {
    const error = await failureOf(() => copy.explainCode("mixcom", "514"));
    matches({ name: "RingbackError", code: "not-initialized", delivery: "not-sent", retryable: false }, error);
    holds(error.hint.includes("init()"), `the hint is: ${error.hint}`);
    holds(copy.providers.mixcom.operations.includes("dial"), "the capability matrix is there before init()");
  }
}];

// These run first: in each runtime the wasm is loaded only once.
const READINESS = {
  "at import": [
    ["ready at import", ({ ringback }) => works(ringback)],
    ["init() may be called all the same, and twice at once", async ({ ringback }) => {
      await Promise.all([ringback.init(), ringback.init()]);
      works(ringback);
    }],
  ],
  "after init()": [
    NOT_INITIALIZED,
    ["an asynchronous call starts the wasm itself", async ({ ringback }) => {
      matches({ reference: "demo-1" }, await dialed(ringback, answering(ACCEPTED)));
      works(ringback);
    }],
    ["init(), called twice at once and again, loads the wasm once", ({ trapping }) => loadsOnce(trapping)],
  ],
  "after init(url)": [
    NOT_INITIALIZED,
    ["init(url), called twice at once and again, loads the wasm once", async ({ ringback, trapping, sources }) => {
      await loadsOnce(ringback, sources.ringback());
      await loadsOnce(trapping, sources.trapping());
    }],
  ],
};

const BEHAVIOUR = [
  ["a call is dialed, and its record is received, kept and found by its reference", async ({ ringback }) => {
    const fetch = answering(ACCEPTED);
    const call = await dialed(ringback, fetch);
    matches({ provider: "mixcom", reference: "demo-1", correlation: "reference" }, call);
    equal(1, fetch.sent.length);
    const [{ url, method, redirect, body }] = fetch.sent;
    matches({ url: "http://api-voicecall.mixcom.cn/voice/dial", method: "POST", redirect: "manual" }, { url, method, redirect });
    equal(SIGN, new URLSearchParams(body).get("sign"));

    const kept = new Map();
    const { receive, push } = receiver(ringback, (record) => kept.set(record.reference, record));
    const answer = await receive(push);
    equal(200, answer.status);
    equal([...new TextEncoder().encode(ACK)].join(), [...new Uint8Array(await answer.arrayBuffer())].join());
    equal(1, kept.size);
    matches({ key: "mixcom:c-1", connectedAt: "2020-03-02T17:48:15+08:00", outcome: { status: "answered" } }, kept.get(call.reference));
  }],
  ["a push that was not kept is asked for again", async ({ ringback }) => {
    const { receive, push } = receiver(ringback, () => Promise.reject(new Error("the disk is full")));
    const answer = await receive(push);
    equal(`500 ${NACK}`, `${answer.status} ${await answer.text()}`);
  }],
  ["a push without the token is not found", async ({ ringback }) => {
    const { receive } = receiver(ringback, () => undefined);
    equal(404, (await receive(new Request("https://crm.example/push/elsewhere", { method: "POST", body: PUSH }))).status);
  }],
  ["an abort while the platform is silent leaves the dial's fate unknown", async ({ ringback }) => {
    const controller = new AbortController();
    const silent = (_url, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        queueMicrotask(() => controller.abort());
      });
    matches({ code: "aborted", delivery: "unknown", retryable: false }, await failureOf(dialed(ringback, silent, { signal: controller.signal })));
  }],
  ["an abort before sending sends nothing", async ({ ringback }) => {
    const fetch = answering(ACCEPTED);
    matches({ code: "aborted", delivery: "not-sent" }, await failureOf(dialed(ringback, fetch, { signal: AbortSignal.abort() })));
    equal(0, fetch.sent.length);
  }],
  ["an error has its code and its delivery, and is an Error", async ({ ringback }) => {
    const unreachable = () => Promise.reject(new TypeError("fetch failed"));
    const cases = [
      [() => dialed(ringback, answering("", 401)), { code: "authentication", delivery: "refused" }],
      [() => dialed(ringback, answering("<html>")), { code: "malformed-response", delivery: "unknown" }],
      [() => dialed(ringback, unreachable), { code: "network", delivery: "unknown" }],
      [() => ringback.createClient({ ...ACCOUNT, appKey: 7 }), { code: "invalid-argument", delivery: "not-sent" }],
    ];
    for (const [work, expected] of cases) {
      const error = await failureOf(work);
      matches({ name: "RingbackError", retryable: false, ...expected }, error);
      holds(error instanceof Error && error.stack !== "" && (!STACKS_NAME || error.stack.includes(error.message)), "it is no Error with a stack");
    }
  }],
  ["an error is known by either copy of the package", async ({ ringback, trapping }) => {
    holds(ringback.RingbackError !== trapping.RingbackError, "the copies are one");
    for (const thrower of [ringback, trapping]) {
      const error = await failureOf(dialed(thrower, answering("", 401)));
      matches({ code: "authentication", delivery: "refused" }, error);
      for (const copy of [ringback, trapping]) {
        holds(copy.isRingbackError(error), "isRingbackError says no");
        holds(error instanceof copy.RingbackError, "instanceof says no");
      }
    }
    const alike = Object.assign(new Error("x"), { name: "RingbackError", code: "network", delivery: "unknown", retryable: false });
    holds(!ringback.isRingbackError(alike) && !(alike instanceof ringback.RingbackError), "whatever looks like one is taken for one");
  }],
  ["after a trap the next call works, twenty times", async ({ trapping }) => {
    const client = trapping.createClient({ ...ACCOUNT, fetch: answering(ACCEPTED) });
    for (let count = 0; count < 20; count += 1) {
      const error = await failureOf(() => trapping.trapForTests());
      matches({ name: "RingbackError", code: "internal" }, error);
      works(trapping);
      matches({ correlation: "reference" }, await client.dial(NUMBERS));
    }
  }],
  ["a stream of pushes becomes a stream of records", async ({ ringback }) => {
    const bytes = new TextEncoder().encode(`${PUSH}\r\n\n${PUSH.replace("c-1", "c-2")}`);
    const pushes = new ReadableStream({
      start(controller) {
        // In pieces that end within a line.
        for (let at = 0; at < bytes.length; at += 100) controller.enqueue(bytes.slice(at, at + 100));
        controller.close();
      },
    });
    const keys = [];
    for await (const record of ringback.readRecords(pushes.pipeThrough(ringback.normalizeStream("mixcom")))) keys.push(record.key);
    equal("mixcom:c-1,mixcom:c-2", keys.join());
  }],
];

// Imported where it is used, as in a user's test: the harness, which reads the names of these checks, has no package.
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
    [`ringback/testing: ${provider} takes a dial, and an hour of a virtual clock later its record is received`, ({ ringback }) => plays(ringback, provider)],
    [`ringback/testing: what forgePush makes of ${provider}, parsePush reads`, ({ ringback }) => forges(ringback, provider)],
  ]),
  ["ringback/testing: a dial that is signed with another secret is refused", async ({ ringback }) => {
    const { createSimulator, createVirtualClock } = await testing();
    const simulator = createSimulator({ provider: "mixcom", credentials: SIMULATED.mixcom.credentials, clock: createVirtualClock(NOW) });
    const client = ringback.createClient({ ...simulator.clientOptions, appSecret: "mistyped" });
    matches({ code: "authentication", delivery: "refused", retryable: false }, await failureOf(client.dial(NUMBERS)));
    equal(0, simulator.calls.length);
  }],
];

async function plays(ringback, provider) {
  const { createSimulator, createVirtualClock } = await testing();
  const { credentials, seat } = SIMULATED[provider];
  const token = ringback.createToken();
  const pushUrl = `https://crm.example/push/${token}`;
  const kept = [];
  const receive = ringback.createReceiver({ provider, tokens: [token], onRecord: (record) => void kept.push(record) });
  const clock = createVirtualClock(NOW);
  // dingxin's push address comes with the dial.
  const withDial = provider === "dingxin";
  const simulator = createSimulator({
    provider,
    credentials,
    clock,
    deliver: receive,
    ...(!withDial && { pushUrl }),
    ...(seat !== undefined && { seats: { [seat]: `+86${NUMBERS.caller}` } }),
  });
  simulator.script({ outcome: "answered", talkSeconds: TALK_SECONDS });
  const client = ringback.createClient({ ...simulator.clientOptions, ...(withDial && { pushUrl }) });
  const call = await client.dial({ ...NUMBERS, reference: "demo-1", ...(seat !== undefined && { seat }) });
  matches({ provider, reference: "demo-1", correlation: ringback.providers[provider].correlation }, call);
  equal(0, kept.length);

  await clock.advance(2 * TALK_SECONDS * 1000);
  equal(1, kept.length);
  const [{ callId, pushes, endedAt }] = simulator.calls;
  matches([{ acknowledged: true, status: 200 }], pushes);
  matches({ provider, callId, outcome: { status: "answered" } }, kept[0]);
  equal(endedAt, Date.parse(kept[0].endedAt));
  if (call.correlation === "call-id") equal(call.id, kept[0].callId);
  if (call.correlation === "reference") equal(call.reference, kept[0].reference);
}

async function forges(ringback, provider) {
  const { forgePush } = await testing();
  const push = forgePush(provider, { callId: "c-7", reference: "order-7", outcome: "callee-no-answer" });
  // dingxin's reference stands in the address.
  const query = new URL(push.toRequest("https://crm.example/push").url).search;
  const { records, ack } = ringback.parsePush(provider, push.body, { contentType: push.contentType, query });
  equal(1, records.length);
  const { status, cause, reference } = push.call.reported;
  equal("unanswered", status);
  matches({ callId: "c-7", outcome: { status, cause } }, records[0]);
  equal(reference, records[0].reference);
  equal(push.acknowledgement.body, ack.body);
}

const SLIM = [
  ["ringback/slim is not ready before init(source)", async ({ slim }) => {
    matches({ name: "RingbackError", code: "not-initialized", delivery: "not-sent" }, await failureOf(() => slim.explainCode("mixcom", "514")));
  }],
  ["ringback/slim signs after init(source)", async ({ slim, sources }) => {
    await slim.init(await sources.slim());
    const { body } = slim.createClient({ ...ACCOUNT, now: () => NOW }).prepare("dial", { ...NUMBERS, reference: "demo-1" });
    equal(SIGN, new URLSearchParams(body).get("sign"));
  }],
];

function signs(ringback, provider, vector) {
  const prepared = preparedBy(ringback, provider, vector.options, vector);
  const { method, url, headers = {}, encoding, fields = {} } = vector.request;
  matches({ provider, operation: vector.operation, method }, prepared);
  equal(url, encoding === "query" ? prepared.url.split("?")[0] : prepared.url);
  for (const [name, value] of Object.entries(headers)) equal(value, prepared.headers[name] ?? null);
  for (const name of Object.keys(prepared.headers)) equal(name.toLowerCase(), name);
  none(differences(fields, fieldsOf(prepared, encoding), true));
  // A JSON body that says nothing beside the query is quanmayun's way of always sending JSON.
  if (encoding === "none" || encoding === "query") holds([undefined, "{}"].includes(prepared.body), `the body is ${prepared.body}`);
}

function agrees(ringback, { provider, operation, credentials, params, fields, sign, authorization, now, fresh }) {
  const prepared = preparedBy(ringback, provider, credentials, { operation, params, now, fresh });
  if (authorization !== undefined) equal(authorization, prepared.headers.authorization ?? null);
  if (fields !== undefined && fields !== null) none(differences(fields, fieldsOf(prepared, defaultEncoding(provider, operation)), true));
  if (provider === "cyjcloud") equal(`?sig=${sign}`, new URL(prepared.url).search);
  else if (sign !== undefined) equal(sign, fields?.sign);
}

function defaultEncoding(provider, operation) {
  if (provider === "dingxin" && operation === "recording") return "query";
  return provider === "mixcom" || provider === "dingxin" ? "form" : "json";
}

async function understands(ringback, provider, { body, contentType, query, options, records = [], raw, ignored = [], unreadable = [], error, ack, nack }) {
  const given = { ...options, ...(contentType !== undefined && { contentType }), ...(query !== undefined && { query }) };
  // The same as bytes, which is how a receiver gets it.
  for (const form of [body, new TextEncoder().encode(body)]) {
    if (error !== undefined) {
      const thrown = await failureOf(() => ringback.parsePush(provider, form, given));
      holds(ringback.isRingbackError(thrown), `it throws ${thrown}`);
      matches(error, thrown);
      holds(thrown.nack !== undefined, "the answer to give is missing");
      if (nack !== undefined) matches(nack, thrown.nack);
      continue;
    }
    const parsed = ringback.parsePush(provider, form, given);
    const bare = parsed.records.map(withoutRaw);
    none(differences(records, bare, true));
    matches(ignored, parsed.ignored);
    matches(unreadable, parsed.unreadable);
    if (raw !== undefined) none(differences(raw, parsed.records.map((record) => record.raw), true));
    for (const { completeness } of parsed.records) equal("number", typeof completeness);
    if (ack !== undefined) matches(ack, parsed.ack);
    if (nack !== undefined) matches(nack, parsed.nack);
  }
}

/** Of a problem only the field is compared; its reason must say something. */
function withoutRaw({ raw: _raw, completeness: _completeness, problems, ...record }) {
  for (const { field, reason } of problems ?? []) holds(reason.length > 10, `the reason for ${field} is: ${reason}`);
  return problems === undefined ? record : { ...record, problems: problems.map(({ field }) => ({ field })) };
}

/** The signed request, with the vector's clock and randomness. */
function preparedBy(ringback, provider, options, { operation, params, now = NOW, fresh = FRESH }) {
  const client = ringback.createClient({ ...options, provider, now: () => now, fetch: () => Promise.reject(new Error("nothing may be sent")) });
  const random = fresh.match(/../g).map((pair) => Number.parseInt(pair, 16));
  // The reference that is made where the user gives none comes from here.
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

function dialed(ringback, fetch, options) {
  const client = ringback.createClient({ ...ACCOUNT, fetch, now: () => NOW });
  return client.dial({ ...NUMBERS, reference: "demo-1" }, options);
}

function receiver(ringback, onRecord) {
  const token = ringback.createToken();
  // A page in which something is written to console.error has failed.
  const receive = ringback.createReceiver({ provider: "mixcom", tokens: [token], onRecord, quiet: true });
  const push = new Request(`https://crm.example/push/${token}`, { method: "POST", headers: { "content-type": "application/json" }, body: PUSH });
  return { receive, push };
}

/** A fetch that gives one answer and keeps what it was called with. */
function answering(body, status = 200) {
  const sent = [];
  const fetch = async (url, init) => {
    sent.push({ url, ...init });
    return new Response(body, { status, headers: { "content-type": "application/json" } });
  };
  return Object.assign(fetch, { sent });
}

async function loadsOnce(ringback, source) {
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
  equal(1, loaded);
  works(ringback);
}

function works(ringback) {
  equal("no-answer", ringback.explainCode("mixcom", "514").cause);
}

async function failureOf(work) {
  try {
    await (typeof work === "function" ? work() : work);
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}

function matches(expected, found) {
  none(differences(expected, found, false));
}

function none(found) {
  if (found.length > 0) throw new Error(found.join("\n"));
}

function equal(expected, found) {
  if (expected !== found) throw new Error(`expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
}

function holds(condition, otherwise) {
  if (!condition) throw new Error(otherwise);
}
