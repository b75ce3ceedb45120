/** The wasm, compiled and not yet instantiated. */
declare const module: WebAssembly.Module;
export default module;
