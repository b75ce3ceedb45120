import type { Delivery } from "../generated/model.js";
import { readClassName } from "./bytes.js";
import { isCoreError, toRingbackError } from "./core-error.js";
import { createInternalError, isRingbackError, RingbackError } from "../model/error.js";
import { __wbg_reset_state, initSync } from "../wasm/ringback.js";

/** The source of the wasm: an address, a response, bytes, or a compiled `WebAssembly.Module`. */
export type WasmSource = URL | string | Response | Promise<Response> | ArrayBuffer | ArrayBufferView | object;

let ready = false;
/** The compiled wasm. */
let compiledModule: WebAssembly.Module | undefined;
/** The compiled wasm that the first call will instantiate, so that importing the package stays cheap for workers. */
let waiting: WebAssembly.Module | undefined;
let broken = false;
/** Counts the instances. Handles belong to one of them. */
let generation = 0;
/** Memory of the current instance in bytes: at its start, and added by its handles. */
let floor = 0;
let held = 0;
/** Nested calls in progress: a call can begin within another, in a user's getter. */
let depth = 0;
let starting: Promise<void> | undefined;
let standardSource: (() => WasmSource) | undefined;
const NOT_YET = "the wasm module is not loaded yet";
let failure = NOT_YET;

/**
 * Loads the wasm. Needed only if it cannot be loaded at import: in browsers, and with `ringback/slim`, which gets it from
 * you. In Node, Deno, Bun and edge workers it resolves at once. Asynchronous operations call it themselves. Success is
 * remembered; after a failure the next call tries again.
 *
 * @param source - The source of the wasm. A `WebAssembly.Module` is used before this returns, so it need not be awaited.
 * Default: the file `ringback.wasm` of this package.
 * @throws RingbackError `not-initialized` if it cannot be fetched or compiled.
 */
export function init(source?: WasmSource): Promise<void> {
  if (!ready && isModule(source)) loadAtImport(() => source as WebAssembly.Module);
  if (ready) return Promise.resolve();
  if (source === undefined && starting) return starting;
  const mine = startAfter(starting, source).finally(() => {
    if (starting === mine) starting = undefined;
  });
  starting = mine;
  return mine;
}

/** Tries a given source even if an earlier start is in progress, since that one may fail. */
async function startAfter(earlier: Promise<void> | undefined, source: WasmSource | undefined): Promise<void> {
  await earlier?.catch(() => undefined);
  if (!ready) await start(source);
}

/**
 * Returns true once the wasm is loaded.
 *
 * @internal
 */
export function isReady(): boolean {
  return ready;
}

/**
 * Sets where `init` finds the wasm in this runtime.
 *
 * @internal
 */
export function setStandardSource(source: () => WasmSource): void {
  standardSource = source;
}

/**
 * Loads the wasm while the package is imported. A failure is reported by the first call that needs the wasm, so that `init(source)` can
 * still
 * correct it.
 *
 * @internal
 */
export function loadAtImport(load: () => WebAssembly.Module): void {
  try {
    waiting = load();
    ready = true;
  } catch (error) {
    failure = `the wasm module could not be loaded at import (${readReason(error)})`;
  }
}

/**
 * Calls the core. All calls go through here. An error of the core is thrown as a RingbackError. Anything else is a trap: the
 * instance may be broken, so it is replaced and the next call works.
 *
 * @param work - The call.
 * @param delivery - The delivery to report after a trap.
 *
 * @internal
 */
export function callCore<T>(work: () => T, delivery: Delivery = "not-sent"): T {
  if (!ready) throw createNotInitializedError(failure);
  try {
    depth += 1;
    ensureInstance();
    return work();
  } catch (thrown) {
    // Assumed first, because on a full stack no function can be called, and the call has left the instance as it was when its stack ended.
    const wasBroken = broken;
    broken = true;
    if (isRingbackError(thrown)) {
      broken = wasBroken;
      throw thrown;
    }
    if (isCoreError(thrown)) {
      broken = wasBroken;
      throw toRingbackError(thrown);
    }
    try {
      ensureInstance();
    } catch {
      // Not enough stack or memory: the next call tries again.
    }
    throw createInternalError(thrown, delivery);
  } finally {
    depth -= 1;
    try {
      if (depth === 0) limitMemory();
    } catch {
      // Not enough stack or memory: the next call tries again.
    }
  }
}

/**
 * Creates a function that returns a value in the wasm. The value is built on first use, and again in each new instance. Call the function
 * within `callCore`. Handles are never freed: `free()` on a handle of an earlier instance would corrupt the current one.
 *
 * @param build - Builds the value.
 *
 * @internal
 */
export function createHandle<H>(build: () => H): () => H {
  let current: { handle: H; of: number } | undefined;
  return () => {
    if (current?.of !== generation) {
      const before = readMemorySize();
      current = { handle: build(), of: generation };
      held = Math.min(held + readMemorySize() - before, MOST_HELD);
    }
    return current.handle;
  };
}

/** Creates the instance on first use, and again after a trap. */
function ensureInstance(): void {
  if (waiting) {
    instantiateFirst(waiting);
    waiting = undefined;
  } else if (broken) {
    replaceInstance();
  }
  broken = false;
}

