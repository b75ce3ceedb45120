// Writes the licence notices of all libraries in the bundles and the wasm: node licences.mjs WORKSHOP METAFILES DESTINATION
// The list of libraries is read from esbuild's metafiles and from cargo, so that none can be forgotten.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const [workshop, metafiles, destination] = process.argv.slice(2);

/** Lists the libraries in the bundles, each with its licence's name and text. */
function listBundledLibraries() {
  const libraries = new Set();
  for (const file of readdirSync(metafiles)) {
    const { outputs } = JSON.parse(readFileSync(join(metafiles, file), "utf8"));
    for (const { inputs = {} } of Object.values(outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const library = /^(?:.*\/)?(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
        if (library !== undefined && bytesInOutput > 0) libraries.add(library);
      }
    }
  }
  return [...libraries].sort().map((library) => {
    const directory = join(workshop, library);
    const { name, version, license } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
    const text = readdirSync(directory).find((file) => /^licen[cs]e([.-]|$)/i.test(file));
    if (text === undefined) throw new Error(`${name} has no licence text`);
    return { name: `${name} ${version} (${license})`, text: readFileSync(join(directory, text), "utf8").trim() };
  });
}

/** Lists the crates that are compiled into the wasm, without procedural macros and test dependencies. */
function listCompiledCrates() {
  const asked = ["--locked", "--package", "ringback-js", "--target", "wasm32-unknown-unknown"];
  const tree = runCargo("tree", ...asked, "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}");
  const used = new Set(tree.split("\n").map((line) => /^(\S+) v(\S+)/.exec(line)?.slice(1).join(" ")));
  const { packages } = JSON.parse(runCargo("metadata", "--locked", "--format-version", "1", "--filter-platform", "wasm32-unknown-unknown"));
  const crates = packages.filter(({ name, version, source }) => source !== null && used.has(`${name} ${version}`));
  // The two crates of this project are not libraries.
  if (crates.length !== [...used].filter((name) => name !== undefined).length - 2) throw new Error(`cargo tree and cargo metadata differ:\n${tree}`);
  return crates
    .map(({ name, version, license, manifest_path }) => ({ name: `${name} ${version} (${license})`, text: readLicenceTexts(name, dirname(manifest_path)) }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Reads a crate's licence texts. If MIT is one of several licences to choose from, only its text. */
function readLicenceTexts(name, directory) {
  const all = readdirSync(directory).filter((file) => /^licen[cs]e/i.test(file) && !/apache/i.test(file));
  const named = all.filter((file) => /[-.](?!txt$|md$)/i.test(file));
  const texts = (named.length > 0 ? named : all).sort();
  if (texts.length === 0) throw new Error(`${name} has no licence text`);
  return texts.map((file) => readFileSync(join(directory, file), "utf8").trim()).join("\n\n");
}

/** Rust's standard library, parts of which are compiled in. */
function describeStandardLibrary() {
  const rustc = process.env.RUSTC ?? "rustc";
  const [, version] = /^rustc (\S+)/.exec(execFileSync(rustc, ["--version"], { encoding: "utf8" })) ?? [];
  const directory = join(execFileSync(rustc, ["--print", "sysroot"], { encoding: "utf8" }).trim(), "share/doc/rust/licenses");
  const text = (file) => readFileSync(join(directory, file), "utf8").trim();
  const mit = text("MIT.txt").replace("<year> <copyright holders>", "The Rust Project Developers (see https://thanks.rust-lang.org)");
  return { name: `The Rust standard library ${version} (MIT OR Apache-2.0, and its tables of Unicode: Unicode-3.0)`, text: `${mit}\n\n${text("Unicode-3.0.txt")}` };
}

function runCargo(...words) {
  return execFileSync(process.env.CARGO ?? "cargo", words, { encoding: "utf8", maxBuffer: 1 << 28 });
}

/** Formats the notices. A text that several libraries share is written once, below all their names. */
function formatNotices(libraries) {
  const byText = new Map();
  for (const { name, text } of libraries) byText.set(text, [...(byText.get(text) ?? []), name]);
  return [...byText].map(([text, names]) => `${names.join("\n")}\n\n${text}\n`);
}

const rule = `\n${"-".repeat(80)}\n\n`;
const parts = [
  ["The bundles in dist/ contain parts of these libraries.\n", ...formatNotices(listBundledLibraries())],
  ["ringback.wasm contains parts of these libraries.\n", ...formatNotices([...listCompiledCrates(), describeStandardLibrary()])],
];
writeFileSync(destination, parts.flat().join(rule));
