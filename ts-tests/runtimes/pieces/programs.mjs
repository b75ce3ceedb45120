// Runs programs in separate processes, to their end or as servers. Each leads a process group, so that its children end with it.
import { spawn } from "node:child_process";

const LIMIT_MS = 180_000;

/** Leaves out what Vitest sets for its own process: with NODE_ENV=test Next.js does not read .env.local, and bundlers build for development. */
const AS_A_USER = Object.fromEntries(["NODE_ENV", "VITEST", "TEST", "DEV", "PROD", "MODE", "SSR", "BASE_URL"].map((name) => [name, undefined]));

const alive = new Set();
process.on("exit", () => alive.forEach(kill));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/** Runs a program to its end and returns its standard output. Fails with all of its output if the program fails. */
export async function runProgram(program, args, { cwd, env, limitMs = LIMIT_MS }) {
  const running = startProcess(program, args, { cwd, env });
  const timer = setTimeout(() => running.stop(), limitMs);
  const end = await running.ended;
  clearTimeout(timer);
  if (end !== 0) throw new Error(`${program} ended with ${end}\n${running.printed()}`);
  return running.stdout();
}

/** Runs a program and parses its report, `{ version, checks }` as JSON, from its last line. */
export async function runReportingProgram(program, args, options) {
  const stdout = await runProgram(program, args, options);
  const line = stdout.trim().split("\n").at(-1);
  try {
    return JSON.parse(line);
  } catch {
    throw new Error(`${program} printed no report\n${stdout}`);
  }
}

/** Starts a server; resolves with the first match of `ready` in its output. Always call `stop()`. */
export async function startServer(program, args, { cwd, env, ready, limitMs = 60_000 }) {
  const running = startProcess(program, args, { cwd, env });
  let timer;
  const early = running.ended.then((end) => Promise.reject(new Error(`${program} ended with ${end} before it was ready\n${running.printed()}`)));
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${program} was not ready within ${limitMs} ms\n${running.printed()}`)), limitMs);
  });
  try {
    const match = await Promise.race([running.matched(ready), early, late]);
    early.catch(() => undefined);
    return { match, printed: running.printed, stop: running.stop };
  } catch (error) {
    await running.stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function startProcess(program, args, { cwd, env }) {
  const plain = { ...process.env, ...AS_A_USER, NO_COLOR: "1", FORCE_COLOR: undefined };
  const child = spawn(program, args, { cwd, env: { ...plain, ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true });
  alive.add(child);
  const pieces = { stdout: "", stderr: "" };
  const watchers = new Set();
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (text) => {
      pieces[name] += text;
      for (const look of watchers) look();
    });
  }
  const ended = new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(code ?? signal));
  }).finally(() => alive.delete(child));
  const printed = () => pieces.stdout + pieces.stderr;
  const matched = (pattern) =>
    new Promise((resolve) => {
      const look = () => {
        const match = pattern.exec(printed());
        if (match !== null) resolve(match);
      };
      watchers.add(look);
      look();
    });
  const stop = async () => {
    kill(child);
    await ended;
  };
  return { ended, matched, printed, stdout: () => pieces.stdout, stop };
}

function kill({ pid }) {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // The process has already ended.
  }
}
