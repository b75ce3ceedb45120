import type { Attempt } from "./attempt.js";
import { type Connection, drive, type Finished } from "./driver.js";
import type { ErrorReason } from "../generated/model.js";
import { invalidArgument, RingbackError } from "../model/error.js";
import type { FailureReason, RecordingStart } from "../core/exchange.js";
import type { CallOptions, Recording } from "../model/operation.js";

/** The recording that an operation found, in the form that users get. */
export function recordingOf(connection: Connection, { result, open }: Finished, options?: CallOptions): Recording {
  const { streamed, ...described } = result as RecordingStart;
  return { ...described, body: streamed ? once(() => streamOf(connection, open as Attempt)) : () => download(connection, described.url, options) };
}

/** The recording in a response that another HTTP stack brought: the bytes are there already. */
export function recordingFrom(connection: Connection, start: RecordingStart, bytes: Uint8Array): Recording {
  const { streamed, ...described } = start;
  return { ...described, body: streamed ? once(() => streamOfBytes(bytes)) : () => download(connection, described.url) };
}

async function download(connection: Connection, url: string | undefined, options?: CallOptions): Promise<ReadableStream<Uint8Array>> {
  const { open } = await drive(connection, "download", { url }, options);
  return streamOf(connection, open as Attempt);
}

function once(take: () => ReadableStream<Uint8Array>): Recording["body"] {
  let taken = false;
  return async () => {
    if (taken) throw invalidArgument("already-read", "body", "was taken already, and what this recording() gave can be read only once", "ask for the recording again");
    taken = true;
    return take();
  };
}

function streamOf(connection: Connection, open: Attempt): ReadableStream<Uint8Array> {
  return open.stream((reason) => broken(connection, reason));
}

function streamOfBytes(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

const BROKEN: Record<FailureReason, { code: "timeout" | "aborted" | "network"; word: ErrorReason; message: string }> = {
  timeout: { code: "timeout", word: "no-answer-in-time", message: "the recording stopped coming: nothing for timeoutMs" },
  aborted: { code: "aborted", word: "aborted", message: "the signal was aborted while the recording was read" },
  error: { code: "network", word: "connection-lost", message: "the connection broke while the recording was read" },
  broken: { code: "network", word: "connection-lost", message: "the connection broke while the recording was read" },
};

function broken({ provider, account }: Connection, reason: FailureReason): RingbackError {
  const { code, word, message } = BROKEN[reason];
  return new RingbackError(message, {
    code,
    reason: word,
    delivery: "unknown",
    retryable: reason !== "aborted",
    provider,
    account,
    operation: "recording",
    hint: "call recording() again to read it from the start",
  });
}
