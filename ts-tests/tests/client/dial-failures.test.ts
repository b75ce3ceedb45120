import { type ErrorCode, isRingbackError, type RingbackError } from "ringback";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { listEncodings, expectNoLeak, expectFailure, joinViews } from "../support/failure.js";
import { createFetch, encode, echoRequest, answerJson, type Sent, createBody } from "../support/fetches.js";
import { dial, NUMBERS, type Platform, PLATFORMS } from "../support/platforms.js";

interface Failing {
  /** The event that makes the dial fail. */
  readonly when: string;
  /** The result of `fetch`. `told` contains the whole request and every secret, and the result repeats it wherever it can. */
  readonly answer: (sent: Sent, told: string) => unknown;
  readonly code: ErrorCode;
  readonly delivery: RingbackError["delivery"];
  /** True only if the platform certainly did nothing, so that the user may dial again at once. */
  readonly retryable?: true;
}

/** Creates an error like those of Node's fetch, with secrets in its texts. */
function createFetchError(told: string, code: string | undefined, message = `connect ${code}`): TypeError {
  return new TypeError(`fetch failed: ${told}`, { cause: Object.assign(new Error(`${message} ${told}`), { code, syscall: "connect" }) });
}

function htmlResponse(body: string, status: number, headers: Record<string, string> = {}): Response {
  return new Response(`<html><body>${body}</body></html>`, { status, headers: { "content-type": "text/html; charset=utf-8", ...headers } });
}

function jsonResponse(body: BodyInit | null): Response {
  return new Response(body, { headers: { "content-type": "application/json" } });
}

const never = (): Promise<never> => new Promise(() => undefined);

const waitForAbort = ({ signal }: Sent, told: string): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new DOMException(`aborted: ${told}`, "AbortError")));
  });

