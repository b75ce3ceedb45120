import type { WasmSource } from "../core/instance.js";

/**
 * `ringback/ringback.wasm` as the runtime or the bundler that imports it hands it over: compiled, its address, or its bytes. It is to
 * be passed to `init`.
 */
declare const file: WasmSource;
export default file;
