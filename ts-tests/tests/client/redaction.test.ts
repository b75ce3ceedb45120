// Texts that may be logged show no secret and no full phone number: for every operation of every platform, with every status, every documented
// code and every network fault, when the answer repeats the whole request.
import { readFileSync } from "node:fs";
import {
  type Client,
  type ClientOptions,
  createClient,
  createReceiver,
  createToken,
  isRingbackError,
  type ErrorCode,
  normalizeStream,
  type Operation,
  parsePush,
  processPush,
  providers,
  readRecords,
  type RingbackError,
} from "ringback";
// Loads the wasm for the trap entry.
import "ringback-trap";
import { trapForTests } from "ringback-trap/trap";
import { afterAll, describe, expect, test, vi } from "vitest";
import { DIGITS, listEncodings, expectFailure, listSpellings } from "../support/failure.js";
import { encode, echoRequest, type RecordingFetch, createFetch, type Sent, createBody } from "../support/fetches.js";
import { CODES, type Hidden, createHooks, searchForLeaks, searchFailure, searched } from "../support/leak-search.js";
import { NUMBERS, type Platform, PLATFORMS } from "../support/platforms.js";
import { runScript } from "../support/processes.js";

const STATUSES = [200, 201, 204, 300, 302, 307, 400, 401, 403, 404, 405, 408, 409, 413, 418, 422, 429, 500, 501, 502, 503, 504, 599];

function refusal(provider: string, code: string | number, words: string): string {
  const bodies: Record<string, unknown> = {
    cyjcloud: { Flag: code, Msg: words },
    seatcall: { meta: { success: false, message: words }, data: words },
  };
  return JSON.stringify(bodies[provider] ?? { code, success: false, msg: words, data: words });
}

/** Repeats a request in different forms: as it is, within HTML, JSON, escapes, another address, and where an excerpt is cut. */
function repeatRequest(sent: Sent, secrets: readonly string[]): string[] {
  const numbers = [NUMBERS.caller, NUMBERS.callee, ...DIGITS, "0086 137-1234-5678", "tel:+8613712345678", "(0755) 28765432", "%2B8613712345678"];
  const all = echoRequest(sent, ...secrets.flatMap(listEncodings), ...numbers);
  const spelt = DIGITS.flatMap(listSpellings).join(" ; ");
  const blanks = (length: number): string => " ".repeat(length) + all;
  return [`${spelt} ${all}`, encodeURIComponent(all), JSON.stringify(JSON.stringify(all)), all.replaceAll("&", "&amp;").replaceAll("<", "&lt;"), ...[1100, 1180, 1240, 1270].map(blanks)];
}

interface HookedClient {
  client: Client<"seatcall">;
  searchEvents(): void;
}

function createHookedClient(platform: Platform, fetch: RecordingFetch, timeoutMs: number): HookedClient {
  const { on, searchEvents } = createHooks(listHidden(platform), "start", "request", "response", "error", "done", "debug");
  const { debug, ...hooks } = on;
  const options = { ...platform.options, fetch, timeoutMs, retries: 0, account: "main", on: hooks, debug, now: () => 1583142000123 } as unknown as ClientOptions<"seatcall">;
  return { client: createClient(options) as Client<"seatcall">, searchEvents };
}

function listHidden({ provider, secrets }: Platform): Hidden {
  return { provider, secrets, numbers: DIGITS };
}

/** Calls of each operation; one that a platform does not offer is `unsupported`. */
const WORK: Record<Operation, (client: Client<"seatcall">, platform: Platform) => Promise<unknown>> = {
  dial: (client, { dial }) => client.dial(dial as never),
  hangUp: (client) => (client as unknown as Client<"quanmayun">).hangUp("c-1"),
  bindSeat: (client) => client.bindSeat({ seat: "PP7568036551", phone: NUMBERS.caller }),
  records: async (client) => {
    for await (const _ of client.records({ from: "2020-03-02T00:00:00+08:00", to: "2020-03-03T00:00:00+08:00" })) break;
  },
  recording: async (client, { provider }) => {
    const record = { provider, callId: "c-1", endedAt: "2020-03-02T17:48:17+08:00", recording: { state: "available", url: "https://seat.example/1.mp3" } };
    const stream = await (await client.recording(record as never)).body();
    await new Response(stream as BodyInit).text();
  },
  balance: (client) => client.balance(),
};

