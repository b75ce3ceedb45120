// Relative to dist/deno.js. Imported and not read from disk, so that no permission is needed.
import module from "../wasm/source-phase.js";
import { loadAtImport } from "../core/instance.js";

loadAtImport(() => module);

export * from "../index.js";
