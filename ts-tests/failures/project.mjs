// Creates the CRM as a user has it: a copy of examples/node-crm, with the packed package in its node_modules.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findPackedTarball } from "../examples/pieces/copy.mjs";
import { runProgram } from "../runtimes/pieces/programs.mjs";

const EXAMPLE = fileURLToPath(new URL("../../examples/node-crm", import.meta.url));
const NPM = process.platform === "win32" ? "npm.cmd" : "npm";

/** Copies the CRM. `module(path)` imports one of its files, or a package that it depends on. */
export async function copyCrm({ example = EXAMPLE }) {
  const packed = await findPackedTarball();
  await installExample();
  const directory = await mkdtemp(join(tmpdir(), "ringback-crm-"));
  await cp(example, directory, { recursive: true, filter: (source) => !["node_modules", "accounts.json"].includes(basename(source)) });
  const modules = join(directory, "node_modules");
  await mkdir(join(modules, "ringback"), { recursive: true });
  for (const name of await readdir(join(EXAMPLE, "node_modules"))) {
    if (!name.startsWith(".") && name !== "ringback") await symlink(join(EXAMPLE, "node_modules", name), join(modules, name), "junction");
  }
  await runProgram("tar", ["-xzf", packed, "-C", join(modules, "ringback"), "--strip-components=1"], { cwd: directory });
  // Packages are resolved from a file inside the copy.
  await writeFile(join(directory, "packages.mjs"), 'export * as ringback from "ringback";\nexport * as sql from "ringback/sql";\nexport * as testing from "ringback/testing";\nexport { default as pg } from "pg";\n');
  return {
    directory,
    module: (path) => import(pathToFileURL(join(directory, path)).href),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Installs the example's dependencies, unless they were installed since its lock file last changed. */
async function installExample() {
  const lock = await readFile(join(EXAMPLE, "package-lock.json"), "utf8");
  const installed = join(EXAMPLE, "node_modules/.installed-package-lock.json");
  if ((await readFile(installed, "utf8").catch(() => "")) === lock) return;
  await runProgram(NPM, ["ci", "--no-fund", "--no-audit", "--no-update-notifier", "--loglevel=error"], { cwd: EXAMPLE });
  await writeFile(installed, lock);
}
