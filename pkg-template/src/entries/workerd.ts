// Seen from dist/workerd.js. Workers compile no wasm at run time: the module must be imported.
import module from "../ringback.wasm";
import { loadAtImport } from "../core/instance.js";

loadAtImport(() => module);

export * from "../index.js";
