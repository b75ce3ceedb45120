import { guarded } from "./instance.js";
import * as core from "../wasm/ringback.js";

/**
 * Traps, in builds with the feature test-trap only, which export it beside the rest: so that tests can prove that the next call works.
 *
 * @internal
 */
export function trapForTests(): void {
  guarded(() => core.trapForTests());
}
