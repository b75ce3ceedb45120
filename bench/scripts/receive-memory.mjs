// node --expose-gc scripts/receive-memory.mjs [COUNT]: what a process holds after many pushes through the receiver, a million by default.
import { createReceiver, createToken } from "ringback";
import { PUSH } from "../peers/push.mjs";

const MOST = Number(process.argv[2] ?? 1_000_000);
const TOKEN = createToken();
const receive = createReceiver({ provider: "mixcom", tokens: [TOKEN], onRecord: () => undefined });
const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(1).padStart(6);

console.log(" pushes     heap   array buffers   resident, MiB");
for (let count = 1; count <= MOST; count += 1) {
  const request = new Request(`https://crm.example/push/${TOKEN}`, { method: "POST", headers: { "content-type": "application/json" }, body: PUSH(count) });
  const { status } = await receive(request);
  if (status !== 200) throw new Error(`answered ${status}`);
  if (count % (MOST / 10) !== 0 && count !== 10_000) continue;
  // Streams are let go of in a later turn.
  await new Promise((resolve) => setTimeout(resolve, 50));
  globalThis.gc();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  console.log(`${String(count).padStart(7)}   ${mebibytes(heapUsed)}   ${mebibytes(arrayBuffers)}          ${mebibytes(rss)}`);
}
