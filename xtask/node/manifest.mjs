// Writes the published package.json: the template with the crate's version and without the fields that only the build needs.
// Written in JavaScript, which keeps the order of the keys in `exports`; the order decides which entry is used.
import { readFileSync, writeFileSync } from "node:fs";

const [template, destination, name, version, ...entries] = process.argv.slice(2);
const { scripts, devDependencies, ...published } = JSON.parse(readFileSync(template, "utf8"));
// Further entries of a test variant.
for (const entry of entries) published.exports[`./${entry}`] = { import: `./dist/${entry}.js`, require: `./dist/${entry}.cjs` };
writeFileSync(destination, `${JSON.stringify({ ...published, name, version }, null, 2)}\n`);
