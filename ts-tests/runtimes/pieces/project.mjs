// Creates temporary projects with the packed tarballs installed by npm, as a user does.
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findPackedTarball } from "../../examples/pieces/copy.mjs";
import { computeDigest } from "./bundle.mjs";
import { runNpmOffline } from "./install.mjs";
import { beside } from "./tools.mjs";

const ROOT = beside("../..");

/** Installs once. `project` is the directory that is copied for every row, `packages` has the digests of the two wasm files. */
export async function prepareProject({ workshop, vectors }) {
  const ringback = await findPackedTarball();
  const trap = await pack(join(ROOT, "target/npm-trap/pkg"), workshop);
  const project = join(workshop, "project");
  await mkdir(project);
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "throw-away", private: true, type: "module" }));
  // ringback-slim is a second copy of the package, because within one copy ringback/slim shares the instance of ringback.
  await runNpmOffline(["install", `ringback@file:${ringback}`, `ringback-trap@file:${trap}`, `ringback-slim@file:${ringback}`], project);
  for (const script of ["conformance.mjs", "comparison.mjs"]) await cp(beside(script), join(project, script));
  await writeFile(join(project, "vectors.mjs"), `export default JSON.parse(${JSON.stringify(JSON.stringify(vectors))});\n`);
  const wasmDigest = (name) => computeDigest(join(project, "node_modules", name, "ringback.wasm")).catch(() => "missing");
  return {
    project,
    packages: {
      ringback: { tarball: ringback, wasmDigest: await wasmDigest("ringback") },
      "ringback-trap": { tarball: trap, wasmDigest: await wasmDigest("ringback-trap") },
    },
  };
}

/** Copies the project for a row. */
export async function copyProject({ project, directory }) {
  await cp(project, directory, { recursive: true, verbatimSymlinks: true });
}

/** Packs the output of `cargo xtask build --test-trap`. */
async function pack(directory, destination) {
  const [{ filename }] = JSON.parse(await runNpmOffline(["pack", "--json", "--pack-destination", destination], directory));
  return join(destination, filename);
}
