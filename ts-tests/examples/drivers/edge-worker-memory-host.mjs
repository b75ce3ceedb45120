// Runs in its own process, with 128 MB for its objects: the example's own modules, a real SQLite database, and a batch of each attack.
// An attack that takes all the memory ends the process, and so fails the row.
import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { createChecks } from "../pieces/checks.mjs";

const [directory] = process.argv.slice(2);
const { consumePushes } = await import(pathToFileURL(join(directory, "src/pushes.js")).href);
const { consumeDeadLetters } = await import(pathToFileURL(join(directory, "src/dead-letters.js")).href);
const schema = await readFile(join(directory, "schema.sql"), "utf8");
const { check, checks } = createChecks();

const MESSAGE_BYTES = 118_000;
const MOST_MEMORY_MB = 220;

/** Repeats a piece as often as fits into a message. */
const fill = (piece, begin = "[", end = "]") => `${begin}${Array(Math.floor((MESSAGE_BYTES - 200) / (piece.length + 1))).fill(piece).join(",")}${end}`;
const ATTACKS = {
  "records of 7,000 calls": ["dingxin", fill('{"subid":1}')],
  "empty objects": ["quanmayun", fill("{}")],
  "numbers": ["seatcall", fill("1")],
  "empty lists": ["mixcom", fill("[]")],
  "records in a wrapper": ["cyjcloud", fill('{"sessionId":"1"}', '{"Flag":1,"Data":[', "]}")],
  "1,000 records, the allowed maximum": ["dingxin", `[${Array(1_000).fill('{"subid":1}').join(",")}]`],
  "records in a form": ["dingxin", `data=${encodeURIComponent(fill('{"subid":1}')).slice(0, MESSAGE_BYTES)}`],
  "one record of very many fields": ["dingxin", `{${Array.from({ length: 8_000 }, (_, at) => `"f${at}":${at}`).join(",")},"subid":"1"}`],
  "braces in one text": ["mixcom", JSON.stringify({ event: "fee", callIdentifier: "braces", note: "{".repeat(100_000) })],
};

const GENUINE = JSON.stringify({ event: "fee", callIdentifier: "genuine", caller: "+8613800000001", callee: "+8613900000002", callEndTime: "2026-03-01 10:00:30" });

for (const [name, [provider, body]] of Object.entries(ATTACKS)) {
  for (const attempts of [1, 4]) {
    await check(`12 pushes of ${name} at attempt ${attempts} do not exhaust the memory, and a genuine push among them is kept at once`, async () => {
      const { env, keys, readDeadLetters } = createBindings();
      const hostile = Array.from({ length: 12 }, (_, at) => createMessage(`h-${at}`, provider, body, attempts));
      // The genuine push is in the middle.
      const genuine = createMessage("genuine", "mixcom", GENUINE, attempts);
      await consumePushes([...hostile.slice(0, 6), genuine, ...hostile.slice(6)], env);
      equal(genuine.state, "acked");
      ok(keys().includes("mixcom/a:genuine"));
      // Each hostile push was kept or became a dead letter; none is retried.
      deepStrictEqual(new Set(hostile.map(({ state }) => state)), new Set(["acked"]));
      const letters = await readDeadLetters();
      ok(letters.length === 0 || letters.length === 12, `${letters.length} dead letters`);
      for (const { reason } of letters) match(reason, /maxRecords|record 0/);
      const memory = Math.round(process.memoryUsage().rss / 1_048_576);
      console.error(`${name}: ${memory} MB`);
      ok(memory < MOST_MEMORY_MB, `${memory} MB`);
    });
  }
}

await check("a hundred ordinary pushes are kept by one statement", async () => {
  const { env, keys, transactions } = createBindings();
  const messages = Array.from({ length: 100 }, (_, at) => createMessage(`m-${at}`, "mixcom", GENUINE.replace("genuine", `ordinary-7b7b-${at}`), 1));
  await consumePushes(messages, env);
  equal(keys().length, 100);
  equal(transactions(), 1);
  ok(messages.every(({ state }) => state === "acked"));
});

console.log(JSON.stringify({ version: `Node.js ${process.version}`, checks }));

function createMessage(id, provider, body, attempts) {
  const made = {
    id,
    attempts,
    body: { provider, account: "a", receivedAt: "2026-03-01T02:00:31Z", contentType: body.startsWith("data=") ? "application/x-www-form-urlencoded" : "application/json", body },
    state: undefined,
    ack: () => (made.state ??= "acked"),
    retry: () => (made.state ??= "retried"),
  };
  return made;
}

/** Creates bindings: D1 on a database, and the second queue. */
function createBindings() {
  const database = new DatabaseSync(":memory:");
  database.exec(schema);
  let transactions = 0;
  const letters = [];
  const env = {
    DB: {
      prepare: (text) => ({ bind: (...values) => ({ run: () => database.prepare(text).run(...values) }) }),
      async batch(statements) {
        transactions += 1;
        database.exec("begin");
        try {
          for (const statement of statements) statement.run();
          database.exec("commit");
        } catch (error) {
          database.exec("rollback");
          throw error;
        }
      },
    },
    DEAD_LETTERS: { send: async (letter) => void letters.push(structuredClone(letter)) },
  };
  return {
    env,
    transactions: () => transactions,
    keys: () => database.prepare("select key from ringback_record").all().map(({ key }) => key),
    async readDeadLetters() {
      await consumeDeadLetters(letters.map((body, at) => ({ id: `d-${at}`, attempts: 1, body, ack() {}, retry() { throw new Error("the dead letter was not kept"); } })), env);
      return database.prepare("select reason from ringback_push where state = 'unreadable'").all();
    },
  };
}
