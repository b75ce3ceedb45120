import type { Operation } from "../generated/platforms.js";
import { writePlainJson } from "./plain-json.js";

/** An operation of the core. `download` is the second half of a recording that is not streamed directly. */
export type CoreOperation = Operation | "download";

/** An event that the driver reports to the exchange. */
export type ExchangeEvent =
  | { type: "start"; timeoutMs?: number }
  | { type: "waited" }
  | ReceivedEvent
  | FailureEvent;

/** A response. */
export interface ReceivedEvent extends Head {
  type: "response";
  status: number;
  body: Uint8Array;
  /** True if only the first bytes were read, as the step asked. */
  partial: boolean;
}

/** No response, or an incomplete one. */
export interface FailureEvent {
  type: "failure";
  reason: FailureReason;
  error: unknown;
  /** True if `fetch` was called in this attempt. */
  sent: boolean;
}

/** The reason why there is no response. */
export type FailureReason = "timeout" | "aborted" | "error" | "broken";

/** The time and the randomness for one call into the core, which has neither. */
export interface Host {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** A random number, at least 0 and below 1. */
  readonly jitter: number;
  /** Draws a fresh random text. Called only if the core needs one. */
  fresh(): string;
}

/** The progress of an exchange. The core reads and writes it; the driver only stores it between two steps. */
export interface Progress {
  attempts: number;
  timeoutMs: number;
  redirects: number;
  location: string;
  /** The reference that was created for a dial. */
  reference?: string;
}

/** The next step of the driver, decided by the exchange. `progress` is passed back with the next event. */
export type Step =
  | SendStep
  | { do: "read"; progress: Progress }
  | { do: "wait"; progress: Progress; ms: number }
  | { do: "done"; result: unknown };

/** Send this request. */
export interface SendStep {
  do: "send";
  progress: Progress;
  /** From 1. */
  attempt: number;
  request: { method: string; url: string; headers: Record<string, string>; body?: string };
  /** For a dial: the given or created reference. */
  reference?: string;
  /** For the response and its body together. */
  timeoutMs: number;
  /** Read only the first bytes, and report them. */
  peek: boolean;
  /** The largest number of bytes to read. */
  maxBytes: number;
}

/** A recording as the core returns it. */
export interface RecordingStart {
  /** True if the body of this response is the recording; otherwise it is at `url`. */
  streamed: boolean;
  url?: string;
  expiresAt?: string;
  contentType?: string;
}

/** Returns true if a result is a recording. */
export function isRecordingStart(result: unknown): result is RecordingStart {
  return typeof result === "object" && result !== null && "streamed" in result;
}

/** Encodes an event for the core: JSON, and the body of an answer beside it. */
export function encodeEvent(event: ExchangeEvent, progress: Progress | undefined): [json: string, body: Uint8Array] {
  if (event.type === "start") return [event.timeoutMs === undefined ? START : writePlainJson("options", event), NOTHING];
  if (event.type === "waited") return [JSON.stringify({ ...event, progress }), NOTHING];
  if (event.type === "failure") {
    const { error, ...others } = event;
    return [JSON.stringify({ ...others, origins: listOrigins(error), progress }), NOTHING];
  }
  const { type, status, contentType, retryAfter, location, date, partial, body } = event;
  return [JSON.stringify({ type, status, contentType, retryAfter, location, date, partial, progress }), body];
}

/** The parts of a response that the core reads besides its body. */
interface Head {
  status: unknown;
  contentType: string | undefined;
  retryAfter: string | undefined;
  /** The target of a redirect. */
  location: string | undefined;
  /** The platform's clock. */
  date: string | undefined;
}

/** Reads status and headers of a response. The headers may be a `Headers` of any implementation, or a plain object. */
export function readHead({ status, headers }: { status?: unknown; headers?: unknown }): Head {
  return {
    status,
    contentType: readHeader(headers, "content-type"),
    retryAfter: readHeader(headers, "retry-after"),
    location: readHeader(headers, "location"),
    date: readHeader(headers, "date"),
  };
}

function readHeader(headers: unknown, name: string): string | undefined {
  if (typeof headers !== "object" || headers === null) return undefined;
  // Checked by its method: a polyfill's Headers is not an instance of the host's.
  const value: unknown =
    typeof (headers as Headers).get === "function" ? (headers as Headers).get(name) : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof value === "string" ? value : undefined;
}

/** The description of an error for the core. */
interface Origin {
  name: string;
  code?: string;
  /** Distinguishes a failed connection (`connect`) from a broken one. */
  syscall?: string;
  message: string;
}

/** Lists an error and its causes, outermost first, including the members of an `AggregateError`. */
function listOrigins(error: unknown): Origin[] {
  const origins: Origin[] = [];
  const next = [error];
  while (next.length > 0 && origins.length < LONGEST_CHAIN) {
    const thrown = next.pop() as Partial<AggregateError> | string | null | undefined;
    if (thrown == null) continue;
    const { name, code, syscall, message, errors, cause } = readMembers(thrown);
    const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
    origins.push({
      name: text(name) ?? "Error",
      ...(typeof code === "string" && { code }),
      ...(typeof syscall === "string" && { syscall }),
      message: text(message) ?? text(thrown) ?? "",
    });
    if (errors !== undefined) next.push(...errors);
    next.push(cause);
  }
  return origins;
}

/** Reads the members of an error. Returns none if reading throws. */
function readMembers(thrown: object | string): Record<string, unknown> & { errors?: unknown[] | undefined } {
  try {
    const { name, code, syscall, message, errors, cause } = thrown as Record<string, unknown>;
    return { name, code, syscall, message, errors: Array.isArray(errors) ? errors.slice(0, LONGEST_CHAIN) : undefined, cause };
  } catch {
    return {};
  }
}

const NOTHING = new Uint8Array(0);
const START = JSON.stringify({ type: "start" });

/** The largest number of causes that are followed. */
const LONGEST_CHAIN = 6;
