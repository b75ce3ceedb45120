// Finds runtimes and bundlers: in the node_modules of ts-tests, or of a folder here if two versions are needed; browsers are on PATH.
// The tools of suite "all" come last: some bring another version of a tool that the other rows use.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const HERE = fileURLToPath(new URL("..", import.meta.url));
const FOLDERS = ["node_modules", "../node_modules", "all/node_modules"].map((folder) => join(HERE, folder));
const WINDOWS = process.platform === "win32";

const BROWSERS = {
  chromium: ["chromium", "chromium-browser", "google-chrome"],
  firefox: ["firefox", "firefox-esr"],
};

/** Finds a program of an installed package. */
export function bin(name) {
  const file = WINDOWS ? `${name}.cmd` : name;
  return findInstalled(join(".bin", file), name);
}

/** Finds the Node.js of a major version. */
export function node(major) {
  return findInstalled(join(`node-${major}`, "bin", WINDOWS ? "node.exe" : "node"), `node-${major}`);
}

/** Finds a file of an installed package, to run it as a script with a certain Node.js: `file("wrangler/bin/wrangler.js")`. */
export function file(path) {
  return findInstalled(path, path);
}

/** Imports an installed package; the exports of CommonJS are under `default`. */
export async function module(name) {
  const folder = FOLDERS.find((candidate) => existsSync(join(candidate, name)));
  if (folder === undefined) throw new Error(`${name} is not installed`);
  return import(pathToFileURL(createRequire(join(folder, "..", "package.json")).resolve(name)).href);
}

/** Finds a browser: `chromium` or `firefox`. The variables CHROMIUM and FIREFOX override PATH. */
export function browser(name) {
  const named = process.env[name.toUpperCase()];
  const places = (process.env.PATH ?? "").split(delimiter).flatMap((folder) => BROWSERS[name].map((program) => join(folder, program)));
  const found = named ?? places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`${name} is not on PATH`);
  return found;
}

function findInstalled(path, name) {
  const found = FOLDERS.map((folder) => join(folder, path)).find((place) => existsSync(place));
  if (found === undefined) throw new Error(`${name} is not installed`);
  return found;
}

/** Finds a file of this harness. */
export function beside(path) {
  return join(HERE, path);
}
