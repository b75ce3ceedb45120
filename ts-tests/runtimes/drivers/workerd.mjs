// Runs the checks in workerd through miniflare: a Worker bundled as Cloudflare's own tools do, with the wasm as a separate module.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkCopies, findEntry } from "../pieces/bundle.mjs";
import { writeProgram } from "../pieces/program.mjs";
import { runProgram, runReportingProgram } from "../pieces/programs.mjs";

const BUNDLE = ["--bundle", "--format=esm", "--conditions=workerd,worker,browser", "--loader:.wasm=copy", "--metafile=meta.json"];

export async function run({ row, directory, tools, packages }) {
  const source = writeProgram({ row, head: 'import wasm from "ringback/ringback.wasm";', slim: "wasm", then: "return Response.json({ checks });" });
  await writeFile(join(directory, "main.mjs"), `${source}export default { fetch: () => report() };\n`);
  const built = join(directory, "built");
  await runProgram(tools.bin("esbuild"), ["main.mjs", ...BUNDLE, `--outdir=${built}`], { cwd: directory });
  const { version, checks } = await runReportingProgram(tools.node(row.options.node), [tools.beside("drivers/workerd-host.mjs"), built], { cwd: directory });
  return { version, entry: await findEntry(join(directory, "meta.json")), checks: [...checks, ...(await checkCopies(built, packages))] };
}
