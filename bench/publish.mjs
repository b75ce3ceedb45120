// node publish.mjs RESULTS.json COMMAND: writes what `bench.mjs --json` has kept into the README, between its marks, and draws it as docs/bench.svg.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cellsOf } from "./harness/table.mjs";

const ROOT = join(import.meta.dirname, "..");
const [results, command] = process.argv.slice(2);
const measured = JSON.parse(readFileSync(results, "utf8"));

const readme = join(ROOT, "README.md");
const marks = /(<!-- bench:start -->\n).*(<!-- bench:end -->)/s;
const text = readFileSync(readme, "utf8");
if (!marks.test(text)) throw new Error("README.md has no bench:start and bench:end");
writeFileSync(readme, text.replace(marks, (_, start, end) => `${start}${section(measured)}${end}`));
writeFileSync(join(ROOT, "docs/bench.svg"), drawn(measured.rows));

function section({ date, machine, load, node, rows }) {
  const [head, ...body] = [["row", "against", "ratio, or what it takes [quartiles]", "asked for", "", "absolute figures"], ...rows.map(cellsOf)];
  const line = (cells) => `| ${cells.join(" | ")} |\n`;
  const table = line(head) + line(head.map(() => "---")) + body.map(line).join("");
  return `![What was asked for, and what was reached](docs/bench.svg)

${table}
Measured on ${date} with \`${command}\`: ${machine}, Node.js ${node} where no other is named, load average ${load.toFixed(1)}
at the start. A ratio is the other's time or size over Ringback's, taken side by side in each round.${load > cpusOf(machine) ? " The machine was busy with other work: the ratios hold better than the figures." : ""}
`;
}

/** How many processors the machine's line begins with. */
function cpusOf(machine) {
  return Number.parseInt(machine, 10);
}

/** A bar for each row: how many times what was asked for, on a logarithmic scale. */
function drawn(rows) {
  const [left, width, height, top] = [400, 380, 22, 44];
  const [least, most] = [0.05, 20];
  const bars = rows.filter(({ least, most }) => least !== undefined || most !== undefined);
  const x = (times) => left + (width * Math.log(Math.min(Math.max(times, least), most) / least)) / Math.log(most / least);
  const body = bars.map((row, index) => {
    const y = top + index * height;
    const { median } = row.value;
    const times = row.least === undefined ? row.most / median : median / row.least;
    const [from, to] = [x(1), x(times)].sort((a, b) => a - b);
    const [, , value, asked] = cellsOf(row);
    const label = [row.row, row.against].filter(Boolean).join(", ");
    return `<text class="row" x="${left - 10}" y="${y + 12}" text-anchor="end">${escaped(label)}</text>
<rect class="${row.reached ? "reached" : "missed"}" x="${from.toFixed(1)}" y="${y + 2}" width="${Math.max(1, to - from).toFixed(1)}" height="${height - 8}"><title>${escaped(`${value}; asked for: ${asked}`)}</title></rect>
<text class="figure" x="${left + width + 10}" y="${y + 12}">${escaped(`${value.replace(/ \[.*/, "")} (${asked})`)}</text>`;
  });
  const bottom = top + bars.length * height;
  const scale = [0.1, 0.3, 1, 3, 10].map(
    (times) => `<line class="${times === 1 ? "asked" : "grid"}" x1="${x(times)}" x2="${x(times)}" y1="${top - 8}" y2="${bottom}"/>
<text class="figure" x="${x(times)}" y="${top - 14}" text-anchor="middle">${times === 1 ? "asked for" : `${times} ×`}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 ${bottom + 10}" font-family="system-ui, sans-serif" font-size="12" role="img">
<title>How many times what was asked for each row reaches; beyond the line is better</title>
<style>
text { fill: #1f2328 } .figure { fill: #59636e; font-size: 11px } .grid { stroke: #9a9a9a; stroke-opacity: .35 } .asked { stroke: #59636e }
.reached { fill: #2da44e } .missed { fill: #d4731c }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .figure { fill: #9198a1 } .asked { stroke: #9198a1 } .reached { fill: #3fb950 } }
</style>
${[...scale, ...body].join("\n")}
</svg>
`;
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
