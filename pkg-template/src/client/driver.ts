import type { Delivery } from "../generated/model.js";
import type { Provider } from "../generated/platforms.js";
import { Attempt } from "./attempt.js";
import { plainJson } from "../core/plain-json.js";
import { internalError, invalidArgument, isRingbackError, readable, shownName, shownReference, withReference } from "../model/error.js";
import { type CoreOperation, encodeEvent, type ExchangeEvent, isRecordingStart, type Progress } from "../core/exchange.js";
import { announce, type Hooks } from "../model/hooks.js";
import { callCore, init } from "../core/instance.js";
import type { CallOptions } from "../model/operation.js";
import type { Fetch } from "../model/platform.js";
import { freshHex } from "../core/token.js";
import type * as core from "../wasm/ringback.js";

/** What of a client the driver needs. */
export interface Connection {
  readonly provider: Provider;
  readonly account: string | undefined;
  /** The account's options in the core, to be asked for within `callCore`. They hold secrets: a function shows none of them. */
  readonly handle: () => core.Client;
  readonly fetch: Fetch;
  readonly now: () => number;
  readonly on: Hooks;
}

/** What an operation gave. */
export interface Finished {
  readonly result: unknown;
  /** Where the result is a stream: its body, still open, to be read or closed by whoever gets it. */
  readonly open: Attempt | undefined;
}

/** Runs one operation: does what the exchange says until it says that it is done. What to send, whether to try again and what it all meant is decided there. */
export async function drive(connection: Connection, operation: CoreOperation, parameters: unknown, options?: CallOptions): Promise<Finished> {
  const { on } = connection;
  const subject = {
    provider: connection.provider,
    ...(connection.account !== undefined && { account: connection.account }),
    operation: operation === "download" ? ("recording" as const) : operation,
  };
  let last: { attempt: number; method?: string; url?: string; reference?: string } = { attempt: 0 };
  // Of a dial, so that its record can be found whatever becomes of it: the given one, else the one that the core makes of `fresh`.
  let reference: string | undefined;
  let attempt: Attempt | undefined;
  // Once fetch was called, no failure of ours may claim that nothing was sent.
  let delivery: Delivery = "not-sent";
  try {
    const { signal, timeoutMs } = readable("options", () =>
      // dial("13800000001", "13900000002"): the core says how it is asked for.
      checked(typeof parameters === "string" && typeof options === "string" ? undefined : options),
    );
    await init();
    const json = plainJson("params", parameters);
    if (operation === "dial") reference = givenReference(json);
    let progress: Progress | undefined;
    let now = 0;
    let event: ExchangeEvent = timeoutMs === undefined ? { type: "start" } : { type: "start", timeoutMs };
    for (;;) {
      // Read for what is to be signed only: a clock that fails later must not hide what has been sent.
      if (event.type === "start" || event.type === "waited") now = readable("now", connection.now, CLOCK, delivery, "unusable-clock");
      const [happened, body] = encodeEvent(event, progress);
      const host = { now, jitter: Math.random(), fresh: freshHex };
      const step = callCore(() => connection.handle().advance(operation, json, happened, body, host), delivery);
      if ("progress" in step) progress = step.progress;
      if (step.do === "send") {
        void attempt?.close();
        reference = step.reference;
        const request = { ...subject, attempt: step.attempt, ...(reference !== undefined && { reference }), method: step.request.method, url: step.shown };
        last = request;
        if (!signal?.aborted) announce(on.request, { ...request });
        const startedAt = performance.now();
        attempt = new Attempt(connection.fetch, step, signal);
        event = await attempt.send();
        if (attempt.sent) delivery = "unknown";
        if (event.type === "answer") announce(on.response, { ...request, status: event.status, durationMs: performance.now() - startedAt });
      } else if (step.do === "read") {
        event = await (attempt as Attempt).readRest();
      } else if (step.do === "wait") {
        void attempt?.close();
        event = await pause(step.ms, signal);
      } else {
        const result = step.result ?? undefined;
        if (!isRecordingStart(result) || !result.streamed) return { result, open: undefined };
        const open = attempt;
        attempt = undefined;
        open?.hold();
        return { result, open };
      }
    }
  } catch (thrown) {
    const error = withReference(isRingbackError(thrown) ? thrown : internalError(thrown, delivery), reference);
    announce(on.error, { ...subject, ...last, ...(error.reference !== undefined && { reference: error.reference }), error });
    throw error;
  } finally {
    void attempt?.close();
  }
}

/** The reference in a dial's parameters, where they have one that can be shown. */
function givenReference(json: string): string | undefined {
  const { reference } = (JSON.parse(json) ?? {}) as { reference?: unknown };
  return shownReference(reference);
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<ExchangeEvent> {
  return new Promise((resolve) => {
    const end = (event: ExchangeEvent): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      resolve(event);
    };
    const onAbort = (): void => end({ type: "failure", reason: "aborted", error: signal?.reason, sent: false });
    const timer = setTimeout(() => end({ type: "waited" }), ms);
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
  });
}

function checked(given: CallOptions | undefined): CallOptions {
  if (given != null && typeof given !== "object") throw invalidArgument("wrong-type", "options", "are not an object", "pass { signal, timeoutMs }, or leave them out");
  const { signal, ...others } = given ?? {};
  const unknown = Object.keys(others).find((key) => key !== "timeoutMs");
  if (unknown !== undefined) throw invalidArgument("unknown-option", shownName(unknown), "is not an option of an operation", "signal and timeoutMs are");
  if (signal != null && typeof signal.addEventListener !== "function") {
    throw invalidArgument("wrong-type", "signal", "is no AbortSignal", "pass an AbortController's signal, or leave it out");
  }
  return { signal: signal ?? undefined, ...others };
}

/** How a clock that throws is mended. */
export const CLOCK = "let it return milliseconds since 1970, like Date.now";
