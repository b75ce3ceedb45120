// The memories of the wasm instances that are made after this module was imported, as long as something holds them.
const memories = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = function (...args) {
  const instance = new Instance(...args);
  if (instance.exports.memory) memories.push(new WeakRef(instance.exports.memory));
  return instance;
};
WebAssembly.Instance.prototype = Instance.prototype;

/** The bytes that the process holds, by place. Needs `--expose-gc`. */
export async function heldBytes() {
  if (memories.length === 0) throw new Error("no wasm instance was made");
  // Weak references are cleared after the turn in which they were read, and finalizers free what the next collection takes.
  for (let round = 0; round < 3; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    globalThis.gc();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const wasm = memories.reduce((sum, memory) => sum + (memory.deref()?.buffer.byteLength ?? 0), 0);
  return { wasm, heap: heapUsed + arrayBuffers };
}
