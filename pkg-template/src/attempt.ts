import { asBytes, concatenated } from "./bytes.js";
import type { RingbackError } from "./error.js";
import { type ExchangeEvent, type FailureReason, headOf, type SendStep } from "./exchange.js";
import type { Fetch, FetchedResponse } from "./platform.js";

/**
 * One request and its response under one deadline: from the sending to the last byte of the body, even where the `fetch` that
 * was injected ignores its signal. It never rejects; what happened becomes an event for the exchange.
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
  #response: FetchedResponse | undefined;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
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
      this.#sent = true;
      const answering = Promise.resolve(fetch(url, { ...init, redirect: "manual", signal: this.#abort.signal }));
      // A response that comes after we gave up holds a connection: let go of it.
      answering.then((late) => (this.#interruption ? bodyOf(late)?.cancel() : undefined)).catch(ignored);
      this.#response = await this.#wait(answering);
      this.#reader = bodyOf(this.#response)?.getReader();
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
          clearTimeout(this.#timer);
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
    this.#signal?.removeEventListener("abort", this.#onAbort);
    const open = !this.#closed && !this.#ended;
    this.#closed = true;
    return (open && this.#reader?.cancel(reason).catch(ignored)) || Promise.resolve();
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
      const piece = await this.#wait(this.#reader ? this.#reader.read().then(({ value }) => pieceOf(value)) : wholeBody(this.#response));
      if (piece === undefined || this.#reader === undefined) this.#ended = true;
      if (piece === undefined || piece.length === 0) continue;
      this.#pieces.push(piece);
      this.#length += piece.length;
    }
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
    const origin = { timeout: undefined, aborted: this.#signal?.reason as unknown, error, broken: error }[reason];
    return { type: "failure", reason, error: origin, sent: this.#sent };
  }
}

function bodyOf(response: FetchedResponse): ReadableStream<Uint8Array> | undefined {
  const body = response.body as Partial<ReadableStream<Uint8Array>> | null | undefined;
  return typeof body?.getReader === "function" ? (body as ReadableStream<Uint8Array>) : undefined;
}

/** A stream of somebody's own may give whatever it likes. */
function pieceOf(value: unknown): Uint8Array | undefined {
  const piece = asBytes(value);
  if (piece === undefined && value !== undefined) throw new TypeError("body: no bytes");
  return piece;
}

/** The body of a response without a standard stream: an older HTTP library's, or none at all. */
async function wholeBody(response: FetchedResponse | undefined): Promise<Uint8Array | undefined> {
  return response?.body == null ? undefined : new Uint8Array(await response.arrayBuffer());
}

function ignored(): void {
  // Nobody waits for it any more.
}
