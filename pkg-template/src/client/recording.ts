import type { Attempt } from "./attempt.js";
import { type Connection, drive, type DriveResult } from "./driver.js";
import { type Observation, observe } from "./observation.js";
import type { ErrorReason } from "../generated/model.js";
import { createArgumentError, RingbackError } from "../model/error.js";
import type { FailureReason, RecordingStart } from "../core/exchange.js";
import type { CallOptions, Recording } from "../model/operation.js";

/** Creates the recording that an operation found. */
export function createRecording(connection: Connection, { result, open }: DriveResult, options?: CallOptions): Recording {
  const { streamed, ...described } = result as RecordingStart;
  return { ...described, body: streamed ? limitToOnce(() => streamOpenBody(connection, open as Attempt)) : () => download(connection, described.url, options) };
}

/** Creates the recording from a response of another HTTP stack, whose bytes are already there. */
export function createRecordingFromBytes(connection: Connection, start: RecordingStart, bytes: Uint8Array): Recording {
  const { streamed, ...described } = start;
  return { ...described, body: streamed ? limitToOnce(() => streamBytes(bytes)) : () => download(connection, described.url) };
}

async function download(connection: Connection, url: string | undefined, options?: CallOptions): Promise<ReadableStream<Uint8Array>> {
  const { open, observed } = await drive(connection, "download", { url }, options);
  return streamBody(connection, open as Attempt, observed);
}

/** Streams the body of the response that the platform gave to `recording()`: for the hooks an operation of its own, without a request. */
function streamOpenBody(connection: Connection, open: Attempt): Promise<ReadableStream<Uint8Array>> {
  const observed = observe(connection, "recording");
  const work = async (): Promise<ReadableStream<Uint8Array>> => streamBody(connection, open, observed);
  return observed === undefined ? work() : observed.run(work);
}

function limitToOnce(take: () => ReadableStream<Uint8Array> | Promise<ReadableStream<Uint8Array>>): Recording["body"] {
  let taken = false;
  return async () => {
    if (taken) throw createArgumentError("already-read", "body", "was already read: the result of one recording() can be read only once", "call recording() again");
    taken = true;
    return take();
  };
}

function streamBody(connection: Connection, open: Attempt, observed: Observation | undefined): ReadableStream<Uint8Array> {
  const broken = (reason: FailureReason, bytes: number): RingbackError => {
    const error = createBrokenError(connection, reason);
    observed?.fail(error, bytes);
    return error;
  };
  return open.stream(broken, observed && ((bytes) => observed.succeed(undefined, bytes)));
}

function streamBytes(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

const BROKEN: Record<FailureReason, { code: "timeout" | "aborted" | "network"; word: ErrorReason; message: string }> = {
  timeout: { code: "timeout", word: "no-answer-in-time", message: "the recording stopped: no bytes arrived for timeoutMs" },
  aborted: { code: "aborted", word: "aborted", message: "the signal was aborted while the recording was read" },
  error: { code: "network", word: "connection-lost", message: "the connection broke while the recording was read" },
  broken: { code: "network", word: "connection-lost", message: "the connection broke while the recording was read" },
};

function createBrokenError({ provider, account }: Connection, reason: FailureReason): RingbackError {
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
