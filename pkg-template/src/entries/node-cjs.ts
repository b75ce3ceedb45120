import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadAtImport } from "../instance.js";

// Seen from dist/node.cjs.
loadAtImport(() => new WebAssembly.Module(readFileSync(join(__dirname, "../ringback.wasm"))));

export * from "../index.js";
