// Runs receivers and consumers as processes, and starts one again that has ended.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const PAUSE_MS = 1_000;
const READY = /: connected to the broker$/;

/**
 * Starts a program of this folder. `ready()` resolves when it is connected to RabbitMQ; `kill()` ends it with SIGKILL, after which it starts again;
 * `stop()` ends it for good.
 *
 * @param {{ program: "receiver.mjs" | "consumer.mjs", env: Record<string, string>, say: (line: string) => void }} options
 */
export function startWorker({ program, env, say }) {
  let stopped = false;
  let child;
  let isReady = (/** @type {unknown} */ _) => {};
  let readiness = Promise.resolve();
  start();
  return { ready: () => readiness, kill, stop, pid: () => child.pid };

  function start() {
    readiness = new Promise((resolve) => (isReady = resolve));
    child = spawn(process.execPath, [fileURLToPath(new URL(program, import.meta.url))], { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const mine = child;
    const kill = () => mine.kill("SIGKILL");
    process.once("exit", kill);
    for (const stream of [child.stdout, child.stderr]) {
      let rest = "";
      stream.setEncoding("utf8").on("data", (text) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          say(line);
          if (READY.test(line)) isReady(undefined);
        }
      });
    }
    mine.once("close", (code, signal) => {
      process.off("exit", kill);
      if (stopped) return;
      say(`${program} ended with ${signal ?? code}; it starts again`);
      setTimeout(() => stopped || start(), PAUSE_MS);
    });
  }

  async function kill() {
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGKILL");
    readiness = new Promise((resolve) => (isReady = resolve));
    await ended;
  }

  async function stop() {
    stopped = true;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGTERM");
    await ended;
  }
}
