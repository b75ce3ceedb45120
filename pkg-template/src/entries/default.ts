import { type WasmSource, setStandardSource } from "../core/instance.js";

// Relative to dist/default.js. For bundlers and test runners that match none of the other entries.
setStandardSource(() => toReachableSource(new URL("../ringback.wasm", import.meta.url)));

/** Reads the file where a page is simulated in Node, since `fetch` does not accept `file:` addresses. */
function toReachableSource(address: URL): WasmSource {
  const files = address.protocol === "file:" ? globalThis.process?.getBuiltinModule?.("node:fs") : undefined;
  return files?.readFileSync(address) ?? address;
}

export * from "../index.js";
