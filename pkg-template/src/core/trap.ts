import { callCore } from "./instance.js";
import * as core from "../wasm/ringback.js";

/** Traps. */
export function trapForTests(): void {
  // Only the test variant's wasm has this export.
  callCore(() => (core as unknown as { trapForTests(): void }).trapForTests());
}
