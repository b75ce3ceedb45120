// Relative to dist/edge-light.js. Vercel's edge functions and Next.js middleware import a compiled module in this form.
import module from "../ringback.wasm?module";
import { loadAtImport } from "../core/instance.js";

loadAtImport(() => module);

export * from "../index.js";
