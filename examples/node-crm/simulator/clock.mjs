/**
 * @typedef {object} Clock
 * @property {() => number} now Epoch milliseconds.
 * @property {(ms: number, then: () => void) => () => void} later Returns what cancels it.
 * @property {() => void} stop Cancels all that is still to come.
 */

/**
 * Timers that can all be stopped at once, so that nothing rings after the simulator is closed.
 *
 * @param {() => number} now
 * @returns {Clock}
 */
export function createClock(now) {
  /** @type {Set<NodeJS.Timeout>} */
  const pending = new Set();
  let stopped = false;
  return {
    now,
    later(ms, then) {
      if (stopped) return () => {};
      const timer = setTimeout(() => {
        pending.delete(timer);
        then();
      }, ms);
      pending.add(timer);
      return () => {
        clearTimeout(timer);
        pending.delete(timer);
      };
    },
    stop() {
      stopped = true;
      for (const timer of pending) clearTimeout(timer);
      pending.clear();
    },
  };
}
