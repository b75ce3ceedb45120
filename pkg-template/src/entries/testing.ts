// Self-contained: no wasm, no runtime-specific modules, and only types of the client.
export * from "../testing/index.js";