const FAILURES: readonly Failing[] = [
  { when: "the fetch never answers and ignores the signal", answer: never, code: "timeout", delivery: "unknown" },
  { when: "the fetch never answers, and rejects when it is aborted", answer: waitForAbort, code: "timeout", delivery: "unknown" },
  { when: "the body never ends", answer: async () => jsonResponse(createEndlessBody()), code: "timeout", delivery: "unknown" },
  { when: "the body stops coming", answer: async () => jsonResponse(createStallingBody('{"code":')), code: "timeout", delivery: "unknown" },
  { when: "the body breaks off", answer: async (_, told) => jsonResponse(createBreakingBody('{"code":', told)), code: "network", delivery: "unknown" },
  { when: "the platform answers 500", answer: async (_, told) => htmlResponse(told, 500), code: "provider-unavailable", delivery: "unknown" },
  { when: "the platform answers 500 in JSON", answer: async (_, told) => new Response(JSON.stringify({ message: told }), { status: 500 }), code: "provider-unavailable", delivery: "unknown" },
  { when: "a gateway answers 503 with Retry-After", answer: async (_, told) => htmlResponse(told, 503, { "retry-after": "0" }), code: "provider-unavailable", delivery: "unknown" },
  { when: "the answer is a redirect with 307", answer: async ({ url }, told) => htmlResponse(told, 307, { location: url }), code: "malformed-response", delivery: "unknown" },
  { when: "the answer is a redirect with 302", answer: async () => new Response(null, { status: 302, headers: { location: "https://elsewhere.example" } }), code: "malformed-response", delivery: "unknown" },
  { when: "a browser hides a redirect", answer: async () => createOpaqueRedirect(), code: "malformed-response", delivery: "unknown" },
  { when: "HTML comes instead of JSON", answer: async (_, told) => htmlResponse(told, 200), code: "malformed-response", delivery: "unknown" },
  { when: "HTML comes with the content type of JSON", answer: async (_, told) => jsonResponse(`<html>${told}</html>`), code: "malformed-response", delivery: "unknown" },
  { when: "nothing comes", answer: async () => jsonResponse(null), code: "malformed-response", delivery: "unknown" },
  { when: "the JSON breaks off", answer: async (_, told) => jsonResponse(JSON.stringify({ success: true, msg: told }).slice(0, -2)), code: "malformed-response", delivery: "unknown" },
  { when: "other JSON comes", answer: async (_, told) => jsonResponse(JSON.stringify({ said: told })), code: "malformed-response", delivery: "unknown" },
  { when: "a JSON text comes", answer: async (_, told) => jsonResponse(JSON.stringify(told)), code: "malformed-response", delivery: "unknown" },
  { when: "the bytes are not text", answer: async () => jsonResponse(new Uint8Array([0xff, 0xfe, 0x00, 0x80])), code: "malformed-response", delivery: "unknown" },
  { when: "the connection is reset", answer: async (_, told) => Promise.reject(createFetchError(told, "ECONNRESET")), code: "network", delivery: "unknown" },
  { when: "the other side hangs up", answer: async (_, told) => Promise.reject(createFetchError(told, "UND_ERR_SOCKET", "other side closed")), code: "network", delivery: "unknown" },
  { when: "a body breaks off with the error code of a refused connection", answer: async () => jsonResponse(createBody((controller) => controller.error(Object.assign(new Error("relayed"), { code: "ECONNREFUSED" })))), code: "network", delivery: "unknown" },
  { when: "the fetch fails without a cause", answer: async () => Promise.reject(new TypeError("Failed to fetch")), code: "network", delivery: "unknown" },
  { when: "the fetch rejects with the whole request", answer: async (sent, told) => Promise.reject(Object.assign(new Error(told), { config: sent, request: sent })), code: "network", delivery: "unknown" },
  { when: "the fetch rejects with a text", answer: async (_, told) => Promise.reject(told), code: "network", delivery: "unknown" },
  { when: "the fetch throws", answer: (_, told) => throwNow(new Error(told)), code: "network", delivery: "unknown" },
  { when: "the fetch gives no response", answer: async () => undefined, code: "network", delivery: "unknown" },
  { when: "the connection is refused", answer: async (_, told) => Promise.reject(createFetchError(told, "ECONNREFUSED")), code: "network", delivery: "not-sent", retryable: true },
  { when: "the host name is not found", answer: async (_, told) => Promise.reject(createFetchError(told, "ENOTFOUND", "getaddrinfo ENOTFOUND")), code: "network", delivery: "not-sent", retryable: true },
  { when: "all addresses refuse the connection", answer: async (_, told) => Promise.reject(createAggregateError(told)), code: "network", delivery: "not-sent", retryable: true },
  { when: "the platform answers 401", answer: async (_, told) => htmlResponse(told, 401), code: "authentication", delivery: "refused" },
  { when: "the platform answers 403", answer: async (_, told) => htmlResponse(told, 403), code: "forbidden", delivery: "refused" },
  { when: "the platform answers 404", answer: async (_, told) => htmlResponse(told, 404), code: "not-found", delivery: "refused" },
  { when: "the platform answers 429", answer: async (_, told) => htmlResponse(told, 429, { "retry-after": "0" }), code: "rate-limited", delivery: "refused", retryable: true },
];

function createEndlessBody(): ReadableStream<Uint8Array> {
  return createBody(async (controller) => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    controller.enqueue(encode(" "));
  });
}

function createStallingBody(begin: string): ReadableStream<Uint8Array> {
  let begun = false;
  return createBody((controller) => {
    if (begun) return never();
    begun = true;
    controller.enqueue(encode(begin));
    return undefined;
  });
}

function createBreakingBody(begin: string, told: string): ReadableStream<Uint8Array> {
  let begun = false;
  return createBody((controller) => {
    if (begun) controller.error(new TypeError(`terminated: ${told}`, { cause: new Error(told) }));
    else controller.enqueue(encode(begin));
    begun = true;
  });
}

