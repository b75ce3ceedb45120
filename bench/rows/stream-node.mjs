// NDJSON of pushes through normalizeStream, beside the same by hand per line, and beside the core compiled natively. The stream is made
// while it is read, and what comes out goes nowhere.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { native } from "../harness/native.mjs";
import { normalizeLines } from "../peers/stream.mjs";
import { PUSH } from "../peers/push.mjs";

const MEBIBYTE = 2 ** 20;
const CHUNK = 65_536;
const MOST_WASM_MEMORY = 16;

export const title = "stream:";

export async function* groups({ quick }) {
  const memories = watchMemories();
  const { normalizeStream } = await import("ringback");
  const block = blockOf(4 * MEBIBYTE);
  await same(normalizeStream, block);
  const wasm = () => normalizeStream("mixcom");
  const size = 16 * MEBIBYTE;
  yield {
    title: `stream: ${size / MEBIBYTE} MB of NDJSON through normalizeStream in Node ${process.version}`,
    unit: "s",
    rounds: 10,
    reference: "ringback",
    rows: [{ row: "normalizeStream, per MB", subject: "by hand, per line", part: "ratio", least: 4 }],
    subjects: { ringback: () => seconds(wasm(), block, size), "by hand, per line": () => seconds(normalizeLines(), block, size) },
  };
  const core = native();
  const directory = mkdtempSync(join(tmpdir(), "ringback-bench-"));
  const file = join(directory, "lines.ndjson");
  writeFileSync(file, block);
  const natively = () => JSON.parse(core(["lines", "mixcom", String(Math.round(size / block.length)), "0", file])).seconds;
  yield {
    title: `stream: ${size / MEBIBYTE} MB of NDJSON, wasm and the native core (opt-level 3, one thread)`,
    unit: "s",
    rounds: 20,
    reference: "ringback",
    rows: [{ row: "normalizeStream, wasm against native", subject: "native", part: "ratio", least: 0.6 }],
    subjects: { ringback: () => seconds(wasm(), block, size), native: natively },
  };
  rmSync(directory, { recursive: true });
  const whole = (quick ? 64 : 1024) * MEBIBYTE;
  yield {
    title: `stream: the wasm's memory at the end of ${whole / MEBIBYTE} MB`,
    unit: "MB",
    rounds: 1,
    once: true,
    rows: [{ row: `wasm memory after ${whole / MEBIBYTE} MB of NDJSON`, subject: "ringback", part: "whole", most: MOST_WASM_MEMORY }],
    subjects: {
      async ringback() {
        const took = await seconds(wasm(), block, whole);
        console.log(`  ${whole / MEBIBYTE} MB in ${took.toFixed(1)} s`);
        return Math.max(...memories.map((memory) => memory.buffer.byteLength)) / MEBIBYTE;
      },
    },
  };
}

/** The memories of the instances that are made from here on. They never shrink, so the last size is the largest. */
function watchMemories() {
  const memories = [];
  const { Instance } = WebAssembly;
  WebAssembly.Instance = function (...args) {
    const instance = new Instance(...args);
    if (instance.exports.memory) memories.push(instance.exports.memory);
    return instance;
  };
  WebAssembly.Instance.prototype = Instance.prototype;
  return memories;
}

/** Whole lines of about so many bytes. */
function blockOf(bytes) {
  const lines = [];
  for (let length = 0; length < bytes; length += lines.at(-1).length) lines.push(`${PUSH(lines.length)}\n`);
  return new TextEncoder().encode(lines.join(""));
}

/** As much of the block, again and again, in chunks that care for no line's end. */
function streamOf(block, bytes) {
  let [given, at] = [0, 0];
  return new ReadableStream({
    pull(controller) {
      if (given >= bytes && at === 0) return controller.close();
      const chunk = block.slice(at, at + CHUNK);
      at = at + CHUNK < block.length ? at + CHUNK : 0;
      given += chunk.length;
      controller.enqueue(chunk);
    },
  });
}

async function seconds(transform, block, bytes) {
  const began = performance.now();
  for await (const _ of streamOf(block, bytes).pipeThrough(transform));
  return (performance.now() - began) / 1000;
}

/** Both must have made the same records before either is timed. */
async function same(normalizeStream, block) {
  const some = block.subarray(0, block.indexOf(10, CHUNK) + 1);
  const records = async (transform) => {
    const text = await new Response(streamOf(some, 1).pipeThrough(transform)).text();
    const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    return lines.map(({ completeness, ...record }) => record);
  };
  const [ours, theirs] = [await records(normalizeStream("mixcom")), await records(normalizeLines())];
  if (ours.length < 100 || !isDeepStrictEqual(ours, theirs)) throw new Error(`not the same: ${JSON.stringify([ours[0], theirs[0]], null, 2)}`);
}
