/**
 * The wasm from the first place where it is. The error is the first place's: that is where it belongs.
 *
 * @param place - Where the package has it: written out in the call, and not within a function, so that bundlers and deployment tracers find the file.
 * @param code - The address or path of the calling module.
 */
export function compiledFrom(place: string | URL | false, code: string): WebAssembly.Module {
  // Not imported: a cold Node process takes some three milliseconds to make an ES module of its own file system.
  const { readFileSync } = process.getBuiltinModule("node:fs");
  let failure: unknown;
  for (const candidate of [() => place || "", ...placesLeftBehind(code)]) {
    try {
      return new WebAssembly.Module(readFileSync(candidate()));
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

/**
 * Where the wasm is when a server's bundler has moved the code and left the file behind: beside the bundle, where it was copied to, beside
 * the code's source, or in the `node_modules` of the bundle or of the working directory. Bundlers see through no function, so they leave
 * these addresses alone.
 */
function placesLeftBehind(code: string): (() => string | URL)[] {
  const installed = (from: string): string => process.getBuiltinModule("node:module").createRequire(from).resolve("ringback/ringback.wasm");
  // A path where the bundle is CommonJS; nothing where it is a module that was made of CommonJS: then the working directory is all there is.
  const path = process.getBuiltinModule("node:path");
  const beside = (): string | URL => (code.startsWith("file:") ? new URL("ringback.wasm", code) : path.join(code === "" ? process.cwd() : path.dirname(code), "ringback.wasm"));
  return [beside, () => new URL("../ringback.wasm", code), () => installed(code), () => installed(`${process.cwd()}/`)];
}
