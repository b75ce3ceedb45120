import { loadAtImport } from "../core/instance.js";
import { compileWasm } from "./server-file.js";

// Relative to dist/node.js. Bundled as CommonJS, there is a path instead of an address.
loadAtImport(() => compileWasm(import.meta.url && new URL("../ringback.wasm", import.meta.url), import.meta.url ?? __filename));

export * from "../index.js";
