// Builds a Next.js app for production and starts it: a route handler in Node.js or in the edge runtime.
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { copyPackages } from "../../examples/pieces/copy.mjs";
import { checkCopies } from "../pieces/bundle.mjs";
import { writeProgram } from "../pieces/program.mjs";
import { runProgram, startServer } from "../pieces/programs.mjs";

// The lock file of the temporary project does not name Next.js, which would complete it from the registry.
const QUIET = { NEXT_TELEMETRY_DISABLED: "1", NEXT_IGNORE_INCORRECT_LOCKFILE: "1" };
const NEXT = "node_modules/next/dist/bin/next";

export async function run({ row, directory, tools, packages }) {
  // Next.js's own bundler does not follow links out of the project, so its packages must be inside.
  await copyPackages({ names: ["next", "react", "react-dom"], from: tools.beside("all"), directory });
  const app = join(directory, "app");
  await mkdir(app);
  for (const file of ["conformance.mjs", "comparison.mjs", "vectors.mjs"]) await rename(join(directory, file), join(app, file));
  const source = writeProgram({ row, then: "return Response.json({ runtime: globalThis.EdgeRuntime ?? `node ${process.version}`, checks });" });
  const edge = row.options.runtime === "edge";
  await writeFile(join(app, "route.js"), `${source}export const POST = () => report();\n${edge ? 'export const runtime = "edge";\n' : ""}`);

  const node = tools.node(row.options.node);
  const options = { cwd: directory, env: QUIET };
  await runProgram(node, [NEXT, "build"], options);
  const server = await startServer(node, [NEXT, "start", "-H", "127.0.0.1", "-p", "0"], { ...options, ready: /http:\/\/127\.0\.0\.1:\d+/ });
  try {
    const response = await fetch(server.match[0], { method: "POST" });
    if (!response.ok) throw new Error(`the handler answered ${response.status}\n${server.printed()}`);
    const { runtime, checks } = await response.json();
    const [, version] = /Next\.js (\d[\w.-]*)/.exec(server.printed()) ?? [];
    return { version: `Next.js ${version}`, checks: [...checks, checkRuntime(edge, runtime), ...(await checkCopies(join(directory, ".next"), packages))] };
  } finally {
    await server.stop();
  }
}

function checkRuntime(edge, runtime) {
  const check = `the handler runs in ${edge ? "the edge runtime" : "Node.js"}`;
  return runtime.startsWith(edge ? "edge-runtime" : "node ") ? { check } : { check, error: `the handler runs in ${runtime}` };
}
