import { asBytes, concatenated } from "../core/bytes.js";
import { tellDeadline } from "./deadline.js";
import type { RingbackError } from "../model/error.js";
import { type ExchangeEvent, type FailureReason, headOf, type SendStep } from "../core/exchange.js";
import type { Fetch, FetchedResponse } from "../model/platform.js";

/**
 * One request and its response under one deadline: from the sending to the last byte of the body, even where the `fetch` that
 * was injected ignores its signal, or gives a response that throws wherever it is touched. It never rejects; what happened becomes
 * an event for the exchange.
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
  /** Ends the one thing that is being waited for. */
  #endWait: (reason: FailureReason) => void = ignored;
  /** Ends the stream that was handed over. */
  #breakStream: (reason: FailureReason) => void = ignored;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the time is up, on the clock of `performance.now`. */
  #deadline = Infinity;
  /** Since when pieces have come without a wait. */
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

  /** Whether `fetch` was called. */
  get sent(): boolean {
    return this.#sent;
  }

  /** Sends, and reads the body: all of it, or its first bytes where the step asks to peek. */
  async send(): Promise<ExchangeEvent> {
    if (this.#signal?.aborted) return { type: "failure", reason: "aborted", error: this.#signal.reason, sent: false };
    this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#setDeadline();
    try {
      const { url, ...init } = this.#step.request;
      const fetch = this.#fetch;
      tellDeadline(this.#abort.signal, { ms: this.#step.timeoutMs, pass: () => this.#interrupt("timeout") });
      this.#sent = true;
      const answering = Promise.resolve(fetch(url, { ...init, redirect: "manual", signal: this.#abort.signal }));
      // A response that comes after we gave up holds a connection: let go of it.
      void quietly(async () => {
        const late = await answering;
        if (this.#interruption) await readerOf(late)?.cancel();
      });
      this.#response = await this.#wait(answering);
      this.#reader = readerOf(this.#response);
    } catch (error) {
      return this.#failure(error);
    }
    return this.#read(this.#step.peek);
  }

  /** Reads what is left of a body that was only peeked at. */
  readRest(): Promise<ExchangeEvent> {
    return this.#read(false);
  }

  /** Stops the deadline, so that the body can wait to be taken as a stream. The caller's signal still counts. */
  hold(): void {
    clearTimeout(this.#timer);
    this.#deadline = Infinity;
  }

  /**
   * The whole body, what was read of it put back. Each further piece has the step's time to come.
   *
   * @param broken - The error for a stream that ends before its end.
   */
  stream(broken: (reason: FailureReason) => RingbackError): ReadableStream<Uint8Array> {
    const source: UnderlyingDefaultSource<Uint8Array> = {
      start: (controller) => {
        if (this.#interruption) throw broken(this.#interruption);
        this.#breakStream = (reason) => controller.error(broken(reason));
      },
      pull: async (controller) => {
        if (this.#pieces.length === 0) {
          this.#setDeadline();
          await this.#readPiece().catch(() => {
            void this.close();
            throw broken(this.#interruption ?? "broken");
          });
          this.hold();
        }
        const piece = this.#pieces.shift();
        if (piece) return controller.enqueue(piece);
        void this.close();
        controller.close();
      },
      cancel: (reason) => this.close(reason),
    };
    // Nothing is read ahead of the consumer.
    return new ReadableStream(source, { highWaterMark: 0 });
  }

  /** Leaves nothing behind: no timer, no listener, no open body. */
  close(reason?: unknown): Promise<void> {
    clearTimeout(this.#timer);
    const open = !this.#closed && !this.#ended;
    this.#closed = true;
    return quietly(async () => {
      this.#signal?.removeEventListener("abort", this.#onAbort);
      if (open) await this.#reader?.cancel(reason);
    });
  }

  async #read(peek: boolean): Promise<ExchangeEvent> {
    const { maxBytes } = this.#step;
    try {
      const head = headOf(this.#response as FetchedResponse);
      while (!this.#ended && this.#length < (peek ? 1 : maxBytes)) await this.#readPiece();
      // Whatever came between a peek and the rest.
      if (this.#interruption) return this.#failure(undefined);
      const body = concatenated(this.#pieces).subarray(0, maxBytes);
      return { type: "answer", ...head, status: Number(head.status), body, partial: peek && !this.#ended };
    } catch (error) {
      return this.#failure(error);
    }
  }

  /** Waits for the next piece that is not empty, or for the end. */
  async #readPiece(): Promise<void> {
    const held = this.#length;
    while (!this.#ended && this.#length === held) {
      const asked = performance.now();
      const piece = await this.#wait(this.#reader ? nextPiece(this.#reader) : wholeBody(this.#response));
      await this.#giveWay(asked);
      if (piece === undefined || this.#reader === undefined) this.#ended = true;
      if (piece === undefined || piece.length === 0) continue;
      this.#keep(piece);
      this.#length += piece.length;
    }
  }

  /**
   * Where pieces come without a wait, no timer of the program gets its turn, ours for the deadline included: the deadline is read from the
   * clock, and from time to time the others go first.
   */
  async #giveWay(asked: number): Promise<void> {
    const now = performance.now();
    if (now >= this.#deadline) this.#interrupt("timeout");
    if (now - asked >= NOTICEABLE_MS) this.#busySince = now;
    if (now - this.#busySince < LONGEST_TURN_MS) return;
    await this.#wait(new Promise((resolve) => setTimeout(resolve)));
    this.#busySince = performance.now();
  }

  /** A body in very small pieces takes many times its size in memory unless they are put together. */
  #keep(piece: Uint8Array): void {
    this.#pieces.push(piece);
    if (this.#pieces.length >= MOST_PIECES) this.#pieces = [concatenated(this.#pieces)];
  }

  /** Waits for `work`, but no longer than until an interruption. Not Promise.race, which would keep every piece of a long stream. */
  #wait<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#endWait = reject;
      if (this.#interruption) reject(this.#interruption);
      work.then(resolve, reject);
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
    // Ours first: what `fetch` makes of its signal must not be taken for a network error.
    this.#breakStream(reason);
    this.#endWait(reason);
    this.#abort.abort();
    void this.close();
  }

  #failure(error: unknown): ExchangeEvent {
    const reason = this.#interruption ?? (this.#response === undefined ? "error" : "broken");
    // Of a time-out there is no more to say; of an abort, what its maker said.
    const origin = reason === "timeout" ? undefined : reason === "aborted" ? reasonOf(this.#signal) : error;
    return { type: "failure", reason, error: origin, sent: this.#sent };
  }
}

/** The part of a stream's reader that is used. The reader of a custom stream may return anything. */
interface Reader {
  read(): unknown;
  cancel(reason?: unknown): unknown;
}

/** The reader of a response's body; nothing where the body is not a stream that gives one. */
function readerOf(response: FetchedResponse): Reader | undefined {
  const body = response.body as { getReader?: unknown } | null | undefined;
  if (typeof body?.getReader !== "function") return undefined;
  const reader = (body as { getReader(): Partial<Reader> | null | undefined }).getReader();
  if (typeof reader?.read === "function") return reader as Reader;
  // It may be a promise, which nobody else would look at.
  void quietly(async () => void (await reader));
  return undefined;
}

/** The reader's next bytes; nothing at the end. */
async function nextPiece(reader: Reader): Promise<Uint8Array | undefined> {
  const { done, value } = (await reader.read()) as { done?: unknown; value?: unknown };
  return done ? undefined : pieceOf(value);
}

function pieceOf(value: unknown): Uint8Array {
  const piece = asBytes(value);
  if (piece === undefined) throw new TypeError("body: no bytes");
  return piece;
}

/** The body of a response without a standard stream: an older HTTP library's, or none at all. */
async function wholeBody(response: FetchedResponse | undefined): Promise<Uint8Array | undefined> {
  return response?.body == null ? undefined : pieceOf(await response.arrayBuffer());
}

/** Why a signal was aborted. Not every signal is the runtime's own. */
function reasonOf(signal: AbortSignal | undefined): unknown {
  try {
    return signal?.reason;
  } catch {
    return undefined;
  }
}

/** Cleans up. Nobody waits for it any more, so it may fail. */
async function quietly(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch {
    // What cannot be cleaned up is left.
  }
}

function ignored(): void {
  // Nobody waits for it any more.
}

/** A wait that is shorter may have been none: the piece lay in memory. */
const NOTICEABLE_MS = 5;

/** How long pieces are read without a turn of the program's other work. */
const LONGEST_TURN_MS = 10;

/** As many are kept apart. */
const MOST_PIECES = 4096;
