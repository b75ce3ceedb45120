// Seen from dist/deno.js. Imported and not read from disk, so that no permission is needed.
import module from "../wasm/source-phase.js";
import { loadAtImport } from "../instance.js";
import { sendWith } from "../sender.js";

loadAtImport(() => module);

// Deno sends a POST again by itself where a connection breaks off that it had kept open: it would dial twice. On a fresh one it does not.
let client: object | undefined;
sendWith(() => ({ client: (client ??= (globalThis as DenoGlobals).Deno?.createHttpClient?.({ poolMaxIdlePerHost: 0 })) }));

interface DenoGlobals {
  Deno?: { createHttpClient?(options: { poolMaxIdlePerHost: number }): object };
}

export * from "../index.js";
