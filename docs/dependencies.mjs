// Checks DEPENDENCIES.md: it must list every direct dependency of every manifest with a reason, and no others. The script counts how many
// packages each one brings; without --check it writes these counts. It also checks that lock files match and that workflows name actions by digest.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const PAGE = join(ROOT, "DEPENDENCIES.md");
const SKIPPED = new Set(["node_modules", "target", "pkg", ".git"]);

/** Finds every manifest of this name, relative to the root. */
function findManifests(name, folder = ROOT) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : findManifests(name, join(folder, entry.name));
    return entry.name === name ? [relative(ROOT, join(folder, name)).replaceAll("\\", "/")] : [];
  });
}

/** Counts, for each direct dependency of a crate, the packages it brings: `{ name: count }`. `--locked` fails if the lock file does not match. */
function countCargoDependencies(manifest) {
  const asked = ["metadata", "--format-version", "1", "--locked", "--all-features", "--manifest-path", join(ROOT, manifest)];
  const { packages, resolve } = JSON.parse(execFileSync(process.env.CARGO ?? "cargo", asked, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 28 }));
  const own = packages.find((candidate) => candidate.manifest_path === join(ROOT, manifest));
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const local = new Set(packages.filter(({ source }) => source === null).map(({ id }) => id));
  const collectTransitive = (id, seen = new Set()) => {
    for (const dependency of nodes.get(id).dependencies) {
      if (seen.has(dependency)) continue;
      seen.add(dependency);
      collectTransitive(dependency, seen);
    }
    return seen;
  };
  const names = new Map(packages.map(({ id, name }) => [id, name]));
  const direct = nodes.get(own.id).dependencies.filter((id) => !local.has(id));
  return Object.fromEntries(direct.map((id) => [names.get(id), collectTransitive(id).size]));
}

/** Finds the lock file of a folder, its own or its workspace's: the packages in it, and the folder's name there. */
function findLock(folder) {
  for (let at = folder; ; at = dirname(at)) {
    const file = join(ROOT, at, "package-lock.json");
    const member = relative(at, folder).replaceAll("\\", "/");
    const packages = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : {};
    if (packages[member] !== undefined) return { packages, member };
    if (at === ".") return undefined;
  }
}

/** Counts the same for an npm package. Without a lock file the count is "–", because the user's package manager chooses the versions. */
function countNpmDependencies(manifest) {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(join(ROOT, manifest), "utf8"));
  const direct = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => name !== "ringback");
  const lock = findLock(dirname(manifest));
  if (lock === undefined) return Object.fromEntries(direct.map((name) => [name, "–"]));
  const { packages, member } = lock;
  const locked = { ...packages[member].dependencies, ...packages[member].devDependencies };
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    if (locked[name] !== version) throw new Error(`${manifest} asks for ${name} ${version}, its lock file for ${locked[name]}: run npm install there`);
  }
  const resolveInstalled = (from, name) => {
    for (let at = from; ; at = at.includes("/") ? dirname(at) : "") {
      const candidate = `${at === "" ? "" : `${at}/`}node_modules/${name}`;
      if (packages[candidate] !== undefined) return candidate;
      if (at === "") return undefined;
    }
  };
  const collectTransitive = (from, seen = new Set()) => {
    const { dependencies: needs = {}, optionalDependencies: may = {} } = packages[from];
    for (const name of Object.keys({ ...needs, ...may })) {
      const found = resolveInstalled(from, name);
      if (found === undefined || seen.has(found)) continue;
      seen.add(found);
      collectTransitive(found, seen);
    }
    return seen;
  };
  return Object.fromEntries(direct.map((name) => [name, collectTransitive(resolveInstalled(member, name)).size]));
}

/** Counts the dependencies of every manifest that has some. */
function countAllDependencies() {
  const all = [...findManifests("Cargo.toml").map((file) => [file, countCargoDependencies(file)]), ...findManifests("package.json").map((file) => [file, countNpmDependencies(file)])];
  return new Map(all.filter(([, dependencies]) => Object.keys(dependencies).length > 0));
}

/** Returns the page with the present counts, and the list of missing and superfluous lines. */
function checkPage(page, parts) {
  const wrong = [];
  let manifest;
  const named = new Map([...parts.keys()].map((file) => [file, new Set()]));
  const lines = page.split("\n").map((line) => {
    if (line.startsWith("## ")) manifest = /`([^`]*)`/.exec(line)?.[1];
    const [, name, reason] = /^\| `([^`]+)` \| (.+) \| [^|]* \|$/.exec(line) ?? [];
    if (name === undefined) return line;
    const count = parts.get(manifest)?.[name];
    if (count === undefined) wrong.push(`${name} is not a dependency of ${manifest}`);
    named.get(manifest)?.add(name);
    return `| \`${name}\` | ${reason} | ${count} |`;
  });
  for (const [file, dependencies] of parts) {
    for (const name of Object.keys(dependencies)) if (!named.get(file).has(name)) wrong.push(`${name} of ${file} has no line with a reason`);
  }
  return { text: lines.join("\n"), wrong };
}

/** Finds workflow actions that are named by a tag, which an attacker who controls their repository could move. */
function findUnpinnedActions() {
  const folder = join(ROOT, ".github/workflows");
  return readdirSync(folder).flatMap((file) => {
    const uses = [...readFileSync(join(folder, file), "utf8").matchAll(/^\s*-?\s*uses:\s*(\S+)(.*)$/gm)];
    if (uses.length === 0) throw new Error(`${file} uses no action: the pattern that finds them may be out of date`);
    return uses.filter(([, action, comment]) => !/@[0-9a-f]{40}$/.test(action) || !/# v\d/.test(comment)).map(([, action]) => `${file}: ${action} is not named by digest and version`);
  });
}

const page = readFileSync(PAGE, "utf8");
const { text, wrong } = checkPage(page, countAllDependencies());
const problems = [...wrong, ...findUnpinnedActions()];
if (process.argv.includes("--check")) {
  if (text !== page) problems.push("the counts have changed: run node docs/dependencies.mjs to write them");
} else {
  writeFileSync(PAGE, text);
}
for (const problem of problems) console.error(`DEPENDENCIES.md: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;
