// Statements only: no wasm, no runtime-specific modules.
export * from "../sql/index.js";
