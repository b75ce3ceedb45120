// Passes the plan to the Worker in a directory, and prints its report. Runs in a separate process, because miniflare needs a newer Node.js than the suite.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [installedFor, directory, plan] = process.argv.slice(2);
const required = createRequire(installedFor);
const { Miniflare } = await import(pathToFileURL(required.resolve("miniflare")).href);
const { version } = createRequire(required.resolve("miniflare"))("workerd/package.json");

const wasm = readdirSync(directory).filter((file) => file.endsWith(".wasm"));
const workers = new Miniflare({
  compatibilityDate: "2026-01-01",
  cf: false,
  modulesRoot: directory,
  modules: [{ type: "ESModule", path: join(directory, "main.js") }, ...wasm.map((file) => ({ type: "CompiledWasm", path: join(directory, file) }))],
});
try {
  const response = await workers.dispatchFetch("http://worker.example/", { method: "POST", body: readFileSync(plan, "utf8") });
  if (!response.ok) throw new Error(await response.text());
  console.log(JSON.stringify({ version: `workerd ${version}`, results: await response.json() }));
} finally {
  await workers.dispose();
}
