import { setStandardSource } from "../core/instance.js";

// Relative to dist/browser.cjs. Used by test runners that simulate a page in Node: a page itself loads scripts as modules.
setStandardSource(() => globalThis.process?.getBuiltinModule?.("node:fs")?.readFileSync(`${__dirname}/../ringback.wasm`));

export * from "../index.js";