async function runAndSearch(platform: Platform, operation: Operation, answer: (sent: Sent) => unknown, timeoutMs = 20_000): Promise<void> {
  const { client, searchEvents } = createHookedClient(platform, createFetch(answer), timeoutMs);
  let thrown: unknown;
  try {
    await WORK[operation](client, platform);
  } catch (error) {
    thrown = error;
  }
  searchEvents();
  // Some answers are not failures: a body that happens to be a recording, or an answer to an operation without a result.
  if (thrown !== undefined) searchFailure(listHidden(platform), thrown);
}

const OPERATIONS = Object.keys(WORK) as Operation[];

const FAULTS: Record<string, (sent: Sent, words: string) => unknown> = {
  "a connection that is refused": (_, words) => Promise.reject(Object.assign(new TypeError(`fetch failed ${words}`), { cause: Object.assign(new Error(words), { code: "ECONNREFUSED" }) })),
  "a name that is not found": (_, words) => Promise.reject(Object.assign(new TypeError(words), { cause: Object.assign(new Error(words), { code: "ENOTFOUND", hostname: words }) })),
  "a reset": (_, words) => Promise.reject(new TypeError("fetch failed", { cause: Object.assign(new Error(words), { code: "ECONNRESET" }) })),
  "an error with the whole request": (sent, words) => Promise.reject(Object.assign(new Error(words), { config: sent, request: sent, response: { data: words } })),
  "an error of errors": (_, words) => Promise.reject(new AggregateError([new Error(words), words, { message: words }], words)),
  "a deeply nested error": (_, words) => {
    let error = new Error(words);
    for (let depth = 0; depth < 50; depth += 1) error = new Error(`${depth} ${words}`, { cause: error });
    return Promise.reject(error);
  },
  "an error that is its own cause": (_, words) => {
    const error = new Error(words);
    return Promise.reject(Object.assign(error, { cause: error }));
  },
  "an error with the secret as name and code": (_, words) => Promise.reject(Object.assign(new Error("x"), { name: words, code: words })),
  "a text instead of an error": (_, words) => Promise.reject(words),
  "a body that breaks off": (_, words) => Promise.resolve(new Response(createBody((controller) => controller.error(new TypeError(words))))),
  "a body that breaks off in the middle": (_, words) => {
    let begun = false;
    const body = createBody((controller) => {
      if (begun) return controller.error(new TypeError(words));
      begun = true;
      controller.enqueue(encode("sound"));
    });
    return Promise.resolve(new Response(body, { headers: { "content-type": "audio/mpeg" } }));
  },
  "a response that throws when it is read": (_, words) =>
    Promise.resolve({
      get status(): number {
        throw new Error(words);
      },
    }),
  "no response": () => Promise.resolve(undefined),
  "a redirect to an address with the secret": (_, words) => Promise.resolve(new Response(words, { status: 307, headers: { location: `https://evil.example/?${encodeURIComponent(words)}` } })),
  "headers that repeat the request": (_, words) => Promise.resolve(new Response("", { status: 503, headers: { "retry-after": encodeURIComponent(words).slice(0, 2000), "content-type": "text/html" } })),
};

