// The Worker as its README runs it: the schema, the secrets' file, `wrangler dev`.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ran, started } from "../../runtimes/pieces/programs.mjs";
import { ACCOUNTS, READER, receiving } from "../receiving.mjs";

// Nothing is sent or fetched.
const QUIET = { WRANGLER_SEND_METRICS: "false", WRANGLER_SEND_ERROR_REPORTS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false", CI: "true" };

export async function run({ directory, tools }) {
  const wrangler = (...args) => [tools.node(24), [tools.file("wrangler/bin/wrangler.js"), ...args]];
  const options = { cwd: directory, env: { ...QUIET, WRANGLER_LOG_PATH: join(directory, "logs"), XDG_CONFIG_HOME: join(directory, "settings") } };
  await writeFile(join(directory, ".dev.vars"), `ACCOUNTS='${JSON.stringify(ACCOUNTS)}'\nLIST_TOKEN='${READER}'\n`);

  await ran(...wrangler("d1", "execute", "ringback", "--file=schema.sql", "--local"), options);
  const server = await started(...wrangler("dev", "--ip=127.0.0.1", "--port=0", "--inspector-port=0"), { ...options, ready: /Ready on (http:\/\/\S+)/ });
  try {
    // What the queue does not take: a message beyond its 128 KB.
    const failing = { around: (work) => work(), body: (body) => body.replace(/\}$/, `,"padding":"${"0".repeat(200_000)}"}`) };
    const checks = await receiving({ origin: server.match[1], failing, pages: true });
    const [, version] = /wrangler (\d[\w.-]*)/.exec(server.printed()) ?? [];
    return { version: `wrangler ${version}`, checks };
  } finally {
    await server.stop();
  }
}
