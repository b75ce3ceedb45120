// The tools that the rows need, installed from the lock files unless that was done since these last changed.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ran } from "./programs.mjs";
import { beside } from "./tools.mjs";

const FOLDERS = { test: ".", all: "all" };
const NPM = process.platform === "win32" ? "npm.cmd" : "npm";
const QUIET = ["--no-fund", "--no-audit", "--no-update-notifier", "--loglevel=error"];

/** Installs the tools of these suites. Rows of "all" use those of "test" too. */
export async function installTools(suites) {
  for (const suite of suites.has("all") ? ["test", "all"] : ["test"]) {
    const folder = beside(FOLDERS[suite]);
    const lock = await readFile(join(folder, "package-lock.json"), "utf8");
    const installed = join(folder, "node_modules/.installed-package-lock.json");
    if ((await readFile(installed, "utf8").catch(() => "")) === lock) continue;
    console.log(`npm install of the runtimes of suite ${suite} ...`);
    // Not `npm ci`: it refuses a lock file that was made where the registry lacked a tool's binaries for other systems.
    await ran(NPM, ["install", "--no-save", ...QUIET], { cwd: folder, limitMs: 900_000 });
    await writeFile(installed, lock);
  }
}

/** Runs npm in a directory, without a registry. */
export function npmOffline(args, directory) {
  return ran(NPM, [...args, "--offline", ...QUIET], { cwd: directory });
}
