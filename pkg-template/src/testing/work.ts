import type { Clock } from "./clock.js";

/** Counts running work, so that its end can be awaited. */
export interface Work {
  readonly running: number;
  track<T>(doing: Promise<T>): Promise<T>;
  /** Wraps a clock so that its timers count as work. */
  clock(clock: Clock): Clock;
  /** Resolves at the next change. */
  changed(): Promise<void>;
  /** Stops counting all running work. */
  abandon(): void;
}

export function createWork(): Work {
  const tasks = new Set<object>();
  let waiting: (() => void)[] = [];

  function begin(): object {
    const doing = {};
    tasks.add(doing);
    return doing;
  }

  function end(doing: object): void {
    if (tasks.delete(doing)) wake();
  }

  function wake(): void {
    for (const resolve of waiting.splice(0)) resolve();
  }

  return {
    get running() {
      return tasks.size;
    },
    async track(work) {
      const doing = begin();
      try {
        return await work;
      } finally {
        end(doing);
      }
    },
    clock: (clock) => ({
      now: () => clock.now(),
      later(ms, then) {
        const doing = begin();
        const cancel = clock.later(ms, async () => {
          try {
            await then();
          } finally {
            end(doing);
          }
        });
        return () => {
          cancel();
          end(doing);
        };
      },
    }),
    changed: () => new Promise((resolve) => (waiting = [...waiting, resolve])),
    abandon() {
      tasks.clear();
      wake();
    },
  };
}
