// Starts the bundled Worker in workerd, with the bindings of its wrangler.jsonc, the tables of its schema, and secrets for tests.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as tools from "../../runtimes/pieces/tools.mjs";
import { ACCOUNTS, READER } from "../receiving.mjs";

export const OPERATOR = "the-operator-of-the-tests";

/**
 * Starts it from `built`/`main`. `consumer` replaces settings of both queues' consumers, because a test cannot wait for minutes and hours.
 * `secrets` replaces secrets; `undefined` means that one is not set.
 */
export async function startWorker({ directory, built, main, consumer, secrets }) {
  const { Miniflare } = (await tools.module("miniflare")).default;
  const { version } = createRequire(createRequire(tools.file("miniflare/package.json")).resolve("miniflare"))("workerd/package.json");
  // JSON with comments is a JavaScript expression.
  const config = new Function(`return ${readFileSync(join(directory, "wrangler.jsonc"), "utf8")}`)();
  const wasm = readdirSync(built).filter((file) => file.endsWith(".wasm"));
  let log = "";
  const workers = new Miniflare({
    compatibilityDate: config.compatibility_date,
    cf: false,
    modulesRoot: built,
    modules: [{ type: "ESModule", path: join(built, main) }, ...wasm.map((file) => ({ type: "CompiledWasm", path: join(built, file) }))],
    bindings: removeUndefined({ ACCOUNTS: JSON.stringify(ACCOUNTS), LIST_TOKEN: READER, REPLAY_TOKEN: OPERATOR, ...secrets }),
    d1Databases: Object.fromEntries(config.d1_databases.map(({ binding, database_name }) => [binding, database_name])),
    queueProducers: Object.fromEntries(config.queues.producers.map(({ binding, queue }) => [binding, queue])),
    queueConsumers: Object.fromEntries(
      config.queues.consumers.map(({ queue, max_batch_size, max_retries, dead_letter_queue }) => [
        queue,
        { maxBatchSize: max_batch_size, maxBatchTimeout: 0.1, maxRetries: max_retries, retryDelay: 1, deadLetterQueue: dead_letter_queue, ...consumer?.[queue] },
      ]),
    ),
    handleRuntimeStdio: (stdout, stderr) => {
      for (const stream of [stdout, stderr]) stream.on("data", (piece) => (log += piece));
    },
  });
  try {
    const origin = String(await workers.ready).replace(/\/$/, "");
    const database = await workers.getD1Database("DB");
    const rows = async (statement) => (await database.prepare(statement).all()).results;
    for (const statement of readFileSync(join(directory, "schema.sql"), "utf8").split(";\n")) if (statement.trim() !== "") await rows(statement);
    return { origin, rows, config, worker: await workers.getWorker(), logged: () => log, version: `workerd ${version}`, stop: () => workers.dispose() };
  } catch (error) {
    await workers.dispose();
    throw error;
  }
}

/** Renames a table during the work, so that D1 fails as if it were unavailable. */
export async function runWithoutTable(table, rows, work) {
  await rows(`alter table ${table} rename to ${table}_away`);
  try {
    return await work();
  } finally {
    await rows(`alter table ${table}_away rename to ${table}`);
  }
}

function removeUndefined(bindings) {
  return Object.fromEntries(Object.entries(bindings).filter(([, value]) => value !== undefined));
}
