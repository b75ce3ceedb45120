// TypeScript has no source phase imports yet. The path is as seen from dist/deno.js.
import source module from "../ringback.wasm";

export default module;
