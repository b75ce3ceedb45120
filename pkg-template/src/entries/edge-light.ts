// Seen from dist/edge-light.js. This is how Vercel's edge functions and Next.js middleware import a compiled module.
import module from "../ringback.wasm?module";
import { loadAtImport } from "../core/instance.js";

loadAtImport(() => module);

export * from "../index.js";
