// Passes strange values where a text or an object is expected. Each call succeeds, or fails with an error that names the wrong argument. The error is
// never `internal`, shows nothing of a thrown value, and the next call works.
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { transformSync } from "esbuild";
import { createClient, createReceiver, explainCode, init, isRingbackError, normalizeStream, parsePush, processPush, readRecords, RingbackError } from "ringback";
import { fastifyReceiver, toExpress, toNodeListener } from "ringback/node";
import { createTables } from "ringback/sql";
import { afterAll, expect, test } from "vitest";
import { searchForLeaks, type Hidden } from "../support/leak-search.js";
import { PLATFORMS, findPlatform } from "../support/platforms.js";
import { runScript } from "../support/processes.js";
import { SECRET, STRANGE, THROWING } from "../support/strange-values.js";

/** The value that overflows any stack. */
const NESTED = "a list of a hundred thousand levels";

/** A place where a value is passed. */
interface Site {
  /** The name in the error; several if a value can be wrong in several ways. */
  readonly names: readonly string[];
  readonly pass: (value: never) => unknown;
  /** A value that throws when it is read may be passed here, because it is not read. */
  readonly unread?: boolean;
}

type AnyOptions = Record<string, unknown>;
const TOKEN = "t-8f3c1e07b94d62a5f0d7c3916be2845a";
const respondWithSuccess = (provider: Parameters<typeof findPlatform>[0]) => async (): Promise<Response> => new Response(findPlatform(provider).accepted);
const createLooseClient = (provider: Parameters<typeof findPlatform>[0], more: AnyOptions = {}): Record<string, (...given: unknown[]) => unknown> =>
  createClient({ ...findPlatform(provider).options, fetch: respondWithSuccess(provider), retries: 0, timeoutMs: 200, ...more } as never) as never;
const seatcall = (): ReturnType<typeof createLooseClient> => createLooseClient("seatcall");
const DIAL = { caller: "13712345678", callee: "0755-28765432", seat: "PP7568036551" };
const DIALED = { caller: "13712345678", callee: "0755-28765432" };
const RANGE = { from: "2020-03-02T00:00:00+08:00", to: "2020-03-03T00:00:00+08:00" };
const PUSH = findPlatform("dingxin").push("1");
const ENVELOPE = { provider: "dingxin", receivedAt: "2020-03-02T17:48:15+08:00", body: PUSH };
const RESPONSE = { status: 200, headers: {}, body: findPlatform("seatcall").accepted };
const RECORD = parsePush("seatcall", findPlatform("seatcall").push("c-1")).records[0];
const prepareDial = (): unknown => seatcall().prepare?.("dial", DIAL);
const createPushRequest = (): Request => new Request(`https://crm.example/push/${TOKEN}`, { method: "POST", body: PUSH });
const createTestReceiver = (more: AnyOptions): unknown => createReceiver({ provider: "dingxin", tokens: [TOKEN], onRecord: () => undefined, ...more } as never);
const readAll = async (iterable: unknown): Promise<void> => {
  for await (const _ of iterable as AsyncIterable<unknown>) continue;
};
const normalizeChunk = (chunk: unknown): Promise<void> => readAll(readRecords(createStream(chunk).pipeThrough(normalizeStream("dingxin") as never)));

/** Creates a site for each field of an otherwise valid object. */
function createFieldSites(of: string, whole: string, names: readonly string[], pass: (given: AnyOptions) => unknown): Record<string, Site> {
  return Object.fromEntries(names.map((name) => [`${of}: ${whole}.${name}`, { names: [name, whole], pass: (value: unknown) => pass({ [name]: value }) }]));
}

