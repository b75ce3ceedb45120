// node bench.mjs [--quick] [--json FILE] [WORD ...]
// Runs the groups of rows/*.mjs whose file or title holds one of the words (without words: all) and prints one table.
import { readdirSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { measured } from "./harness/measure.mjs";
import { heading, lines, machine } from "./harness/table.mjs";

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, json: { type: "string" } },
});

const results = [];
const begun = { machine: machine(), load: loadavg()[0] };
console.log(`${begun.machine}\n`);

for (const file of readdirSync(new URL("rows", import.meta.url)).sort()) {
  const rows = await import(`./rows/${file}`);
  const isWanted = (title) => words.length === 0 || words.some((word) => `${file} ${title}`.toLowerCase().includes(word.toLowerCase()));
  for await (const group of rows.groups()) {
    if (!isWanted(group.title)) continue;
    const rounds = options.quick ? Math.ceil(group.rounds / 4) : group.rounds;
    const result = await measured(group, rounds);
    console.log(`${heading(group, rounds)}\n${lines(group, result).join("\n")}\n`);
    results.push({ title: group.title, unit: group.unit, rounds, results: result });
  }
}

if (results.length === 0) throw new Error(`no group's title holds ${words.map((word) => `"${word}"`).join(" or ")}`);
console.log(`load average: ${begun.load.toFixed(2)} at the start, ${loadavg()[0].toFixed(2)} at the end`);
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ ...begun, groups: results }, null, 2)}\n`);
