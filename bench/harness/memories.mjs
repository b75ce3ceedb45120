// The memories of the wasm instances that are made after this was imported. They never shrink: their last size is their largest.
const memories = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = function (...args) {
  const instance = new Instance(...args);
  if (instance.exports.memory) memories.push(instance.exports.memory);
  return instance;
};
WebAssembly.Instance.prototype = Instance.prototype;

/** Their bytes together. */
export function wasmBytes() {
  if (memories.length === 0) throw new Error("no wasm was instantiated since the watch began");
  return memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
}
