// The Worker as its README runs it: the schema, the secrets' file, `wrangler dev`, a push, a query, a replay.
import { deepStrictEqual, equal, match } from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ran, started } from "../../runtimes/pieces/programs.mjs";
import { collected, eventually } from "../pieces/checks.mjs";
import { ACCOUNTS, acknowledged, pushOf, READER, receiving } from "../receiving.mjs";
import { OPERATOR, without } from "./edge-worker-miniflare.mjs";

// Nothing is sent or fetched.
const QUIET = { WRANGLER_SEND_METRICS: "false", WRANGLER_SEND_ERROR_REPORTS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false", CI: "true" };

export async function run({ directory, tools }) {
  const wrangler = (...args) => [tools.node(24), [tools.file("wrangler/bin/wrangler.js"), ...args]];
  const options = { cwd: directory, env: { ...QUIET, WRANGLER_LOG_PATH: join(directory, "logs"), XDG_CONFIG_HOME: join(directory, "settings") } };
  await writeFile(join(directory, ".dev.vars"), `ACCOUNTS='${JSON.stringify(ACCOUNTS)}'\nLIST_TOKEN='${READER}'\nREPLAY_TOKEN='${OPERATOR}'\n`);

  const { scripts } = JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
  /** A script of the package as npm runs it, the arguments behind its last command; with the harness's Node.js and wrangler. */
  const script = async (name, args, env) => {
    const commands = `${scripts[name]} ${args.join(" ")}`.trim().split(" && ");
    let printed = "";
    for (const command of commands) {
      const [program, ...rest] = command.split(" ");
      printed = await ran(...(program === "wrangler" ? wrangler(...rest) : [tools.node(24), rest]), { ...options, env: { ...options.env, ...env } });
    }
    return printed;
  };
  await script("schema", ["--local"]);
  // A second time, since what is there already must stay.
  await script("schema", ["--local"]);

  const query = async (statement) => JSON.parse(await ran(...wrangler("d1", "execute", "ringback", "--local", "--json", "--command", statement), options))[0].results;
  const server = await started(...wrangler("dev", "--ip=127.0.0.1", "--port=0", "--inspector-port=0"), { ...options, ready: /Ready on (http:\/\/\S+)/ });
  try {
    const origin = server.match[1];
    const failing = {
      around: (work) => without("ringback_record", query, work),
      body: (body) => body.replace(/\}$/, `,"padding":"${"0".repeat(200_000)}"}`),
    };
    const { check, checks } = collected();
    checks.push(...(await receiving({ origin, failing, pages: true })));

    await check("a push ends in D1, as a query shows", async () => {
      const { body, key } = pushOf("mixcom", "queried");
      await acknowledged(origin, "mixcom", body);
      const [row] = await eventually("the record is kept", async () => {
        const found = await query("select key, status, final from ringback_record where call_id = 'queried'");
        return found.length > 0 ? found : undefined;
      });
      deepStrictEqual(row, { key, status: "answered", final: 1 });
    });

    await check("an unreadable push ends in the dead letters, and mended and replayed in D1", async () => {
      const { body } = pushOf("mixcom", "replayed");
      await acknowledged(origin, "mixcom", body.slice(0, -7));
      const program = (name, ...args) => script(name, args, { WORKER: origin });
      // Its queue waits up to 5 seconds for more.
      const letter = await eventually("it is set aside", async () => {
        const lines = (await program("dead-letters")).trim().split("\n");
        return lines.filter((line) => line !== "").map((line) => JSON.parse(line)).find(({ push }) => push.body === body.slice(0, -7));
      });
      match(letter.reason, /not valid JSON/);
      await writeFile(join(directory, "mended.ndjson"), JSON.stringify({ ...letter, push: { ...letter.push, body } }));
      match(await program("replay", "mended.ndjson"), /^replayed: 1$/m);
      await eventually("the record is kept", async () => (await query("select key from ringback_record where call_id = 'replayed'"))[0]);
      equal(await program("dead-letters"), "");
    });
    const [, version] = /wrangler (\d[\w.-]*)/.exec(server.printed()) ?? [];
    return { version: `wrangler ${version}`, checks };
  } finally {
    await server.stop();
  }
}
