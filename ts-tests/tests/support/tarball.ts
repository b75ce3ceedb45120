// The package as it is published: the tarball, and the folder that install-package.mjs has unpacked from it.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PACKED = fileURLToPath(new URL("../../../target/pack/", import.meta.url));

/** Where the package is installed. */
export const INSTALLED = fileURLToPath(new URL("../../node_modules/ringback/", import.meta.url));

/** The newest tarball, which is the one that was installed. */
export function tarball(): string {
  const files = readdirSync(PACKED).filter((name) => /^ringback-\d.*\.tgz$/.test(name));
  const newest = files.map((name) => join(PACKED, name)).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
  if (newest === undefined) throw new Error("no tarball was packed: run `cargo xtask pack`");
  return newest;
}

/** The paths of the tarball's entries, without the folder `package/` that npm puts them all into. */
export function packedFiles(): string[] {
  const lines = execFileSync("tar", ["-tzf", tarball()], { encoding: "utf8" }).trim().split("\n");
  return lines.map((line) => line.replace(/^package\//, "")).sort();
}

/** A new project under the temporary directory, with the package installed from its tarball. */
export function projectWithPackage(): string {
  const project = emptyFolder();
  const destination = join(project, "node_modules/ringback");
  mkdirSync(destination, { recursive: true });
  execFileSync("tar", ["-xzf", tarball(), "-C", destination, "--strip-components=1"]);
  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }\n');
  return project;
}

/** A new folder from which no `node_modules` can be seen. The caller removes it. */
export function emptyFolder(): string {
  return mkdtempSync(join(realpathSync(tmpdir()), "ringback-test-"));
}
