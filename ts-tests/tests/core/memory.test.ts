// The memory that hostile input takes is released, and existing receivers continue to work.
import { expect, test } from "vitest";
import { runScript } from "../support/processes.js";

/** Clients of one program, each for one request: more with `--all`. */
const CLIENTS = process.env["RINGBACK_ALL"] ? 50_000 : 20_000;

/** Setup that measures the megabytes of all wasm instances from outside: Node counts them as array buffers. */
const SETUP = `
  import { createReceiver, createClient, createToken, parsePush, normalizeStream, processPush } from "ringback";
  const memories = [];
  const instantiate = WebAssembly.Instance;
  WebAssembly.Instance = new Proxy(instantiate, { construct(target, given) {
    const instance = Reflect.construct(target, given);
    if (instance.exports.memory) memories.push(new WeakRef(instance.exports.memory));
    return instance;
  } });
  const token = createToken();
  const kept = [];
  const receive = createReceiver({ provider: "dingxin", tokens: [token], quiet: true, maxRecords: 1000000, onRecords: (records) => void kept.push(records.length) });
  const post = (body) => receive(new Request("https://crm.example/" + token, { method: "POST", body }));
  const genuine = async () => { if ((await post('{"subid":"7","status":1}')).status !== 200) throw new Error("the receiver is broken"); };
  parsePush("dingxin", '{"subid":"1"}');
  await genuine();
  const used = async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
    gc();
    return memories.reduce((sum, memory) => sum + (memory.deref()?.buffer.byteLength ?? 0), 0) / 2 ** 20;
  };
  const before = await used();
  const grown = {};
  const measure = async (name, work) => {
    await work();
    await genuine();
    grown[name] = (await used()) - before;
  };`;

test("the memory of a hostile push, answer, chunk or body is released", () => {
  const script = `${SETUP}
    const empties = "[" + Array.from({ length: 87000 }, () => "{}").join() + "]";
    const forged = "[" + Array.from({ length: 21841 }, () => '{"subid":1}').join() + "]";
    await measure("a push of {}", () => post(empties));
    await measure("a push of forged records", () => post(forged));
    await measure("parsePush", () => { try { parsePush("dingxin", empties); } catch {} parsePush("dingxin", forged); });
    await measure("processPush", () => processPush({ provider: "dingxin", receivedAt: "x", body: forged }));
    await measure("a huge body", () => parsePush("dingxin", '{"subid":"1","x":"' + "x".repeat(20 << 20) + '"}'));
    const client = createClient({ provider: "dingxin", appKey: "k", appSecret: "s" });
    const prepared = client.prepare("dial", { caller: "13800000001", callee: "13900000002" });
    await measure("a huge answer", () => { try { client.interpret(prepared, { status: 200, headers: {}, body: new Uint8Array(16 << 20).fill(0xff) }); } catch {} });
    await measure("a huge chunk of a stream", async () => {
      const chunk = new TextEncoder().encode(forged + "\\n");
      for await (const _ of new ReadableStream({ start(c) { for (let n = 0; n < 20; n += 1) c.enqueue(chunk); c.close(); } }).pipeThrough(normalizeStream("dingxin"))) ;
    });
    console.log(JSON.stringify({ grown, forged: kept.includes(21841) }));`;
  const { grown, forged } = JSON.parse(runScript(script, "--expose-gc")) as { grown: Record<string, number>; forged: boolean };
  expect(forged).toBe(true);
  expect(Object.keys(grown)).toHaveLength(7);
  for (const [what, megabytes] of Object.entries(grown)) expect(megabytes, what).toBeLessThan(16);
}, 120_000);

test("with the default limits a push of 256 KiB retains less than 8 MB", () => {
  const script = `${SETUP.replace("maxRecords: 1000000, ", "")}
    const bodies = ["[" + Array.from({ length: 87000 }, () => "{}").join() + "]", "[" + Array.from({ length: 21841 }, () => '{"subid":1}').join() + "]", "[".repeat(262000), "a=1&".repeat(65000)];
    for (let time = 0; time < 5; time += 1) for (const body of bodies) if ((await post(body)).status !== 500) throw new Error("acknowledged");
    await genuine();
    console.log((await used()) - before);`;
  expect(Number(runScript(script, "--expose-gc"))).toBeLessThan(8);
}, 120_000);

test.each(["with", "without"])("ten thousand receivers that were used once are released, %s finalizers", (finalizers) => {
  const without = finalizers === "without" ? "void [Request, Response, Headers]; delete globalThis.FinalizationRegistry;" : "";
  const script = `${without}
    const { createReceiver, createToken } = await import("ringback");
    const memories = [];
    const instantiate = WebAssembly.Instance;
    WebAssembly.Instance = new Proxy(instantiate, { construct(target, given) { const instance = Reflect.construct(target, given); memories.push(new WeakRef(instance.exports.memory)); return instance; } });
    const token = createToken();
    const use = async () => {
      const receive = createReceiver({ provider: "dingxin", tokens: [token], onRecord: () => undefined });
      const response = await receive(new Request("https://crm.example/" + token, { method: "POST", body: '{"subid":"7","status":1}' }));
      if (response.status !== 200) throw new Error("not kept");
    };
    await use();
    for (let time = 0; time < 10000; time += 1) { await use(); if (time % 500 === 0) await new Promise((resolve) => setTimeout(resolve)); }
    gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
    console.log(memories.reduce((sum, memory) => sum + (memory.deref()?.buffer.byteLength ?? 0), 0) / 2 ** 20);`;
  expect(Number(runScript(script, "--expose-gc"))).toBeLessThan(20);
}, 120_000);

test.each(["with", "without"])("clients and streams made for each request do not pile up, %s finalizers", (finalizers) => {
  const without = finalizers === "without" ? "void [Request, Response, Headers]; delete globalThis.FinalizationRegistry;" : "";
  const script = `${without}
    const { createClient, normalizeStream } = await import("ringback");
    const memories = [];
    const instantiate = WebAssembly.Instance;
    WebAssembly.Instance = new Proxy(instantiate, { construct(target, given) { const instance = Reflect.construct(target, given); memories.push(new WeakRef(instance.exports.memory)); return instance; } });
    const fetch = async () => new Response('{"success":true,"code":200,"msg":""}');
    const use = async (time) => {
      const client = createClient({ provider: "mixcom", appKey: "k" + time, appSecret: "s" + time, recordingHosts: ["recordings.example"], fetch });
      const call = await client.dial({ caller: "13800000001", callee: "13900000002", reference: "r" + time });
      if (call.reference !== "r" + time) throw new Error("not dialed");
      normalizeStream("dingxin", { account: "a" + time });
    };
    await use(0);
    const held = createClient({ provider: "mixcom", appKey: "k", appSecret: "s", fetch });
    for (let time = 1; time <= ${CLIENTS}; time += 1) { await use(time); if (time % 500 === 0) await new Promise((resolve) => setTimeout(resolve)); }
    await held.dial({ caller: "13800000001", callee: "13900000002" });
    gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
    console.log(memories.reduce((sum, memory) => sum + (memory.deref()?.buffer.byteLength ?? 0), 0) / 2 ** 20);`;
  // A megabyte for each thousand. Without finalizers nobody gives a handle back: the instance is replaced instead.
  expect(Number(runScript(script, "--expose-gc"))).toBeLessThan(CLIENTS / 1000);
}, 300_000);
