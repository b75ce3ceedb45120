// Throw-away projects, each with the packed tarballs installed by npm, as a user would.
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findPackedTarball } from "../../examples/pieces/copy.mjs";
import { digestOf } from "./bundle.mjs";
import { npmOffline } from "./install.mjs";
import { beside } from "./tools.mjs";

const ROOT = beside("../..");

/** Installs once: `project` is the directory that every row gets a copy of, `packages` has the digests of the two wasm files. */
export async function preparedProject({ workshop, vectors }) {
  const ringback = await findPackedTarball();
  const trap = await packed(join(ROOT, "target/npm-trap/pkg"), workshop);
  const project = join(workshop, "project");
  await mkdir(project);
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "throw-away", private: true, type: "module" }));
  // ringback-slim is the package once more: within one copy, ringback/slim shares the instance of ringback.
  await npmOffline(["install", `ringback@file:${ringback}`, `ringback-trap@file:${trap}`, `ringback-slim@file:${ringback}`], project);
  for (const script of ["conformance.mjs", "comparison.mjs"]) await cp(beside(script), join(project, script));
  await writeFile(join(project, "vectors.mjs"), `export default JSON.parse(${JSON.stringify(JSON.stringify(vectors))});\n`);
  const wasmDigest = (name) => digestOf(join(project, "node_modules", name, "ringback.wasm")).catch(() => "missing");
  return {
    project,
    packages: {
      ringback: { tarball: ringback, wasmDigest: await wasmDigest("ringback") },
      "ringback-trap": { tarball: trap, wasmDigest: await wasmDigest("ringback-trap") },
    },
  };
}

/** A row's own copy. */
export async function freshProject({ project, directory }) {
  await cp(project, directory, { recursive: true, verbatimSymlinks: true });
}

/** What `cargo xtask build --test-trap` left, packed. */
async function packed(directory, destination) {
  const [{ filename }] = JSON.parse(await npmOffline(["pack", "--json", "--pack-destination", destination], directory));
  return join(destination, filename);
}