function createOpaqueRedirect(): Response {
  const response = Response.error();
  Object.defineProperty(response, "type", { value: "opaqueredirect" });
  return response;
}

function throwNow(error: Error): never {
  throw error;
}

function createAggregateError(told: string): TypeError {
  const refused = (address: string): Error => Object.assign(new Error(`connect ECONNREFUSED ${address} ${told}`), { code: "ECONNREFUSED", address });
  return new TypeError("fetch failed", { cause: new AggregateError([refused("::1:443"), refused("127.0.0.1:443")], told) });
}

/** Builds a text with everything that a server, a proxy or an HTTP library could wrongly repeat. */
function buildLeak(sent: Sent, { secrets }: Platform): string {
  const numbers = [NUMBERS.caller, NUMBERS.callee, "13712345678", "0086 137-1234-5678", "tel:+8613712345678", "(0755) 28765432", "+8675528765432"];
  return echoRequest(sent, ...secrets.flatMap(listEncodings), ...numbers);
}

describe.each(PLATFORMS.map((platform) => [platform.provider, platform] as const))("a dial through %s", (_, platform) => {
  test.each(FAILURES.map((failing) => [failing.when, failing] as const))("fails after one request and shows no secret when %s", async (_when, { answer, code, delivery, retryable = false }) => {
    const fetch = createFetch((sent) => answer(sent, buildLeak(sent, platform)));
    const events: unknown[] = [];
    const errors: RingbackError[] = [];
    const on = {
      request: (event: unknown) => events.push(event),
      response: (event: unknown) => events.push(event),
      error: (event: { error: RingbackError }) => errors.push(event.error),
    };
    // Long enough that a busy machine does not turn another failure into a time-out.
    const timeoutMs = code === "timeout" ? 60 : 20_000;
    const error = await expectFailure(dial(platform, fetch, { timeoutMs, account: "main", on }));

    expect(fetch.sent, "exactly one request").toHaveLength(1);
    expect(error).toMatchObject({ name: "RingbackError", code, delivery, retryable, provider: platform.provider, account: "main", operation: "dial" });
    expect(errors).toEqual([error]);
    const authorization = fetch.sent[0]?.headers["authorization"];
    expectNoLeak(joinViews(error, ...events, ...errors), authorization === undefined ? platform.secrets : [...platform.secrets, authorization]);
    if (delivery === "unknown") expect(error.hint ?? "", "the hint says where to look before dialing again").not.toBe("");
  });

  test("is refused with the platform's text, in which secrets and numbers are masked", async () => {
    const fetch = createFetch((sent) => answerJson(platform.refused(`号码 13712345678 ${buildLeak(sent, platform)}`))());
    const error = await expectFailure(dial(platform, fetch));
    expect(fetch.sent).toHaveLength(1);
    expect(error).toMatchObject({ delivery: "refused", retryable: false, provider: platform.provider });
    expect(error.providerMessage).toContain("号码");
    expectNoLeak(joinViews(error), platform.secrets);
  });

  test("sends nothing when the signal is already aborted", async () => {
    const fetch = createFetch(answerJson(platform.accepted));
    const error = await expectFailure(dial(platform, fetch, {}, { signal: AbortSignal.abort(new Error(platform.secrets[0])) }));
    expect(fetch.sent).toHaveLength(0);
    expect(error).toMatchObject({ code: "aborted", delivery: "not-sent" });
    expectNoLeak(joinViews(error), platform.secrets);
  });

  test("is unknown when the signal is aborted before the answer", async () => {
    const controller = new AbortController();
    const fetch = createFetch(() => {
      setTimeout(() => controller.abort(new Error(`no more of ${platform.secrets[0]}`)), 5);
      return never();
    });
    const error = await expectFailure(dial(platform, fetch, {}, { signal: controller.signal }));
    expect(fetch.sent).toHaveLength(1);
    expect(fetch.sent[0]?.signal.aborted, "the fetch's signal is aborted too").toBe(true);
    expect(error).toMatchObject({ code: "aborted", delivery: "unknown", retryable: false });
    expectNoLeak(joinViews(error), platform.secrets);
  });

  test("is unknown when the signal is aborted during the body", async () => {
    const controller = new AbortController();
    let cancelled = false;
    const body = createBody(
      () => {
        controller.abort();
        return never();
      },
      () => {
        cancelled = true;
      },
    );
    const error = await expectFailure(dial(platform, createFetch(async () => jsonResponse(body)), {}, { signal: controller.signal }));
    expect(error).toMatchObject({ code: "aborted", delivery: "unknown" });
    await vi.waitFor(() => expect(cancelled).toBe(true));
  });

  test("sends nothing when a number is invalid, and does not repeat the number", async () => {
    const fetch = createFetch(answerJson(platform.accepted));
    const error = await expectFailure(dial({ ...platform, dial: { ...platform.dial, callee: "13712345678x" } }, fetch));
    expect(fetch.sent).toHaveLength(0);
    expect(error).toMatchObject({ code: "invalid-argument", delivery: "not-sent", retryable: false });
    expect(error.message).toContain("callee");
    expectNoLeak(joinViews(error), platform.secrets);
  });
});

