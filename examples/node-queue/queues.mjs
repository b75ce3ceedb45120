// The queues, and a connection to RabbitMQ that is opened again whenever it ends.
import { connect } from "amqplib";

/** The queue of pushes, and the exchange and queue of those that could not be read. */
export const PUSHES = "ringback.pushes";
export const DEAD = "ringback.dead";

const SHORTEST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 3_000;
const CONNECTING_LIMIT_MS = 5_000;
// A broker that disappears without closing its connections is noticed after two of these.
const HEARTBEAT_SECONDS = 10;

/**
 * Creates what is missing; running it repeatedly is safe. Quorum queues survive the loss of a machine where the cluster has three. Their dead letters
 * could be lost if the broker fails at that moment, so they are moved at least once, which needs `reject-publish`. The environment variable DELIVERY_LIMIT is the
 * number of failed deliveries after which a push becomes a dead letter; give all processes the same.
 */
export async function createQueues(channel) {
  const { DELIVERY_LIMIT } = process.env;
  await channel.assertExchange(DEAD, "fanout", { durable: true });
  await channel.assertQueue(DEAD, { durable: true, arguments: { "x-queue-type": "quorum" } });
  await channel.bindQueue(DEAD, DEAD, "");
  await channel.assertQueue(PUSHES, {
    durable: true,
    arguments: {
      "x-queue-type": "quorum",
      "x-dead-letter-exchange": DEAD,
      "x-dead-letter-strategy": "at-least-once",
      "x-overflow": "reject-publish",
      ...(DELIVERY_LIMIT && { "x-delivery-limit": Number(DELIVERY_LIMIT) }),
    },
  });
}

/**
 * Keeps a channel with publisher confirms open. `use(channel, ended)` is called for each new channel, with a promise that resolves with the reason when
 * the channel is lost; an error in it also ends the channel. `close()` ends everything.
 *
 * @param {object} options
 * @param {string} options.url `amqp://user:password@host:5672`; several brokers of a cluster are separated by commas.
 * @param {(line: string) => void} options.say
 * @param {(channel: import("amqplib").ConfirmChannel, ended: Promise<string>) => unknown} options.use
 */
export function keepChannel({ url, say, use }) {
  const addresses = url.split(",");
  let closed = false;
  let connection;
  let wake = () => {};
  const running = run();
  return { close };

  async function run() {
    let wait = SHORTEST_WAIT_MS;
    let last;
    for (let attempt = 0; !closed; attempt += 1) {
      const address = addresses[attempt % addresses.length];
      let reason;
      try {
        reason = await useOnce(address, () => {
          wait = SHORTEST_WAIT_MS;
          last = undefined;
        });
      } catch (error) {
        reason = describe(error);
      }
      if (closed) return;
      if (reason !== last) say(`not connected to the broker: ${(last = reason)}; trying again`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, wait);
        wake = () => (clearTimeout(timer), resolve(undefined));
      });
      wait = Math.min(2 * wait, LONGEST_WAIT_MS);
    }
  }

  async function useOnce(address, opened) {
    connection = await connect(address, { timeout: CONNECTING_LIMIT_MS, heartbeat: HEARTBEAT_SECONDS });
    const mine = connection;
    let end = (/** @type {string} */ reason) => {};
    const ended = new Promise((resolve) => (end = resolve));
    // The error comes before "close", and says more. Without a listener it would end the process.
    mine.on("error", (error) => end(describe(error)));
    mine.on("close", () => end("the connection was closed"));
    try {
      const channel = await mine.createConfirmChannel();
      channel.on("error", (error) => end(describe(error)));
      channel.on("close", () => end("the channel was closed"));
      await createQueues(channel);
      opened();
      await Promise.race([ended, use(channel, ended)]);
      return await ended;
    } finally {
      await mine.close().catch(() => {}); // It may be closed already.
    }
  }

  async function close() {
    closed = true;
    wake();
    await connection?.close().catch(() => {});
    await running;
  }
}

/** The message of an error, without an address: that has a password in it. */
function describe(error) {
  const text = typeof error?.code === "string" ? error.code : String(error?.message ?? error);
  return text.replaceAll(/amqps?:\/\/\S+/g, "the broker");
}
