// normalizeStream's core natively: instructions for each byte, at whatever length of the stream. All that lives from one chunk to the next
// is the position in the stream, so of the longest streams their last megabyte is counted.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { native, run } from "../harness/native.mjs";
import { PUSH } from "../peers/push.mjs";

const MEBIBYTE = 2 ** 20;

export const title = "constancy:";

export function* groups() {
  // Without valgrind there is nothing to count with; `cargo xtask setup test` installs it.
  if (spawnSync("valgrind", ["--version"]).error) return;
  const directory = mkdtempSync(join(tmpdir(), "ringback-bench-"));
  try {
    const file = join(directory, "lines.ndjson");
    const lines = [];
    for (let length = 0; length < MEBIBYTE; length += lines.at(-1).length) lines.push(`${PUSH(lines.length)}\n`);
    writeFileSync(file, lines.join(""));
    const bytes = lines.join("").length;
    const { program } = native();
    const counted = (count, offset) => {
      const profile = join(directory, "callgrind.out");
      run("valgrind", ["--tool=callgrind", "--quiet", `--callgrind-out-file=${profile}`, program, "lines", "mixcom", String(count), String(offset), file]);
      return Number(/^(?:summary|totals): (\d+)/m.exec(run("cat", [profile]))[1]);
    };
    const empty = counted(0, 0);
    const perByte = (count, offset) => (counted(count, offset) - empty) / (bytes * count);
    yield {
      title: "constancy: normalizeStream's core natively, instructions per byte",
      unit: "instructions per byte",
      rounds: 1,
      once: true,
      reference: "1 MB",
      rows: ["10 MB", "the last of 100 MB", "the last of 1 GB"].map((subject) => ({
        row: "cost per byte, against that of 1 MB",
        subject,
        part: "ratio",
        most: 1.01,
      })),
      subjects: {
        "1 MB": () => perByte(1, 0),
        "10 MB": () => perByte(10, 0),
        "the last of 100 MB": () => perByte(1, 99 * MEBIBYTE),
        "the last of 1 GB": () => perByte(1, 1023 * MEBIBYTE),
      },
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
