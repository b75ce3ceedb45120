// Keeps DEPENDENCIES.md true: every direct dependency of every part stands there with its reason, and nothing else; what each brings with
// it is counted here. Without --check the counts are written. Checks as well that lock files fit, and that workflows name actions by digest.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const PAGE = join(ROOT, "DEPENDENCIES.md");
const SKIPPED = new Set(["node_modules", "target", "pkg", ".git"]);

/** Every manifest of that name, relative to the root. */
function manifests(name, folder = ROOT) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : manifests(name, join(folder, entry.name));
    return entry.name === name ? [relative(ROOT, join(folder, name)).replaceAll("\\", "/")] : [];
  });
}

/** `{ name: count }` of a crate's direct dependencies. `--locked` fails where the lock file does not fit. */
function ofCargo(manifest) {
  const asked = ["metadata", "--format-version", "1", "--locked", "--all-features", "--manifest-path", join(ROOT, manifest)];
  const { packages, resolve } = JSON.parse(execFileSync(process.env.CARGO ?? "cargo", asked, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 28 }));
  const own = packages.find((candidate) => candidate.manifest_path === join(ROOT, manifest));
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const local = new Set(packages.filter(({ source }) => source === null).map(({ id }) => id));
  const behind = (id, seen = new Set()) => {
    for (const dependency of nodes.get(id).dependencies) {
      if (seen.has(dependency)) continue;
      seen.add(dependency);
      behind(dependency, seen);
    }
    return seen;
  };
  const names = new Map(packages.map(({ id, name }) => [id, name]));
  const direct = nodes.get(own.id).dependencies.filter((id) => !local.has(id));
  return Object.fromEntries(direct.map((id) => [names.get(id), behind(id).size]));
}

/** The same of an npm package. Without a lock file of its own, where its reader's package manager decides, nothing is counted. */
function ofNpm(manifest) {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(join(ROOT, manifest), "utf8"));
  const direct = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => name !== "ringback");
  const lockFile = join(ROOT, dirname(manifest), "package-lock.json");
  if (!existsSync(lockFile)) return Object.fromEntries(direct.map((name) => [name, "–"]));
  const { packages } = JSON.parse(readFileSync(lockFile, "utf8"));
  const locked = { ...packages[""].dependencies, ...packages[""].devDependencies };
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    if (locked[name] !== version) throw new Error(`${manifest} asks for ${name} ${version}, its lock file for ${locked[name]}: run npm install there`);
  }
  const place = (from, name) => {
    for (let at = from; ; at = at.includes("/node_modules/") ? at.slice(0, at.lastIndexOf("/node_modules/")) : "") {
      const candidate = `${at === "" ? "" : `${at}/`}node_modules/${name}`;
      if (packages[candidate] !== undefined) return candidate;
      if (at === "") return undefined;
    }
  };
  const behind = (from, seen = new Set()) => {
    const { dependencies: needs = {}, optionalDependencies: may = {} } = packages[from];
    for (const name of Object.keys({ ...needs, ...may })) {
      const found = place(from, name);
      if (found === undefined || seen.has(found)) continue;
      seen.add(found);
      behind(found, seen);
    }
    return seen;
  };
  return Object.fromEntries(direct.map((name) => [name, behind(place("", name)).size]));
}

/** Every manifest with dependencies, and its counts. */
function found() {
  const all = [...manifests("Cargo.toml").map((file) => [file, ofCargo(file)]), ...manifests("package.json").map((file) => [file, ofNpm(file)])];
  return new Map(all.filter(([, dependencies]) => Object.keys(dependencies).length > 0));
}

/** The page with its counts set right, and what it lacks or has too much. */
function judged(page, parts) {
  const wrong = [];
  let manifest;
  const named = new Map([...parts.keys()].map((file) => [file, new Set()]));
  const lines = page.split("\n").map((line) => {
    if (line.startsWith("## ")) manifest = /`([^`]*)`/.exec(line)?.[1];
    const [, name, reason] = /^\| `([^`]+)` \| (.+) \| [^|]* \|$/.exec(line) ?? [];
    if (name === undefined) return line;
    const count = parts.get(manifest)?.[name];
    if (count === undefined) wrong.push(`${name} is no dependency of ${manifest}`);
    named.get(manifest)?.add(name);
    return `| \`${name}\` | ${reason} | ${count} |`;
  });
  for (const [file, dependencies] of parts) {
    for (const name of Object.keys(dependencies)) if (!named.get(file).has(name)) wrong.push(`${name} of ${file} has no reason`);
  }
  return { text: lines.join("\n"), wrong };
}

/** Actions of workflows that are named by a tag, which anybody who takes over their repository can move. */
function unpinned() {
  const folder = join(ROOT, ".github/workflows");
  return readdirSync(folder).flatMap((file) => {
    const uses = [...readFileSync(join(folder, file), "utf8").matchAll(/^\s*-?\s*uses:\s*(\S+)(.*)$/gm)];
    if (uses.length === 0) throw new Error(`${file} uses no action: is its form still read?`);
    return uses.filter(([, action, comment]) => !/@[0-9a-f]{40}$/.test(action) || !/# v\d/.test(comment)).map(([, action]) => `${file}: ${action} is not named by digest and version`);
  });
}

const page = readFileSync(PAGE, "utf8");
const { text, wrong } = judged(page, found());
const problems = [...wrong, ...unpinned()];
if (process.argv.includes("--check")) {
  if (text !== page) problems.push("the counts have changed: node docs/dependencies.mjs writes them");
} else {
  writeFileSync(PAGE, text);
}
for (const problem of problems) console.error(`DEPENDENCIES.md: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;
