// Texts only: no wasm, no runtime-specific modules.
export * from "../zh/index.js";
