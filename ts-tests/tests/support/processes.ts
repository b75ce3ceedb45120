// Programs in processes of their own.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const DIRECTORY = fileURLToPath(new URL("../..", import.meta.url));

/** What a module prints that runs alone, where nothing was loaded before. Fails where it does not end well, with all that it said. */
export function printed(script: string, ...flags: string[]): string {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...flags, "--input-type=module", "--eval", script], { cwd: DIRECTORY, encoding: "utf8" });
  if (status !== 0) throw new Error(`the process ended with ${signal ?? `code ${status}`}\n${stdout}${stderr}`);
  return stdout.trim();
}
