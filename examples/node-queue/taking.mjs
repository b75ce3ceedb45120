// Takes messages from a queue in batches, and holds them while the database is away.
import { isRingbackError } from "ringback";
import { isAboutValues } from "./database.mjs";

const SHORTEST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
// After 30 minutes without an acknowledgement RabbitMQ closes the channel.
const LONGEST_HOLD_MS = 20 * 60_000;

/**
 * Passes the messages of a queue to `handle`, at most `together` at a time, until the channel ends. `handle` acknowledges them, and runs what may fail
 * while the database is away through the `whenPossible` that it is given.
 *
 * While the database is away, nothing more is taken from the queue. What was taken is held: giving it back would count as a failed delivery, and after
 * 20 of them RabbitMQ 4 makes a good push a dead letter.
 *
 * @param {object} options
 * @param {import("amqplib").Channel} options.channel
 * @param {Promise<string>} options.ended
 * @param {string} options.queue
 * @param {number} options.together
 * @param {() => Promise<unknown>} options.ping Fails while the database is away.
 * @param {(messages: import("amqplib").ConsumeMessage[], whenPossible: <T>(work: () => Promise<T>) => Promise<T>) => Promise<void>} options.handle
 * @param {(line: string) => void} options.say
 */
export async function takeMessages({ channel, ended, queue, together, ping, handle, say }) {
  let open = true;
  void ended.then(() => (open = false));
  /** @type {import("amqplib").ConsumeMessage[]} */
  const waiting = [];
  let wake = () => {};
  let consumerTag = "";

  await pauseUntil(ping, () => open, say);
  await resume();
  while (open) {
    if (waiting.length === 0) await Promise.race([ended, new Promise((resolve) => (wake = () => resolve(undefined)))]);
    const messages = waiting.splice(0, together);
    if (messages.length > 0) await handle(messages, whenPossible);
  }

  async function resume() {
    // As many again as are handled together, so that the next ones are there in time.
    await channel.prefetch(2 * together);
    ({ consumerTag } = await channel.consume(queue, (message) => {
      // Without a message the queue was deleted: the next connection creates it again.
      if (message === null) return void channel.close().catch(() => {});
      waiting.push(message);
      wake();
    }));
  }

  async function whenPossible(work) {
    try {
      return await work();
    } catch (error) {
      if (isRefusal(error)) throw error;
      say(`paused: ${describeFailure(error)}`);
    }
    const began = Date.now();
    await channel.cancel(consumerTag);
    try {
      return await pauseUntil(work, () => open && Date.now() - began < LONGEST_HOLD_MS, say);
    } finally {
      say(`continues after ${Math.round((Date.now() - began) / 100) / 10} s`);
      if (open) await resume();
    }
  }
}

/**
 * Repeats the work, more and more slowly, until it succeeds or is refused. Throws when it is no longer wanted.
 *
 * @template T
 * @param {() => Promise<T>} work
 * @param {() => boolean} isWanted
 * @param {(line: string) => void} say
 * @returns {Promise<T>}
 */
export async function pauseUntil(work, isWanted, say) {
  let last = "";
  for (let wait = SHORTEST_PAUSE_MS; isWanted(); wait = Math.min(2 * wait, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (isRefusal(error)) throw error;
      if (describeFailure(error) !== last) say(`the database is away: ${(last = describeFailure(error))}`);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
  throw new Error("the messages go back to the queue");
}

/** Tells an error about this very statement, which no further try can mend, from a database that is away. @param {unknown} error */
export function isRefusal(error) {
  return isRingbackError(error) || isAboutValues(error);
}

/** The code of an error. A database's message may contain values, and so numbers. @param {any} error */
export function describeFailure(error) {
  return String(error?.code ?? error?.name ?? "an error");
}
