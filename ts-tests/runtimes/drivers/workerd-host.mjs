// Starts the Worker in a directory, sends it one request, and prints its report. Runs in a separate process, because miniflare needs a newer Node.js than the suite.
import { createRequire } from "node:module";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Miniflare } from "miniflare";

const [directory] = process.argv.slice(2);
const { version } = createRequire(createRequire(import.meta.url).resolve("miniflare"))("workerd/package.json");

const wasm = readdirSync(directory).filter((file) => file.endsWith(".wasm"));
const workers = new Miniflare({
  compatibilityDate: "2026-01-01",
  cf: false,
  modulesRoot: directory,
  modules: [{ type: "ESModule", path: join(directory, "main.js") }, ...wasm.map((file) => ({ type: "CompiledWasm", path: join(directory, file) }))],
});
try {
  const response = await workers.dispatchFetch("http://worker.example/");
  const { checks } = JSON.parse(await response.text());
  console.log(JSON.stringify({ version: `workerd ${version}`, checks }));
} finally {
  await workers.dispose();
}
