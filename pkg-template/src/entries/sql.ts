// Statements only: no wasm, no runtime's own module.
export * from "../sql/index.js";
