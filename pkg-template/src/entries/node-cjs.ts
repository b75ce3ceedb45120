import { loadAtImport } from "../core/instance.js";
import { compileWasm } from "./server-file.js";

// Relative to dist/node.cjs. Bundled as an ES module, neither of the two names exists.
loadAtImport(() => compileWasm(typeof __dirname === "string" && `${__dirname}/../ringback.wasm`, typeof __filename === "string" ? __filename : ""));

export * from "../index.js";
