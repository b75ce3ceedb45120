// node bench.mjs [--quick] [--json FILE] [WORD ...]
// Runs the groups of rows/*.mjs whose file or title contains one of the words (without words: all but the extra ones), and at the end prints
// one table of the rows with our goals.
import { readdirSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { measured } from "./harness/measure.mjs";
import { heading, lines, machine, rowsOf, tableOf } from "./harness/table.mjs";

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, json: { type: "string" } },
});

const results = [];
const rows = [];
const start = performance.now();
const begun = { date: new Date().toISOString().slice(0, 10), node: process.version, machine: machine(), load: loadavg()[0] };
console.log(`${begun.machine}\n`);

for (const file of readdirSync(new URL("rows", import.meta.url)).sort()) {
  const { groups, title = "" } = await import(`./rows/${file}`);
  const isWanted = (title) => words.some((word) => `${file} ${title}`.toLowerCase().includes(word.toLowerCase()));
  // A file that first has to build or start something is skipped where none of its groups is wanted.
  if (words.length > 0 && title !== "" && !isWanted(title)) continue;
  for await (const group of groups(options)) {
    if (words.length === 0 ? group.extra : !isWanted(group.title)) continue;
    const rounds = options.quick ? Math.ceil(group.rounds / 4) : group.rounds;
    const result = await measured(group, rounds);
    console.log(`${heading(group, rounds)}\n${lines(group, result).join("\n")}\n`);
    results.push({ title: group.title, unit: group.unit, rounds, results: result });
    rows.push(...rowsOf(group, result));
  }
}

if (results.length === 0) throw new Error(`no group's title contains ${words.map((word) => `"${word}"`).join(" or ")}`);
const took = Math.round((performance.now() - start) / 1000);
console.log(`${tableOf(rows)}\n\n${took} s; each figure the median of its rounds, with the quartiles`);
console.log(`load average: ${begun.load.toFixed(2)} at the start, ${loadavg()[0].toFixed(2)} at the end`);
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ ...begun, rows, groups: results }, null, 2)}\n`);
