// npm, for throw-away projects: without a registry, and quiet.
import { ran } from "./programs.mjs";

const NPM = process.platform === "win32" ? "npm.cmd" : "npm";

/** Runs npm in a directory, without a registry. */
export function npmOffline(args, directory) {
  return ran(NPM, [...args, "--offline", "--no-fund", "--no-audit", "--no-update-notifier", "--loglevel=error"], { cwd: directory });
}
