// What a process holds after many dials prepared and pushes parsed, beside what it held after a thousand.
import { join } from "node:path";
import { run } from "../harness/native.mjs";

const SCRIPT = join(import.meta.dirname, "../scripts/memory.mjs");
const FEW = "after 1,000";

export const title = "memory:";

export function* groups({ quick }) {
  const most = quick ? 50_000 : 1_000_000;
  const many = `after ${most.toLocaleString("en")}`;
  let held;
  for (const [part, name] of [["wasm", "the wasm's memory"], ["heap", "heap and buffers"]]) {
    const measured = () => (held ??= JSON.parse(run(process.execPath, ["--expose-gc", SCRIPT, String(most)])));
    yield {
      title: `memory: ${name}, dials prepared and pushes parsed`,
      unit: "KB",
      rounds: 1,
      once: true,
      reference: FEW,
      // A collection is never quite through with the heap.
      rows: [{ row: `${name}, dials and pushes`, subject: many, part: "ratio", most: part === "wasm" ? 1 : 1.1 }],
      subjects: { [FEW]: () => measured().few[part] / 1024, [many]: () => measured().many[part] / 1024 },
    };
  }
}
