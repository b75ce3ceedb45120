// Serves the built site as a plain static server does.
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { type RunningServer, serve } from "../tests/support/servers.js";
import { findFile, SITE } from "./built-pages.js";

const TYPES: Record<string, string> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};

export function serveSite(): Promise<RunningServer> {
  return serve((request, response) => {
    const file = findFile(new URL(request.url ?? "/", "http://localhost").pathname);
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    void readFile(join(SITE, file)).then((content) => response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "cache-control": "max-age=600" }).end(content));
  });
}
