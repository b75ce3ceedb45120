// Finds the package as it is published: the tarball, and the folder into which install-package.mjs has unpacked it.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PACKED = fileURLToPath(new URL("../../../target/pack/", import.meta.url));

/** The folder of the installed package. */
export const INSTALLED = fileURLToPath(new URL("../../node_modules/ringback/", import.meta.url));

/** Finds the newest tarball, which is the installed one. */
export function findTarball(): string {
  const files = readdirSync(PACKED).filter((name) => /^ringback-\d.*\.tgz$/.test(name));
  const newest = files.map((name) => join(PACKED, name)).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
  if (newest === undefined) throw new Error("there is no tarball: run `cargo xtask pack`");
  return newest;
}

/** Lists the paths of the tarball's entries, without the folder `package/` that npm puts all of them into. */
export function listPackedFiles(): string[] {
  const lines = execFileSync("tar", ["-tzf", findTarball()], { encoding: "utf8" }).trim().split("\n");
  return lines.map((line) => line.replace(/^package\//, "")).sort();
}

/** Creates a project in the temporary directory, with the package installed from its tarball. */
export function createProject(): string {
  const project = createEmptyFolder();
  const destination = join(project, "node_modules/ringback");
  mkdirSync(destination, { recursive: true });
  execFileSync("tar", ["-xzf", findTarball(), "-C", destination, "--strip-components=1"]);
  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }\n');
  return project;
}

/** Creates a folder outside of any `node_modules`. The caller removes it. */
export function createEmptyFolder(): string {
  return mkdtempSync(join(realpathSync(tmpdir()), "ringback-test-"));
}
