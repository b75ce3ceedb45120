// Whatever fails, nothing that may be logged shows a secret or a full phone number: every operation of every platform, under every status,
// every documented code and every fault of a network, with everything that was sent given back in whatever comes.
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
import { trapForTests } from "ringback-trap/trap";
import { afterAll, describe, expect, test, vi } from "vitest";
import { DIGITS, encodingsOf, failureOf, spellingsOf } from "../support/failure.js";
import { bytes, echoOf, type RecordingFetch, answering, type Sent, streamed } from "../support/fetches.js";
import { CODES, type Hidden, hooksOf, look, lookAtFailure, searched } from "../support/leak-search.js";
import { NUMBERS, type Platform, PLATFORMS } from "../support/platforms.js";
import { printed } from "../support/processes.js";

const STATUSES = [200, 201, 204, 300, 302, 307, 400, 401, 403, 404, 405, 408, 409, 413, 418, 422, 429, 500, 501, 502, 503, 504, 599];

function refusal(provider: string, code: string | number, words: string): string {
  const bodies: Record<string, unknown> = {
    cyjcloud: { Flag: code, Msg: words },
    seatcall: { meta: { success: false, message: words }, data: words },
  };
  return JSON.stringify(bodies[provider] ?? { code, success: false, msg: words, data: words });
}

/** As it is, within HTML, JSON, escapes, another address, and where an excerpt is cut. */
function told(sent: Sent, secrets: readonly string[]): string[] {
  const numbers = [NUMBERS.caller, NUMBERS.callee, ...DIGITS, "0086 137-1234-5678", "tel:+8613712345678", "(0755) 28765432", "%2B8613712345678"];
  const all = echoOf(sent, ...secrets.flatMap(encodingsOf), ...numbers);
  const spelt = DIGITS.flatMap(spellingsOf).join(" ; ");
  const blanks = (length: number): string => " ".repeat(length) + all;
  return [`${spelt} ${all}`, encodeURIComponent(all), JSON.stringify(JSON.stringify(all)), all.replaceAll("&", "&amp;").replaceAll("<", "&lt;"), ...[1100, 1180, 1240, 1270].map(blanks)];
}

interface Hooked {
  client: Client<"seatcall">;
  lookAtEvents(): void;
}

function clientOf(platform: Platform, fetch: RecordingFetch, timeoutMs: number): Hooked {
  const { on, lookAtEvents } = hooksOf(hiddenOf(platform), "request", "response", "error");
  const options = { ...platform.options, fetch, timeoutMs, retries: 0, account: "main", on, now: () => 1583142000123 } as unknown as ClientOptions<"seatcall">;
  return { client: createClient(options) as Client<"seatcall">, lookAtEvents };
}

function hiddenOf({ provider, secrets }: Platform): Hidden {
  return { provider, secrets, numbers: DIGITS };
}

/** Each operation with parameters of its own; what a platform lacks is `unsupported`. */
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

async function failing(platform: Platform, operation: Operation, answer: (sent: Sent) => unknown, timeoutMs = 20_000): Promise<void> {
  const { client, lookAtEvents } = clientOf(platform, answering(answer), timeoutMs);
  let thrown: unknown;
  try {
    await WORK[operation](client, platform);
  } catch (error) {
    thrown = error;
  }
  lookAtEvents();
  // Some of what comes back is no failure: a body that happens to be a recording, or an answer to what has none.
  if (thrown !== undefined) lookAtFailure(hiddenOf(platform), thrown);
}

const OPERATIONS = Object.keys(WORK) as Operation[];

