// Puts the package into node_modules just as its tarball has it, and beside it the variant that can trap: what is tested is what
// users get, and package.json and the lock file stay as they are. What is missing or older than the sources is built first.
// Vitest runs this before the tests of each project; `node install-package.mjs` runs it alone.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const tests = dirname(fileURLToPath(import.meta.url));
const root = dirname(tests);

const SOURCES = ["Cargo.toml", "Cargo.lock", "src", "bindings/js/Cargo.toml", "bindings/js/src", "pkg-template"];

/** The last change to a file or to anything within a directory, in milliseconds. */
function lastChange(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  const entries = readdirSync(path).filter((name) => name !== "node_modules");
  return Math.max(stats.mtimeMs, ...entries.map((name) => lastChange(join(path, name))));
}

function isCurrent(file) {
  const built = statSync(file).mtimeMs;
  return SOURCES.map((name) => join(root, name)).every((source) => !existsSync(source) || lastChange(source) <= built);
}

function run(program, args, directory) {
  // npm is a script with another extension on Windows, which only a shell finds.
  execFileSync(program, args, { cwd: directory, stdio: ["ignore", "inherit", "inherit"], shell: process.platform === "win32" });
}

function newest(directory, name) {
  const files = existsSync(directory) ? readdirSync(directory).filter((file) => name.test(file)) : [];
  return files.map((file) => join(directory, file)).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
}

function unpack(tarball, name) {
  const destination = join(tests, "node_modules", name);
  rmSync(destination, { recursive: true, force: true });
  mkdirSync(destination, { recursive: true });
  run("tar", ["-xzf", tarball, "-C", destination, "--strip-components=1"], tests);
  console.log(`ts-tests: ${name} is ${tarball.slice(root.length + 1)}`);
}

function released() {
  const found = newest(join(root, "target/pack"), /^ringback-\d.*\.tgz$/);
  if (found !== undefined && isCurrent(found)) return found;
  run("cargo", ["xtask", "pack"], root);
  return newest(join(root, "target/pack"), /^ringback-\d.*\.tgz$/);
}

function trapping() {
  const built = join(root, "target/npm-trap/pkg");
  if (!existsSync(join(built, "package.json")) || !isCurrent(join(built, "package.json"))) run("cargo", ["xtask", "build", "--test-trap"], root);
  const destination = join(root, "target/npm-trap");
  run("npm", ["pack", "--silent", "--pack-destination", destination], built);
  return newest(destination, /\.tgz$/);
}

export default function setup() {
  // Where several projects run at once, the first installs it for all.
  if (process.env.RINGBACK_IS_INSTALLED === "1") return;
  unpack(released(), "ringback");
  unpack(trapping(), "ringback-trap");
  process.env.RINGBACK_IS_INSTALLED = "1";
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setup();
