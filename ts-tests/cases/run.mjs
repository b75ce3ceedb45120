// What real files and servers look like, against the packed package: node run.mjs [--package TARBALL]
import { spawn, spawnSync } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { packedTarball } from "../examples/pieces/copy.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const NPM = process.platform === "win32" ? "npm.cmd" : "npm";
const GROUPS = ["push-bodies", "receiver-http", "numbers", "client", "recordings-and-cli"];

const { values: options } = parseArgs({ options: { package: { type: "string" } } });
await installTools();
await installPackage(resolve(options.package ?? (await packedTarball())));

let passed = 0;
let failed = 0;
for (const group of GROUPS) {
  const counts = /: (\d+) passed, (\d+) failed$/m.exec(await outputOf(join(HERE, `${group}.mjs`)));
  // A group that ends without its counts has failed, whatever it printed before.
  passed += Number(counts?.[1] ?? 0);
  failed += Number(counts?.[2] ?? 1);
}
console.log(`test result: ${failed > 0 ? "FAILED" : "ok"}. ${passed} passed; ${failed} failed; 0 skipped`);
process.exitCode = failed > 0 ? 1 : 0;

async function installTools() {
  const lock = await readFile(join(HERE, "package-lock.json"), "utf8");
  const mark = join(HERE, "node_modules/.installed-package-lock.json");
  if ((await readFile(mark, "utf8").catch(() => "")) === lock) return;
  run(NPM, ["ci", "--no-fund", "--no-audit", "--no-update-notifier", "--loglevel=error"]);
  await writeFile(mark, lock);
}

/** Lays the package out as npm would. The manifest and the lock file of this folder stay as they are. */
async function installPackage(tarball) {
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

/** Runs one group, shows what it prints, and gives it back. */
function outputOf(file) {
  return new Promise((settle, fail) => {
    const child = spawn(process.execPath, [file], { cwd: HERE, stdio: ["ignore", "pipe", "inherit"], timeout: 120_000 });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      output += text;
      process.stdout.write(text);
    });
    child.on("error", fail);
    child.on("close", () => settle(output));
  });
}
