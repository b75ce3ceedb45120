// Builds the site into target/docs/ before its tests, from the package that the other tests use. RINGBACK_SITE_IS_BUILT=1 keeps the one that is there.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export default function setup() {
  if (process.env.RINGBACK_SITE_IS_BUILT === "1") return;
  execFileSync("cargo", ["xtask", "docs", "--build"], { cwd: fileURLToPath(new URL("../..", import.meta.url)), stdio: ["ignore", "inherit", "inherit"] });
}
