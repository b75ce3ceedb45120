// Runs scripts in separate processes.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const DIRECTORY = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a module in a new process and returns its output. Fails with all of its output if the process fails. */
export function runScript(script: string, ...flags: string[]): string {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...flags, "--input-type=module", "--eval", script], { cwd: DIRECTORY, encoding: "utf8" });
  if (status !== 0) throw new Error(`the process ended with ${signal ?? `code ${status}`}\n${stdout}${stderr}`);
  return stdout.trim();
}
