// The contract of ringback/sql, in every database that it is for: the same checks for each, from the packed tarball.
//   node run.mjs [--skip NAME[,NAME]]... [--package TARBALL] [STORE ...]
// NAME is a store or what it needs; RINGBACK_SKIP may name more, with names of others among them. A store that is missing fails.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { installTools } from "../runtimes/pieces/install.mjs";
import { ran, reportOf } from "../runtimes/pieces/programs.mjs";
import * as tools from "../runtimes/pieces/tools.mjs";
import STORES from "./stores.json" with { type: "json" };

const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT = join(HERE, "../..");

const { values: options, positionals: named } = parseArgs({
  allowPositionals: true,
  options: { skip: { type: "string", multiple: true, default: [] }, package: { type: "string" } },
});
const asked = options.skip.flatMap((names) => names.split(","));
const known = new Set(STORES.flatMap(({ id, needs }) => [id, needs]));
const unknown = [...named.filter((name) => !STORES.some(({ id }) => id === name)), ...asked.filter((name) => !known.has(name))];
if (unknown.length > 0) throw new Error(`there is no store ${unknown.join(", ")}`);
const skipped = new Set([...asked, ...(process.env.RINGBACK_SKIP ?? "").split(",")]);

await installTools(new Set(["test"]));
await installDrivers();
await unpack(resolve(options.package ?? (await packedLast())));

let passed = 0;
let failed = 0;
let left = 0;
for (const store of STORES.filter(({ id }) => named.length === 0 || named.includes(id))) {
  if (skipped.has(store.id) || skipped.has(store.needs)) {
    left += 1;
    console.log(`skipped ${store.name}`);
    continue;
  }
  const started = performance.now();
  const { version = "", checks, notes = [] } = await reported(store);
  const errors = checks.filter(({ error }) => error !== undefined);
  const skips = checks.filter(({ skipped: reason }) => reason !== undefined);
  passed += checks.length - errors.length - skips.length;
  failed += errors.length;
  left += skips.length;
  const figures = [version.padEnd(40), `${checks.length - skips.length} checks`, `${((performance.now() - started) / 1000).toFixed(1)} s`];
  console.log([errors.length > 0 ? "FAILED " : "ok     ", store.name.padEnd(14), ...figures].join(" "));
  for (const note of notes) console.log(`          ${note}`);
  for (const { check, skipped: reason } of skips) console.log(`  skipped ${check}: ${reason}`);
  for (const { check, error } of errors) console.log(`  ${check}\n    ${error.replaceAll("\n", "\n    ")}`);
}
console.log(`test result: ${failed > 0 ? "FAILED" : "ok"}. ${passed} passed; ${failed} failed; ${left} skipped`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

async function reported({ id, node }) {
  try {
    const program = node === undefined ? process.execPath : tools.node(node);
    return await reportOf(program, ["--disable-warning=ExperimentalWarning", join(HERE, "host.mjs"), id], { cwd: HERE, limitMs: 600_000 });
  } catch (error) {
    return { checks: [{ check: "the store runs", error: error.message }] };
  }
}

/** The clients, unless that was done since the lock file last changed. */
async function installDrivers() {
  const lock = await readFile(join(HERE, "package-lock.json"), "utf8");
  const installed = join(HERE, "node_modules/.installed-package-lock.json");
  if ((await readFile(installed, "utf8").catch(() => "")) === lock) return;
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  await ran(npm, ["install", "--no-save", "--no-fund", "--no-audit", "--no-update-notifier", "--loglevel=error"], { cwd: HERE });
  await writeFile(installed, lock);
}

/** What is tested is what users get. */
async function unpack(tarball) {
  const destination = join(HERE, "node_modules/ringback");
  await rm(destination, { recursive: true, force: true });
  await mkdir(destination, { recursive: true });
  await ran("tar", ["-xzf", tarball, "-C", destination, "--strip-components=1"], { cwd: HERE });
}

/** What `cargo xtask pack` left. */
async function packedLast() {
  const { version } = JSON.parse(await readFile(join(ROOT, "pkg/package.json"), "utf8"));
  return join(ROOT, `target/pack/ringback-${version}.tgz`);
}
