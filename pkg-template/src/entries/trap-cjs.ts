// The test variant's further entry for `require`: the whole package, and a call that traps.
export * from "./node-cjs.js";
export { trapForTests } from "../core/trap.js";
