// Creates an example as a user has it: a copy of its folder, with the packed package in its node_modules.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findPackedTarball } from "../examples/pieces/copy.mjs";
import { runProgram } from "../runtimes/pieces/programs.mjs";

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));
// Files that a user may have created in the example's folder.
const NOT_COPIED = ["node_modules", "accounts.json", "data"];
const NPM = process.platform === "win32" ? "npm.cmd" : "npm";

/** Copies the CRM: the repository's, or the one in the folder `example`. `module(path)` imports one of its files, or a package that it depends on. */
export function copyCrm({ example }) {
  const packages = 'export * as ringback from "ringback";\nexport * as sql from "ringback/sql";\nexport * as testing from "ringback/testing";\nexport { default as pg } from "pg";\n';
  return copyExample({ name: "node-crm", example, prefix: "ringback-crm-", packages });
}

/** Copies examples/node-queue, in the same way. */
export function copyQueue() {
  const packages = 'export * as testing from "ringback/testing";\nexport * as amqp from "amqplib";\n';
  return copyExample({ name: "node-queue", prefix: "ringback-queue-", packages });
}

async function copyExample({ name, example = join(EXAMPLES, name), prefix, packages }) {
  const packed = await findPackedTarball();
  const own = join(EXAMPLES, name);
  await installExample(own);
  const directory = await mkdtemp(join(tmpdir(), prefix));
  await cp(example, directory, { recursive: true, filter: (source) => !NOT_COPIED.includes(basename(source)) });
  const modules = join(directory, "node_modules");
  await mkdir(join(modules, "ringback"), { recursive: true });
  for (const entry of await readdir(join(own, "node_modules"))) {
    if (!entry.startsWith(".") && entry !== "ringback") await symlink(join(own, "node_modules", entry), join(modules, entry), "junction");
  }
  await runProgram("tar", ["-xzf", packed, "-C", join(modules, "ringback"), "--strip-components=1"], { cwd: directory });
  // Packages are resolved from a file inside the copy.
  await writeFile(join(directory, "packages.mjs"), packages);
  return {
    directory,
    module: (path) => import(pathToFileURL(join(directory, path)).href),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Installs an example's dependencies, unless they were installed since its lock file last changed. */
async function installExample(folder) {
  const lock = await readFile(join(folder, "package-lock.json"), "utf8");
  const installed = join(folder, "node_modules/.installed-package-lock.json");
  if ((await readFile(installed, "utf8").catch(() => "")) === lock) return;
  await runProgram(NPM, ["ci", "--no-fund", "--no-audit", "--no-update-notifier", "--loglevel=error"], { cwd: folder });
  await writeFile(installed, lock);
}
