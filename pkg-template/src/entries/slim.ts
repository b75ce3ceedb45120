// Nothing here says where the wasm lies: the caller passes it to `init`.
export * from "../index.js";
