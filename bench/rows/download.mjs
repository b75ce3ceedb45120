// The download of an edge worker with all features: the wasm, the code around it and the workerd entry, each compressed with gzip.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const PACKAGE = join(import.meta.dirname, "../node_modules/ringback");
const FILES = ["ringback.wasm", "dist/core.js", "dist/workerd.js"];

export function* groups() {
  const size = FILES.reduce((sum, file) => sum + gzipSync(readFileSync(join(PACKAGE, file)), { level: 9 }).length, 0);
  yield {
    title: "download: gzip",
    unit: "bytes",
    rounds: 1,
    once: true,
    rows: [{ row: "download, all features, gzip", subject: "ringback", part: "whole", most: 128_000 }],
    subjects: { ringback: () => size },
  };
}
