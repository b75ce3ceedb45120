// Runs the dialer in each runtime: `run({ row, directory, plan, secrets })` -> { version, results }.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { browser as found, bin, beside, node } from "../runtimes/pieces/tools.mjs";
import { writePage } from "../runtimes/pieces/program.mjs";
import { runProgram, runReportingProgram, startServer } from "../runtimes/pieces/programs.mjs";
import { serve } from "../runtimes/pieces/site.mjs";

const PRINTING = ({ from = "ringback", version, read }) => `
import { createClient } from "${from}";
import { dialAll } from "./dialer.mjs";
${read}
const results = await dialAll({ createClient, plan });
console.log(JSON.stringify({ version: ${version}, results }));
`;

const BY_NODE = 'import { readFileSync } from "node:fs";\nconst plan = JSON.parse(readFileSync("plan.json", "utf8"));';

export const DRIVERS = {
  async node({ row, directory, secrets }) {
    await writeFile(join(directory, "main.mjs"), PRINTING({ version: "process.version", read: BY_NODE }));
    return runReportingProgram(node(row.options.node), ["main.mjs"], { cwd: directory, env: { NODE_EXTRA_CA_CERTS: secrets.authority } });
  },

  async bun({ directory, secrets }) {
    await writeFile(join(directory, "main.mjs"), PRINTING({ version: "`Bun ${Bun.version}`", read: BY_NODE }));
    return runReportingProgram(bin("bun"), ["run", "main.mjs"], { cwd: directory, env: { NODE_EXTRA_CA_CERTS: secrets.authority } });
  },

  async deno({ directory, secrets }) {
    const read = 'const plan = JSON.parse(Deno.readTextFileSync("plan.json"));';
    await writeFile(join(directory, "main.mjs"), PRINTING({ from: "npm:ringback", version: "`Deno ${Deno.version.deno}`", read }));
    return runReportingProgram(bin("deno"), ["run", "--no-prompt", "--allow-net=127.0.0.1", "--allow-read=.", `--cert=${secrets.authority}`, "main.mjs"], { cwd: directory });
  },

  async workerd({ row, directory, secrets }) {
    const source = `
import { createClient } from "ringback";
import { dialAll } from "./dialer.mjs";
export default { fetch: async (request) => Response.json(await dialAll({ createClient, plan: await request.json() })) };`;
    await writeFile(join(directory, "main.mjs"), source);
    const built = join(directory, "built");
    await runProgram(bin("esbuild"), ["main.mjs", "--bundle", "--format=esm", "--conditions=workerd,worker,browser", "--loader:.wasm=copy", `--outdir=${built}`], { cwd: directory });
    const host = [fileURLToPath(new URL("workerd-host.mjs", import.meta.url)), beside("package.json"), built, join(directory, "plan.json")];
    return runReportingProgram(node(row.options.node), host, { cwd: directory, env: { NODE_EXTRA_CA_CERTS: secrets.authority } });
  },

  async chromium({ directory, plan }) {
    const { chromium } = await import("playwright-core");
    return runInPage({ directory, plan }, async (address) => {
      const running = await chromium.launch({ executablePath: found("chromium"), args: CHROMIUM, headless: true });
      const opened = await running.newPage();
      await opened.goto(address);
      return { version: `Chromium ${running.version()}`, close: () => running.close() };
    });
  },

  async firefox({ row, directory, plan }) {
    return runInPage({ directory, plan }, async (address) => {
      const host = [fileURLToPath(new URL("firefox-host.mjs", import.meta.url)), beside("all/package.json"), found("firefox"), address];
      const running = await startServer(node(row.options.node), host, { cwd: directory, ready: /^Firefox \S+/m });
      return { version: running.match[0], close: () => running.stop() };
    });
  },
};

const CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--ignore-certificate-errors"];
const LIMIT_MS = 120_000;

/** Runs a page with an import map, which posts its report. */
async function runInPage({ directory }, open) {
  const map = JSON.stringify({ imports: { ringback: "/node_modules/ringback/dist/browser.js" } });
  const program = `
import { createClient, init } from "ringback";
import { dialAll } from "./dialer.mjs";
const report = async () => {
  await init();
  return { checks: await dialAll({ createClient, plan: await (await fetch("/plan.json")).json() }) };
};
const told = await report().catch((error) => ({ error: String(error) }));
await fetch("/report", { method: "POST", body: JSON.stringify(told) });`;
  await writeFile(join(directory, "main.mjs"), program);
  await writeFile(join(directory, "index.html"), writePage({ script: "/main.mjs", head: `<script type="importmap">${map}</script>` }));
  const site = await serve({ directory });
  let browser;
  let timer;
  try {
    browser = await open(site.address);
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the page reported nothing within ${LIMIT_MS} ms`)), LIMIT_MS);
    });
    return { version: browser.version, results: await Promise.race([site.report, late]).then(({ checks }) => checks) };
  } finally {
    clearTimeout(timer);
    await browser?.close();
    await site.close();
  }
}
