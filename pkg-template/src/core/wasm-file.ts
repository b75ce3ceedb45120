import type { WasmSource } from "./instance.js";

/** `ringback/ringback.wasm` as the runtime or the bundler provides it: compiled, its address, or its bytes. Pass it to `init`. */
declare const file: WasmSource;
export default file;
