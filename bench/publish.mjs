// node publish.mjs RESULTS.json COMMAND: writes the results of `bench.mjs --json` into the pages docs/performance.md and docs/zh/performance.md, between their marks, and draws docs/bench.svg.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cellsOf } from "./harness/table.mjs";

const ROOT = join(import.meta.dirname, "..");
const [results, command] = process.argv.slice(2);

const measured = JSON.parse(readFileSync(results, "utf8"));

/** The words around the table. The rows keep the English names of the benchmarks. */
const ENGLISH = {
  image: "![The time of the alternatives over that of Ringback](./bench.svg)",
  head: ["what", "against", "ratio, or what it takes [quartiles]", "absolute figures"],
  measured: ({ date, machine, load, node }) => `Measured on ${date} with \`${command}\`: ${machine}, Node.js ${node} where no other is named, load average ${load.toFixed(1)}
at the start. A ratio is the time of the alternative over that of Ringback, taken side by side in each round.`,
  shared: " The machine was shared with other work, so the ratios are more reliable than the absolute figures.",
};
const CHINESE = {
  image: "![其他方案的耗时与 Ringback 之比](../bench.svg)",
  head: ["测量项", "对比对象", "比值或消耗 [四分位数]", "绝对数值"],
  measured: ({ date, machine, load, node }) => `测于 ${date}，命令为 \`${command}\`：${machine}，未注明时为 Node.js ${node}，开始时负载 ${load.toFixed(1)}。
比值 = 对比对象的耗时 ÷ Ringback 的耗时，每一轮都并排测量。`,
  shared: "测量时机器上还有其他任务，因此比值比绝对数值可靠。",
};

const marks = /(<!-- bench:start -->\n).*(<!-- bench:end -->)/s;
for (const [file, words] of [["docs/performance.md", ENGLISH], ["docs/zh/performance.md", CHINESE]]) {
  const text = readFileSync(join(ROOT, file), "utf8");
  if (!marks.test(text)) throw new Error(`${file} has no bench:start and bench:end`);
  writeFileSync(join(ROOT, file), text.replace(marks, (_, start, end) => `${start}${section(measured, words)}${end}`));
}
writeFileSync(join(ROOT, "docs/bench.svg"), drawn(measured.rows));

function section(results, words) {
  const [head, ...body] = [words.head, ...results.rows.map(cellsOf)];
  const line = (cells) => `| ${cells.join(" | ")} |\n`;
  const table = line(head) + line(head.map(() => "---")) + body.map(line).join("");
  const shared = results.load > cpusOf(results.machine) ? words.shared : "";
  return `${words.image}

${table}
${words.measured(results)}${shared}
`;
}

/** The number of processors, with which the machine's line begins. */
function cpusOf(machine) {
  return Number.parseInt(machine, 10);
}

/** A bar for each ratio to an alternative, on a logarithmic scale. */
function drawn(rows) {
  const [left, width, height, top] = [400, 380, 22, 44];
  const [least, most] = [0.3, 20];
  const bars = rows.filter(({ part, most }) => part === "ratio" && most === undefined);
  const x = (times) => left + (width * Math.log(Math.min(Math.max(times, least), most) / least)) / Math.log(most / least);
  const body = bars.map((row, index) => {
    const y = top + index * height;
    const { median } = row.value;
    const [from, to] = [x(1), x(median)].sort((a, b) => a - b);
    const [, , value, figures] = cellsOf(row);
    return `<text class="row" x="${left - 10}" y="${y + 12}" text-anchor="end">${escaped(`${row.row}, ${row.against}`)}</text>
<rect class="${median >= 1 ? "faster" : "slower"}" x="${from.toFixed(1)}" y="${y + 2}" width="${Math.max(1, to - from).toFixed(1)}" height="${height - 8}"><title>${escaped(figures)}</title></rect>
<text class="figure" x="${left + width + 10}" y="${y + 12}">${escaped(value.replace(/ \[.*/, ""))}</text>`;
  });
  const bottom = top + bars.length * height;
  const scale = [0.3, 1, 3, 10].map(
    (times) => `<line class="${times === 1 ? "equal" : "grid"}" x1="${x(times)}" x2="${x(times)}" y1="${top - 8}" y2="${bottom}"/>
<text class="figure" x="${x(times)}" y="${top - 14}" text-anchor="middle">${times} ×</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 ${bottom + 10}" font-family="system-ui, sans-serif" font-size="12" role="img">
<title>The time of the alternatives over that of Ringback; longer is better for Ringback</title>
<style>
text { fill: #1f2328 } .figure { fill: #59636e; font-size: 11px } .grid { stroke: #9a9a9a; stroke-opacity: .35 } .equal { stroke: #59636e }
.faster { fill: #2da44e } .slower { fill: #d4731c }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .figure { fill: #9198a1 } .equal { stroke: #9198a1 } .faster { fill: #3fb950 } }
</style>
${[...scale, ...body].join("\n")}
</svg>
`;
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
