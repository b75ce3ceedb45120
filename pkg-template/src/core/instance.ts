import type { Delivery } from "../generated/model.js";
import { classOf } from "./bytes.js";
import { isCoreError, toRingbackError } from "./core-error.js";
import { internalError, isRingbackError, RingbackError } from "../model/error.js";
import { __wbg_reset_state, initSync } from "../wasm/ringback.js";

/** Where the wasm comes from: an address, a response, bytes, or a compiled `WebAssembly.Module`. */
export type WasmSource = URL | string | Response | Promise<Response> | ArrayBuffer | ArrayBufferView | object;

let ready = false;
/** The compiled wasm. */
let compiledModule: WebAssembly.Module | undefined;
/** It is compiled, and to be instantiated by the first call: what an import costs, every start of a worker pays. */
let waiting: WebAssembly.Module | undefined;
let broken = false;
/** Counts the instances: what lives in the wasm belongs to one of them. */
let generation = 0;
/** Of the current instance, in bytes: its memory at the start, and what its handles have added. */
let floor = 0;
let held = 0;
/** Calls that are under way: one can begin within another, in a getter of somebody's own. */
let depth = 0;
let starting: Promise<void> | undefined;
let standardSource: (() => WasmSource) | undefined;
const NOT_YET = "the wasm module is not loaded yet";
let failure = NOT_YET;

/**
 * Loads the wasm. Needed only where it cannot be loaded at import: in browsers, and with `ringback/slim`, to which it must be
 * passed. In Node, Deno, Bun and edge workers it resolves at once. Asynchronous operations call it themselves. Success is
 * remembered, a failure is not: the next call tries again.
 *
 * @param source - Where the wasm comes from. A `WebAssembly.Module` is taken before this returns, so nothing needs to be awaited.
 * Default: the file `ringback.wasm` of this package.
 * @throws RingbackError `not-initialized` when it cannot be fetched or compiled.
 */
export function init(source?: WasmSource): Promise<void> {
  if (!ready && isModule(source)) loadAtImport(() => source as WebAssembly.Module);
  if (ready) return Promise.resolve();
  if (source === undefined && starting) return starting;
  const mine = started(starting, source).finally(() => {
    if (starting === mine) starting = undefined;
  });
  starting = mine;
  return mine;
}

/** A source that somebody names is tried even where an earlier start is under way, since that one may fail. */
async function started(earlier: Promise<void> | undefined, source: WasmSource | undefined): Promise<void> {
  await earlier?.catch(() => undefined);
  if (!ready) await start(source);
}

/**
 * Whether the wasm is there.
 *
 * @internal
 */
export function isReady(): boolean {
  return ready;
}

/**
 * Tells `init` where this runtime's wasm lies.
 *
 * @internal
 */
export function setStandardSource(source: () => WasmSource): void {
  standardSource = source;
}

/**
 * Loads the wasm while the package is imported. A failure is kept for the first call that needs the wasm: an import that throws could not be mended with `init(source)`.
 *
 * @internal
 */
export function loadAtImport(load: () => WebAssembly.Module): void {
  try {
    waiting = load();
    ready = true;
  } catch (error) {
    failure = `the wasm module could not be loaded at import (${reasonOf(error)})`;
  }
}

/**
 * Calls the wasm: every call goes through here. An error that the core throws comes out as a RingbackError. Anything else is a trap: the
 * instance may be broken, so a fresh one takes its place and the next call works.
 *
 * @param work - The call.
 * @param delivery - The delivery of a request to report after a trap.
 *
 * @internal
 */
export function callCore<T>(work: () => T, delivery: Delivery = "not-sent"): T {
  if (!ready) throw notInitialized(failure);
  try {
    depth += 1;
    settle();
    return work();
  } catch (thrown) {
    if (isRingbackError(thrown)) throw thrown;
    if (isCoreError(thrown)) throw toRingbackError(thrown);
    broken = true;
    try {
      settle();
    } catch {
      // No stack or memory left for it here: the next call tries again.
    }
    throw internalError(thrown, delivery);
  } finally {
    depth -= 1;
    try {
      if (depth === 0) shrink();
    } catch {
      // No stack or memory left for it here: the next call tries again.
    }
  }
}

/**
 * A value that lives in the wasm: built on first use, and again in each fresh instance. It must be asked for within `callCore`. Nobody
 * frees it: `free()` on a handle of an earlier instance would corrupt the current one.
 *
 * @param build - Makes the value.
 *
 * @internal
 */
export function handleOf<H>(build: () => H): () => H {
  let current: { handle: H; of: number } | undefined;
  return () => {
    if (current?.of !== generation) {
      const before = memoryBytes();
      current = { handle: build(), of: generation };
      held = Math.min(held + memoryBytes() - before, MOST_HELD);
    }
    return current.handle;
  };
}