const SITES: Record<string, Site> = {
  "createClient's options": { names: ["options"], pass: (value) => createClient(value) },
  ...Object.assign({}, ...PLATFORMS.map(({ provider, options }) => createFieldSites(`createClient of ${provider}`, "options", Object.keys(options), (given) => createLooseClient(provider, given)))),
  ...createFieldSites("createClient", "options", ["account", "fetch", "baseUrl", "recordingBaseUrl", "recordingHosts", "timeoutMs", "retries", "timeZone", "now", "on", "debug", "dialect", "strange"], (given) => createLooseClient("mixcom", given)),
  ...createFieldSites("createClient", "on", ["start", "request", "response", "error", "done", "strange"], (on) => createLooseClient("mixcom", { on })),
  "options.recordingHosts[0]": { names: ["recordingHosts"], pass: (value) => createLooseClient("mixcom", { recordingHosts: [value] }) },
  "options.dialect.signature": { names: ["dialect", "signature"], pass: (value) => createLooseClient("mixcom", { dialect: { signature: value } }) },
  "supports": { names: ["operation"], pass: (value) => seatcall().supports?.(value) },
  "dial": { names: ["params"], pass: (value) => seatcall().dial?.(value) },
  ...createFieldSites("dial", "params", [...Object.keys(DIAL), "reference", "strange"], (given) => seatcall().dial?.({ ...DIAL, ...given })),
  "dial's options": { names: ["options"], pass: (value) => seatcall().dial?.(DIAL, value) },
  ...createFieldSites("dial", "options", ["signal", "timeoutMs", "strange"], (given) => seatcall().dial?.(DIAL, given)),
  "hangUp": { names: ["callId"], pass: (value) => createLooseClient("quanmayun").hangUp?.(value) },
  "bindSeat": { names: ["params"], pass: (value) => seatcall().bindSeat?.(value) },
  ...createFieldSites("bindSeat", "params", ["seat", "phone", "strange"], (given) => seatcall().bindSeat?.({ seat: "PP7568036551", phone: "13712345678", ...given })),
  "records": { names: ["params", "range"], pass: (value) => readAll(seatcall().records?.(value)) },
  ...createFieldSites("records", "range", ["from", "to", "after", "strange"], (given) => readAll(seatcall().records?.({ ...RANGE, ...given }))),
  "records' pages": { names: ["params", "range"], pass: (value) => readAll((seatcall().records?.(value) as { pages(): unknown }).pages()) },
  "recording": { names: ["call"], pass: (value) => createLooseClient("cyjcloud").recording?.(value) },
  ...createFieldSites("recording", "call", ["callId", "provider", "recording", "endedAt", "raw"], (given) => createLooseClient("mixcom").recording?.({ ...RECORD, provider: "mixcom", ...given })),
  "balance's options": { names: ["options"], pass: (value) => seatcall().balance?.(value) },
  "prepare's operation": { names: ["operation"], pass: (value) => seatcall().prepare?.(value, DIAL) },
  "prepare's params": { names: ["params"], pass: (value) => seatcall().prepare?.("dial", value) },
  "prepare's range": { names: ["params", "range"], pass: (value) => seatcall().prepare?.("records", value) },
  ...createFieldSites("prepare", "range", ["from", "to"], (given) => seatcall().prepare?.("records", { ...RANGE, ...given })),
  "explain's params": { names: ["params"], pass: (value) => seatcall().explain?.("dial", value) },
  "interpret's prepared": { names: ["prepared"], pass: (value) => seatcall().interpret?.(value, RESPONSE) },
  ...createFieldSites("interpret", "prepared", ["operation", "url", "headers", "body"], (given) => seatcall().interpret?.({ ...(prepareDial() as object), ...given }, RESPONSE)),
  "interpret's response": { names: ["response"], pass: (value) => seatcall().interpret?.(prepareDial(), value) },
  ...createFieldSites("interpret", "response", ["status", "headers", "body"], (given) => seatcall().interpret?.(prepareDial(), { ...RESPONSE, ...given })),
  "response.headers.content-type": { names: ["response", "headers"], pass: (value) => seatcall().interpret?.(prepareDial(), { ...RESPONSE, headers: { "Content-Type": value } }) },

  "parsePush's provider": { names: ["provider"], pass: (value) => parsePush(value, PUSH) },
  "parsePush's body": { names: ["body"], pass: (value) => parsePush("dingxin", value) },
  "a value in parsePush's body": { names: ["body"], pass: (value) => parsePush("dingxin", { subid: value } as never) },
  "parsePush's options": { names: ["options"], pass: (value) => parsePush("dingxin", PUSH, value) },
  ...createFieldSites("parsePush", "options", ["contentType", "query", "timeZone"], (given) => parsePush("dingxin", PUSH, given as never)),
  "parsePush's options.dialect": { names: ["dialect", "options"], pass: (value) => parsePush("mixcom", PUSH, { dialect: value }) },
  "parsePush's options.account": { names: ["account", "options"], pass: (value) => parsePush("mixcom", PUSH, { account: value }) },
  "processPush": { names: ["push"], pass: (value) => processPush(value) },
  ...createFieldSites("processPush", "push", ["provider", "receivedAt", "body", "contentType", "query", "account", "timeZone", "dialect", "bodyHex", "strange"], (given) => processPush({ ...ENVELOPE, ...given } as never)),

  "createReceiver's options": { names: ["options"], pass: (value) => createReceiver(value) },
  ...createFieldSites("createReceiver", "options", ["provider", "tokens", "allow", "name", "maxBodyBytes", "deadlineMs", "trustProxy", "onRecord", "onRecords", "onPush", "onUnreadable", "onRefused", "on", "debug", "dialect", "timeZone", "accounts", "strange"], createTestReceiver),
  ...createFieldSites("receiver's options", "on", ["start", "answer", "strange"], (on) => createTestReceiver({ on })),
  "receiver's options.tokens[0]": { names: ["tokens"], pass: (value) => createTestReceiver({ tokens: [value] }) },
  "receiver's options.allow[0]": { names: ["allow"], pass: (value) => createTestReceiver({ allow: [value] }) },
  "receiver's options.accounts[0]": { names: ["options.accounts"], pass: (value) => createReceiver({ accounts: [value], onRecord: () => undefined }) },
  "receiver's options.accounts[0].tokens": { names: ["options.accounts"], pass: (value) => createReceiver({ accounts: [{ provider: "dingxin", tokens: value }], onRecord: () => undefined } as never) },

  "normalizeStream's provider": { names: ["provider"], pass: (value) => normalizeStream(value) },
  "normalizeStream's options": { names: ["options"], pass: (value) => normalizeStream("dingxin", value) },
  ...createFieldSites("normalizeStream", "options", ["account", "timeZone", "dialect", "maxLineBytes", "onUnreadable", "strange"], (given) => normalizeStream("dingxin", given as never)),
  "a chunk of normalizeStream": { names: ["stream"], pass: normalizeChunk },
  "readRecords": { names: ["stream"], pass: (value) => readAll(readRecords(value)) },
  "a chunk of readRecords": { names: ["stream"], pass: (value) => readAll(readRecords(createStream(value))) },
  "explainCode's provider": { names: ["provider"], pass: (value) => explainCode(value, 1) },
  "explainCode's code": { names: ["code"], pass: (value) => explainCode("dingxin", value), unread: true },
  "init, when the wasm is already loaded": { names: [], pass: (value) => init(value), unread: true },

  // Values from the user's own fetch, clock or hook.
  "the result of a fetch": { names: [], pass: (value) => createLooseClient("seatcall", { fetch: () => value }).balance?.() },
  "the exception of a fetch": { names: [], pass: (value) => createLooseClient("seatcall", { fetch: () => { throw value; } }).balance?.() },
  "the rejection of a fetch": { names: [], pass: (value) => createLooseClient("seatcall", { fetch: async () => { throw value; } }).balance?.() },
  ...createFieldSites("a fetch", "response", ["status", "headers", "body", "arrayBuffer"], (given) => createLooseClient("seatcall", { fetch: async () => ({ ...RESPONSE, body: null, ...given }) }).balance?.()),
  "a header of a response": { names: [], pass: (value) => createLooseClient("seatcall", { fetch: async () => ({ ...RESPONSE, body: null, headers: { get: () => value } }) }).balance?.() },
  "a piece of a response's body": { names: [], pass: (value) => createLooseClient("seatcall", { fetch: async () => ({ ...RESPONSE, body: createStream(value) }) }).balance?.() },
  "a clock's time": { names: ["now"], pass: (value) => createLooseClient("mixcom", { now: () => value }).dial?.(DIALED) },
  "the exception of a clock": { names: ["now"], pass: (value) => createLooseClient("mixcom", { now: () => { throw value; } }).dial?.(DIALED) },
  "the exception of a hook": { names: [], unread: true, pass: (value) => createLooseClient("mixcom", { on: { request: () => { throw value; } } }).dial?.(DIALED) },
  "the result of a hook": { names: [], unread: true, pass: (value) => createLooseClient("mixcom", { on: { response: () => value } }).dial?.(DIALED) },
  "the reason of a signal": { names: [], pass: (value) => seatcall().balance?.({ signal: AbortSignal.abort(value) }) },

  "toNodeListener": { names: ["receive"], pass: (value) => toNodeListener(value) },
  "toExpress": { names: ["receive"], pass: (value) => toExpress(value) },
  "fastifyReceiver": { names: ["receive"], pass: (value) => fastifyReceiver(value) },

  "createTables": { names: ["options"], pass: (value) => createTables(value) },
  ...createFieldSites("createTables", "options", ["dialect", "prefix"], (given) => createTables({ dialect: "sqlite", ...given } as never)),
  ...createStatementSites(),
};

