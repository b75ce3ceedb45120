import type { Operation } from "../generated/platforms.js";
import { plainJson } from "./plain-json.js";

/** An operation as the core knows it: `download` is the second half of a recording that is not streamed at once. */
export type CoreOperation = Operation | "download";

/** What the driver reports to the exchange. */
export type ExchangeEvent =
  | { type: "start"; timeoutMs?: number }
  | { type: "waited" }
  | AnswerEvent
  | FailureEvent;

/** A response. */
export interface AnswerEvent extends Head {
  type: "answer";
  status: number;
  body: Uint8Array;
  /** Only the first bytes were read, as the step asked. */
  partial: boolean;
}

/** No response, or not the whole of it. */
export interface FailureEvent {
  type: "failure";
  reason: FailureReason;
  error: unknown;
  /** Whether `fetch` was called in this attempt. */
  sent: boolean;
}

/** Why there is no response. */
export type FailureReason = "timeout" | "aborted" | "error" | "broken";

/** The time and the randomness of one call into the core, which has neither. */
export interface Host {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** A random number from 0 to below 1. */
  readonly jitter: number;
  /** Draws a fresh random text. Called only where the core needs one. */
  fresh(): string;
}

/** How far an exchange has come. The core reads and writes it; the driver only keeps it between two steps. */
export interface Progress {
  attempts: number;
  timeoutMs: number;
  redirects: number;
  location: string;
  /** The reference that was made for a dial. */
  reference?: string;
}

/** What the exchange tells the driver to do. `progress` goes back with the next event. */
export type Step =
  | SendStep
  | { do: "read"; progress: Progress }
  | { do: "wait"; progress: Progress; ms: number }
  | { do: "done"; result: unknown };

/** Send this. */
export interface SendStep {
  do: "send";
  progress: Progress;
  /** Counted from 1. */
  attempt: number;
  request: { method: string; url: string; headers: Record<string, string>; body?: string };
  /** The address, redacted. */
  shown: string;
  /** Of a dial: the reference that was given or made. */
  reference?: string;
  /** For the response and its body together. */
  timeoutMs: number;
  /** Read the first bytes only, and report them. */
  peek: boolean;
  /** More than this of a body is not read. */
  maxBytes: number;
}

/** What the core says of a recording. */
export interface RecordingStart {
  /** The bytes are this very response's body; otherwise they lie at `url`. */
  streamed: boolean;
  url?: string;
  expiresAt?: string;
  contentType?: string;
}

/** Whether a result is a recording's. */
export function isRecordingStart(result: unknown): result is RecordingStart {
  return typeof result === "object" && result !== null && "streamed" in result;
}

/** An event as the core reads it: JSON, and beside it the body of an answer. */
export function encodeEvent(event: ExchangeEvent, progress: Progress | undefined): [json: string, body: Uint8Array] {
  if (event.type === "start") return [plainJson("options", event), NOTHING];
  if (event.type === "waited") return [JSON.stringify({ ...event, progress }), NOTHING];
  if (event.type === "failure") {
    const { error, ...others } = event;
    return [JSON.stringify({ ...others, origins: originsOf(error), progress }), NOTHING];
  }
  const { body, ...others } = event;
  return [JSON.stringify({ ...others, progress }), body];
}

/** What of a response the core reads beside its body. */
interface Head {
  status: unknown;
  contentType: string | undefined;
  retryAfter: string | undefined;
  /** Where a redirect leads. */
  location: string | undefined;
  /** The platform's clock. */
  date: string | undefined;
}

/** What of a response's status and headers (a `Headers` of any implementation, or a plain object) the core reads. */
export function headOf({ status, headers }: { status?: unknown; headers?: unknown }): Head {
  return {
    status,
    contentType: header(headers, "content-type"),
    retryAfter: header(headers, "retry-after"),
    location: header(headers, "location"),
    date: header(headers, "date"),
  };
}

function header(headers: unknown, name: string): string | undefined {
  if (typeof headers !== "object" || headers === null) return undefined;
  // Known by what it can do: a polyfill's Headers is no instance of the host's.
  const value: unknown =
    typeof (headers as Headers).get === "function" ? (headers as Headers).get(name) : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof value === "string" ? value : undefined;
}

/** What the core is told of an error. */
interface Origin {
  name: string;
  code?: string;
  /** It tells a connection that never was (`connect`) from one that broke. */
  syscall?: string;
  message: string;
}

/** An error and what caused it, outermost first, with the members of an `AggregateError`. */
function originsOf(error: unknown): Origin[] {
  const origins: Origin[] = [];
  const next = [error];
  while (next.length > 0 && origins.length < LONGEST_CHAIN) {
    const thrown = next.pop() as Partial<AggregateError> | string | null | undefined;
    if (thrown == null) continue;
    const { name, code, syscall, message, errors, cause } = membersOf(thrown);
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

/** Nothing of what throws where it is read. */
function membersOf(thrown: object | string): Record<string, unknown> & { errors?: unknown[] | undefined } {
  try {
    const { name, code, syscall, message, errors, cause } = thrown as Record<string, unknown>;
    return { name, code, syscall, message, errors: Array.isArray(errors) ? errors.slice(0, LONGEST_CHAIN) : undefined, cause };
  } catch {
    return {};
  }
}

const NOTHING = new Uint8Array(0);

/** How deep a chain of causes is followed. */
const LONGEST_CHAIN = 6;
