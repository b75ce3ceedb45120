// Whatever is passed where text or an object is meant: the call succeeds, or fails with an error that names what is wrong; it is never taken for a
// defect of the library, shows nothing of what was thrown, and the next call works.
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { transformSync } from "esbuild";
import { createClient, createReceiver, explainCode, init, isRingbackError, normalizeStream, parsePush, processPush, readRecords, RingbackError } from "ringback";
import { fastifyReceiver, toExpress, toNodeListener } from "ringback/node";
import { createTables } from "ringback/sql";
import { afterAll, expect, test } from "vitest";
import { look, type Hidden } from "../support/leak-search.js";
import { PLATFORMS, platform } from "../support/platforms.js";
import { printed } from "../support/processes.js";
import { SECRET, STRANGE, THROWING } from "../support/strange-values.js";

/** The one that no stack is enough for. */
const NESTED = "a list of a hundred thousand levels";

/** One place where a value is passed. */
interface Site {
  /** As the error names it; more than one where a value can be wrong in several ways. */
  readonly names: readonly string[];
  readonly pass: (value: never) => unknown;
  /** What throws when it is read may be passed here, since it is not read. */
  readonly unread?: true;
}

type AnyOptions = Record<string, unknown>;
const TOKEN = "t-8f3c1e07b94d62a5f0d7c3916be2845a";
const accepting = (provider: Parameters<typeof platform>[0]) => async (): Promise<Response> => new Response(platform(provider).accepted);
const clientOf = (provider: Parameters<typeof platform>[0], more: AnyOptions = {}): Record<string, (...given: unknown[]) => unknown> =>
  createClient({ ...platform(provider).options, fetch: accepting(provider), retries: 0, timeoutMs: 200, ...more } as never) as never;
const seatcall = (): ReturnType<typeof clientOf> => clientOf("seatcall");
const DIAL = { caller: "13712345678", callee: "0755-28765432", seat: "PP7568036551" };
const DIALED = { caller: "13712345678", callee: "0755-28765432" };
const RANGE = { from: "2020-03-02T00:00:00+08:00", to: "2020-03-03T00:00:00+08:00" };
const PUSH = platform("dingxin").push("1");
const ENVELOPE = { provider: "dingxin", receivedAt: "2020-03-02T17:48:15+08:00", body: PUSH };
const RESPONSE = { status: 200, headers: {}, body: platform("seatcall").accepted };
const RECORD = parsePush("seatcall", platform("seatcall").push("c-1")).records[0];
const prepared = (): unknown => seatcall().prepare?.("dial", DIAL);
const asked = (): Request => new Request(`https://crm.example/push/${TOKEN}`, { method: "POST", body: PUSH });
const receiverWith = (more: AnyOptions): unknown => createReceiver({ provider: "dingxin", tokens: [TOKEN], onRecord: () => undefined, ...more } as never);
const all = async (iterable: unknown): Promise<void> => {
  for await (const _ of iterable as AsyncIterable<unknown>) continue;
};
const throughStream = (chunk: unknown): Promise<void> => all(readRecords(streamOf(chunk).pipeThrough(normalizeStream("dingxin") as never)));

/** A field of an object that is otherwise in order. */
function fields(of: string, whole: string, names: readonly string[], pass: (given: AnyOptions) => unknown): Record<string, Site> {
  return Object.fromEntries(names.map((name) => [`${of}: ${whole}.${name}`, { names: [name, whole], pass: (value: unknown) => pass({ [name]: value }) }]));
}