/** Creates a site for each parameter of every SQL statement. */
function createStatementSites(): Record<string, Site> {
  const tables = createTables({ dialect: "postgresql" }) as unknown as Record<string, (...given: unknown[]) => unknown>;
  const names = Object.keys(tables).filter((name) => typeof tables[name] === "function");
  // inspect takes no parameter.
  return Object.fromEntries(names.map((name) => [`tables.${name}`, { names: [name], pass: (value: unknown) => tables[name]?.(value), unread: name === "inspect" }]));
}

function createStream(value: unknown): ReadableStream {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(value);
      controller.close();
    },
  });
}

const hidden: Hidden = { provider: "a passed value", secrets: [SECRET, "Zq9/k+7=Wv&x%Ü", TOKEN], numbers: ["13712345678", "75528765432"] };
const VALUES = [...Object.entries(THROWING), ...Object.entries(STRANGE)];
const tried = { values: 0, failures: 0 };

/** Passes the value. Returns the problem, or undefined if the outcome is allowed. */
async function findProblem(site: Site, what: string, value: unknown): Promise<string | undefined> {
  let thrown: unknown;
  try {
    await site.pass(value as never);
    return undefined;
  } catch (error) {
    thrown = error;
  }
  tried.failures += 1;
  if (!isRingbackError(thrown)) return `is not a RingbackError: ${inspect(thrown)}`;
  searchForLeaks(hidden, thrown, thrown.cause);
  const { code, message } = thrown;
  // The host's own JSON.stringify may overflow the stack for this value: see exhaustion.ts.
  if (code === "internal" && what !== NESTED) return message;
  if (code === "invalid-argument" && !/^[\w$,. ]+: /.test(message)) return `names no argument: ${message}`;
  if (message.includes("cannot be read; ") && !site.names.some((name) => message.startsWith(name) || message.split(":")[0]?.endsWith(`.${name}`))) return `names another argument: ${message}`;
  return undefined;
}

