// Puts messages into the queue. A message is safe when RabbitMQ has confirmed it and has not returned it before.
import { randomUUID } from "node:crypto";
import { createQueues, keepChannel, PUSHES } from "./queues.mjs";

/**
 * Connects to RabbitMQ, and again whenever the connection ends. `publish(text)` resolves when the queue has stored the message on disk, and
 * rejects otherwise, at once while there is no connection. `ready()` resolves when the first connection is there.
 *
 * @param {{ url: string, say: (line: string) => void }} options
 */
export function createPublisher({ url, say }) {
  let current;
  let isReady = () => {};
  const ready = new Promise((resolve) => (isReady = () => resolve(undefined)));

  const { close } = keepChannel({
    url,
    say,
    async use(channel, ended) {
      /** The messages that are not confirmed yet, by id. */
      const waiting = new Map();
      let blocked;
      // A message that no queue took is returned first, and then confirmed like any other.
      channel.on("return", ({ properties }) => settle(properties.messageId, new Error("no queue took the push: the queue is missing")));
      // A broker that is short of memory or disk reads nothing more from this connection.
      channel.connection.on("blocked", (reason) => (blocked = reason));
      channel.connection.on("unblocked", () => (blocked = undefined));

      const settle = (id, error) => {
        const promise = waiting.get(id);
        waiting.delete(id);
        if (promise === undefined) return;
        if (error) promise.reject(error);
        else promise.resolve();
      };
      const createMissing = () => createQueues(channel).catch((error) => say(`the queues cannot be created: ${error.message}`));

      current = (text) => {
        if (blocked !== undefined) return Promise.reject(new Error(`the broker accepts nothing: ${blocked}`));
        return new Promise((resolve, reject) => {
          const messageId = randomUUID();
          waiting.set(messageId, { resolve, reject });
          channel.sendToQueue(PUSHES, Buffer.from(text), { persistent: true, mandatory: true, messageId, contentType: "application/json" }, (error) =>
            settle(messageId, error ? new Error(`the broker refused the push: ${error.message}`) : undefined),
          );
        });
      };
      channel.on("return", createMissing);
      say("connected to the broker");
      isReady();
      const reason = await ended;
      current = undefined;
      // Nothing is known about these: the platform pushes them again, and a record that comes twice is kept once.
      for (const id of [...waiting.keys()]) settle(id, new Error(`the broker's connection ended before it confirmed: ${reason}`));
    },
  });
  /** @param {string} text */
  const publish = async (text) => {
    if (current === undefined) throw new Error("no broker: there is no connection");
    await current(text);
  };
  return { publish, ready: () => ready, close };
}
