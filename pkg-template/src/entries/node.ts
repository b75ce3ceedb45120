import { loadAtImport } from "../core/instance.js";
import { compiledFrom } from "./server-file.js";

// Seen from dist/node.js. Bundled as CommonJS there is no address, but a path.
loadAtImport(() => compiledFrom(import.meta.url && new URL("../ringback.wasm", import.meta.url), import.meta.url ?? __filename));

export * from "../index.js";
