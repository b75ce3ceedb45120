import type { Clock } from "./clock.js";

/** What is under way, so that one can wait for the end of it. */
export interface Work {
  readonly underWay: number;
  during<T>(doing: Promise<T>): Promise<T>;
  /** A clock whose timers count. */
  clock(clock: Clock): Clock;
  /** Resolves at the next change. */
  changed(): Promise<void>;
  /** Nobody waits any more for what is under way now. */
  abandon(): void;
}

export function createWork(): Work {
  const doings = new Set<object>();
  let waiting: (() => void)[] = [];

  function begin(): object {
    const doing = {};
    doings.add(doing);
    return doing;
  }

  function end(doing: object): void {
    if (doings.delete(doing)) wake();
  }

  function wake(): void {
    for (const resolve of waiting.splice(0)) resolve();
  }

  return {
    get underWay() {
      return doings.size;
    },
    async during(work) {
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
      doings.clear();
      wake();
    },
  };
}
