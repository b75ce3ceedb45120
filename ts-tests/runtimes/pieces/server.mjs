// Keeps a private server process, which can crash and be started again with its data.
import { execFileSync, spawn } from "node:child_process";
import { rmSync } from "node:fs";

/**
 * Starts a server. `crash()` ends it at once, `start()` starts it again, `remove()` ends it and deletes its folder.
 *
 * @param launch - Name, program, arguments and spawn options; `ready`: the words on standard error with which it accepts connections;
 * `crashSignal`: the signal that ends it at once; `home`: its folder.
 */
export async function startServer({ name, program, args, options, ready, crashSignal, home }) {
  let child;
  let ended = Promise.resolve();
  const kill = () => child?.kill(crashSignal);
  process.on("exit", kill);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

  const start = async () => {
    child = spawn(program, args, { ...options, cwd: home, stdio: ["ignore", "ignore", "pipe"] });
    let printed = "";
    child.stderr.setEncoding("utf8").on("data", (text) => (printed += text));
    ended = new Promise((resolve) => child.on("close", resolve).on("error", resolve));
    const late = performance.now() + 60_000;
    while (!printed.includes(ready)) {
      if (child.exitCode !== null || performance.now() > late) throw new Error(`${name} did not start\n${printed}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const crash = async () => {
    kill();
    await ended;
  };
  const remove = async () => {
    await crash();
    process.off("exit", kill);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await remove();
    throw error;
  }
  return { start, crash, remove, version: execFileSync(program, ["--version"], { encoding: "utf8" }).trim() };
}
