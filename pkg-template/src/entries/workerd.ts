// Relative to dist/workerd.js. Workers cannot compile wasm at run time: the module must be imported.
import module from "../ringback.wasm";
import { loadAtImport } from "../core/instance.js";

loadAtImport(() => module);

export * from "../index.js";
