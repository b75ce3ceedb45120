import type { FetchedResponse, Operation } from "./platform.js";
import type { RecordingStart } from "./recording.js";

/** An operation as the core knows it: `download` is the second half of a recording that is not streamed at once. */
export type CoreOperation = Operation | "download";

/** What the driver reports to the exchange. */
export type ExchangeEvent =
  | { type: "start"; timeoutMs?: number }
  | { type: "waited" }
  | AnswerEvent
  | FailureEvent;

/** A response. */
export interface AnswerEvent {
  type: "answer";
  status: number;
  headers: FetchedResponse["headers"];
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
export type FailureReason = "timeout" | "aborted" | "error";

/** What the exchange tells the driver to do. `progress` is the core's own and goes back with the next event. */
export type Step =
  | SendStep
  | { do: "read"; progress: string }
  | { do: "wait"; progress: string; ms: number }
  | { do: "done"; result: unknown }
  | { do: "fail"; error: Error };

/** Send this. */
export interface SendStep {
  do: "send";
  progress: string;
  /** Counted from 1. */
  attempt: number;
  request: { method: string; url: string; headers: Record<string, string>; body?: string };
  /** The address, redacted. */
  shown: string;
  /** For the response and its body together. */
  timeoutMs: number;
  /** Read the first bytes only, and report them. */
  peek: boolean;
  /** More than this of a body is not read. */
  maxBytes: number;
}

/** Whether a result is a recording's. */
export function isRecordingStart(result: unknown): result is RecordingStart {
  return typeof result === "object" && result !== null && "streamed" in result;
}
