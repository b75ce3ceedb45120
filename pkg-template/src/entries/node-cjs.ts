import { loadAtImport } from "../instance.js";
import { compiledFrom } from "../server-file.js";

// Seen from dist/node.cjs.
loadAtImport(() => compiledFrom(`${__dirname}/../ringback.wasm`, __filename));

export * from "../index.js";
