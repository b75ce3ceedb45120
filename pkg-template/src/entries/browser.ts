import { setStandardSource } from "../core/instance.js";

// Relative to dist/browser.js. Written in this form so that bundlers find the file and copy it.
setStandardSource(() => new URL("../ringback.wasm", import.meta.url));

export * from "../index.js";
