// Cloudflare D1 in workerd, with its limits: a Worker runs the statements that it receives.
import { createRequire } from "node:module";
import * as tools from "../../runtimes/pieces/tools.mjs";

const WORKER = `export default {
  async fetch(request, { DB }) {
    const { text, values } = await request.json();
    try {
      const { results, meta } = await DB.prepare(text).bind(...values).all();
      return Response.json({ results, meta });
    } catch (error) {
      return new Response(error.message, { status: 500 });
    }
  },
};`;

export async function open() {
  const { Miniflare } = (await tools.module("miniflare")).default;
  const { version } = createRequire(createRequire(tools.file("miniflare/package.json")).resolve("miniflare"))("workerd/package.json");
  const workers = new Miniflare({ compatibilityDate: "2026-01-01", cf: false, modules: true, script: WORKER, d1Databases: ["DB"] });
  const address = await workers.ready;
  const billed = { rowsRead: 0, rowsWritten: 0 };
  const run = async (statement) => {
    const response = await fetch(address, { method: "POST", body: JSON.stringify(statement) });
    if (!response.ok) throw new Error(await response.text());
    const { results, meta } = await response.json();
    billed.rowsRead += meta.rows_read;
    billed.rowsWritten += meta.rows_written;
    return results;
  };
  return {
    dialect: "sqlite",
    version: `workerd ${version}`,
    valueBytes: 2_000_000,
    /** The rows that Cloudflare would have billed so far. */
    billed: () => ({ ...billed }),
    analyze: (sql) => sql("analyze"),
    connect: async () => ({ run }),
    close: () => workers.dispose(),
  };
}
