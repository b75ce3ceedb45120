import type { Readable } from "node:stream";

/**
 * Streams the bytes of a source at the reader's pace. Unlike `Readable.toWeb`, cancelling it does not destroy the source: destroying a
 * request would close the connection before it is answered.
 */
export function toStream(source: Readable): ReadableStream<Uint8Array> {
  let leave = (): void => undefined;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const take = (piece: Uint8Array | string): void => {
          source.pause();
          // The source may have been switched to text.
          controller.enqueue(typeof piece === "string" ? Buffer.from(piece, source.readableEncoding ?? "utf8") : piece);
        };
        const end = (): void => {
          leave();
          controller.close();
        };
        const broken = (): void => {
          leave();
          controller.error(new Error("the connection broke before the end of the body"));
        };
        leave = () => {
          source.off("data", take).off("end", end).off("close", broken).off("error", broken);
        };
        if (source.readableEnded) return end();
        if (source.destroyed) return broken();
        source.on("data", take).on("end", end).on("close", broken).on("error", broken);
      },
      pull() {
        source.resume();
      },
      cancel() {
        leave();
        source.pause();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Returns true if no more bytes will arrive. */
export function isEnded(source: Readable): boolean {
  return source.readableEnded || source.destroyed;
}

/** Drops bytes until the end (true) or until the time is up (false). Reads at most this many bytes of a longer body. */
export function drain(source: Readable, most: { bytes: number; ms: number }): Promise<boolean> {
  return new Promise((resolve) => {
    let length = 0;
    const finish = (ended: boolean): void => {
      clearTimeout(timer);
      source.off("data", drop).off("end", end).off("close", broken);
      resolve(ended);
    };
    const drop = (piece: Uint8Array): void => {
      length += piece.length;
      if (length > most.bytes) source.pause();
    };
    const end = (): void => finish(true);
    const broken = (): void => finish(false);
    const timer = setTimeout(broken, most.ms);
    source.on("data", drop).on("end", end).on("close", broken);
    source.resume();
  });
}
