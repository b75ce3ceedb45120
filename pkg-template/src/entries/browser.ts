import { setStandardSource } from "../core/instance.js";

// Seen from dist/browser.js. Written out in this form, bundlers find the file and move it along.
setStandardSource(() => new URL("../ringback.wasm", import.meta.url));

export * from "../index.js";
