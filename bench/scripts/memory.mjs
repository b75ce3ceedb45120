// node --expose-gc scripts/memory.mjs COUNT: what a process holds after as many dials prepared and pushes parsed, as JSON: bytes.
const memories = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = function (...args) {
  const instance = new Instance(...args);
  if (instance.exports.memory) memories.push(instance.exports.memory);
  return instance;
};
WebAssembly.Instance.prototype = Instance.prototype;
const { createClient, parsePush } = await import("ringback");
const { PUSH } = await import("../peers/push.mjs");

const client = createClient({ provider: "mixcom", appKey: "k1", appSecret: "s1" });
const few = 1000;
const held = {};
for (let count = 1; count <= Number(process.argv[2]); count += 1) {
  client.prepare("dial", { caller: "13800000001", callee: "13900000002", reference: `order-${count}` });
  parsePush("mixcom", PUSH(count));
  if (count === few) held.few = taken();
}
held.many = taken();
process.stdout.write(JSON.stringify(held));

function taken() {
  // Twice: what the first finds free, the second gives back.
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { wasm: memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0), heap: heapUsed + arrayBuffers };
}
