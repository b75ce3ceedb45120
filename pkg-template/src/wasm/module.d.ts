/** A wasm file as Workers import it. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
