import { createArgumentError } from "../model/error.js";
import { callHook } from "../model/hooks.js";

/** Writes one step. */
export type StepLog = (step: string) => void;

/** Creates the function that writes steps to the console or to a given function, or undefined if none are to be written. */
export function createStepLog(debug: boolean | ((line: string) => unknown) | undefined): StepLog | undefined {
  if (debug === undefined || debug === false) return undefined;
  if (debug !== true && typeof debug !== "function") {
    throw createArgumentError("wrong-type", "debug", "is neither true, false nor a function", "pass true, or a function that takes one line", { expected: ["boolean", "function"] });
  }
  const write = debug === true ? writeToConsole : debug;
  return (step) => callHook(write, `ringback: ${step}`);
}

/**
 * In Node, Deno and Bun, `console.debug` writes to the standard output, which may be the program's result. In browsers and edge workers
 * `console.error` would count as an error of the program.
 */
function writeToConsole(line: string): void {
  if (isEdge() || globalThis.process?.versions?.node === undefined) console.debug(line);
  else console.error(line);
}

/** Returns true in workerd, which also has `process`. */
function isEdge(): boolean {
  return globalThis.navigator?.userAgent === "Cloudflare-Workers";
}

/** Writes milliseconds for a step. */
export function formatMs(ms: number): string {
  return `${Math.round(ms)} ms`;
}
