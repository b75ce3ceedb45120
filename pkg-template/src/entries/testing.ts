// Whole in itself: no wasm, no runtime's own module, and nothing of the client but types.
export * from "../testing/index.js";