describe.each(PLATFORMS.map((platform) => [platform.provider, platform] as const))("%s shows nothing", (provider, platform) => {
  test.each(OPERATIONS)("when %s is answered by any status", async (operation) => {
    for (const [index, status] of STATUSES.entries()) {
      // Every form with three statuses, and one form with each of the others.
      for (const at of [200, 400, 502].includes(status) ? [0, 1, 2, 3, 4, 5, 6, 7] : [index % 8]) {
        await runAndSearch(platform, operation, async (sent) => new Response(status === 204 ? null : (repeatRequest(sent, platform.secrets)[at] ?? ""), { status, headers: { "content-type": "text/html" } }));
      }
    }
  });

  test.each(OPERATIONS)("when %s is refused by any code", async (operation) => {
    for (const [index, code] of (CODES[provider] ?? []).entries()) {
      for (const status of [200, 400, 500]) {
        for (const at of [index % 4, (index + 1) % 4]) await runAndSearch(platform, operation, async (sent) => new Response(refusal(provider, code, repeatRequest(sent, platform.secrets)[at] ?? ""), { status }));
        // A platform that repeats the request as the code.
        await runAndSearch(platform, operation, async (sent) => new Response(refusal(provider, repeatRequest(sent, platform.secrets)[0] ?? "", "no"), { status }));
      }
    }
  });

  test.each(Object.entries(FAULTS))("when the network gives %s", async (_, fault) => {
    for (const [index, operation] of OPERATIONS.entries()) {
      for (const at of [index % 8, (index + 3) % 8, (index + 6) % 8]) await runAndSearch(platform, operation, (sent) => fault(sent, repeatRequest(sent, platform.secrets)[at] ?? ""));
    }
  });

  test("when no answer comes in time, or the caller aborts", async () => {
    for (const operation of OPERATIONS) await runAndSearch(platform, operation, () => new Promise(() => undefined), 20);
    const controller = new AbortController();
    const fetch = createFetch((sent) => {
      controller.abort(new Error(repeatRequest(sent, platform.secrets)[0]));
      return new Promise(() => undefined);
    });
    const { client, searchEvents } = createHookedClient(platform, fetch, 20_000);
    searchFailure(listHidden(platform), await expectFailure(client.dial(platform.dial as never, { signal: controller.signal })));
    searchEvents();
  });

  test("in a client, a trace, or the error of a wrong option", async () => {
    const { client } = createHookedClient(platform, createFetch(() => undefined), 20_000);
    searchForLeaks(listHidden(platform), client, { ...client }, String(client), Object.entries(client));
    for (const operation of providers[provider].operations) {
      const parameters = { dial: platform.dial, hangUp: "c-1", bindSeat: { seat: "PP1", phone: NUMBERS.caller }, records: { from: new Date(0), to: new Date(1) }, recording: "c-1", balance: {} }[operation];
      // seatcall's recording is at the record's own address, without a signature.
      if (provider === "seatcall" && operation === "recording") continue;
      searchForLeaks(listHidden(platform), (client as unknown as { explain(name: string, given: unknown): unknown }).explain(operation, parameters));
    }
    const [secret = ""] = platform.secrets;
    for (const wrong of [{ timeoutMs: secret }, { account: `${secret}/` }, { baseUrl: secret }, { recordingHosts: [secret] }, { timeZone: secret }, { dialect: { signature: secret } }, { fetch: secret }, { on: { request: secret } }, { on: { [secret]: secret } }, { debug: secret }, { now: secret }]) {
      const error = await expectFailure(() => createClient({ ...platform.options, ...wrong } as never));
      searchForLeaks(listHidden(platform), error);
      searched.codes.add(error.code);
    }
    for (const wrong of [{ callee: `${DIGITS[0]}x` }, { caller: `${DIGITS[1]}**` }, { reference: `order ${DIGITS[0]}` }]) {
      // Not every platform limits the reference.
      const error = await (client.dial({ ...platform.dial, ...wrong } as never) as Promise<unknown>).then(() => undefined, (thrown: unknown) => thrown);
      searchForLeaks(listHidden(platform), error);
    }
  });

  test("when a push cannot be read, is refused, or is not kept", async () => {
    const token = createToken();
    const guarded = { ...listHidden(platform), secrets: [...platform.secrets, token] };
    const words = repeatRequest({ url: `https://crm.example/${token}`, method: "POST", headers: {}, signal: new AbortController().signal, redirect: "manual" } as Sent, guarded.secrets).join("\n");
    const bodies = [words, JSON.stringify(words), JSON.stringify({ [words]: words }), JSON.stringify([words, { subid: words, startTime: words, event: words, Flag: words, sessionId: [words], status: words }]), `{"subid":"1","x":${JSON.stringify(words)}`];
    for (const body of bodies) {
      for (const work of [() => parsePush(provider, body), () => processPush({ provider, receivedAt: words, body } as never)]) {
        try {
          const { unreadable } = work();
          searchForLeaks(guarded, unreadable.map(({ raw: _, ...reason }) => reason));
        } catch (error) {
          // Searches the error's texts only; the payload is passed to the keeper on purpose.
          searchForLeaks(guarded, error);
          searched.codes.add((error as RingbackError).code);
        }
      }
      const stream = new Blob([body.replaceAll("\n", " ")]).stream().pipeThrough(normalizeStream(provider));
      try {
        for await (const _ of readRecords(stream)) continue;
      } catch (error) {
        searchForLeaks(guarded, error);
      }
    }
    const events: unknown[] = [];
    const fails = (): never => {
      throw new Error(words);
    };
    const receive = createReceiver({ provider, tokens: [token], onRecord: fails, onUnreadable: fails, onRefused: ({ body: _, ...refused }: { body?: unknown }) => events.push(refused), on: { start: (event: unknown) => events.push(event), answer: ({ error, ...event }: { error?: unknown }) => events.push(event, isRingbackError(error) ? error : "the keeper's own error, whatever it holds") } } as never);
    for (const [path, body] of [[token, platform.push("c-1")], [`${token}x`, words], [`x?token=${encodeURIComponent(words)}`, words], [token, words], [`a/${token}?token=${token}`, "{"]] as const) {
      const response = await receive(new Request(`https://crm.example/${path}`, { method: "POST", body }));
      events.push([response.status, [...response.headers], await response.text()]);
    }
    searchForLeaks(guarded, receive, ...events);
    // The hook gets the keeper's own exception on purpose. Without a hook, it becomes a log line.
    const lines: unknown[] = [];
    const log = vi.spyOn(console, "error").mockImplementation((...line: unknown[]) => void lines.push(line));
    const silent = createReceiver({ provider, tokens: [token], onRecord: fails, onUnreadable: fails, debug: true } as never);
    for (const body of [platform.push("c-1"), words]) await silent(new Request(`https://crm.example/${token}`, { method: "POST", body }));
    log.mockRestore();
    expect(lines.length).toBeGreaterThan(0);
    // The receiver recognizes phone numbers by their form, and knows its own token; it does not know a platform's secrets.
    searchForLeaks({ provider, secrets: [token], numbers: DIGITS.slice(0, 1) }, ...lines);
    const error = await expectFailure(() => createReceiver({ provider, tokens: [token, `${token}/${platform.secrets[0]}`], onRecord: () => undefined } as never));
    searchForLeaks(guarded, error);
  });
});

