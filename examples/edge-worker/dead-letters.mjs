// Lists and replays the pushes that the Worker could not read or keep, or has refused:
//   node dead-letters.mjs list            prints the dead letters, one line of JSON each: { id, reason, push }
//   node dead-letters.mjs refused         prints the refused pushes: { id, reason, method, remoteAddress, push }
//   node dead-letters.mjs replay [FILE]   sends all dead letters through the queue again, or the lines of FILE, which may have been corrected
// The environment variable WORKER is the Worker's address, by default that of `wrangler dev`; REPLAY_TOKEN is its secret.
import { readFile } from "node:fs/promises";

const { WORKER = "http://localhost:8787", REPLAY_TOKEN } = process.env;
const [command, file] = process.argv.slice(2);
const AT_ONCE = 20;

if (command === "list") for await (const letter of listDeadLetters()) console.log(JSON.stringify(letter));
else if (command === "refused") for await (const refusal of listPages("/refused", "refused")) console.log(JSON.stringify(refusal));
else if (command === "replay") await replay();
else throw new Error("list, refused, or replay [FILE]");

async function replay() {
  // All of them are read before the first is sent, because one that still cannot be read comes back as a new dead letter.
  const letters = file === undefined ? await Array.fromAsync(listDeadLetters()) : parseLines(await readFile(file, "utf8"));
  let replayed = 0;
  for (let at = 0; at < letters.length; at += AT_ONCE) {
    replayed += (await request("/replay", { method: "POST", body: JSON.stringify(letters.slice(at, at + AT_ONCE)) })).replayed;
  }
  console.log(`replayed: ${replayed}`);
}

function listDeadLetters() {
  return listPages("/dead-letters", "deadLetters");
}

async function* listPages(path, name) {
  for (let query = ""; query !== undefined; ) {
    const page = await request(`${path}${query}`);
    yield* page[name];
    query = page.next;
  }
}

function parseLines(text) {
  return text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [JSON.parse(line)]));
}

async function request(path, options) {
  const response = await fetch(new URL(path, WORKER), { ...options, headers: { authorization: `Bearer ${REPLAY_TOKEN}` } });
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${await response.text()}`);
  return response.json();
}
