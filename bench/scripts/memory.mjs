// node --expose-gc scripts/memory.mjs COUNT: what a process holds after as many dials prepared and pushes parsed, as JSON: bytes.
import { wasmBytes } from "../harness/memories.mjs";
import { PUSH } from "../peers/push.mjs";

// Behind the watch, which must see the instance being made.
const { createClient, parsePush } = await import("ringback");

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
  return { wasm: wasmBytes(), heap: heapUsed + arrayBuffers };
}
