// Creates a temporary copy of an example, with the packed package installed by npm, as a user does.
import { existsSync } from "node:fs";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runNpmOffline } from "../../runtimes/pieces/install.mjs";

const EXAMPLES = fileURLToPath(new URL("../../../examples/", import.meta.url));
const PACK = fileURLToPath(new URL("../../../target/pack/", import.meta.url));

// Files that a user may have created in the example's folder.
const NOT_COPIED = ["node_modules", ".next", ".wrangler", ".env", ".env.local", ".dev.vars"];

/** Copies an example to a directory. */
export async function copyExample({ example, tarball, directory }) {
  await cp(join(EXAMPLES, example), directory, { recursive: true, filter: (source) => !NOT_COPIED.includes(basename(source)) });
  const manifest = join(directory, "package.json");
  const written = await readFile(manifest, "utf8");
  const { dependencies, devDependencies, ...rest } = JSON.parse(written);
  if (dependencies?.ringback === undefined) throw new Error(`${example}/package.json does not depend on ringback`);
  // All dependencies except the package itself come from the harness, which has them in its lock files.
  await writeFile(manifest, JSON.stringify({ ...rest, dependencies: { ringback: `file:${tarball}` } }));
  await runNpmOffline(["install", "--no-package-lock"], directory);
  await writeFile(manifest, written);
}

/**
 * Copies packages with all their dependencies, each found as Node.js does from the folder `from`. Fails if the project in `directory`
 * requires another version than the installed one.
 */
export async function copyPackages({ names, from, directory }) {
  const { dependencies = {} } = JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
  const copied = new Set();
  const copy = async (name, from, needed) => {
    if (copied.has(name)) return;
    copied.add(name);
    const folder = findInstalledFolder(name, from);
    if (folder === undefined && !needed) return;
    if (folder === undefined) throw new Error(`${name} is not installed`);
    const { version, dependencies: further = {}, optionalDependencies = {} } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const asked = dependencies[name];
    if (asked !== undefined && asked !== version) throw new Error(`the example asks for ${name} ${asked}, the harness has ${version}`);
    await cp(folder, join(directory, "node_modules", name), { recursive: true, verbatimSymlinks: true });
    for (const dependency of Object.keys(optionalDependencies)) await copy(dependency, folder, false);
    for (const dependency of Object.keys(further)) if (!(dependency in optionalDependencies)) await copy(dependency, folder, true);
  };
  for (const name of names) await copy(name, from, true);
}

/** Finds the nearest `node_modules/<name>`, from a folder upwards. */
function findInstalledFolder(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}

/** Finds the tarball that `cargo xtask pack` has written. */
export async function findPackedTarball() {
  const tarballs = (await readdir(PACK)).filter((file) => file.endsWith(".tgz"));
  if (tarballs.length !== 1) throw new Error(`${PACK} has ${tarballs.length} tarballs, expected one: cargo xtask pack`);
  return join(PACK, tarballs[0]);
}