test("before the wasm is loaded and after a trap, no secret is shown either", async () => {
  for (const platform of PLATFORMS) {
    // Runs in its own process, because here the wasm is already loaded for all entries.
    const script = `
      import { inspect } from "node:util";
      import { parsePush } from "ringback/slim";
      try { parsePush(${JSON.stringify(platform.provider)}, ${JSON.stringify(platform.secrets[0])}); }
      catch (error) { console.log(JSON.stringify({ code: error.code, shown: inspect(error, { showHidden: true }) })); }`;
    const early = JSON.parse(runScript(script)) as { code: ErrorCode; shown: string };
    const trapped = await expectFailure(() => trapForTests());
    searchForLeaks(listHidden(platform), early, trapped, trapped.cause);
    searched.codes.add(early.code).add(trapped.code);
  }
});

afterAll(() => {
  const declared = readFileSync(new URL("../../node_modules/ringback/dist/types/generated/model.d.ts", import.meta.url), "utf8").replaceAll(/\/\*\*.*?\*\//gs, "");
  const known = [...(/type ErrorCode =([^;]*);/.exec(declared)?.[1] ?? "").matchAll(/"([a-z-]+)"/g)].map(([, code]) => code);
  console.log(`${searched.failures} failures with ${searched.codes.size} codes and ${searched.events} events of hooks; ${searched.strings} strings searched for ${searched.forms} forms of secrets and numbers`);
  expect(known.length).toBeGreaterThan(15);
  expect(known.filter((code) => !searched.codes.has(code as ErrorCode)), "error codes that no failure had").toEqual([]);
  expect(searched.failures).toBeGreaterThan(5000);
  expect(searched.events).toBeGreaterThan(9000);
});
