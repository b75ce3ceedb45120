// Joins dials with records: soon after something came, and now and then, since another process may have been killed before it could.

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
        // A dial that gave its record back to a nearer one is joined by nothing.
        if (joined.record_key === null) woken = true;
        else onSettled(joined);
      }
    } catch {
      // The database is away. What is to be joined is still there when it is back.
    }
    // Where there is much to join, most of the time is still left for what comes in.
    pauseMs = Math.max(SOON_MS, 4 * (performance.now() - begun));
    running = undefined;
    schedule(woken ? pauseMs : ANYWAY_MS);
  }
}