/** Replaces the instance if calls have left too much memory behind, since wasm memory never shrinks. */
function limitMemory(): void {
  if (ready && !waiting && readMemorySize() > floor + held + MOST_LEFT) replaceInstance();
}

/** Replaces the instance. Its handles are invalid from here on. */
function replaceInstance(): void {
  __wbg_reset_state();
  beginGeneration();
}

function beginGeneration(): void {
  generation += 1;
  held = 0;
  floor = readMemorySize();
}

/** `initSync` only returns the exports of an existing instance. */
function readMemorySize(): number {
  return initSync({ module: compiledModule as WebAssembly.Module }).memory.buffer.byteLength;
}

/** The largest number of bytes that calls may leave behind. */
const MOST_LEFT = 16 << 20;

/** The largest number of bytes counted for handles. Without finalizers, handles of unused receivers would add up. */
const MOST_HELD = 32 << 20;

async function start(source: WasmSource | undefined): Promise<void> {
  try {
    const from = source ?? standardSource?.();
    if (from === undefined) throw new Error("its source is not known");
    const module = await compile(from);
    // A module may have been given in the meantime. A second instance would waste memory.
    if (ready) return;
    instantiate(module);
    ready = true;
  } catch (error) {
    // Another call may have loaded it in the meantime.
    if (ready) return;
    failure = `the wasm module could not be loaded (${readReason(error)})`;
    throw createNotInitializedError(failure);
  }
}

/** A module of another version is not a defect of the library: `init` can still be given the right one. */
function instantiateFirst(module: WebAssembly.Module): void {
  try {
    instantiate(module);
  } catch (error) {
    // Not enough stack or memory: the next call tries again.
    if (error instanceof RangeError) throw error;
    waiting = undefined;
    ready = false;
    failure = `the wasm module could not be loaded (${readReason(error)})`;
    throw createNotInitializedError(failure);
  }
}

function instantiate(module: WebAssembly.Module): void {
  // Next.js compiles modules outside of its sandbox, and the glue checks with instanceof.
  if (!(module instanceof WebAssembly.Module)) Object.setPrototypeOf(module, WebAssembly.Module.prototype);
  if (!WebAssembly.Module.exports(module).some(({ name }) => name === "parsePush")) throw new TypeError("the module is not this package's ringback.wasm");
  initSync({ module });
  compiledModule = module;
  beginGeneration();
}

async function compile(source: WasmSource): Promise<WebAssembly.Module> {
  const given = (await source) as Exclude<WasmSource, Promise<Response>>;
  if (isModule(given)) return given as WebAssembly.Module;
  if (ArrayBuffer.isView(given) || readClassName(given) === "ArrayBuffer") return WebAssembly.compile(given as BufferSource);
  const response = typeof given === "string" || readClassName(given) === "URL" ? await fetch(given as string | URL) : given;
  if (!isResponse(response)) throw new TypeError("the source is neither an address nor a response, bytes or a WebAssembly.Module");
  if (!response.ok) throw new Error(`HTTP status ${response.status}`);
  // compileStreaming would refuse servers that do not send application/wasm.
  return WebAssembly.compile(await response.arrayBuffer());
}

function isModule(given: unknown): boolean {
  return readClassName(given) === "WebAssembly.Module";
}

function isResponse(given: unknown): given is Response {
  return typeof given === "object" && given !== null && "arrayBuffer" in given;
}

function readReason(error: unknown): string {
  if (typeof WebAssembly === "undefined") return "this runtime has no WebAssembly";
  return error instanceof Error ? error.message : String(error);
}

function createNotInitializedError(what: string): RingbackError {
  const { hint, needs } = chooseHint(what);
  const reason = what === NOT_YET ? "not-loaded" : "load-failed";
  return new RingbackError(`${what}: ${hint}`, { code: "not-initialized", reason, delivery: "not-sent", retryable: false, hint, expected: [needs] });
}

/** Chooses the hint, and what is needed for loading. Engines describe in their own words only why they do not compile code. */
function chooseHint(reason: string): { hint: string; needs: string } {
  if (typeof WebAssembly === "undefined") {
    return { hint: "use a browser that has it, turn Lockdown Mode off for this page (iOS, macOS), or call from a server", needs: "WebAssembly" };
  }
  if (/content.security.policy|\bCSP\b|unsafe-eval/i.test(reason)) {
    return { hint: "add 'wasm-unsafe-eval' to script-src of the page's Content-Security-Policy", needs: "wasm-unsafe-eval" };
  }
  if (/code generation|embedder/i.test(reason)) {
    return { hint: "import ringback.wasm as a compiled module, which this runtime requires, and pass it to init()", needs: "WebAssembly.Module" };
  }
  if (/ENOENT|no such file|cannot find module/i.test(reason)) {
    return { hint: "copy node_modules/ringback/ringback.wasm beside the bundle, or call await init() first, with the address or the bytes of ringback.wasm", needs: "ringback.wasm" };
  }
  return { hint: "call await init() first, with the address or the bytes of ringback.wasm where your bundler moved it", needs: "init()" };
}