describe("a failing dial", () => {
  const [platform] = PLATFORMS as [Platform, ...Platform[]];

  test("cancels a response that arrives after the time-out", async () => {
    let cancelled = false;
    const late = async (): Promise<Response> => {
      await new Promise((resolve) => setTimeout(resolve, 80));
      return jsonResponse(
        createBody(never, () => {
          cancelled = true;
        }),
      );
    };
    expect(await expectFailure(dial(platform, createFetch(late), { timeoutMs: 30 }))).toMatchObject({ code: "timeout" });
    await vi.waitFor(() => expect(cancelled).toBe(true));
  });

  test("stops reading an endless answer", async () => {
    let produced = 0;
    const piece = new Uint8Array(1 << 20).fill(0x20);
    const body = createBody((controller) => {
      produced += piece.length;
      controller.enqueue(piece);
    });
    const error = await expectFailure(dial(platform, createFetch(async () => jsonResponse(body))));
    expect(error).toMatchObject({ code: "malformed-response", delivery: "unknown" });
    expect(produced).toBeLessThan(64 << 20);
  });

  test("quotes an unreadable answer with its status, shortened and on one line", async () => {
    const error = await expectFailure(dial(platform, createFetch(async () => htmlResponse(`bad\ngateway ${"long ".repeat(1000)}`, 200))));
    expect(error.message).toMatch(/200/);
    expect(error.message).toContain("bad gateway");
    expect(error.message).not.toContain("\n");
    expect(error.message.length).toBeLessThan(600);
  });

  test("names the system's error as its cause, redacted", async () => {
    const error = await expectFailure(dial(platform, createFetch(async () => Promise.reject(createFetchError("", "ECONNRESET", "read ECONNRESET")))));
    expect(error.cause).toBeInstanceOf(Error);
    expect(error.cause).toMatchObject({ code: "ECONNRESET" });
  });

  test("uses the time-out of the call before the client's", async () => {
    const began = performance.now();
    const error = await expectFailure(dial(platform, createFetch(never), { timeoutMs: 60_000 }, { timeoutMs: 20 }));
    expect(error.code).toBe("timeout");
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 31])("refuses a time-out of %d ms and names it", async (timeoutMs) => {
    const fetch = createFetch(answerJson(platform.accepted));
    const error = await expectFailure(dial(platform, fetch, {}, { timeoutMs }));
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

  test("is 15 seconds, and no timer remains", async () => {
    const [platform] = PLATFORMS as [Platform, ...Platform[]];
    let error: unknown;
    const failed = dial(platform, createFetch(never)).catch((thrown: unknown) => {
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
