// Runs the queue's consumer with the memory of a Worker, and pushes that would need much more.
import { fileURLToPath } from "node:url";
import { runProgram, runReportingProgram } from "../../runtimes/pieces/programs.mjs";

const HOST = fileURLToPath(new URL("edge-worker-memory-host.mjs", import.meta.url));

export async function run({ directory, tools }) {
  await runProgram(tools.node(24), ["schema.mjs"], { cwd: directory });
  return runReportingProgram(tools.node(24), ["--max-old-space-size=128", "--disable-warning=ExperimentalWarning", HOST, directory], { cwd: directory });
}
