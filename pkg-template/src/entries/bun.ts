// Relative to dist/bun.js. Imported as a file, so that `bun build` includes it, also in an executable.
import file from "../ringback.wasm" with { type: "file" };
import { readFileSync } from "node:fs";
import { loadAtImport } from "../core/instance.js";

// An absolute path, or in a bundle a path relative to the bundle.
const path: string = file as unknown as string;
loadAtImport(() => new WebAssembly.Module(readFileSync(path.startsWith(".") ? new URL(path, import.meta.url) : path)));

export * from "../index.js";
