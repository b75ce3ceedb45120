// Runs the checks in Deno, with only the permissions of the row.
import { strictEqual } from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writePrintingProgram } from "../pieces/program.mjs";
import { runProgram, runReportingProgram } from "../pieces/programs.mjs";

export async function run({ row, directory, tools }) {
  const source = writePrintingProgram({
    row,
    from: "npm:ringback",
    head: 'import source wasm from "ringback/ringback.wasm";',
    slim: "wasm",
    version: "Deno.version.deno",
    entry: 'import.meta.resolve("npm:ringback")',
  });
  await writeFile(join(directory, "main.mjs"), source);
  const report = await runReportingProgram(tools.bin("deno"), ["run", "--no-prompt", ...row.options.permissions, "main.mjs"], { cwd: directory });
  const outcome = await checkDialsOnce({ directory, tools }).then(() => undefined, String);
  report.checks.push({ check: "a dial whose connection breaks is sent once", ...(outcome !== undefined && { error: outcome }) });
  return report;
}

/** Checks that a dial is sent once, because Deno's own fetch repeats a POST when a kept connection breaks. */
async function checkDialsOnce({ directory, tools }) {
  let received = 0;
  const platform = createServer((request, response) => {
    request.resume().on("end", () => {
      received += 1;
      if (received === 1) response.end('{"success": true, "code": 200, "msg": ""}');
      else request.socket.resetAndDestroy();
    });
  }).listen(0, "127.0.0.1");
  await once(platform, "listening");
  try {
    await writeFile(join(directory, "dials.mjs"), TWO_DIALS);
    const { port } = platform.address();
    const printed = await runProgram(tools.bin("deno"), ["run", "--no-prompt", "--allow-net=127.0.0.1", "dials.mjs", `http://127.0.0.1:${port}`], { cwd: directory });
    strictEqual(printed.trim(), "reference network unknown");
    strictEqual(received, 2, `${received} requests for two dials`);
  } finally {
    platform.closeAllConnections();
    platform.close();
  }
}

const TWO_DIALS = `
import { createClient } from "npm:ringback";
const client = createClient({ provider: "mixcom", appKey: "k1", appSecret: "s1", baseUrl: Deno.args[0] });
const parties = { caller: "13800000001", callee: "13900000002" };
const { correlation } = await client.dial(parties);
const { code, delivery } = await client.dial(parties).catch((error) => error);
console.log(correlation, code, delivery);
`;
