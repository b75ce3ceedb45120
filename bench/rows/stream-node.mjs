// NDJSON of pushes through normalizeStream: beside the same written by hand, line by line, and beside the core compiled natively. The
// stream is made while it is read, and its output is dropped.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { normalizeStream } from "ringback";
import { blockOf, seconds, streamOf } from "../harness/lines.mjs";
import { native } from "../harness/native.mjs";
import { normalizeLines } from "../peers/stream.mjs";

const MEBIBYTE = 2 ** 20;

export const title = "stream:";

export async function* groups() {
  const block = blockOf(4 * MEBIBYTE);
  await compare(block);
  const wasm = () => normalizeStream("mixcom");
  const size = 16 * MEBIBYTE;
  yield {
    title: `stream: ${size / MEBIBYTE} MB of NDJSON through normalizeStream in Node ${process.version}`,
    unit: "s",
    rounds: 10,
    reference: "ringback",
    rows: [{ row: "normalizeStream", subject: "by hand, per line", part: "ratio", least: 4.5 }],
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
    rows: [{ row: "normalizeStream", subject: "native", part: "ratio", least: 0.6 }],
    subjects: { ringback: () => seconds(wasm(), block, size), native: natively },
  };
  rmSync(directory, { recursive: true });
}

/** Both must make the same records before either is timed. */
async function compare(block) {
  const some = block.subarray(0, block.indexOf(10, 65_536) + 1);
  const records = async (transform) => {
    const text = await new Response(streamOf(some, 1).pipeThrough(transform)).text();
    const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    return lines.map(({ completeness, ...record }) => record);
  };
  const [ours, theirs] = [await records(normalizeStream("mixcom")), await records(normalizeLines())];
  if (ours.length < 100 || !isDeepStrictEqual(ours, theirs)) throw new Error(`not the same: ${JSON.stringify([ours[0], theirs[0]], null, 2)}`);
}
