import { SingleBar } from "cli-progress";
import type { Terminal } from "./terminal.js";

/** A progress bar on stderr. Shown only on a terminal. */
export interface Progress {
  /**
   * @param done - Amount done, of `total`.
   * @param note - Text behind the bar.
   */
  show(done: number, note: string): void;
  stop(): void;
}

/**
 * @param label - The activity.
 * @param total - The final value of `done`. Without it only the note is shown.
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

/** Formats a size: `1.2 MB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
