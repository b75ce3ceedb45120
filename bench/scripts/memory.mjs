// node --expose-gc scripts/memory.mjs COUNT: what a process holds after 1,000 and after COUNT dials and pushes, and then after one hostile
// push, as JSON: bytes.
import { heldBytes } from "../harness/memories.mjs";
import { PUSH } from "../peers/push.mjs";

// Imported after the module above, which must see the instance being made.
const { createClient, createReceiver, createToken } = await import("ringback");

const FEW = 1_000;
const JSON_TYPE = { "content-type": "application/json" };
const token = createToken();
const client = createClient({
  provider: "mixcom",
  appKey: "k1",
  appSecret: "s1",
  fetch: async () => new Response('{"success":true,"code":200,"msg":""}', { headers: JSON_TYPE }),
});
const receive = createReceiver({ provider: "mixcom", tokens: [token], onRecord: () => undefined });
const push = (body, type = JSON_TYPE) => receive(new Request(`https://crm.example/push/${token}`, { method: "POST", headers: type, body }));

const held = {};
for (let count = 1; count <= Number(process.argv[2]); count += 1) {
  await client.dial({ caller: "13800000001", callee: "13900000002", reference: `order-${count}` });
  const { status } = await push(PUSH(count));
  if (status !== 200) throw new Error(`answered ${status}`);
  if (count === FEW) held.few = await heldBytes();
}
held.many = await heldBytes();

/** Of 256 KB each, which is what a receiver reads at most. */
const LENGTH = 262_000;
const filled = (head, part, tail) => head + part.repeat((LENGTH - head.length - tail.length) / part.length) + tail;
const HOSTILE = [
  [filled("[", "[],", "[]]")],
  [filled('{"event":"fee","x":[', "{},", "{}]}")],
  [filled("[", '{"a":0},', "{}]")],
  [filled("", "[", "")],
  [filled('{"event":"fee","x":"', "\\\\u4e00", '"}')],
  [filled("{", '"a":1,', '"b":1}')],
  [filled("event=fee", "&a", ""), { "content-type": "application/x-www-form-urlencoded" }],
  [filled("", "--b\r\n\r\n\r\n", "--b--"), { "content-type": "multipart/form-data; boundary=b" }],
];
held.hostile = { wasm: 0, heap: 0 };
for (const [body, type] of HOSTILE) {
  await push(body, type);
  const after = await heldBytes();
  if (after.wasm > held.hostile.wasm) held.hostile = after;
}
process.stdout.write(JSON.stringify(held));
