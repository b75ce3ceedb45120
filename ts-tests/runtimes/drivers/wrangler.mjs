// Runs the checks in a Worker under `wrangler dev`, and checks the files that `wrangler deploy` would upload.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkCopies } from "../pieces/bundle.mjs";
import { writeProgram } from "../pieces/program.mjs";
import { runProgram, startServer } from "../pieces/programs.mjs";

const CONFIGURATION = { name: "throw-away", main: "main.mjs", compatibility_date: "2026-01-01" };
// Disables all network access of wrangler.
const QUIET = { WRANGLER_SEND_METRICS: "false", WRANGLER_SEND_ERROR_REPORTS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false", CI: "true" };

export async function run({ row, directory, tools, packages }) {
  const source = writeProgram({ row, head: 'import wasm from "ringback/ringback.wasm";', slim: "wasm", then: "return Response.json({ checks });" });
  await writeFile(join(directory, "main.mjs"), `${source}export default { fetch: () => report() };\n`);
  await writeFile(join(directory, "wrangler.json"), JSON.stringify(CONFIGURATION));
  const wrangler = (...args) => [tools.node(row.options.node), [tools.file("wrangler/bin/wrangler.js"), ...args]];
  const options = { cwd: directory, env: { ...QUIET, WRANGLER_LOG_PATH: join(directory, "logs"), XDG_CONFIG_HOME: join(directory, "settings") } };

  const built = join(directory, "built");
  await runProgram(...wrangler("deploy", "--dry-run", "--outdir", built), options);
  const server = await startServer(...wrangler("dev", "--ip=127.0.0.1", "--port=0", "--inspector-port=0"), { ...options, ready: /Ready on (http:\/\/\S+)/ });
  try {
    const { checks } = await (await fetch(server.match[1])).json();
    const [, version] = /wrangler (\d[\w.-]*)/.exec(server.printed()) ?? [];
    return { version: `wrangler ${version}`, checks: [...checks, ...(await checkCopies(built, packages))] };
  } finally {
    await server.stop();
  }
}