test("delivery is unknown for any invalid response, because its request was sent", () => {
  const wrong = VALUES.flatMap(([what, make]) =>
    ["status", "headers", "body"].flatMap((field) => {
      try {
        seatcall().interpret?.(prepareDial(), { ...RESPONSE, [field]: make() } as never);
        return [];
      } catch (error) {
        return isRingbackError(error) && error.delivery !== "not-sent" ? [] : [`${field}, ${what}: ${inspect(error)}`];
      }
    }),
  );
  expect(wrong).toEqual([]);
});

test.each(Object.entries(SITES))("%s may be any value", { timeout: 60_000 }, async (_, site) => {
  const complaints: string[] = [];
  const before = tried.failures;
  for (const [what, make] of VALUES) {
    tried.values += 1;
    const wrong = await findProblem(site, what, make());
    if (wrong !== undefined) complaints.push(`${what}: ${wrong}`);
    expect(parsePush("dingxin", PUSH).records[0]?.key, `the call after ${what}`).toBe("dingxin:1");
  }
  expect(complaints).toEqual([]);
  if (!site.unread) expect(tried.failures).toBeGreaterThan(before);
});

test("a receiver answers any value, and never throws", async () => {
  const observed: unknown[] = [];
  const receive = createReceiver({ provider: "dingxin", tokens: [TOKEN], onRecord: () => undefined, on: { answer: (event) => observed.push(event) } });
  for (const [what, make] of VALUES) {
    const given: (readonly [unknown, unknown])[] = [
      [make(), undefined],
      [createPushRequest(), make()],
      [createPushRequest(), { remoteAddress: make() }],
      [createPushRequest(), { body: make() }],
      [{ method: "POST", url: createPushRequest().url, headers: new Headers(), body: createStream(make()) }, undefined],
      [{ method: "POST", url: createPushRequest().url, headers: { get: make }, body: null }, undefined],
      [{ method: make(), url: createPushRequest().url, headers: new Headers() }, undefined],
      [{ method: "POST", url: make(), headers: new Headers() }, undefined],
      [{ method: "POST", url: createPushRequest().url, headers: new Headers(), body: make() }, undefined],
    ];
    for (const [request, context] of given) {
      tried.values += 1;
      const response = await receive(request as Request, context as never);
      expect([200, 400, 404, 405, 413, 500], what).toContain(response.status);
      searchForLeaks(hidden, response.status, [...response.headers], await response.text(), ...observed.splice(0));
    }
    expect((await receive(createPushRequest())).status, `the push after ${what}`).toBe(200);
  }
});

