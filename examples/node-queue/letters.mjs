// Lists and replays the dead letters. AMQP_URL and DATABASE_URL as for the consumer.
//   node letters.mjs list            prints them, one line of JSON each: { id, reason, push }
//   node letters.mjs replay [FILE]   puts all of them into the queue again, or the lines of FILE, in which you may have corrected the push
import { readFile } from "node:fs/promises";
import { openDatabase } from "./database.mjs";
import { createPublisher } from "./publisher.mjs";

const { AMQP_URL = "amqp://127.0.0.1:5672", DATABASE_URL = "" } = process.env;
const [command, file] = process.argv.slice(2);
const MOST = 10_000;
const CONNECTING_LIMIT_MS = 10_000;

if (command !== "list" && command !== "replay") {
  console.error("list, or replay [FILE]");
  process.exit(2);
}
const { tables, run, close } = await openDatabase(DATABASE_URL);
if (command === "list") for (const letter of await listLetters()) console.log(JSON.stringify(letter));
else await replay(file === undefined ? await listLetters() : parseLines(await readFile(file, "utf8")));
await close();

/** Reads the oldest dead letters, at most 10,000. */
async function listLetters() {
  const rows = await run(tables.deadLetters({ limit: MOST }));
  return rows.map((row) => ({ id: row.id, reason: row.reason, push: tables.pushOf(row) }));
}

/** A letter is marked as processed after it is safely in the queue: a push that is handled twice is better than a lost one. */
async function replay(letters) {
  const { publish, ready, close: disconnect } = createPublisher({ url: AMQP_URL, say: (line) => console.error(line) });
  const late = setTimeout(() => {
    console.error("no broker: nothing was replayed");
    process.exit(1);
  }, CONNECTING_LIMIT_MS);
  await ready();
  clearTimeout(late);
  for (const { id, push } of letters) {
    await publish(JSON.stringify(removeHex(push)));
    await run(tables.processed(id));
  }
  await disconnect();
  console.log(`replayed: ${letters.length}`);
}

/** Removes the bytes from a push to which a corrected `body` was added; `processPush` would read the bytes. */
function removeHex(push) {
  const { bodyHex, ...rest } = push;
  return rest.body === undefined ? push : rest;
}

/** @param {string} text */
function parseLines(text) {
  return text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [JSON.parse(line)]));
}
