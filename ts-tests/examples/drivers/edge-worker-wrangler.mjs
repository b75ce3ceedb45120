// Runs the Worker as its README describes: the schema, the secrets' file, `wrangler dev`, a push, a query, a replay.
import { deepStrictEqual, equal, match } from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runProgram, startServer } from "../../runtimes/pieces/programs.mjs";
import { createChecks, waitFor } from "../pieces/checks.mjs";
import { ACCOUNTS, pushAndExpectAck, createPush, READER, checkReceiving } from "../receiving.mjs";
import { OPERATOR, runWithoutTable } from "./edge-worker-miniflare.mjs";

// Disables all network access of wrangler.
const QUIET = { WRANGLER_SEND_METRICS: "false", WRANGLER_SEND_ERROR_REPORTS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false", CI: "true" };

export async function run({ directory, tools }) {
  const wrangler = (...args) => [tools.node(24), [tools.file("wrangler/bin/wrangler.js"), ...args]];
  const options = { cwd: directory, env: { ...QUIET, WRANGLER_LOG_PATH: join(directory, "logs"), XDG_CONFIG_HOME: join(directory, "settings") } };
  await writeFile(join(directory, ".dev.vars"), `ACCOUNTS='${JSON.stringify(ACCOUNTS)}'\nLIST_TOKEN='${READER}'\nREPLAY_TOKEN='${OPERATOR}'\n`);

  const { scripts } = JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
  /** Runs a script of the package as npm does, with the arguments after its last command, and the harness's Node.js and wrangler. */
  const runScript = async (name, args, env) => {
    const commands = `${scripts[name]} ${args.join(" ")}`.trim().split(" && ");
    let printed = "";
    for (const command of commands) {
      const [program, ...rest] = command.split(" ");
      printed = await runProgram(...(program === "wrangler" ? wrangler(...rest) : [tools.node(24), rest]), { ...options, env: { ...options.env, ...env } });
    }
    return printed;
  };
  await runScript("schema", ["--local"]);
  // A second time, because existing tables must be kept.
  await runScript("schema", ["--local"]);

  const query = async (statement) => JSON.parse(await runProgram(...wrangler("d1", "execute", "ringback", "--local", "--json", "--command", statement), options))[0].results;
  const server = await startServer(...wrangler("dev", "--ip=127.0.0.1", "--port=0", "--inspector-port=0"), { ...options, ready: /Ready on (http:\/\/\S+)/ });
  try {
    const origin = server.match[1];
    const failing = {
      around: (work) => runWithoutTable("ringback_record", query, work),
      body: (body) => body.replace(/\}$/, `,"padding":"${"0".repeat(200_000)}"}`),
    };
    const { check, checks } = createChecks();
    checks.push(...(await checkReceiving({ origin, failing, pages: true })));

    await check("a push is kept in D1, as a query shows", async () => {
      const { body, key } = createPush("mixcom", "queried");
      await pushAndExpectAck(origin, "mixcom", body);
      const [row] = await waitFor("the record is kept", async () => {
        const found = await query("select key, status, final from ringback_record where call_id = 'queried'");
        return found.length > 0 ? found : undefined;
      });
      deepStrictEqual(row, { key, status: "answered", final: 1 });
    });

    await check("an unreadable push becomes a dead letter, and after correction and replay a record in D1", async () => {
      const { body } = createPush("mixcom", "replayed");
      await pushAndExpectAck(origin, "mixcom", body.slice(0, -7));
      const program = (name, ...args) => runScript(name, args, { WORKER: origin });
      // The queue waits up to 5 seconds for more messages.
      const letter = await waitFor("it is set aside", async () => {
        const lines = (await program("dead-letters")).trim().split("\n");
        return lines.filter((line) => line !== "").map((line) => JSON.parse(line)).find(({ push }) => push.body === body.slice(0, -7));
      });
      match(letter.reason, /not valid JSON/);
      await writeFile(join(directory, "mended.ndjson"), JSON.stringify({ ...letter, push: { ...letter.push, body } }));
      match(await program("replay", "mended.ndjson"), /^replayed: 1$/m);
      await waitFor("the record is kept", async () => (await query("select key from ringback_record where call_id = 'replayed'"))[0]);
      equal(await program("dead-letters"), "");
    });
    const [, version] = /wrangler (\d[\w.-]*)/.exec(server.printed()) ?? [];
    return { version: `wrangler ${version}`, checks };
  } finally {
    await server.stop();
  }
}
