import type { Delivery } from "../generated/model.js";
import type { Operation, Provider } from "../generated/platforms.js";
import type { SendStep } from "../core/exchange.js";
import { formatMs, type StepLog } from "../core/step-log.js";
import { drawHex } from "../core/token.js";
import { filterId, type RingbackError } from "../model/error.js";
import { beginWithin, callHook, type DoneEvent, type Hooks, type RequestEvent, type StartEvent } from "../model/hooks.js";

/** The parts of a client that an observation needs. */
export interface Observed {
  readonly provider: Provider;
  readonly account: string | undefined;
  /** Undefined if no hook is given. */
  readonly on: Hooks | undefined;
  /** Undefined without `debug`. */
  readonly log: StepLog | undefined;
}

/** Creates the observation of one operation, or nothing if nobody observes the client. */
export function observe(client: Observed, operation: Operation): Observation | undefined {
  return client.on === undefined && client.log === undefined ? undefined : new Observation(client, operation);
}

/** Tells the hooks and the log about one operation. */
export class Observation {
  readonly #on: Hooks;
  readonly #log: StepLog | undefined;
  readonly #subject: StartEvent;
  readonly #startedAt = performance.now();
  /** The last request. */
  #last: RequestEvent | undefined;
  #sentAt = 0;
  #callId: string | undefined;
  #isOver = false;

  constructor({ provider, account, on = {}, log }: Observed, operation: Operation) {
    this.#on = on;
    this.#log = log;
    this.#subject = { operationId: drawHex(), provider, ...(account !== undefined && { account }), operation };
  }

  /** Begins the operation's work, within the context that the hook chooses. */
  run<T>(work: () => Promise<T>): Promise<T> {
    this.#write("begins");
    const { start } = this.#on;
    return start === undefined ? work() : beginWithin(start, { ...this.#subject }, work);
  }

  /** Notes the call that the parameters name. */
  parameters(json: string): void {
    const { callId, call } = (JSON.parse(json) ?? {}) as { callId?: unknown; call?: { callId?: unknown } | string };
    this.#callId = filterId(callId ?? (typeof call === "object" && call !== null ? call.callId : call));
  }

  /** A request is about to be sent. `shown` is its address, redacted. */
  request({ attempt, request, reference }: SendStep, shown: string): void {
    this.#last = { ...this.#subject, attempt, ...(reference !== undefined && { reference }), method: request.method, url: shown };
    this.#sentAt = performance.now();
    this.#write(`sends ${request.method} ${shown} (attempt ${attempt})`);
    callHook(this.#on.request, { ...this.#last });
  }

  /** A response has come. */
  response(status: number): void {
    if (this.#last === undefined) return;
    const durationMs = performance.now() - this.#sentAt;
    this.#write(`got status ${status} after ${formatMs(durationMs)}`);
    callHook(this.#on.response, { ...this.#last, status, durationMs });
  }

  /** No response has come. */
  failure(reason: string): void {
    this.#write(`got no response: ${reason}`);
  }

  /** The operation waits before its next attempt. */
  wait(ms: number): void {
    this.#write(`waits ${formatMs(ms)}`);
  }

  /** The operation has succeeded. `result` is what it resolves with. */
  succeed(result: unknown, bytes?: number): void {
    if (this.#subject.operation === "dial") this.#callId = filterId((result as { id?: unknown } | undefined)?.id);
    this.#end("ok", bytes === undefined ? {} : { bytes });
  }

  /** The operation has failed. */
  fail(error: RingbackError, bytes?: number): void {
    if (this.#isOver) return;
    const { attempt = 0 } = this.#last ?? {};
    callHook(this.#on.error, { ...this.#subject, attempt, ...this.#last, ...(error.reference !== undefined && { reference: error.reference }), error });
    this.#end(error.delivery, { ...(error.reference !== undefined && { reference: error.reference }), ...(bytes !== undefined && { bytes }), error });
  }

  #end(outcome: "ok" | Delivery, more: Partial<DoneEvent>): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { attempt: attempts = 0, reference } = this.#last ?? {};
    const event: DoneEvent = {
      ...this.#subject,
      attempts,
      durationMs: performance.now() - this.#startedAt,
      outcome,
      ...(this.#callId !== undefined && { callId: this.#callId }),
      ...(reference !== undefined && { reference }),
      ...more,
    };
    if (this.#log) this.#write(describe(event));
    callHook(this.#on.done, event);
  }

  #write(step: string): void {
    if (this.#log === undefined) return;
    const { provider, account, operation, operationId } = this.#subject;
    this.#log(`${provider}${account === undefined ? "" : `/${account}`} ${operation} ${operationId.slice(0, SHOWN_DIGITS)} ${step}`);
  }
}

/** Enough to tell the operations of one log apart. */
const SHOWN_DIGITS = 8;

function describe({ outcome, attempts, durationMs, callId, reference, bytes, error }: DoneEvent): string {
  const facts = [
    callId !== undefined && `call ${callId}`,
    reference !== undefined && `reference ${reference}`,
    bytes !== undefined && `${bytes} bytes`,
    error !== undefined && `${error.code} (${error.reason}): ${error.message.replaceAll(/\s+/g, " ")}`,
  ].filter(Boolean);
  return [`ends after ${formatMs(durationMs)} and ${attempts} attempt${attempts === 1 ? "" : "s"}: ${outcome}`, ...facts].join("; ");
}
