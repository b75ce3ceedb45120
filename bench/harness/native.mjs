// The core compiled natively (bench/native), for speed: one thread, as the wasm has.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** Compiles it, and returns a function that runs it and returns what it prints. */
export function native() {
  const build = ["build", "--quiet", "--release", "--package", "ringback-bench", "--target-dir", "target/bench", "--message-format", "json-render-diagnostics"];
  // At the level at which one would compile a program for a server.
  const built = run("cargo", build, { cwd: ROOT, env: { ...process.env, CARGO_PROFILE_RELEASE_OPT_LEVEL: "3" } });
  const program = built
    .split("\n")
    .filter((line) => line.includes('"executable":"'))
    .map((line) => JSON.parse(line).executable)
    .at(-1);
  return (args) => run(program, args);
}

export function run(program, args, options) {
  const { error, status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 2 ** 30, ...options });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}:\n${stderr}`);
  return stdout;
}
