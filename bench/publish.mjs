// node publish.mjs RESULTS.json COMMAND: writes the results of `bench.mjs --json` into the pages docs/performance.md and docs/zh/performance.md, between their marks, and draws docs/bench.svg.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cellsOf } from "./harness/table.mjs";

const ROOT = join(import.meta.dirname, "..");
const [results, command] = process.argv.slice(2);

const measured = JSON.parse(readFileSync(results, "utf8"));

/** The words around the table, and those in it. */
const ENGLISH = {
  image: "![The time of the alternatives over that of Ringback](./bench.svg)",
  head: ["what", "against", "ratio, or what it takes [quartiles]", "absolute figures"],
  measured: ({ date, machine, load, node }) => `Measured on ${date} with \`${command}\`: ${machine}, Node.js ${node} where no other is named, load average ${load.toFixed(1)}
at the start. A ratio is the time of the alternative over that of Ringback, taken side by side in each round.`,
  shared: " The machine was shared with other work, so the ratios are more reliable than the absolute figures.",
  names: [],
};
const CHINESE = {
  image: "![其他方案的耗时与 Ringback 之比](../bench.svg)",
  head: ["测量项", "对比对象", "比值或消耗 [四分位数]", "绝对数值"],
  measured: ({ date, machine, load, node }) => `测于 ${date}，命令为 \`${command}\`：${machine}，未注明时为 Node.js ${node}，开始时负载 ${load.toFixed(1)}。
比值 = 对比对象的耗时 ÷ Ringback 的耗时，每一轮都并排测量。`,
  shared: "测量时机器上还有其他任务，因此比值比绝对数值可靠。",
  // Longer ones first, because each is replaced wherever it stands.
  names: [
    ["a whole client.dial through an instant fetch", "一次完整的 client.dial，fetch 立即返回"],
    ["axios by hand", "手写 axios"],
    ["download, all features, gzip", "下载体积，全部功能，gzip"],
    ["the wasm's memory after one hostile push", "一次恶意推送之后的 wasm 内存"],
    ["the wasm's memory, dials and pushes", "wasm 内存，呼叫与推送"],
    ["heap and buffers, dials and pushes", "堆与缓冲区，呼叫与推送"],
    ["one push, bytes to CallRecord", "一次推送，从字节到 CallRecord"],
    ["one push through the receiver in Node", "一次推送经过接收器，Node"],
    ["one push through the receiver", "一次推送经过接收器"],
    ["one push of a stranger", "一次无效来源的推送"],
    ["import to first signature, Node", "从 import 到第一次签名，Node"],
    ["import to first signature", "从 import 到第一次签名"],
    ["worker: import to the first push answered", "worker：从 import 到响应第一次推送"],
    ["worker: import", "worker：import"],
    ["ringback, only imported", "ringback，只 import"],
    ["ringback, a push answered", "ringback，响应一次推送"],
    ["empty script", "空脚本"],
    ["empty worker", "空 worker"],
    ["by hand, per line", "手写，逐行"],
    ["native", "原生 Rust"],
    [/after ([\d,]+)/g, "$1 次之后"],
    [/([\d,]+) accounts?/g, "$1 个账号"],
    [/([\d,]+) bytes/g, "$1 字节"],
  ],
};

const marks = /(<!-- bench:start -->\n).*(<!-- bench:end -->)/s;
for (const [file, words] of [["docs/performance.md", ENGLISH], ["docs/zh/performance.md", CHINESE]]) {
  const text = readFileSync(join(ROOT, file), "utf8");
  if (!marks.test(text)) throw new Error(`${file} has no bench:start and bench:end`);
  writeFileSync(join(ROOT, file), text.replace(marks, (_, start, end) => `${start}${section(measured, words)}${end}`));
}
writeFileSync(join(ROOT, "docs/bench.svg"), drawn(measured.rows));

function section(results, words) {
  const [head, ...body] = [words.head, ...results.rows.map((row) => cellsOf(row).map((cell) => words.names.reduce((text, [name, own]) => text.replaceAll(name, own), cell)))];
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
