// A process of its own, since miniflare wants a newer Node.js than the suite: runs the bundled Worker with the bindings of its
// wrangler.jsonc, checks it, prints the report.
import { equal, match, ok } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as tools from "../../runtimes/pieces/tools.mjs";
import { collected, eventually } from "../pieces/checks.mjs";
import { ACCOUNTS, acknowledged, pushOf, read, READER, receiving } from "../receiving.mjs";

const [directory, built] = process.argv.slice(2);
const { Miniflare } = (await tools.module("miniflare")).default;
const { version } = createRequire(createRequire(tools.file("miniflare/package.json")).resolve("miniflare"))("workerd/package.json");

// JSON with comments is an expression of JavaScript.
const config = new Function(`return ${readFileSync(join(directory, "wrangler.jsonc"), "utf8")}`)();
const [consumer] = config.queues.consumers;
const wasm = readdirSync(built).filter((file) => file.endsWith(".wasm"));

const workers = new Miniflare({
  compatibilityDate: config.compatibility_date,
  cf: false,
  modulesRoot: built,
  modules: [{ type: "ESModule", path: join(built, "index.js") }, ...wasm.map((file) => ({ type: "CompiledWasm", path: join(built, file) }))],
  bindings: { ACCOUNTS: JSON.stringify(ACCOUNTS), LIST_TOKEN: READER },
  d1Databases: Object.fromEntries(config.d1_databases.map(({ binding, database_name }) => [binding, database_name])),
  queueProducers: Object.fromEntries(config.queues.producers.map(({ binding, queue }) => [binding, queue])),
  queueConsumers: {
    [consumer.queue]: {
      maxBatchSize: consumer.max_batch_size,
      maxBatchTimeout: 0.1,
      maxRetries: consumer.max_retries,
      retryDelay: 1, // A test does not wait for the minute of the example.
      deadLetterQueue: consumer.dead_letter_queue,
    },
  },
  handleRuntimeStdio: (stdout, stderr) => {
    stdout.resume();
    stderr.resume();
  },
});

try {
  const origin = String(await workers.ready).replace(/\/$/, "");
  const database = await workers.getD1Database("DB");
  const rows = async (statement) => (await database.prepare(statement).all()).results;
  await database.batch(statements(readFileSync(join(directory, "schema.sql"), "utf8")).map((statement) => database.prepare(statement)));

  const { check, checks } = collected();
  // What the queue does not take: a message beyond its 128 KB.
  const failing = { around: (work) => work(), body: (body) => body.replace(/\}$/, `,"padding":"${"0".repeat(200_000)}"}`) };
  const unreadable = async () => (await rows("select body from unreadable_push")).map(({ body }) => body);
  checks.push(...(await receiving({ origin, failing, unreadable, pages: true })));

  await check("bytes that are no UTF-8 come through the queue and are set aside as they came", async () => {
    const bytes = new Uint8Array([0x7b, 0x22, 0xff, 0xfe]);
    await acknowledged(origin, "mixcom", bytes);
    await eventually("the bytes are set aside", async () => (await unreadable()).find((found) => Array.isArray(found) && Buffer.from(found).equals(bytes)));
  });

  await check("of a push that can be read in part, the records are kept and the whole is set aside", async () => {
    const body = JSON.stringify([{ sessionId: "part-1" }, ["part-2"]]);
    await acknowledged(origin, "seatcall", body);
    await eventually("the push is set aside", async () => (await unreadable()).find((found) => found === body));
    equal((await rows("select key from call_record where key = 'seatcall/the-seatcall:part-1'")).length, 1);
  });

  await check("a push that came while D1 was away is acknowledged, and kept when D1 is back", async () => {
    const { body, key } = pushOf("quanmayun", "while-away");
    await rows("alter table call_record rename to call_record_away");
    await acknowledged(origin, "quanmayun", body);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    equal((await rows("select key from call_record_away where key = 'quanmayun/the-quanmayun:while-away'")).length, 0);
    await rows("alter table call_record_away rename to call_record");
    await eventually("the record is kept", async () => (await read(origin)).records.find((record) => record.key === key));
  });

  await check("the list is read through an index", async () => {
    const plan = await rows("explain query plan select record from call_record where called_at >= '2020' and (called_at, key) < ('2021', '') order by called_at desc, key desc limit 100");
    match(plan.map(({ detail }) => detail).join("; "), /USING INDEX call_record_by_time/);
    ok(!plan.some(({ detail }) => /TEMP B-TREE/.test(detail)));
  });
  console.log(JSON.stringify({ version: `workerd ${version}`, checks }));
} finally {
  await workers.dispose();
}

function statements(schema) {
  return schema
    .replaceAll(/--.*$/gm, "")
    .split(";")
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}
