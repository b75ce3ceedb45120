// A process of its own, with 128 MB for its objects: the example's own modules, a database of real SQLite, and a batch of each attack.
// An attack that takes all the memory ends the process, and so the row.
import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { collected } from "../pieces/checks.mjs";

const [directory] = process.argv.slice(2);
const { consumePushes } = await import(pathToFileURL(join(directory, "src/pushes.js")).href);
const { consumeDeadLetters } = await import(pathToFileURL(join(directory, "src/dead-letters.js")).href);
const schema = await readFile(join(directory, "schema.sql"), "utf8");
const { check, checks } = collected();

const MESSAGE_BYTES = 118_000;
const MOST_MEMORY_MB = 220;

/** As many as fit. */
const filled = (piece, begin = "[", end = "]") => `${begin}${Array(Math.floor((MESSAGE_BYTES - 200) / (piece.length + 1))).fill(piece).join(",")}${end}`;
const ATTACKS = {
  "records of seven thousand calls": ["dingxin", filled('{"subid":1}')],
  "empty objects": ["quanmayun", filled("{}")],
  "numbers": ["seatcall", filled("1")],
  "empty lists": ["mixcom", filled("[]")],
  "records in a wrapper": ["cyjcloud", filled('{"sessionId":"1"}', '{"Flag":1,"Data":[', "]}")],
  "a thousand records, as many as are allowed": ["dingxin", `[${Array(1_000).fill('{"subid":1}').join(",")}]`],
  "records in a form": ["dingxin", `data=${encodeURIComponent(filled('{"subid":1}')).slice(0, MESSAGE_BYTES)}`],
  "one record of very many fields": ["dingxin", `{${Array.from({ length: 8_000 }, (_, at) => `"f${at}":${at}`).join(",")},"subid":"1"}`],
  "braces in one text": ["mixcom", JSON.stringify({ event: "fee", callIdentifier: "braces", note: "{".repeat(100_000) })],
};

const GENUINE = JSON.stringify({ event: "fee", callIdentifier: "genuine", caller: "+8613800000001", callee: "+8613900000002", callEndTime: "2026-03-01 10:00:30" });

for (const [name, [provider, body]] of Object.entries(ATTACKS)) {
  for (const attempts of [1, 4]) {
    await check(`12 pushes of ${name} are survived at attempt ${attempts}, and the genuine one beside them is kept at once`, async () => {
      const { env, keys, buried } = world();
      const hostile = Array.from({ length: 12 }, (_, at) => message(`h-${at}`, provider, body, attempts));
      // In the middle of them.
      const genuine = message("genuine", "mixcom", GENUINE, attempts);
      await consumePushes([...hostile.slice(0, 6), genuine, ...hostile.slice(6)], env);
      equal(genuine.state, "acked");
      ok(keys().includes("mixcom/a:genuine"));
      // Each hostile one was kept, or set aside; none is tried again and again.
      deepStrictEqual(new Set(hostile.map(({ state }) => state)), new Set(["acked"]));
      const letters = await buried();
      ok(letters.length === 0 || letters.length === 12, `${letters.length} dead letters`);
      for (const { reason } of letters) match(reason, /maxRecords|record 0/);
      const memory = Math.round(process.memoryUsage().rss / 1_048_576);
      console.error(`${name}: ${memory} MB`);
      ok(memory < MOST_MEMORY_MB, `${memory} MB`);
    });
  }
}

await check("a hundred ordinary pushes are kept by one statement", async () => {
  const { env, keys, transactions } = world();
  const messages = Array.from({ length: 100 }, (_, at) => message(`m-${at}`, "mixcom", GENUINE.replace("genuine", `ordinary-7b7b-${at}`), 1));
  await consumePushes(messages, env);
  equal(keys().length, 100);
  equal(transactions(), 1);
  ok(messages.every(({ state }) => state === "acked"));
});

console.log(JSON.stringify({ version: `Node.js ${process.version}`, checks }));

function message(id, provider, body, attempts) {
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

/** D1's part of a database, and the second queue. */
function world() {
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
    async buried() {
      await consumeDeadLetters(letters.map((body, at) => ({ id: `d-${at}`, attempts: 1, body, ack() {}, retry() { throw new Error("not buried"); } })), env);
      return database.prepare("select reason from ringback_push where state = 'unreadable'").all();
    },
  };
}
