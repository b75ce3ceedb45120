// What a bundle must be: one file of each wasm, and none hidden in JavaScript.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative } from "node:path";

// How every wasm begins, in base64.
const HIDDEN = /AGFzbQ/;
const CODE = [".js", ".mjs", ".cjs", ".html"];

/** The SHA-256 of a file, in hex. */
export async function digestOf(file) {
  return createHash("sha256").update(await readFile(file)).digest("hex");
}

/** The file of the package that esbuild took for `ringback`, as its metafile tells. */
export async function entryIn(metafile) {
  const { inputs } = JSON.parse(await readFile(metafile, "utf8"));
  const imports = Object.entries(inputs).find(([file]) => file === "main.mjs")?.[1].imports ?? [];
  return imports.find(({ original }) => original === "ringback")?.path ?? "nothing";
}

/** The checks of the bundle in a directory: `packages` has the digests of both packages' wasm. */
export async function copiesIn(directory, packages) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const read = await Promise.all(files.map(async (file) => ({ name: relative(directory, file), digest: await digestOf(file), code: CODE.includes(extname(file)) ? await readFile(file, "utf8") : "" })));
  const withDigest = (digest) => read.filter((file) => file.digest === digest).map((file) => file.name);
  const known = Object.values(packages).map(({ wasmDigest }) => wasmDigest);
  const foreign = read.filter((file) => file.name.endsWith(".wasm") && !known.includes(file.digest)).map((file) => file.name);
  const hidden = read.filter((file) => HIDDEN.test(file.code)).map((file) => file.name);
  return [
    ...Object.entries(packages).map(([name, { wasmDigest }]) => exactly(1, `the bundle holds one copy of ${name}.wasm`, withDigest(wasmDigest))),
    exactly(0, "the bundle holds no other .wasm", foreign),
    exactly(0, "no code holds a wasm in base64", hidden),
  ];
}

function exactly(count, check, files) {
  return files.length === count ? { check } : { check, error: `found ${files.length}: ${files.join(", ")}` };
}
