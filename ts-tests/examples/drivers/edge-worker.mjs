// workerd through miniflare, with a D1 database and queues of its own. Bundled as Cloudflare's own tools bundle it.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ran, reportOf } from "../../runtimes/pieces/programs.mjs";

const HOST = fileURLToPath(new URL("edge-worker-host.mjs", import.meta.url));
const BUNDLE = ["--bundle", "--format=esm", "--conditions=workerd,worker,browser", "--loader:.wasm=copy", "--outdir=built"];

export async function run({ directory, tools }) {
  await ran(tools.bin("esbuild"), ["src/index.js", ...BUNDLE], { cwd: directory });
  return reportOf(tools.node(24), [HOST, directory, join(directory, "built")], { cwd: directory });
}
