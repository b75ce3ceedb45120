// Runs the Worker on a platform that fails at random: every acknowledged push must be kept once.
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runHost } from "./edge-worker.mjs";

const HOST = fileURLToPath(new URL("edge-worker-failing-host.mjs", import.meta.url));
const FAULTS = fileURLToPath(new URL("edge-worker-faults.mjs", import.meta.url));

export async function run({ directory, tools }) {
  await copyFile(FAULTS, join(directory, "faults.mjs"));
  return runHost({ directory, tools, main: "faults.mjs", host: HOST });
}