test("isRingbackError is false for any other value", () => {
  for (const [what, make] of VALUES) {
    tried.values += 1;
    expect(isRingbackError(make()), what).toBe(false);
    expect((make() as object) instanceof RingbackError, what).toBe(false);
  }
});

test("before the wasm is loaded, init fails with not-initialized and shows nothing of the value", () => {
  const source = readFileSync(new URL("../support/strange-values.ts", import.meta.url), "utf8");
  // Runs in its own process, because here the wasm is already loaded for all entries.
  const script = `
    import { init, isRingbackError } from "ringback/slim";
    ${transformSync(source, { loader: "ts", target: "es2022" }).code.replace(/^export \{[^}]*\};/m, "")}
    const got = {};
    for (const [what, make] of [...Object.entries(THROWING), ...Object.entries(STRANGE)]) {
      if (["nothing", "undefined"].includes(what)) continue;
      try { await init(make()); got[what] = "it was accepted"; } catch (error) { got[what] = isRingbackError(error) ? error.code : String(error); }
    }
    console.log(JSON.stringify(got));`;
  const got = JSON.parse(runScript(script)) as Record<string, string>;
  expect(Object.entries(got).filter(([, code]) => code !== "not-initialized")).toEqual([]);
  tried.values += Object.keys(got).length;
  expect(Object.keys(got).length).toBe(VALUES.length - 2);
});

afterAll(() => {
  console.log(`${tried.values} values passed in ${Object.keys(SITES).length} places, ${tried.failures} of them refused`);
  expect(tried.failures).toBeGreaterThan(4000);
});