const SITES: Record<string, Site> = {
  "createClient's options": { names: ["options"], pass: (value) => createClient(value) },
  ...Object.assign({}, ...PLATFORMS.map(({ provider, options }) => fields(`createClient of ${provider}`, "options", Object.keys(options), (given) => clientOf(provider, given)))),
  ...fields("createClient", "options", ["account", "fetch", "baseUrl", "recordingBaseUrl", "recordingHosts", "timeoutMs", "retries", "timeZone", "now", "on", "dialect", "strange"], (given) => clientOf("mixcom", given)),
  ...fields("createClient", "on", ["request", "response", "error", "strange"], (on) => clientOf("mixcom", { on })),
  "options.recordingHosts[0]": { names: ["recordingHosts"], pass: (value) => clientOf("mixcom", { recordingHosts: [value] }) },
  "options.dialect.signature": { names: ["dialect", "signature"], pass: (value) => clientOf("mixcom", { dialect: { signature: value } }) },
  "supports": { names: ["operation"], pass: (value) => seatcall().supports?.(value) },
  "dial": { names: ["params"], pass: (value) => seatcall().dial?.(value) },
  ...fields("dial", "params", [...Object.keys(DIAL), "reference", "strange"], (given) => seatcall().dial?.({ ...DIAL, ...given })),
  "dial's options": { names: ["options"], pass: (value) => seatcall().dial?.(DIAL, value) },
  ...fields("dial", "options", ["signal", "timeoutMs", "strange"], (given) => seatcall().dial?.(DIAL, given)),
  "hangUp": { names: ["callId"], pass: (value) => clientOf("quanmayun").hangUp?.(value) },
  "bindSeat": { names: ["params"], pass: (value) => seatcall().bindSeat?.(value) },
  ...fields("bindSeat", "params", ["seat", "phone", "strange"], (given) => seatcall().bindSeat?.({ seat: "PP7568036551", phone: "13712345678", ...given })),
  "records": { names: ["params", "range"], pass: (value) => all(seatcall().records?.(value)) },
  ...fields("records", "range", ["from", "to", "after", "strange"], (given) => all(seatcall().records?.({ ...RANGE, ...given }))),
  "records' pages": { names: ["params", "range"], pass: (value) => all((seatcall().records?.(value) as { pages(): unknown }).pages()) },
  "recording": { names: ["call"], pass: (value) => clientOf("cyjcloud").recording?.(value) },
  ...fields("recording", "call", ["callId", "provider", "recording", "endedAt", "raw"], (given) => clientOf("mixcom").recording?.({ ...RECORD, provider: "mixcom", ...given })),
  "balance's options": { names: ["options"], pass: (value) => seatcall().balance?.(value) },
  "prepare's operation": { names: ["operation"], pass: (value) => seatcall().prepare?.(value, DIAL) },
  "prepare's params": { names: ["params"], pass: (value) => seatcall().prepare?.("dial", value) },
  "prepare's range": { names: ["params", "range"], pass: (value) => seatcall().prepare?.("records", value) },
  ...fields("prepare", "range", ["from", "to"], (given) => seatcall().prepare?.("records", { ...RANGE, ...given })),
  "explain's params": { names: ["params"], pass: (value) => seatcall().explain?.("dial", value) },
  "interpret's prepared": { names: ["prepared"], pass: (value) => seatcall().interpret?.(value, RESPONSE) },
  ...fields("interpret", "prepared", ["operation", "url", "headers", "body"], (given) => seatcall().interpret?.({ ...(prepared() as object), ...given }, RESPONSE)),
  "interpret's response": { names: ["response"], pass: (value) => seatcall().interpret?.(prepared(), value) },
  ...fields("interpret", "response", ["status", "headers", "body"], (given) => seatcall().interpret?.(prepared(), { ...RESPONSE, ...given })),
  "response.headers.content-type": { names: ["response", "headers"], pass: (value) => seatcall().interpret?.(prepared(), { ...RESPONSE, headers: { "Content-Type": value } }) },

  "parsePush's provider": { names: ["provider"], pass: (value) => parsePush(value, PUSH) },
  "parsePush's body": { names: ["body"], pass: (value) => parsePush("dingxin", value) },
  "a value in parsePush's body": { names: ["body"], pass: (value) => parsePush("dingxin", { subid: value } as never) },
  "parsePush's options": { names: ["options"], pass: (value) => parsePush("dingxin", PUSH, value) },
  ...fields("parsePush", "options", ["contentType", "query", "timeZone"], (given) => parsePush("dingxin", PUSH, given as never)),
  "parsePush's options.dialect": { names: ["dialect", "options"], pass: (value) => parsePush("mixcom", PUSH, { dialect: value }) },
  "parsePush's options.account": { names: ["account", "options"], pass: (value) => parsePush("mixcom", PUSH, { account: value }) },
  "processPush": { names: ["push"], pass: (value) => processPush(value) },
  ...fields("processPush", "push", ["provider", "receivedAt", "body", "contentType", "query", "account", "timeZone", "dialect", "bodyHex", "strange"], (given) => processPush({ ...ENVELOPE, ...given } as never)),

  "createReceiver's options": { names: ["options"], pass: (value) => createReceiver(value) },
  ...fields("createReceiver", "options", ["provider", "tokens", "allow", "name", "maxBodyBytes", "deadlineMs", "trustProxy", "onRecord", "onRecords", "onPush", "onUnreadable", "onRefused", "on", "dialect", "timeZone", "accounts", "strange"], receiverWith),
  "receiver's options.on.answer": { names: ["on.answer"], pass: (answer) => receiverWith({ on: { answer } }) },
  "receiver's options.tokens[0]": { names: ["tokens"], pass: (value) => receiverWith({ tokens: [value] }) },
  "receiver's options.allow[0]": { names: ["allow"], pass: (value) => receiverWith({ allow: [value] }) },
  "receiver's options.accounts[0]": { names: ["options.accounts"], pass: (value) => createReceiver({ accounts: [value], onRecord: () => undefined }) },
  "receiver's options.accounts[0].tokens": { names: ["options.accounts"], pass: (value) => createReceiver({ accounts: [{ provider: "dingxin", tokens: value }], onRecord: () => undefined } as never) },

  "normalizeStream's provider": { names: ["provider"], pass: (value) => normalizeStream(value) },
  "normalizeStream's options": { names: ["options"], pass: (value) => normalizeStream("dingxin", value) },
  ...fields("normalizeStream", "options", ["account", "timeZone", "dialect", "maxLineBytes", "onUnreadable", "strange"], (given) => normalizeStream("dingxin", given as never)),
  "a chunk of normalizeStream": { names: ["stream"], pass: throughStream },
  "readRecords": { names: ["stream"], pass: (value) => all(readRecords(value)) },
  "a chunk of readRecords": { names: ["stream"], pass: (value) => all(readRecords(streamOf(value))) },
  "explainCode's provider": { names: ["provider"], pass: (value) => explainCode(value, 1) },
  "explainCode's code": { names: ["code"], pass: (value) => explainCode("dingxin", value), unread: true },
  "init, where the wasm is there": { names: [], pass: (value) => init(value), unread: true },

  // What comes from a fetch, a clock or a hook of somebody's own.
  "what a fetch gives": { names: [], pass: (value) => clientOf("seatcall", { fetch: () => value }).balance?.() },
  "what a fetch throws": { names: [], pass: (value) => clientOf("seatcall", { fetch: () => { throw value; } }).balance?.() },
  "what a fetch rejects with": { names: [], pass: (value) => clientOf("seatcall", { fetch: async () => { throw value; } }).balance?.() },
  ...fields("a fetch", "response", ["status", "headers", "body", "arrayBuffer"], (given) => clientOf("seatcall", { fetch: async () => ({ ...RESPONSE, body: null, ...given }) }).balance?.()),
  "a header of a response": { names: [], pass: (value) => clientOf("seatcall", { fetch: async () => ({ ...RESPONSE, body: null, headers: { get: () => value } }) }).balance?.() },
  "a piece of a response's body": { names: [], pass: (value) => clientOf("seatcall", { fetch: async () => ({ ...RESPONSE, body: streamOf(value) }) }).balance?.() },
  "a clock's time": { names: ["now"], pass: (value) => clientOf("mixcom", { now: () => value }).dial?.(DIALED) },
  "what a clock throws": { names: ["now"], pass: (value) => clientOf("mixcom", { now: () => { throw value; } }).dial?.(DIALED) },
  "what a hook throws": { names: [], unread: true, pass: (value) => clientOf("mixcom", { on: { request: () => { throw value; } } }).dial?.(DIALED) },
  "what a hook gives": { names: [], unread: true, pass: (value) => clientOf("mixcom", { on: { response: () => value } }).dial?.(DIALED) },
  "the reason of a signal": { names: [], pass: (value) => seatcall().balance?.({ signal: AbortSignal.abort(value) }) },

  "toNodeListener": { names: ["receive"], pass: (value) => toNodeListener(value) },
  "toExpress": { names: ["receive"], pass: (value) => toExpress(value) },
  "fastifyReceiver": { names: ["receive"], pass: (value) => fastifyReceiver(value) },

  "createTables": { names: ["options"], pass: (value) => createTables(value) },
  ...fields("createTables", "options", ["dialect", "prefix"], (given) => createTables({ dialect: "sqlite", ...given } as never)),
  ...statements(),
};

