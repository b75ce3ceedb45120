// Does not locate the wasm: the caller passes it to `init`.
export * from "../index.js";
