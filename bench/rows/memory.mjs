// What a process holds after many dials and pushes, beside what it held after a thousand; and the wasm's memory after one hostile push.
import { join } from "node:path";
import { run } from "../harness/native.mjs";

const SCRIPT = join(import.meta.dirname, "../scripts/memory.mjs");
const FEW = "after 1,000";

export const title = "memory:";

export function* groups({ quick }) {
  const count = quick ? 50_000 : 1_000_000;
  const many = `after ${count.toLocaleString("en")}`;
  let held;
  const measure = () => (held ??= JSON.parse(run(process.execPath, ["--expose-gc", SCRIPT, String(count)])));
  for (const [part, name] of [
    ["wasm", "the wasm's memory"],
    ["heap", "heap and buffers"],
  ]) {
    yield {
      title: `memory: ${name}, dials and pushes`,
      unit: "KB",
      rounds: 1,
      once: true,
      reference: FEW,
      // A collection leaves something in the heap.
      rows: [{ row: `${name}, dials and pushes`, subject: many, part: "ratio", most: part === "wasm" ? 1 : 1.1 }],
      subjects: { [FEW]: () => measure().few[part] / 1024, [many]: () => measure().many[part] / 1024 },
    };
  }
  yield {
    title: "memory: the wasm's memory after one hostile push, the worst of eight of 256 KB",
    unit: "MB",
    rounds: 1,
    once: true,
    rows: [{ row: "the wasm's memory after one hostile push", subject: "ringback", part: "whole", most: 8 }],
    subjects: { ringback: () => measure().hostile.wasm / 2 ** 20 },
  };
}
