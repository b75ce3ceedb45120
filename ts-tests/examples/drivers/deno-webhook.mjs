// Runs the example with its own Deno task, with only the permissions that its README names.
import { deepStrictEqual, ok, rejects } from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runProgram, startServer } from "../../runtimes/pieces/programs.mjs";
import { createChecks } from "../pieces/checks.mjs";
import { findFreePort } from "../pieces/ports.mjs";
import { runWithoutTable } from "../pieces/sqlite.mjs";
import { ACCOUNTS, readList, READER, checkReceiving } from "../receiving.mjs";

const PORT = "8787";
const READY = /Listening on (http:\/\/127\.0\.0\.1:\d+)/;

export async function run({ directory, tools }) {
  const { check, checks } = createChecks();
  const port = String(await findFreePort());
  const { tasks } = JSON.parse(await readFile(join(directory, "deno.json"), "utf8"));
  const written = tasks.start.split(" ");
  const [program, ...args] = written.map((word) => word.replace(`:${PORT}`, `:${port}`));
  const permissions = args.filter((word) => /^--(allow|unstable)-/.test(word));
  const env = { DENO_DIR: join(directory, ".deno"), DENO_NO_UPDATE_CHECK: "1" };
  const settings = { ACCOUNTS: JSON.stringify(ACCOUNTS, undefined, 2), LIST_TOKEN: READER, PORT: port, KV_PATH: "records.kv" };
  await writeFile(join(directory, ".env"), Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`).join(""));

  await check("the README names exactly the permissions of the task", async () => {
    deepStrictEqual(program, "deno");
    const readme = await readFile(join(directory, "README.md"), "utf8");
    const named = new Set(readme.match(/--(?:allow|unstable)-[^\s`]+/g));
    deepStrictEqual([...named].toSorted(), written.filter((word) => /^--(allow|unstable)-/.test(word)).toSorted());
    ok(named.size >= 4);
  });
  for (const permission of permissions) {
    const name = permission.split("=")[0];
    await check(`it does not start without ${name}`, () =>
      rejects(runProgram(tools.bin("deno"), args.filter((word) => word !== permission), { cwd: directory, env, limitMs: 20_000 }), /NotCapable|openKv/));
  }

  const server = await startServer(tools.bin("deno"), args, { cwd: directory, env, ready: READY });
  try {
    const origin = server.match[1];
    const failing = { around: (work) => runWithoutTable({ tools, file: join(directory, "records.kv"), table: "kv" }, work), body: (body) => body };
    const unreadable = async () => (await readList(origin, "", "/unreadable")).records.map(({ payload }) => payload);
    checks.push(...(await checkReceiving({ origin, failing, unreadable, pages: true })));
  } finally {
    await server.stop();
  }

  await check("kept records survive a kill", async () => {
    const again = await startServer(tools.bin("deno"), args, { cwd: directory, env, ready: READY });
    try {
      ok((await readList(again.match[1])).records.some(({ callId }) => callId === "d-fuller"));
    } finally {
      await again.stop();
    }
  });
  const version = JSON.parse(await runProgram(tools.bin("deno"), ["eval", "console.log(JSON.stringify(Deno.version.deno))"], { cwd: directory, env }));
  return { version: `Deno ${version}`, checks };
}
