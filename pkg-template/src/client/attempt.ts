import { toBytes, joinBytes } from "../core/bytes.js";
import { attachDeadline } from "./deadline.js";
import type { RingbackError } from "../model/error.js";
import { type ExchangeEvent, type FailureReason, readHead, type SendStep } from "../core/exchange.js";
import type { Fetch, FetchedResponse } from "../model/platform.js";

/**
 * One request and its response under one deadline, from sending to the last byte of the body. The deadline holds even if the injected
 * `fetch` ignores its signal or returns a response that throws when it is used. Never rejects: every result is an event for the exchange.
 */
export class Attempt {
  readonly #fetch: Fetch;
  readonly #step: SendStep;
  readonly #signal: AbortSignal | undefined;
  readonly #abort = new AbortController();
  readonly #onAbort = (): void => this.#interrupt("aborted");
  #sent = false;
  #closed = false;
  #interruption: FailureReason | undefined;
  /** Ends the current wait. */
  #endWait: (reason: FailureReason) => void = doNothing;
  /** Ends the stream that was handed to the user. */
  #breakStream: (reason: FailureReason) => void = doNothing;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The end of the time-out, on the clock of `performance.now`. */
  #deadline = Infinity;
  /** Since when pieces have arrived without a wait. */
  #busySince = 0;
  #response: FetchedResponse | undefined;
  #reader: Reader | undefined;
  #pieces: Uint8Array[] = [];
  #length = 0;
  #ended = false;

  constructor(fetch: Fetch, step: SendStep, signal: AbortSignal | undefined) {
    this.#fetch = fetch;
    this.#step = step;
    this.#signal = signal;
  }

  /** True once `fetch` was called. */
  get sent(): boolean {
    return this.#sent;
  }

