// No wasm. @opentelemetry/api stays an import: spans of a second copy would not reach the program's SDK.
export * from "../opentelemetry/index.js";
