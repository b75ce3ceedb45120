// Runs the CRM as a process that can be killed at any moment and started again.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findFreePort } from "../examples/pieces/ports.mjs";
import { startServer } from "../runtimes/pieces/programs.mjs";

/** Starts `serve.mjs` with these accounts, always on the same port. `kill()` sends SIGKILL, `start()` starts it again. */
export async function startCrm({ project, accounts, database, origin }) {
  const port = await findFreePort();
  const file = join(project.directory, `accounts-${port}.json`);
  await writeFile(file, JSON.stringify({ accounts: Object.fromEntries(Object.entries(accounts).map(([provider, account]) => [provider, { provider, ...account }])) }));
  const args = ["serve.mjs", "--accounts", file, "--port", String(port), "--missing", "0", "--show-addresses", ...(origin ? ["--origin", origin] : [])];
  const crm = { port, url: `http://127.0.0.1:${port}`, pushAddresses: {}, start, kill, dial, listMissing, printed: () => life.printed() };
  let life;
  await start();
  return crm;

  async function start() {
    life = await startServer(process.execPath, args, { cwd: project.directory, env: { DATABASE_URL: database }, ready: /^CRM at .*\n(?:push address of .*\n){5}/m });
    for (const [, provider, address] of life.match[0].matchAll(/^push address of (\w+): (\S+)$/gm)) crm.pushAddresses[provider] = address;
  }

  async function kill() {
    await life.stop();
  }

  /** Presses the button of the page. */
  async function dial(press, wish) {
    const response = await fetch(`${crm.url}/dial`, {
      method: "POST",
      headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ press, ...wish }),
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return response.json();
  }

  /** Reads the calls that the page lists as missing. */
  async function listMissing() {
    return (await fetch(`${crm.url}/missing`)).json();
  }
}
