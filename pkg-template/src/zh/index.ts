/**
 * What the package says, in Chinese: errors, platform codes and the steps of a signature. Data only: no wasm, nothing to initialize.
 *
 * @packageDocumentation
 */
export { describe, type ErrorDescription } from "./describe.js";
export { type ChineseCodeExplanation, explainCode } from "./code.js";
export { explainStep } from "./step.js";
export { describeProblem, describeUnreadable } from "./unreadable.js";
