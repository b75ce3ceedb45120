import { type ErrorCode, isRingbackError, type RingbackError } from "ringback";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { encodingsOf, expectNoLeak, failureOf, shownOf } from "../support/failure.js";
import { answering, bytes, echoOf, json, type Sent, streamed } from "../support/fetches.js";
import { dial, NUMBERS, type Platform, PLATFORMS } from "../support/platforms.js";

interface Failing {
  /** What happens. */
  readonly when: string;
  /** What `fetch` gives, where everything that was sent and every secret stands in whatever comes back. */
  readonly answer: (sent: Sent, told: string) => unknown;
  readonly code: ErrorCode;
  readonly delivery: RingbackError["delivery"];
  /** Only where nothing can have been done may the user dial again at once. */
  readonly retryable?: true;
}

/** As Node's fetch rejects, with more in the words than there should be. */
function fetchFailed(told: string, code: string | undefined, message = `connect ${code}`): TypeError {
  return new TypeError(`fetch failed: ${told}`, { cause: Object.assign(new Error(`${message} ${told}`), { code, syscall: "connect" }) });
}

function html(body: string, status: number, headers: Record<string, string> = {}): Response {
  return new Response(`<html><body>${body}</body></html>`, { status, headers: { "content-type": "text/html; charset=utf-8", ...headers } });
}

function jsonBody(body: BodyInit | null): Response {
  return new Response(body, { headers: { "content-type": "application/json" } });
}

const never = (): Promise<never> => new Promise(() => undefined);

const untilAborted = ({ signal }: Sent, told: string): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new DOMException(`aborted: ${told}`, "AbortError")));
  });

