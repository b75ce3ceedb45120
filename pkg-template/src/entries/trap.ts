// The test variant's further entry: the package, and a call that traps. Where the wasm lies is said by the other entries, whose instance it shares.
export * from "../index.js";
export { trapForTests } from "../core/trap.js";
