// Writes the notices of all libraries that the bundles have parts of: node licences.mjs WORKSHOP METAFILES DESTINATION
// Which these are is read from esbuild's metafiles, so that none can be forgotten.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [workshop, metafiles, destination] = process.argv.slice(2);
const libraries = new Set();
for (const file of readdirSync(metafiles)) {
  const { outputs } = JSON.parse(readFileSync(join(metafiles, file), "utf8"));
  for (const { inputs = {} } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const library = /^(?:.*\/)?(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
      if (library !== undefined && bytesInOutput > 0) libraries.add(library);
    }
  }
}

const notices = [...libraries].sort().map((library) => {
  const directory = join(workshop, library);
  const { name, version, license } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  const text = readdirSync(directory).find((file) => /^licen[cs]e([.-]|$)/i.test(file));
  if (text === undefined) throw new Error(`${name} has no licence text`);
  return `${name} ${version} (${license})\n\n${readFileSync(join(directory, text), "utf8").trim()}\n`;
});
const rule = `\n${"-".repeat(80)}\n\n`;
writeFileSync(destination, ["The bundles in dist/ have parts of these libraries.\n", ...notices].join(rule));
