import { readFileSync } from "node:fs";
import { loadAtImport } from "../instance.js";

// Seen from dist/node.js.
loadAtImport(() => new WebAssembly.Module(readFileSync(new URL("../ringback.wasm", import.meta.url))));

export * from "../index.js";
