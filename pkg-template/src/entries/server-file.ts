/**
 * Compiles the wasm from the first place where it exists. If none has it, throws the error of the first place, where it belongs.
 *
 * @param place - The package's own place: written out in the call, not computed, so that bundlers and deployment tracers find the file.
 * @param code - The address or path of the calling module.
 */
export function compileWasm(place: string | URL | false, code: string): WebAssembly.Module {
  // Not imported: a cold Node process takes about three milliseconds to import its own file system as an ES module.
  const { readFileSync } = process.getBuiltinModule("node:fs");
  let failure: unknown;
  for (const candidate of [() => place || "", ...listFallbackPlaces(code)]) {
    try {
      return new WebAssembly.Module(readFileSync(candidate()));
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

/**
 * Lists where the wasm is if a server's bundler moved the code without the file: beside the bundle, beside the code's source, or in
 * the `node_modules` of the bundle or of the working directory. Bundlers do not evaluate functions, so they leave these addresses
 * unchanged.
 */
function listFallbackPlaces(code: string): (() => string | URL)[] {
  const resolveInstalled = (from: string): string => process.getBuiltinModule("node:module").createRequire(from).resolve("ringback/ringback.wasm");
  // A path if the bundle is CommonJS; empty if it is an ES module made from CommonJS: then only the working directory is known.
  const path = process.getBuiltinModule("node:path");
  const resolveBeside = (): string | URL => (code.startsWith("file:") ? new URL("ringback.wasm", code) : path.join(code === "" ? process.cwd() : path.dirname(code), "ringback.wasm"));
  return [resolveBeside, () => new URL("../ringback.wasm", code), () => resolveInstalled(code), () => resolveInstalled(`${process.cwd()}/`)];
}
