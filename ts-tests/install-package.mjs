// Unpacks the package's tarball into node_modules, and beside it the variant that can trap, without changing package.json and the lock
// file: the tests use the files that users get. Packages that are missing or older than the sources are built first.
// Vitest runs this before the tests of each project; `node install-package.mjs` runs it alone.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const tests = dirname(fileURLToPath(import.meta.url));
const root = dirname(tests);

const SOURCES = ["Cargo.toml", "Cargo.lock", "src", "bindings/js/Cargo.toml", "bindings/js/src", "pkg-template"];

/** Finds the time of the last change to a file or to anything in a directory, in milliseconds. */
function findLastChange(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  const entries = readdirSync(path).filter((name) => name !== "node_modules");
  return Math.max(stats.mtimeMs, ...entries.map((name) => findLastChange(join(path, name))));
}

function isCurrent(file) {
  const built = statSync(file).mtimeMs;
  return SOURCES.map((name) => join(root, name)).every((source) => !existsSync(source) || findLastChange(source) <= built);
}

function run(program, args, directory) {
  // On Windows npm is a script with another extension, which only a shell finds.
  execFileSync(program, args, { cwd: directory, stdio: ["ignore", "inherit", "inherit"], shell: process.platform === "win32" });
}

function findNewest(directory, name) {
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

function buildRelease() {
  const found = findNewest(join(root, "target/pack"), /^ringback-\d.*\.tgz$/);
  if (found !== undefined && isCurrent(found)) return found;
  run("cargo", ["xtask", "pack"], root);
  return findNewest(join(root, "target/pack"), /^ringback-\d.*\.tgz$/);
}

function buildTrapVariant() {
  const built = join(root, "target/npm-trap/pkg");
  if (!existsSync(join(built, "package.json")) || !isCurrent(join(built, "package.json"))) run("cargo", ["xtask", "build", "--test-trap"], root);
  const destination = join(root, "target/npm-trap");
  const packed = findNewest(destination, /\.tgz$/);
  if (packed !== undefined && statSync(packed).mtimeMs > statSync(join(built, "package.json")).mtimeMs) return packed;
  run("npm", ["pack", "--silent", "--pack-destination", destination], built);
  return findNewest(destination, /\.tgz$/);
}

export default function setup() {
  // If several projects run, the first one installs the package for all.
  if (process.env.RINGBACK_IS_INSTALLED === "1") return;
  unpack(buildRelease(), "ringback");
  unpack(buildTrapVariant(), "ringback-trap");
  process.env.RINGBACK_IS_INSTALLED = "1";
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setup();
