import { loadAtImport } from "../core/instance.js";
import { compiledFrom } from "./server-file.js";

// Seen from dist/node.cjs. Bundled as a module neither of its names exists.
loadAtImport(() => compiledFrom(typeof __dirname === "string" && `${__dirname}/../ringback.wasm`, typeof __filename === "string" ? __filename : ""));

export * from "../index.js";
