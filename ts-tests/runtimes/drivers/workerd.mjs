// workerd through miniflare: a Worker bundled as Cloudflare's own tools bundle it, with the wasm as a module beside it.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { copiesIn, entryIn } from "../pieces/bundle.mjs";
import { program } from "../pieces/program.mjs";
import { ran, reportOf } from "../pieces/programs.mjs";

const BUNDLE = ["--bundle", "--format=esm", "--conditions=workerd,worker,browser", "--loader:.wasm=copy", "--metafile=meta.json"];

export async function run({ row, directory, tools, packages }) {
  const source = program({ row, head: 'import wasm from "ringback/ringback.wasm";', slim: "wasm", then: "return Response.json({ checks });" });
  await writeFile(join(directory, "main.mjs"), `${source}export default { fetch: () => report() };\n`);
  const built = join(directory, "built");
  await ran(tools.bin("esbuild"), ["main.mjs", ...BUNDLE, `--outdir=${built}`], { cwd: directory });
  const { version, checks } = await reportOf(tools.node(row.options.node), [tools.beside("drivers/workerd-host.mjs"), built], { cwd: directory });
  return { version, entry: await entryIn(join(directory, "meta.json")), checks: [...checks, ...(await copiesIn(built, packages))] };
}