  /** Sends the request and reads the whole body, or its first bytes if the step asks to peek. */
  async send(): Promise<ExchangeEvent> {
    if (this.#signal?.aborted) return { type: "failure", reason: "aborted", error: this.#signal.reason, sent: false };
    this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#setDeadline();
    try {
      const { url, ...init } = this.#step.request;
      const fetch = this.#fetch;
      attachDeadline(this.#abort.signal, { ms: this.#step.timeoutMs, pass: () => this.#interrupt("timeout") });
      this.#sent = true;
      const answering = Promise.resolve(fetch(url, { ...init, redirect: "manual", signal: this.#abort.signal }));
      this.#response = await this.#wait(answering, releaseResponse);
      this.#reader = getReader(this.#response);
    } catch (error) {
      return this.#failure(error);
    }
    return this.#read(this.#step.peek);
  }

  /** Reads the rest of a body that was peeked at. */
  readRest(): Promise<ExchangeEvent> {
    return this.#read(false);
  }

  /** Stops the deadline, so that the body can wait until the user reads it. The caller's signal still works. */
  hold(): void {
    clearTimeout(this.#timer);
    this.#deadline = Infinity;
  }

  /**
   * Streams the whole body, including the part already read. Each further piece must arrive within the step's time-out.
   *
   * @param broken - Creates the error for a stream that breaks.
   * @param ended - Called with the number of bytes when the stream was read to its end or cancelled.
   */
  stream(broken: (reason: FailureReason, bytes: number) => RingbackError, ended?: (bytes: number) => void): ReadableStream<Uint8Array> {
    let bytes = 0;
    const source: UnderlyingDefaultSource<Uint8Array> = {
      start: (controller) => {
        if (this.#interruption) throw broken(this.#interruption, bytes);
        this.#breakStream = (reason) => controller.error(broken(reason, bytes));
      },
      pull: async (controller) => {
        if (this.#pieces.length === 0) {
          this.#setDeadline();
          await this.#readPiece().catch(() => {
            void this.close();
            throw broken(this.#interruption ?? "broken", bytes);
          });
          this.hold();
        }
        const piece = this.#pieces.shift();
        if (piece) {
          bytes += piece.length;
          return controller.enqueue(piece);
        }
        void this.close();
        controller.close();
        ended?.(bytes);
      },
      cancel: (reason) => {
        ended?.(bytes);
        return this.close(reason);
      },
    };
    // Reads nothing ahead of the consumer.
    return new ReadableStream(source, { highWaterMark: 0 });
  }

  /** Releases everything: timer, listener, body. */
  close(reason?: unknown): Promise<void> {
    clearTimeout(this.#timer);
    const open = !this.#closed && !this.#ended;
    this.#closed = true;
    return runQuietly(async () => {
      this.#signal?.removeEventListener("abort", this.#onAbort);
      if (open) await this.#reader?.cancel(reason);
    });
  }

  async #read(peek: boolean): Promise<ExchangeEvent> {
    const { maxBytes } = this.#step;
    try {
      const head = readHead(this.#response as FetchedResponse);
      while (!this.#ended && this.#length < (peek ? 1 : maxBytes)) await this.#readPiece();
      // Interrupted between the peek and the rest.
      if (this.#interruption) return this.#failure(undefined);
      const body = joinBytes(this.#pieces).subarray(0, maxBytes);
      return { type: "response", ...head, status: Number(head.status), body, partial: peek && !this.#ended };
    } catch (error) {
      return this.#failure(error);
    }
  }

  /** Waits for the next piece that is not empty, or for the end. */
  async #readPiece(): Promise<void> {
    const held = this.#length;
    while (!this.#ended && this.#length === held) {
      const asked = performance.now();
      const piece = await this.#wait(this.#reader ? readNextPiece(this.#reader) : readWholeBody(this.#response));
      if (this.#isTurnOver(asked)) await this.#giveWay();
      if (piece === undefined || this.#reader === undefined) this.#ended = true;
      if (piece === undefined || piece.length === 0) continue;
      this.#keep(piece);
      this.#length += piece.length;
    }
  }

  /**
   * Checks the deadline against the clock, and returns true if other work must run. If pieces arrive without a wait, no timer would get its
   * turn, including the one of the deadline.
   */
  #isTurnOver(asked: number): boolean {
    const now = performance.now();
    if (now >= this.#deadline) this.#interrupt("timeout");
    if (now - asked >= NOTICEABLE_MS) this.#busySince = now;
    return now - this.#busySince >= LONGEST_TURN_MS;
  }

  /** Lets other work of the program run. */
  async #giveWay(): Promise<void> {
    await this.#wait(new Promise((resolve) => setTimeout(resolve)));
    this.#busySince = performance.now();
  }

  /** Joins pieces from time to time, since many very small pieces take several times their size in memory. */
  #keep(piece: Uint8Array): void {
    this.#pieces.push(piece);
    if (this.#pieces.length >= MOST_PIECES) this.#pieces = [joinBytes(this.#pieces)];
  }

  /**
   * Waits for `work` or an interruption. Promise.race is not used, since it would keep every piece of a long stream.
   *
   * @param release - Releases a result that arrives after an interruption.
   */
  #wait<T>(work: Promise<T>, release?: (late: T) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#endWait = reject;
      if (this.#interruption) reject(this.#interruption);
      work.then((result) => {
        if (this.#interruption) release?.(result);
        resolve(result);
      }, reject);
    });
  }

  #setDeadline(): void {
    clearTimeout(this.#timer);
    this.#deadline = performance.now() + this.#step.timeoutMs;
    this.#busySince = performance.now();
    this.#timer = setTimeout(() => this.#interrupt("timeout"), this.#step.timeoutMs);
  }

  #interrupt(reason: FailureReason): void {
    if (this.#closed) return;
    this.#interruption = reason;
    // First, so that fetch's own error for its signal is not reported as a network error.
    this.#breakStream(reason);
    this.#endWait(reason);
    this.#abort.abort();
    void this.close();
  }

  #failure(error: unknown): ExchangeEvent {
    const reason = this.#interruption ?? (this.#response === undefined ? "error" : "broken");
    // A time-out has no cause; an abort has the reason that its caller gave.
    const origin = reason === "timeout" ? undefined : reason === "aborted" ? readReason(this.#signal) : error;
    return { type: "failure", reason, error: origin, sent: this.#sent };
  }
}

/** The part of a stream's reader that is used. The reader of a custom stream may return anything. */
interface Reader {
  read(): unknown;
  cancel(reason?: unknown): unknown;
}

/** Returns the reader of a response's body, or undefined if the body is not a readable stream. */
function getReader(response: FetchedResponse): Reader | undefined {
  const body = response.body as { getReader?: unknown } | null | undefined;
  if (typeof body?.getReader !== "function") return undefined;
  const reader = (body as { getReader(): Partial<Reader> | null | undefined }).getReader();
  if (typeof reader?.read === "function") return reader as Reader;
  // It may be a promise, whose rejection would be unhandled.
  void runQuietly(async () => void (await reader));
  return undefined;
}

/** Returns the next bytes, or undefined at the end. */
async function readNextPiece(reader: Reader): Promise<Uint8Array | undefined> {
  const { done, value } = (await reader.read()) as { done?: unknown; value?: unknown };
  return done ? undefined : requireBytes(value);
}

function requireBytes(value: unknown): Uint8Array {
  const piece = toBytes(value);
  if (piece === undefined) throw new TypeError("body: no bytes");
  return piece;
}

/** Reads the body of a response without a standard stream, such as an older HTTP library's. */
async function readWholeBody(response: FetchedResponse | undefined): Promise<Uint8Array | undefined> {
  return response?.body == null ? undefined : requireBytes(await response.arrayBuffer());
}

/** Reads the reason of an abort. Not every signal is the runtime's own. */
function readReason(signal: AbortSignal | undefined): unknown {
  try {
    return signal?.reason;
  } catch {
    return undefined;
  }
}

/** Releases a response that arrives after the time-out: it holds a connection. */
function releaseResponse(late: FetchedResponse): void {
  void runQuietly(async () => void (await getReader(late)?.cancel()));
}

/** Runs a clean-up whose failure has no effect. */
async function runQuietly(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch {
    // It cannot be cleaned up.
  }
}

function doNothing(): void {
  // The result is no longer needed.
}

/** Milliseconds. A shorter wait may have been none: the piece was in memory. */
const NOTICEABLE_MS = 5;

/** Milliseconds in which pieces are read before other work of the program runs. */
const LONGEST_TURN_MS = 10;

/** The largest number of pieces kept apart. */
const MOST_PIECES = 4096;
