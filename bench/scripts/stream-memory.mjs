// node scripts/stream-memory.mjs MEBIBYTES: the wasm's memory at the end of a stream of so many, in bytes.
import { wasmBytes } from "../harness/memories.mjs";
import { blockOf, seconds } from "../harness/lines.mjs";

// Behind the watch, which must see the instance being made.
const { normalizeStream } = await import("ringback");
await seconds(normalizeStream("mixcom"), blockOf(4 * 2 ** 20), Number(process.argv[2]) * 2 ** 20);
process.stdout.write(String(wasmBytes()));
