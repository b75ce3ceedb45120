// Takes pushes from the queue, reads them, and keeps their records in the database; dead letters go into the database, too. Run any number of these.
//   AMQP_URL       as for the receiver
//   DATABASE_URL   mysql://user:password@host:3306/database, or postgres://…
import { createHash } from "node:crypto";
import { openDatabase } from "./database.mjs";
import { DEAD, keepChannel, PUSHES } from "./queues.mjs";
import { readMessage } from "./reading.mjs";
import { describeFailure, isRefusal, pauseUntil, takeMessages } from "./taking.mjs";

const { AMQP_URL = "amqp://127.0.0.1:5672", DATABASE_URL = "" } = process.env;
const say = (/** @type {string} */ line) => console.log(`consumer ${process.pid}: ${line}`);

/** The most pushes whose records are kept by one statement. */
const TOGETHER = 50;
const NO_REASON = "the database refused its records, or too many consumers ended while they handled it";

const database = await openDatabase(DATABASE_URL);
const { tables, run } = database;
await pauseUntil(() => database.prepare(), () => true, say);

const { close } = keepChannel({
  url: AMQP_URL,
  say,
  async use(channel, ended) {
    say("connected to the broker");
    const around = { channel, ended, say, together: TOGETHER, ping: () => run({ text: "select 1", values: [] }) };
    await Promise.all([
      takeMessages({ ...around, queue: PUSHES, handle: (messages, whenPossible) => keepPushes(channel, messages, whenPossible) }),
      takeMessages({ ...around, queue: DEAD, handle: (messages, whenPossible) => keepLetters(channel, messages, whenPossible) }),
    ]);
  },
});

/** Keeps what can be read, and only then answers the broker: an acknowledged message is gone. A push that was handled twice changes nothing. */
async function keepPushes(channel, messages, whenPossible) {
  const readings = messages.map((message) => ({ message, ...readMessage(message.content) }));
  const refused = await keepRecords(readings, whenPossible);
  for (const { message, reason = refused.get(message) } of readings) {
    if (reason === undefined) channel.ack(message);
    else channel.nack(message, false, false); // RabbitMQ moves it through the dead-letter exchange.
  }
}

/** Keeps the records by one statement, or push by push if the database refuses a value. Returns why single messages were refused. */
async function keepRecords(readings, whenPossible) {
  const records = readings.flatMap((reading) => reading.records);
  const refused = new Map();
  if (records.length === 0) return refused;
  try {
    // A statement of MySQL's dialect is for one run only, so each attempt creates it.
    await whenPossible(() => run(tables.keep(records)));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (readings.length === 1) return refused.set(readings[0].message, describeFailure(error));
    for (const reading of readings) for (const [message, reason] of await keepRecords([reading], whenPossible)) refused.set(message, reason);
  }
  return refused;
}

/** Keeps dead letters in the table of pushes, each under its message's id, so that it is there once. */
async function keepLetters(channel, messages, whenPossible) {
  for (const message of messages) {
    const { content, properties } = message;
    const { push, reason = NO_REASON } = readMessage(content);
    const id = properties.messageId ?? createHash("sha256").update(content).digest("hex");
    const envelope = typeof push?.provider === "string" ? push : { provider: "unknown", receivedAt: new Date().toISOString(), body: content.toString("utf8") };
    await whenPossible(async () => {
      await run(tables.store(/** @type {import("ringback").Push} */ (envelope), id));
      await run(tables.unreadable({ id, reason }));
    });
    say(`a push of ${envelope.provider} became a dead letter: ${reason}`);
    channel.ack(message);
  }
}

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  process.once(signal, () => void close().then(() => database.close()).then(() => process.exit(0), () => process.exit(1)));
}
