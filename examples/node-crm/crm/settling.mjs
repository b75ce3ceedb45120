// Joins dials with records: soon after something arrived, and at intervals, because another process may have been killed before it could.

const SOON_MS = 200;
const ANYWAY_MS = 30_000;

/**
 * @param {object} around
 * @param {import("./store.mjs").Store} around.store
 * @param {(joined: { id: string, record_key: string }) => void} around.onSettled
 */
export function createSettling({ store, onSettled }) {
  let woken = false;
  let closed = false;
  let pauseMs = SOON_MS;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @type {Promise<void> | undefined} */
  let running;
  schedule(SOON_MS);

  return {
    wake() {
      if (woken) return;
      woken = true;
      if (!running) schedule(pauseMs);
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };

  /** @param {number} ms */
  function schedule(ms) {
    if (closed) return;
    clearTimeout(timer);
    timer = setTimeout(() => (running = settle()), ms);
  }

  async function settle() {
    woken = false;
    const begun = performance.now();
    try {
      for (const joined of await store.settle()) {
        // A dial that lost its record to a better match may have another record: look again.
        if (joined.record_key === null) woken = true;
        else onSettled(joined);
      }
    } catch {
      // The database is unavailable. The rows to be joined are still there when it is back.
    }
    // Pauses four times as long as the work took, so that most of the time is left for incoming pushes.
    pauseMs = Math.max(SOON_MS, 4 * (performance.now() - begun));
    running = undefined;
    schedule(woken ? pauseMs : ANYWAY_MS);
  }
}
