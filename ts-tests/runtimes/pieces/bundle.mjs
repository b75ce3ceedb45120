// Checks a bundle: it must contain one file of each wasm, and none as text in JavaScript.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative } from "node:path";

// The start of every wasm, in base64.
const HIDDEN = /AGFzbQ/;
const CODE = [".js", ".mjs", ".cjs", ".html"];

/** Computes the SHA-256 of a file, in hex. */
export async function computeDigest(file) {
  return createHash("sha256").update(await readFile(file)).digest("hex");
}

/** Finds the file of the package that esbuild used for `ringback`, by its metafile. */
export async function findEntry(metafile) {
  const { inputs } = JSON.parse(await readFile(metafile, "utf8"));
  const imports = Object.entries(inputs).find(([file]) => file === "main.mjs")?.[1].imports ?? [];
  return imports.find(({ original }) => original === "ringback")?.path ?? "nothing";
}

/** Checks the bundle in a directory: `packages` has the digests of both packages' wasm. */
export async function checkCopies(directory, packages) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const read = await Promise.all(files.map(async (file) => ({ name: relative(directory, file), digest: await computeDigest(file), code: CODE.includes(extname(file)) ? await readFile(file, "utf8") : "" })));
  const withDigest = (digest) => read.filter((file) => file.digest === digest).map((file) => file.name);
  const known = Object.values(packages).map(({ wasmDigest }) => wasmDigest);
  const foreign = read.filter((file) => file.name.endsWith(".wasm") && !known.includes(file.digest)).map((file) => file.name);
  const hidden = read.filter((file) => HIDDEN.test(file.code)).map((file) => file.name);
  return [
    ...Object.entries(packages).map(([name, { wasmDigest }]) => expectCount(1, `the bundle contains one copy of ${name}.wasm`, withDigest(wasmDigest))),
    expectCount(0, "the bundle contains no other .wasm", foreign),
    expectCount(0, "no code contains a wasm in base64", hidden),
  ];
}

function expectCount(count, check, files) {
  return files.length === count ? { check } : { check, error: `found ${files.length}: ${files.join(", ")}` };
}
