// Runs npm for temporary projects: quiet and without a registry.
import { runProgram } from "./programs.mjs";

const NPM = process.platform === "win32" ? "npm.cmd" : "npm";

/** Runs npm in a directory, without a registry. */
export function runNpmOffline(args, directory) {
  return runProgram(NPM, [...args, "--offline", "--no-fund", "--no-audit", "--no-update-notifier", "--loglevel=error"], { cwd: directory });
}
