// The packed package in the real frameworks: node run.mjs [--package TARBALL] [what vitest takes ...]
import { spawnSync } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { packedTarball } from "../examples/pieces/copy.mjs";
import { installTools } from "../runtimes/pieces/install.mjs";
import { bin } from "../runtimes/pieces/tools.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const NPM = process.platform === "win32" ? "npm.cmd" : "npm";

const { values: options, tokens } = parseArgs({ options: { package: { type: "string" } }, allowPositionals: true, strict: false, tokens: true });
const forVitest = tokens.filter(({ kind, name }) => kind === "positional" || name !== "package").map(({ rawName, value, kind }) => (kind === "option" ? [rawName, value].filter(Boolean).join("=") : value));

await installFrameworks();
// Deno and Bun are among the runtimes' tools.
await installTools(new Set(["test"]));
Object.assign(process.env, { DENO: bin("deno"), BUN: bin("bun") });
await unpack(resolve(options.package ?? (await packedTarball())));
run(process.execPath, [join(HERE, "node_modules/typescript/bin/tsc"), "--noEmit"]);
run(process.execPath, [join(HERE, "node_modules/vitest/vitest.mjs"), "run", ...forVitest]);

async function installFrameworks() {
  const lock = await readFile(join(HERE, "package-lock.json"), "utf8");
  const mark = join(HERE, "node_modules/.installed-package-lock.json");
  if ((await readFile(mark, "utf8").catch(() => "")) === lock) return;
  run(NPM, ["install", "--no-save", "--no-fund", "--no-audit", "--no-update-notifier", "--loglevel=error"]);
  await writeFile(mark, lock);
}

/** As npm would lay it out, but package.json and the lock file stay as they are. */
async function unpack(tarball) {
  const destination = join(HERE, "node_modules/ringback");
  await rm(destination, { recursive: true, force: true });
  await mkdir(destination, { recursive: true });
  run("tar", ["-xzf", tarball, "-C", destination, "--strip-components=1"]);
}

function run(program, args) {
  const { status, error } = spawnSync(program, args, { cwd: HERE, stdio: "inherit", shell: process.platform === "win32" });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
