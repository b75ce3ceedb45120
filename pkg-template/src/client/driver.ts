import type { Delivery } from "../generated/model.js";
import { Attempt } from "./attempt.js";
import { writePlainJson } from "../core/plain-json.js";
import { createInternalError, createArgumentError, isRingbackError, readSafely, filterName, filterReference, addReference } from "../model/error.js";
import { type CoreOperation, encodeEvent, type ExchangeEvent, isRecordingStart, type Progress } from "../core/exchange.js";
import { type Observation, observe, type Observed } from "./observation.js";
import { callCore, init, isReady } from "../core/instance.js";
import type { CallOptions } from "../model/operation.js";
import type { Fetch } from "../model/platform.js";
import { drawHex } from "../core/token.js";
import * as core from "../wasm/ringback.js";

/** The parts of a client that the driver needs. */
export interface Connection extends Observed {
  /** The account's handle in the core; call it within `callCore`. A function, so that logging shows none of the secrets. */
  readonly handle: () => core.Client;
  readonly fetch: Fetch;
  readonly now: () => number;
}

/** The outcome of an operation. */
export interface DriveResult {
  readonly result: unknown;
  /** For a streamed result: its open body, which the receiver must read or close. */
  readonly open: Attempt | undefined;
  /** For the open body of a download, which ends the operation. */
  readonly observed?: Observation | undefined;
}

/**
 * Runs one operation: follows the exchange's steps until it is done. The exchange decides what to send, whether to retry, and what the
 * result means.
 */
export function drive(connection: Connection, operation: CoreOperation, parameters: unknown, options?: CallOptions): Promise<DriveResult> {
  const observed = observe(connection, operation === "download" ? "recording" : operation);
  const work = (): Promise<DriveResult> => driveObserved(connection, operation, parameters, options, observed);
  return observed === undefined ? work() : observed.run(work);
}

async function driveObserved(
  connection: Connection,
  operation: CoreOperation,
  parameters: unknown,
  options: CallOptions | undefined,
  observed: Observation | undefined,
): Promise<DriveResult> {
  let json: string | undefined;
  // The reference of a dial that the core has read or created, so that its record can be found after any failure.
  let reference: string | undefined;
  let attempt: Attempt | undefined;
  // Once fetch was called, our own failures must not claim that nothing was sent.
  let delivery: Delivery = "not-sent";
  try {
    const { signal, timeoutMs } = readSafely("options", () =>
      // For dial("13800000001", "13900000002") the core explains the right call.
      checkOptions(typeof parameters === "string" && typeof options === "string" ? undefined : options),
    );
    if (!isReady()) await init();
    json = writePlainJson("params", parameters);
    const written = json;
    observed?.parameters(json);
    let progress: Progress | undefined;
    let now = 0;
    let event: ExchangeEvent = timeoutMs === undefined ? { type: "start" } : { type: "start", timeoutMs };
    for (;;) {
      // Read only when something is to be signed: a clock that throws later must not hide what was sent.
      if (event.type === "start" || event.type === "waited") now = readSafely("now", connection.now, CLOCK, delivery, "unusable-clock");
      const [happened, body] = encodeEvent(event, progress);
      const host = { now, jitter: Math.random(), fresh: drawHex };
      const step = callCore(() => connection.handle().advance(operation, written, happened, body, host), delivery);
      if ("progress" in step) progress = step.progress;
      if (step.do === "send") {
        void attempt?.close();
        reference = step.reference;
        const { url } = step.request;
        if (observed && !signal?.aborted) observed.request(step, callCore(() => core.shownUrl(url), delivery));
        attempt = new Attempt(connection.fetch, step, signal);
        event = await attempt.send();
        if (attempt.sent) delivery = "unknown";
        if (event.type === "response") observed?.response(event.status);
        else if (event.type === "failure") observed?.failure(event.reason);
      } else if (step.do === "read") {
        event = await (attempt as Attempt).readRest();
      } else if (step.do === "wait") {
        void attempt?.close();
        observed?.wait(step.ms);
        event = await pause(step.ms, signal);
      } else {
        const result = step.result ?? undefined;
        const isOpen = isRecordingStart(result) && result.streamed;
        if (!isOpen || operation !== "download") observed?.succeed(result);
        if (!isOpen) return { result, open: undefined };
        const open = attempt;
        attempt = undefined;
        open?.hold();
        return { result, open, observed };
      }
    }
  } catch (thrown) {
    // Before the first step the core has not read it.
    if (operation === "dial" && attempt === undefined && json !== undefined) reference = readReference(json);
    const error = addReference(isRingbackError(thrown) ? thrown : createInternalError(thrown, delivery), reference);
    observed?.fail(error);
    throw error;
  } finally {
    void attempt?.close();
  }
}

/** Reads the reference from a dial's parameters, if an error may show it. */
function readReference(json: string): string | undefined {
  const { reference } = (JSON.parse(json) ?? {}) as { reference?: unknown };
  return filterReference(reference);
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

/**
 * Checks the options of an operation, without the values that the core checks.
 *
 * @internal
 */
export function checkOptions(given: CallOptions | undefined): CallOptions {
  if (given != null && typeof given !== "object") throw createArgumentError("wrong-type", "options", "must be an object", "pass { signal, timeoutMs }, or leave them out", { expected: ["object"] });
  const { signal, ...others } = given ?? {};
  const unknown = Object.keys(others).find((key) => key !== "timeoutMs");
  if (unknown !== undefined) throw createArgumentError("unknown-option", filterName(unknown), "is not an option of an operation", "use signal or timeoutMs", { expected: ["signal", "timeoutMs"] });
  if (signal != null && typeof signal.addEventListener !== "function") {
    throw createArgumentError("wrong-type", "signal", "is not an AbortSignal", "pass an AbortController's signal, or leave it out", { expected: ["AbortSignal"] });
  }
  return { signal: signal ?? undefined, ...others };
}

/** The hint for a clock that throws. */
export const CLOCK = "it must return milliseconds since 1970, like Date.now";
