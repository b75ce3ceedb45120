import { SingleBar } from "cli-progress";
import type { Terminal } from "./terminal.js";

/** A bar that moves on stderr, where somebody is looking; otherwise nothing. */
export interface Progress {
  /** @param done - Of `total`. @param note - What stands behind the bar. */
  show(done: number, note: string): void;
  stop(): void;
}

/**
 * @param label - What is going on.
 * @param total - What `done` comes to in the end; absent where nobody knows, which leaves the note alone.
 */
export function createProgress(terminal: Terminal, label: string, total?: number): Progress {
  if (!terminal.movable) return { show: () => undefined, stop: () => undefined };
  const format = total === undefined ? `${label}  {note}` : `${label} [{bar}] {percentage}%  {note}`;
  const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true, clearOnComplete: true, barsize: 30, gracefulExit: false });
  let started = false;
  return {
    show(done, note) {
      if (started) return bar.update(done, { note });
      started = true;
      bar.start(total ?? 1, done, { note });
    },
    stop() {
      if (started) bar.stop();
    },
  };
}

/** `1.2 MB`. */
export function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
