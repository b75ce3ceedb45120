// Writes the published package.json: the template with the crate's version and without what only a build needs.
// In JavaScript, since the order of the keys in `exports` means something and has to be kept.
import { readFileSync, writeFileSync } from "node:fs";

const [template, destination, name, version] = process.argv.slice(2);
const { scripts, devDependencies, ...published } = JSON.parse(readFileSync(template, "utf8"));
writeFileSync(destination, `${JSON.stringify({ ...published, name, version }, null, 2)}\n`);
