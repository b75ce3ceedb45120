// Cloudflare D1 in workerd, with its limits: a Worker runs the statements that it receives.
import { createRequire } from "node:module";
import * as tools from "../../runtimes/pieces/tools.mjs";

const WORKER = `export default {
  async fetch(request, { DB }) {
    const { text, values } = await request.json();
    try {
      const { results } = await DB.prepare(text).bind(...values).all();
      return Response.json(results);
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
  const run = async (statement) => {
    const response = await fetch(address, { method: "POST", body: JSON.stringify(statement) });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  };
  return {
    dialect: "sqlite",
    version: `workerd ${version}`,
    valueBytes: 2_000_000,
    connect: async () => ({ run }),
    close: () => workers.dispose(),
  };
}
