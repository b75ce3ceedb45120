import { createReadStream, statSync } from "node:fs";
import { Failure, readSystemCode } from "./failure.js";
import type { Terminal } from "./terminal.js";

/** An input that is read piece by piece. */
export interface Input {
  readonly name: string;
  /** Size in bytes, where known. */
  readonly size: number | undefined;
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** Opens a file, or stdin for `-` and where no file is named. Ctrl-C ends reading. */
export function openInput(path: string | undefined, { words, signal }: Terminal): Input {
  const fromStdin = path === undefined || path === "-";
  const name = fromStdin ? words.stdin : path;
  const unreadable = (error: unknown): Failure => new Failure("unreadable", words.parse.inputUnreadable(name, readSystemCode(error) ?? ""));
  let size: number | undefined;
  try {
    size = fromStdin ? undefined : statSync(path).size;
  } catch (error) {
    throw unreadable(error);
  }
  const stream = fromStdin ? process.stdin : createReadStream(path, { highWaterMark: 262_144 });
  async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    const stop = (): void => void stream.destroy();
    signal.addEventListener("abort", stop, { once: true });
    try {
      for await (const piece of stream) yield piece as Uint8Array;
    } catch (error) {
      if (!signal.aborted) throw unreadable(error);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }
  return { name, size, pieces: pieces() };
}