/** Every statement, with the value in each place of its parameters. */
function statements(): Record<string, Site> {
  const tables = createTables({ dialect: "postgresql" }) as unknown as Record<string, (...given: unknown[]) => unknown>;
  const names = Object.keys(tables).filter((name) => typeof tables[name] === "function");
  return Object.fromEntries(names.map((name) => [`tables.${name}`, { names: [name], pass: (value: unknown) => tables[name]?.(value) }]));
}

function streamOf(value: unknown): ReadableStream {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(value);
      controller.close();
    },
  });
}

const hidden: Hidden = { provider: "what was passed", secrets: [SECRET, "Zq9/k+7=Wv&x%Ü", TOKEN], numbers: ["13712345678", "75528765432"] };
const VALUES = [...Object.entries(THROWING), ...Object.entries(STRANGE)];
const tried = { values: 0, failures: 0 };

/** Why that cannot stand, in words. Nothing where it can. */
async function complaint(site: Site, what: string, value: unknown): Promise<string | undefined> {
  let thrown: unknown;
  try {
    await site.pass(value as never);
    return undefined;
  } catch (error) {
    thrown = error;
  }
  tried.failures += 1;
  if (!isRingbackError(thrown)) return `is no RingbackError: ${inspect(thrown)}`;
  look(hidden, thrown, thrown.cause);
  const { code, message } = thrown;
  // The host's own writer of JSON has not stack enough for it: see exhaustion.ts.
  if (code === "internal" && what !== NESTED) return message;
  if (code === "invalid-argument" && !/^[\w$,. ]+: /.test(message)) return `names nothing: ${message}`;
  if (message.includes("cannot be read; ") && !site.names.some((name) => message.startsWith(name) || message.split(":")[0]?.endsWith(`.${name}`))) return `names something else: ${message}`;
  return undefined;
}