/** Creates the instance on first use, and again after a trap. */
function settle(): void {
  if (waiting) {
    instantiateFirst(waiting);
    waiting = undefined;
  } else if (broken) {
    renew();
  }
  broken = false;
}

/** The memory of the wasm only grows: where calls have left too much of it behind, a fresh instance takes over. */
function shrink(): void {
  if (ready && !waiting && memoryBytes() > floor + held + MOST_LEFT) renew();
}

/** Replaces the instance. Handles of the earlier one are dead from here on. */
function renew(): void {
  __wbg_reset_state();
  begun();
}

function begun(): void {
  generation += 1;
  held = 0;
  floor = memoryBytes();
}

/** Where there is an instance, `initSync` only gives its exports. */
function memoryBytes(): number {
  return initSync({ module: compiledModule as WebAssembly.Module }).memory.buffer.byteLength;
}

/** Bytes that calls may leave behind. */
const MOST_LEFT = 16 << 20;

/** Bytes of handles that count as in use. Where nothing finalizes, those of receivers that nobody uses any more would add up. */
const MOST_HELD = 32 << 20;

async function start(source: WasmSource | undefined): Promise<void> {
  try {
    const from = source ?? standardSource?.();
    if (from === undefined) throw new Error("nothing says where it is");
    const module = await compiled(from);
    // A module may have been given meanwhile; a second instance would only cost memory.
    if (ready) return;
    instantiate(module);
    ready = true;
  } catch (error) {
    // Another may have brought it meanwhile.
    if (ready) return;
    failure = `the wasm module could not be loaded (${reasonOf(error)})`;
    throw notInitialized(failure);
  }
}

/** A module that is not this version's is no defect of the library: `init` can still bring the right one. */
function instantiateFirst(module: WebAssembly.Module): void {
  try {
    instantiate(module);
  } catch (error) {
    // No stack or memory left: the next call tries again.
    if (error instanceof RangeError) throw error;
    waiting = undefined;
    ready = false;
    failure = `the wasm module could not be loaded (${reasonOf(error)})`;
    throw notInitialized(failure);
  }
}

function instantiate(module: WebAssembly.Module): void {
  // Next.js compiles outside of the sandbox that it runs in, and the glue asks by instanceof.
  if (!(module instanceof WebAssembly.Module)) Object.setPrototypeOf(module, WebAssembly.Module.prototype);
  if (!WebAssembly.Module.exports(module).some(({ name }) => name === "parsePush")) throw new TypeError("it is another module than ringback.wasm");
  initSync({ module });
  compiledModule = module;
  begun();
}

async function compiled(source: WasmSource): Promise<WebAssembly.Module> {
  const given = (await source) as Exclude<WasmSource, Promise<Response>>;
  if (isModule(given)) return given as WebAssembly.Module;
  if (ArrayBuffer.isView(given) || classOf(given) === "ArrayBuffer") return WebAssembly.compile(given as BufferSource);
  const response = typeof given === "string" || classOf(given) === "URL" ? await fetch(given as string | URL) : given;
  if (!isResponse(response)) throw new TypeError("the source is neither an address nor a response, bytes or a WebAssembly.Module");
  if (!response.ok) throw new Error(`HTTP status ${response.status}`);
  // Not compileStreaming: it refuses a server that sends another media type than application/wasm.
  return WebAssembly.compile(await response.arrayBuffer());
}

function isModule(given: unknown): boolean {
  return classOf(given) === "WebAssembly.Module";
}

function isResponse(given: unknown): given is Response {
  return typeof given === "object" && given !== null && "arrayBuffer" in given;
}

function reasonOf(error: unknown): string {
  if (typeof WebAssembly === "undefined") return "this runtime has no WebAssembly";
  return error instanceof Error ? error.message : String(error);
}

function notInitialized(what: string): RingbackError {
  const hint = hintFor(what);
  const reason = what === NOT_YET ? "not-loaded" : "load-failed";
  return new RingbackError(`${what}: ${hint}`, { code: "not-initialized", reason, delivery: "not-sent", retryable: false, hint });
}

/** What to do about it. Engines say in words of their own only why they compile nothing. */
function hintFor(reason: string): string {
  if (typeof WebAssembly === "undefined") {
    return "use a browser that has it, turn Lockdown Mode off for this page (iOS, macOS), or call from a server";
  }
  if (/content.security.policy|\bCSP\b|unsafe-eval/i.test(reason)) return "add 'wasm-unsafe-eval' to script-src of the page's Content-Security-Policy";
  if (/code generation|embedder/i.test(reason)) return "import ringback.wasm as a compiled module, which this runtime requires, and pass it to init()";
  if (/ENOENT|no such file|cannot find module/i.test(reason)) {
    return "copy node_modules/ringback/ringback.wasm beside the bundle, or call await init() first, with the address or the bytes of ringback.wasm";
  }
  return "call await init() first, with the address or the bytes of ringback.wasm where your bundler moved it";
}
