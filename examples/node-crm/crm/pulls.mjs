// Pulls records from platforms that have to be asked for them: once a minute, and more often while a call waits for its record.
// Of several processes one pulls at a time, and the next one continues where it ended.
import { randomUUID } from "node:crypto";

/** @import { CallRecord, Client } from "ringback" */

const FIRST_MS = 400;
const WAITING_MS = 10_000;
const RESTING_MS = 60_000;
const FIRST_REACH_MS = 24 * 3_600_000;
// Each pull repeats this much of the time before, because a record may be written late and a platform's clock may be wrong. Records that
// were already pulled change nothing.
const OVERLAP_MS = 3_600_000;
const AHEAD_MS = 3_600_000;
const BEFORE_A_DIAL_MS = 60_000;
// Well below the ten seconds after which another process would take over.
const STILL_PULLING_MS = 3_000;

/**
 * @param {object} around
 * @param {Client<"seatcall">[]} around.clients
 * @param {import("./store.mjs").Store} around.store
 * @param {(records: CallRecord[]) => Promise<void>} around.keep
 * @param {(provider: "seatcall", unreadable: { reason: string, raw: unknown }) => Promise<void>} around.keepUnreadable
 * @param {(provider: string, error: unknown) => void} around.onFailure
 */
export function createPulls({ clients, store, keep, keepUnreadable, onFailure }) {
  const puller = randomUUID();
  const stop = new AbortController();
  /** @type {Map<Client<"seatcall">, { wait: number, woken: boolean, timer?: NodeJS.Timeout, running?: Promise<void> }>} */
  const rounds = new Map(clients.map((client) => [client, { wait: FIRST_MS, woken: true }]));
  for (const client of clients) schedule(client);

  return {
    /** Pulls soon, because a call was placed. */
    wake() {
      for (const [client, round] of rounds) {
        // Dials in quick succession must not postpone the pull again and again.
        if (round.woken) continue;
        round.wait = FIRST_MS;
        round.woken = true;
        schedule(client);
      }
    },
    async close() {
      stop.abort();
      for (const { timer } of rounds.values()) clearTimeout(timer);
      await Promise.all([...rounds.values()].map(({ running }) => running));
    },
  };

  /** @param {Client<"seatcall">} client */
  function schedule(client) {
    const round = rounds.get(client);
    if (stop.signal.aborted || !round || round.running) return;
    clearTimeout(round.timer);
    round.timer = setTimeout(() => {
      round.woken = false;
      round.running = pull(client, round.wait / 2).then((waiting) => {
        round.running = undefined;
        if (!round.woken) round.wait = waiting ? Math.min(round.wait * 1.5, WAITING_MS) : RESTING_MS;
        schedule(client);
      });
    }, round.wait);
  }

  /** @param {Client<"seatcall">} client @param {number} pauseMs @returns {Promise<boolean>} True if a call still waits for its record. */
  async function pull(client, pauseMs) {
    const { provider } = client;
    try {
      const taken = await store.takePull(provider, puller, pauseMs);
      if (taken) await pullSince(client, taken.pulledUntil);
      return (await store.waitingSince(provider)) !== undefined;
    } catch (error) {
      if (!stop.signal.aborted) onFailure(provider, error);
      return true;
    }
  }

  /** @param {Client<"seatcall">} client @param {Date} [pulledUntil] */
  async function pullSince(client, pulledUntil) {
    const { provider } = client;
    const begun = new Date();
    const overtaken = new AbortController();
    const renewing = setInterval(() => {
      store.stillPulling(provider, puller).then((mine) => mine || overtaken.abort(), () => {}); // after a longer failure, a later check notices the loss
    }, STILL_PULLING_MS);
    let complete = false;
    try {
      const since = await store.waitingSince(provider);
      const from = Math.min(
        pulledUntil ? pulledUntil.getTime() - OVERLAP_MS : begun.getTime() - FIRST_REACH_MS,
        since ? since.getTime() - BEFORE_A_DIAL_MS : Infinity,
      );
      const range = { from: new Date(from), to: new Date(begun.getTime() + AHEAD_MS) };
      // By page and not by record, so that an unreadable record does not stop the others.
      for await (const { records, unreadable } of client.records(range, { signal: AbortSignal.any([stop.signal, overtaken.signal]) }).pages()) {
        await keep(records);
        for (const one of unreadable) await keepUnreadable(provider, one);
      }
      complete = true;
    } finally {
      clearInterval(renewing);
      await store.endPull(provider, puller, complete ? begun : undefined);
    }
  }
}