const FAILURES: readonly Failing[] = [
  { when: "the fetch never answers and heeds no signal", answer: never, code: "timeout", delivery: "unknown" },
  { when: "the fetch never answers, and rejects when it is aborted", answer: untilAborted, code: "timeout", delivery: "unknown" },
  { when: "the body never ends", answer: async () => jsonBody(drip()), code: "timeout", delivery: "unknown" },
  { when: "the body stops coming", answer: async () => jsonBody(stalls('{"code":')), code: "timeout", delivery: "unknown" },
  { when: "the body breaks off", answer: async (_, told) => jsonBody(breaksOff('{"code":', told)), code: "network", delivery: "unknown" },
  { when: "the platform answers 500", answer: async (_, told) => html(told, 500), code: "provider-unavailable", delivery: "unknown" },
  { when: "the platform answers 500 in JSON", answer: async (_, told) => new Response(JSON.stringify({ message: told }), { status: 500 }), code: "provider-unavailable", delivery: "unknown" },
  { when: "a gateway answers 503 with Retry-After", answer: async (_, told) => html(told, 503, { "retry-after": "0" }), code: "provider-unavailable", delivery: "unknown" },
  { when: "it is redirected with 307", answer: async ({ url }, told) => html(told, 307, { location: url }), code: "malformed-response", delivery: "unknown" },
  { when: "it is redirected with 302", answer: async () => new Response(null, { status: 302, headers: { location: "https://elsewhere.example" } }), code: "malformed-response", delivery: "unknown" },
  { when: "a browser hides a redirect", answer: async () => opaqueRedirect(), code: "malformed-response", delivery: "unknown" },
  { when: "HTML comes instead of JSON", answer: async (_, told) => html(told, 200), code: "malformed-response", delivery: "unknown" },
  { when: "HTML comes and is called JSON", answer: async (_, told) => jsonBody(`<html>${told}</html>`), code: "malformed-response", delivery: "unknown" },
  { when: "nothing comes", answer: async () => jsonBody(null), code: "malformed-response", delivery: "unknown" },
  { when: "the JSON breaks off", answer: async (_, told) => jsonBody(JSON.stringify({ success: true, msg: told }).slice(0, -2)), code: "malformed-response", delivery: "unknown" },
  { when: "other JSON comes", answer: async (_, told) => jsonBody(JSON.stringify({ said: told })), code: "malformed-response", delivery: "unknown" },
  { when: "a JSON text comes", answer: async (_, told) => jsonBody(JSON.stringify(told)), code: "malformed-response", delivery: "unknown" },
  { when: "bytes come that are no text", answer: async () => jsonBody(new Uint8Array([0xff, 0xfe, 0x00, 0x80])), code: "malformed-response", delivery: "unknown" },
  { when: "the connection is reset", answer: async (_, told) => Promise.reject(fetchFailed(told, "ECONNRESET")), code: "network", delivery: "unknown" },
  { when: "the other side hangs up", answer: async (_, told) => Promise.reject(fetchFailed(told, "UND_ERR_SOCKET", "other side closed")), code: "network", delivery: "unknown" },
  { when: "a body breaks off with the word of a connection that never was", answer: async () => jsonBody(streamed((controller) => controller.error(Object.assign(new Error("relayed"), { code: "ECONNREFUSED" })))), code: "network", delivery: "unknown" },
  { when: "the fetch fails without a word", answer: async () => Promise.reject(new TypeError("Failed to fetch")), code: "network", delivery: "unknown" },
  { when: "the fetch rejects with the whole request", answer: async (sent, told) => Promise.reject(Object.assign(new Error(told), { config: sent, request: sent })), code: "network", delivery: "unknown" },
  { when: "the fetch rejects with a text", answer: async (_, told) => Promise.reject(told), code: "network", delivery: "unknown" },
  { when: "the fetch throws", answer: (_, told) => thrown(new Error(told)), code: "network", delivery: "unknown" },
  { when: "the fetch gives no response", answer: async () => undefined, code: "network", delivery: "unknown" },
  { when: "the connection is refused", answer: async (_, told) => Promise.reject(fetchFailed(told, "ECONNREFUSED")), code: "network", delivery: "not-sent", retryable: true },
  { when: "the name is not found", answer: async (_, told) => Promise.reject(fetchFailed(told, "ENOTFOUND", "getaddrinfo ENOTFOUND")), code: "network", delivery: "not-sent", retryable: true },
  { when: "all addresses refuse the connection", answer: async (_, told) => Promise.reject(allRefused(told)), code: "network", delivery: "not-sent", retryable: true },
  { when: "the platform answers 401", answer: async (_, told) => html(told, 401), code: "authentication", delivery: "refused" },
  { when: "the platform answers 403", answer: async (_, told) => html(told, 403), code: "forbidden", delivery: "refused" },
  { when: "the platform answers 404", answer: async (_, told) => html(told, 404), code: "not-found", delivery: "refused" },
  { when: "the platform answers 429", answer: async (_, told) => html(told, 429, { "retry-after": "0" }), code: "rate-limited", delivery: "refused", retryable: true },
];

function drip(): ReadableStream<Uint8Array> {
  return streamed(async (controller) => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    controller.enqueue(bytes(" "));
  });
}

function stalls(begin: string): ReadableStream<Uint8Array> {
  let begun = false;
  return streamed((controller) => {
    if (begun) return never();
    begun = true;
    controller.enqueue(bytes(begin));
    return undefined;
  });
}

function breaksOff(begin: string, told: string): ReadableStream<Uint8Array> {
  let begun = false;
  return streamed((controller) => {
    if (begun) controller.error(new TypeError(`terminated: ${told}`, { cause: new Error(told) }));
    else controller.enqueue(bytes(begin));
    begun = true;
  });
}

function opaqueRedirect(): Response {
  const response = Response.error();
  Object.defineProperty(response, "type", { value: "opaqueredirect" });
  return response;
}

function thrown(error: Error): never {
  throw error;
}

