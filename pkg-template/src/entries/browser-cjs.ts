import { setStandardSource } from "../core/instance.js";

// Seen from dist/browser.cjs, by test runners that only play a page, in Node: a script that a page loads by itself is a module.
setStandardSource(() => globalThis.process?.getBuiltinModule?.("node:fs")?.readFileSync(`${__dirname}/../ringback.wasm`));

export * from "../index.js";
