// A Next.js app, built for production and started: a route handler in Node.js or in the edge runtime.
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { copyPackages } from "../../examples/pieces/copy.mjs";
import { copiesIn } from "../pieces/bundle.mjs";
import { program } from "../pieces/program.mjs";
import { ran, started } from "../pieces/programs.mjs";

// The lock file of a throw-away project does not name Next.js; it would be completed from the registry.
const QUIET = { NEXT_TELEMETRY_DISABLED: "1", NEXT_IGNORE_INCORRECT_LOCKFILE: "1" };
const NEXT = "node_modules/next/dist/bin/next";

export async function run({ row, directory, tools, packages }) {
  // Next.js's own bundler follows no link out of the project, so its packages must be in it.
  await copyPackages({ names: ["next", "react", "react-dom"], from: tools.beside("all"), directory });
  const app = join(directory, "app");
  await mkdir(app);
  for (const file of ["conformance.mjs", "comparison.mjs", "vectors.mjs"]) await rename(join(directory, file), join(app, file));
  const source = program({ row, then: "return Response.json({ runtime: globalThis.EdgeRuntime ?? `node ${process.version}`, checks });" });
  const edge = row.options.runtime === "edge";
  await writeFile(join(app, "route.js"), `${source}export const POST = () => report();\n${edge ? 'export const runtime = "edge";\n' : ""}`);

  const node = tools.node(row.options.node);
  const options = { cwd: directory, env: QUIET };
  await ran(node, [NEXT, "build"], options);
  const server = await started(node, [NEXT, "start", "-H", "127.0.0.1", "-p", "0"], { ...options, ready: /http:\/\/127\.0\.0\.1:\d+/ });
  try {
    const response = await fetch(server.match[0], { method: "POST" });
    if (!response.ok) throw new Error(`the handler answered ${response.status}\n${server.printed()}`);
    const { runtime, checks } = await response.json();
    const [, version] = /Next\.js (\d[\w.-]*)/.exec(server.printed()) ?? [];
    return { version: `Next.js ${version}`, checks: [...checks, runtimeCheck(edge, runtime), ...(await copiesIn(join(directory, ".next"), packages))] };
  } finally {
    await server.stop();
  }
}

function runtimeCheck(edge, runtime) {
  const check = `the handler runs in ${edge ? "the edge runtime" : "Node.js"}`;
  return runtime.startsWith(edge ? "edge-runtime" : "node ") ? { check } : { check, error: `it runs in ${runtime}` };
}