function allRefused(told: string): TypeError {
  const refused = (address: string): Error => Object.assign(new Error(`connect ECONNREFUSED ${address} ${told}`), { code: "ECONNREFUSED", address });
  return new TypeError("fetch failed", { cause: new AggregateError([refused("::1:443"), refused("127.0.0.1:443")], told) });
}

/** Whatever a server, a proxy or an HTTP library could say that it should not. */
function everythingTold(sent: Sent, { secrets }: Platform): string {
  const numbers = [NUMBERS.caller, NUMBERS.callee, "13712345678", "0086 137-1234-5678", "tel:+8613712345678", "(0755) 28765432", "+8675528765432"];
  return echoOf(sent, ...secrets.flatMap(encodingsOf), ...numbers);
}

describe.each(PLATFORMS.map((platform) => [platform.provider, platform] as const))("a dial through %s", (_, platform) => {
  test.each(FAILURES.map((failing) => [failing.when, failing] as const))("fails, once sent, and shows nothing when %s", async (_when, { answer, code, delivery, retryable = false }) => {
    const fetch = answering((sent) => answer(sent, everythingTold(sent, platform)));
    const events: unknown[] = [];
    const errors: RingbackError[] = [];
    const on = {
      request: (event: unknown) => events.push(event),
      response: (event: unknown) => events.push(event),
      error: (event: { error: RingbackError }) => errors.push(event.error),
    };
    // A busy machine must not turn another failure into a time-out.
    const timeoutMs = code === "timeout" ? 60 : 20_000;
    const error = await failureOf(dial(platform, fetch, { timeoutMs, account: "main", on }));

    expect(fetch.sent, "exactly one request").toHaveLength(1);
    expect(error).toMatchObject({ name: "RingbackError", code, delivery, retryable, provider: platform.provider, account: "main", operation: "dial" });
    expect(errors).toEqual([error]);
    const authorization = fetch.sent[0]?.headers["authorization"];
    expectNoLeak(shownOf(error, ...events, ...errors), authorization === undefined ? platform.secrets : [...platform.secrets, authorization]);
    if (delivery === "unknown") expect(error.hint ?? "", "it says where to look before dialing again").not.toBe("");
  });

  test("is refused in the platform's words, of which secrets and numbers are masked", async () => {
    const fetch = answering((sent) => json(platform.refused(`号码 13712345678 ${everythingTold(sent, platform)}`))());
    const error = await failureOf(dial(platform, fetch));
    expect(fetch.sent).toHaveLength(1);
    expect(error).toMatchObject({ delivery: "refused", retryable: false, provider: platform.provider });
    expect(error.providerMessage).toContain("号码");
    expectNoLeak(shownOf(error), platform.secrets);
  });

  test("sends nothing when the signal is aborted before", async () => {
    const fetch = answering(json(platform.accepted));
    const error = await failureOf(dial(platform, fetch, {}, { signal: AbortSignal.abort(new Error(platform.secrets[0])) }));
    expect(fetch.sent).toHaveLength(0);
    expect(error).toMatchObject({ code: "aborted", delivery: "not-sent" });
    expectNoLeak(shownOf(error), platform.secrets);
  });

  test("is unknown when the signal is aborted while it waits", async () => {
    const controller = new AbortController();
    const fetch = answering(() => {
      setTimeout(() => controller.abort(new Error(`no more of ${platform.secrets[0]}`)), 5);
      return never();
    });
    const error = await failureOf(dial(platform, fetch, {}, { signal: controller.signal }));
    expect(fetch.sent).toHaveLength(1);
    expect(fetch.sent[0]?.signal.aborted, "the fetch is told, too").toBe(true);
    expect(error).toMatchObject({ code: "aborted", delivery: "unknown", retryable: false });
    expectNoLeak(shownOf(error), platform.secrets);
  });

  test("is unknown when the signal is aborted while the body comes", async () => {
    const controller = new AbortController();
    let cancelled = false;
    const body = streamed(
      () => {
        controller.abort();
        return never();
      },
      () => {
        cancelled = true;
      },
    );
    const error = await failureOf(dial(platform, answering(async () => jsonBody(body)), {}, { signal: controller.signal }));
    expect(error).toMatchObject({ code: "aborted", delivery: "unknown" });
    await vi.waitFor(() => expect(cancelled).toBe(true));
  });

  test("sends nothing when a number cannot be dialed, and does not repeat the number", async () => {
    const fetch = answering(json(platform.accepted));
    const error = await failureOf(dial({ ...platform, dial: { ...platform.dial, callee: "13712345678x" } }, fetch));
    expect(fetch.sent).toHaveLength(0);
    expect(error).toMatchObject({ code: "invalid-argument", delivery: "not-sent", retryable: false });
    expect(error.message).toContain("callee");
    expectNoLeak(shownOf(error), platform.secrets);
  });
});