test("whatever is wrong with a response, its request was sent", () => {
  const wrong = VALUES.flatMap(([what, make]) =>
    ["status", "headers", "body"].flatMap((field) => {
      try {
        seatcall().interpret?.(prepared(), { ...RESPONSE, [field]: make() } as never);
        return [];
      } catch (error) {
        return isRingbackError(error) && error.delivery !== "not-sent" ? [] : [`${field}, ${what}: ${inspect(error)}`];
      }
    }),
  );
  expect(wrong).toEqual([]);
});

test.each(Object.entries(SITES))("%s may be anything", { timeout: 60_000 }, async (_, site) => {
  const complaints: string[] = [];
  const before = tried.failures;
  for (const [what, make] of VALUES) {
    tried.values += 1;
    const wrong = await complaint(site, what, make());
    if (wrong !== undefined) complaints.push(`${what}: ${wrong}`);
    expect(parsePush("dingxin", PUSH).records[0]?.key, `the call after ${what}`).toBe("dingxin:1");
  }
  expect(complaints).toEqual([]);
  if (!site.unread) expect(tried.failures).toBeGreaterThan(before);
});

test("a receiver answers whatever it is given, and throws nothing", async () => {
  const observed: unknown[] = [];
  const receive = createReceiver({ provider: "dingxin", tokens: [TOKEN], onRecord: () => undefined, on: { answer: (event) => observed.push(event) } });
  for (const [what, make] of VALUES) {
    const given: (readonly [unknown, unknown])[] = [
      [make(), undefined],
      [asked(), make()],
      [asked(), { remoteAddress: make() }],
      [asked(), { body: make() }],
      [{ method: "POST", url: asked().url, headers: new Headers(), body: streamOf(make()) }, undefined],
      [{ method: "POST", url: asked().url, headers: { get: make }, body: null }, undefined],
      [{ method: make(), url: asked().url, headers: new Headers() }, undefined],
      [{ method: "POST", url: make(), headers: new Headers() }, undefined],
      [{ method: "POST", url: asked().url, headers: new Headers(), body: make() }, undefined],
    ];
    for (const [request, context] of given) {
      tried.values += 1;
      const response = await receive(request as Request, context as never);
      expect([200, 400, 404, 405, 413, 500], what).toContain(response.status);
      look(hidden, response.status, [...response.headers], await response.text(), ...observed.splice(0));
    }
    expect((await receive(asked())).status, `the push after ${what}`).toBe(200);
  }
});

test("what is no error of this package is none, whatever it is", () => {
  for (const [what, make] of VALUES) {
    tried.values += 1;
    expect(isRingbackError(make()), what).toBe(false);
    expect((make() as object) instanceof RingbackError, what).toBe(false);
  }
});

test("before the wasm is there, init fails with not-initialized and says no more", () => {
  const source = readFileSync(new URL("../support/strange-values.ts", import.meta.url), "utf8");
  // In a process of its own: here the wasm is there for all entries.
  const script = `
    import { init, isRingbackError } from "ringback/slim";
    ${transformSync(source, { loader: "ts", target: "es2022" }).code.replace(/^export \{[^}]*\};/m, "")}
    const got = {};
    for (const [what, make] of [...Object.entries(THROWING), ...Object.entries(STRANGE)]) {
      if (["nothing", "undefined"].includes(what)) continue;
      try { await init(make()); got[what] = "it was taken"; } catch (error) { got[what] = isRingbackError(error) ? error.code : String(error); }
    }
    console.log(JSON.stringify(got));`;
  const got = JSON.parse(printed(script)) as Record<string, string>;
  expect(Object.entries(got).filter(([, code]) => code !== "not-initialized")).toEqual([]);
  tried.values += Object.keys(got).length;
  expect(Object.keys(got).length).toBe(VALUES.length - 2);
});

afterAll(() => {
  console.log(`${tried.values} values passed in ${Object.keys(SITES).length} places, ${tried.failures} of them refused`);
  expect(tried.failures).toBeGreaterThan(4000);
});