const FAULTS: Record<string, (sent: Sent, words: string) => unknown> = {
  "a connection that is refused": (_, words) => Promise.reject(Object.assign(new TypeError(`fetch failed ${words}`), { cause: Object.assign(new Error(words), { code: "ECONNREFUSED" }) })),
  "a name that is not found": (_, words) => Promise.reject(Object.assign(new TypeError(words), { cause: Object.assign(new Error(words), { code: "ENOTFOUND", hostname: words }) })),
  "a reset": (_, words) => Promise.reject(new TypeError("fetch failed", { cause: Object.assign(new Error(words), { code: "ECONNRESET" }) })),
  "an error with the whole request": (sent, words) => Promise.reject(Object.assign(new Error(words), { config: sent, request: sent, response: { data: words } })),
  "an error of errors": (_, words) => Promise.reject(new AggregateError([new Error(words), words, { message: words }], words)),
  "an error as deep as one likes": (_, words) => {
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
  "a body that breaks off": (_, words) => Promise.resolve(new Response(streamed((controller) => controller.error(new TypeError(words))))),
  "a body that breaks off in the middle": (_, words) => {
    let begun = false;
    const body = streamed((controller) => {
      if (begun) return controller.error(new TypeError(words));
      begun = true;
      controller.enqueue(bytes("sound"));
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
  "a redirect to where the secret stands": (_, words) => Promise.resolve(new Response(words, { status: 307, headers: { location: `https://evil.example/?${encodeURIComponent(words)}` } })),
  "headers that give it back": (_, words) => Promise.resolve(new Response("", { status: 503, headers: { "retry-after": encodeURIComponent(words).slice(0, 2000), "content-type": "text/html" } })),
};

describe.each(PLATFORMS.map((platform) => [platform.provider, platform] as const))("%s shows nothing", (provider, platform) => {
  test.each(OPERATIONS)("when %s is answered by any status", async (operation) => {
    for (const [index, status] of STATUSES.entries()) {
      // Every form of what is told with three statuses, another one of them with each of the others.
      for (const at of [200, 400, 502].includes(status) ? [0, 1, 2, 3, 4, 5, 6, 7] : [index % 8]) {
        await failing(platform, operation, async (sent) => new Response(status === 204 ? null : (told(sent, platform.secrets)[at] ?? ""), { status, headers: { "content-type": "text/html" } }));
      }
    }
  });

  test.each(OPERATIONS)("when %s is refused by any code", async (operation) => {
    for (const [index, code] of (CODES[provider] ?? []).entries()) {
      for (const status of [200, 400, 500]) {
        for (const at of [index % 4, (index + 1) % 4]) await failing(platform, operation, async (sent) => new Response(refusal(provider, code, told(sent, platform.secrets)[at] ?? ""), { status }));
        // A platform that gives it back as the code.
        await failing(platform, operation, async (sent) => new Response(refusal(provider, told(sent, platform.secrets)[0] ?? "", "no"), { status }));
      }
    }
  });

  test.each(Object.entries(FAULTS))("when the network gives %s", async (_, fault) => {
    for (const [index, operation] of OPERATIONS.entries()) {
      for (const at of [index % 8, (index + 3) % 8, (index + 6) % 8]) await failing(platform, operation, (sent) => fault(sent, told(sent, platform.secrets)[at] ?? ""));
    }
  });

  test("when nothing comes in time, or the caller has enough", async () => {
    for (const operation of OPERATIONS) await failing(platform, operation, () => new Promise(() => undefined), 20);
    const controller = new AbortController();
    const fetch = answering((sent) => {
      controller.abort(new Error(told(sent, platform.secrets)[0]));
      return new Promise(() => undefined);
    });
    const { client, lookAtEvents } = clientOf(platform, fetch, 20_000);
    lookAtFailure(hiddenOf(platform), await failureOf(client.dial(platform.dial as never, { signal: controller.signal })));
    lookAtEvents();
  });

  test("when a client, a trace or a wrong option is looked at", async () => {
    const { client } = clientOf(platform, answering(() => undefined), 20_000);
    look(hiddenOf(platform), client, { ...client }, String(client), Object.entries(client));
    for (const operation of providers[provider].operations) {
      const parameters = { dial: platform.dial, hangUp: "c-1", bindSeat: { seat: "PP1", phone: NUMBERS.caller }, records: { from: new Date(0), to: new Date(1) }, recording: "c-1", balance: {} }[operation];
      // seatcall's recording lies at the record's own address: there is nothing to sign.
      if (provider === "seatcall" && operation === "recording") continue;
      look(hiddenOf(platform), (client as unknown as { explain(name: string, given: unknown): unknown }).explain(operation, parameters));
    }
    const [secret = ""] = platform.secrets;
    for (const wrong of [{ timeoutMs: secret }, { account: `${secret}/` }, { baseUrl: secret }, { recordingHosts: [secret] }, { timeZone: secret }, { dialect: { signature: secret } }, { fetch: secret }, { on: { request: secret } }, { now: secret }]) {
      const error = await failureOf(() => createClient({ ...platform.options, ...wrong } as never));
      look(hiddenOf(platform), error);
      searched.codes.add(error.code);
    }
    for (const wrong of [{ callee: `${DIGITS[0]}x` }, { caller: `${DIGITS[1]}**` }, { reference: `order ${DIGITS[0]}` }]) {
      // Not every platform has a rule for a reference.
      const error = await (client.dial({ ...platform.dial, ...wrong } as never) as Promise<unknown>).then(() => undefined, (thrown: unknown) => thrown);
      look(hiddenOf(platform), error);
    }
  });

  test("when a push cannot be read, is refused, or is not kept", async () => {
    const token = createToken();
    const guarded = { ...hiddenOf(platform), secrets: [...platform.secrets, token] };
    const words = told({ url: `https://crm.example/${token}`, method: "POST", headers: {}, signal: new AbortController().signal, redirect: "manual" } as Sent, guarded.secrets).join("\n");
    const bodies = [words, JSON.stringify(words), JSON.stringify({ [words]: words }), JSON.stringify([words, { subid: words, startTime: words, event: words, Flag: words, sessionId: [words], status: words }]), `{"subid":"1","x":${JSON.stringify(words)}`];
    for (const body of bodies) {
      for (const work of [() => parsePush(provider, body), () => processPush({ provider, receivedAt: words, body } as never)]) {
        try {
          const { unreadable } = work();
          look(guarded, unreadable.map(({ raw: _, ...reason }) => reason));
        } catch (error) {
          // Its words, not its payload, which its keeper is given on purpose.
          look(guarded, error);
          searched.codes.add((error as RingbackError).code);
        }
      }
      const stream = new Blob([body.replaceAll("\n", " ")]).stream().pipeThrough(normalizeStream(provider));
      try {
        for await (const _ of readRecords(stream)) continue;
      } catch (error) {
        look(guarded, error);
      }
    }
    const events: unknown[] = [];
    const fails = (): never => {
      throw new Error(words);
    };
    const receive = createReceiver({ provider, tokens: [token], onRecord: fails, onUnreadable: fails, onRefused: ({ body: _, ...refused }: { body?: unknown }) => events.push(refused), on: { answer: ({ error, ...event }: { error?: unknown }) => events.push(event, isRingbackError(error) ? error : "the keeper's own error, whatever it holds") } } as never);
    for (const [path, body] of [[token, platform.push("c-1")], [`${token}x`, words], [`x?token=${encodeURIComponent(words)}`, words], [token, words], [`a/${token}?token=${token}`, "{"]] as const) {
      const response = await receive(new Request(`https://crm.example/${path}`, { method: "POST", body }));
      events.push([response.status, [...response.headers], await response.text()]);
    }
    look(guarded, receive, ...events);
    // The keeper's own exception is the hook's on purpose. Where nobody listens, it is a line of a log.
    const lines: unknown[] = [];
    const log = vi.spyOn(console, "error").mockImplementation((...line: unknown[]) => void lines.push(line));
    const silent = createReceiver({ provider, tokens: [token], onRecord: fails, onUnreadable: fails } as never);
    for (const body of [platform.push("c-1"), words]) await silent(new Request(`https://crm.example/${token}`, { method: "POST", body }));
    log.mockRestore();
    expect(lines.length).toBeGreaterThan(0);
    // The receiver knows its numbers by their shape only, and its own token; a platform's secrets are no business of it.
    look({ provider, secrets: [token], numbers: DIGITS.slice(0, 1) }, ...lines);
    const error = await failureOf(() => createReceiver({ provider, tokens: [token, `${token}/${platform.secrets[0]}`], onRecord: () => undefined } as never));
    look(guarded, error);
  });
});

test("before the wasm is there, and after a trap, nothing is shown either", async () => {
  for (const platform of PLATFORMS) {
    // In a process of its own: here the wasm is there for all entries.
    const script = `
      import { inspect } from "node:util";
      import { parsePush } from "ringback/slim";
      try { parsePush(${JSON.stringify(platform.provider)}, ${JSON.stringify(platform.secrets[0])}); }
      catch (error) { console.log(JSON.stringify({ code: error.code, shown: inspect(error, { showHidden: true }) })); }`;
    const early = JSON.parse(printed(script)) as { code: ErrorCode; shown: string };
    const trapped = await failureOf(() => trapForTests());
    look(hiddenOf(platform), early, trapped, trapped.cause);
    searched.codes.add(early.code).add(trapped.code);
  }
});

afterAll(() => {
  const declared = readFileSync(new URL("../../node_modules/ringback/dist/types/model/error.d.ts", import.meta.url), "utf8").replaceAll(/\/\*\*.*?\*\//gs, "");
  const known = [...(/type ErrorCode =([^;]*);/.exec(declared)?.[1] ?? "").matchAll(/"([a-z-]+)"/g)].map(([, code]) => code);
  console.log(`${searched.failures} failures with ${searched.codes.size} codes and ${searched.events} events of hooks; ${searched.strings} strings searched for ${searched.forms} forms of secrets and numbers`);
  expect(known.length).toBeGreaterThan(15);
  expect(known.filter((code) => !searched.codes.has(code as ErrorCode)), "error codes that no failure here had").toEqual([]);
  expect(searched.failures).toBeGreaterThan(5000);
  expect(searched.events).toBeGreaterThan(9000);
});