describe("whatever goes wrong", () => {
  const [platform] = PLATFORMS as [Platform, ...Platform[]];

  test("a response that comes after the time-out is let go of", async () => {
    let cancelled = false;
    const late = async (): Promise<Response> => {
      await new Promise((resolve) => setTimeout(resolve, 80));
      return jsonBody(
        streamed(never, () => {
          cancelled = true;
        }),
      );
    };
    expect(await failureOf(dial(platform, answering(late), { timeoutMs: 30 }))).toMatchObject({ code: "timeout" });
    await vi.waitFor(() => expect(cancelled).toBe(true));
  });

  test("an answer without end is not read without end", async () => {
    let produced = 0;
    const piece = new Uint8Array(1 << 20).fill(0x20);
    const body = streamed((controller) => {
      produced += piece.length;
      controller.enqueue(piece);
    });
    const error = await failureOf(dial(platform, answering(async () => jsonBody(body))));
    expect(error).toMatchObject({ code: "malformed-response", delivery: "unknown" });
    expect(produced).toBeLessThan(64 << 20);
  });

  test("an unreadable answer is quoted with its status, shortened and on one line", async () => {
    const error = await failureOf(dial(platform, answering(async () => html(`bad\ngateway ${"long ".repeat(1000)}`, 200))));
    expect(error.message).toMatch(/200/);
    expect(error.message).toContain("bad gateway");
    expect(error.message).not.toContain("\n");
    expect(error.message.length).toBeLessThan(600);
  });

  test("the cause names the system's error, redacted", async () => {
    const error = await failureOf(dial(platform, answering(async () => Promise.reject(fetchFailed("", "ECONNRESET", "read ECONNRESET")))));
    expect(error.cause).toBeInstanceOf(Error);
    expect(error.cause).toMatchObject({ code: "ECONNRESET" });
  });

  test("the time-out of one call goes before the client's", async () => {
    const began = performance.now();
    const error = await failureOf(dial(platform, answering(never), { timeoutMs: 60_000 }, { timeoutMs: 20 }));
    expect(error.code).toBe("timeout");
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 31])("a time-out of %d ms is refused and named", async (timeoutMs) => {
    const fetch = answering(json(platform.accepted));
    const error = await failureOf(dial(platform, fetch, {}, { timeoutMs }));
    expect(error).toMatchObject({ code: "invalid-argument", delivery: "not-sent" });
    expect(error.message).toContain("timeoutMs");
    expect(fetch.sent).toHaveLength(0);
  });
});

describe("the default time-out", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("is 15 seconds, and no timer is left behind", async () => {
    const [platform] = PLATFORMS as [Platform, ...Platform[]];
    let error: unknown;
    const failed = dial(platform, answering(never)).catch((thrown: unknown) => {
      error = thrown;
    });
    await vi.advanceTimersByTimeAsync(14_990);
    expect(error).toBeUndefined();
    await vi.advanceTimersByTimeAsync(20);
    await failed;
    expect(isRingbackError(error) && error.code).toBe("timeout");
    expect(vi.getTimerCount()).toBe(0);
  });
});
