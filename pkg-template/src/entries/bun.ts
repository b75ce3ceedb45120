// Seen from dist/bun.js. Imported as a file, `bun build` carries it along, into an executable too.
import file from "../ringback.wasm" with { type: "file" };
import { readFileSync } from "node:fs";
import { loadAtImport } from "../core/instance.js";

// An absolute path, or in a bundle one relative to it.
const path: string = file as unknown as string;
loadAtImport(() => new WebAssembly.Module(readFileSync(path.startsWith(".") ? new URL(path, import.meta.url) : path)));

export * from "../index.js";
