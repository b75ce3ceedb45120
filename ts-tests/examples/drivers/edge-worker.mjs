// Runs the Worker in workerd through miniflare, with its own D1 database and queues, bundled as Cloudflare's own tools do.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram, runReportingProgram } from "../../runtimes/pieces/programs.mjs";

const HOST = fileURLToPath(new URL("edge-worker-host.mjs", import.meta.url));
const BUNDLE = ["--bundle", "--format=esm", "--conditions=workerd,worker,browser", "--loader:.wasm=copy", "--outdir=built"];

export function run({ directory, tools }) {
  return runHost({ directory, tools, main: "src/index.js", host: HOST });
}

/** Bundles `main` and runs `host` with it in a separate process, because miniflare needs a newer Node.js than the suite. */
export async function runHost({ directory, tools, main, host }) {
  await runProgram(tools.node(24), ["schema.mjs"], { cwd: directory });
  await runProgram(tools.bin("esbuild"), [main, ...BUNDLE], { cwd: directory });
  return runReportingProgram(tools.node(24), [host, directory, join(directory, "built")], { cwd: directory });
}
