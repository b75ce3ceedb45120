// Starts a plain static server on loopback. A page sends its report by a POST to /report, which needs only `fetch`; a page of another
// server posts to `address` too (mode `no-cors`).
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".css": "text/css", ".json": "application/json" };

/** Builds the strictest policy that allows wasm. An inline script, such as an import map, is allowed by its digest. */
export function buildPolicy(...inlineScripts) {
  const digests = inlineScripts.map((script) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`);
  return { "content-security-policy": ["script-src 'self' 'wasm-unsafe-eval'", ...digests].join(" ") };
}

/** Serves a directory. `report` resolves with `{ userAgent, checks }`, or rejects with the `{ error }` that a page posted. */
export async function serve({ directory, headers = {} }) {
  let settle;
  const report = new Promise((resolve, reject) => {
    settle = { resolve, reject };
  });
  report.catch(() => undefined);
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (request.method === "POST" && pathname === "/report") {
      const { checks, error } = JSON.parse(await readText(request));
      response.writeHead(204).end();
      return error === undefined ? settle.resolve({ userAgent: request.headers["user-agent"], checks }) : settle.reject(new Error(error));
    }
    const path = normalize(decodeURIComponent(pathname.endsWith("/") ? `${pathname}index.html` : pathname));
    const body = directory === undefined || path.includes("..") ? undefined : await readFile(join(directory, path)).catch(() => undefined);
    if (body === undefined) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream", ...headers }).end(body);
  });
  await new Promise((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { address: `http://127.0.0.1:${server.address().port}`, report, close };
}

async function readText(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
