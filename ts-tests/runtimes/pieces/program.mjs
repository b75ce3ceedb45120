// The program that a runtime runs: the package and its trapping variant, imported as users import them, under the conformance script.

/** What the conformance script uses. */
const NAMES = ["RingbackError", "createClient", "createReceiver", "createToken", "explainCode", "init", "isRingbackError", "normalizeStream", "parsePush", "providers", "readRecords"];

/**
 * Its source, as an ES module or, with `require`, as CommonJS. `head` are further imports; `slim`, `ringback` and `trapping` are expressions
 * for what `init` is given; `from` is how the package is called; `then` is what is done with the variable `checks`.
 */
export function program({ row, head = "", slim, ringback, trapping, from = "ringback", then, require = false }) {
  const imported = (name, specifier, names = NAMES) => (require ? `const ${name} = require("${specifier}");` : importedByName(name, specifier, names));
  const sources = Object.entries({ slim, ringback, trapping }).filter(([, source]) => source !== undefined);
  const lines = [
    head,
    imported("ringback", from),
    // By `require` the entry that traps holds the whole variant. A module shares its instance with the others.
    ...(require ? [imported("trapping", "ringback-trap/trap")] : [imported("variant", "ringback-trap"), TRAP]),
    ...(row.options.slim ? [imported("slim", "ringback-slim/slim")] : ["const slim = undefined;"]),
    ...(require ? [] : [`import { conformance } from "./conformance.mjs";`, `import vectors from "./vectors.mjs";`]),
    `const host = { ready: "${row.ready}", sources: { ${sources.map(([name, source]) => `${name}: () => ${source}`).join(", ")} } };`,
    "async function report() {",
    // CommonJS has no other way to an ES module in every Node.js.
    ...(require ? [`  const [{ conformance }, { default: vectors }] = await Promise.all([import("./conformance.mjs"), import("./vectors.mjs")]);`] : []),
    "  const checks = await conformance({ ringback, trapping, slim, vectors, host });",
    `  ${then}`,
    "}",
    "",
  ];
  return lines.join("\n");
}

const TRAP = 'import { trapForTests } from "ringback-trap/trap";\nconst trapping = { ...variant, trapForTests };';

/** Name by name, as users write it: bundlers drop what nobody names, and must not drop the loading of the wasm with it. */
function importedByName(object, specifier, names) {
  const local = (name) => `${object}_${name}`;
  const bindings = names.map((name) => `${name} as ${local(name)}`).join(", ");
  const members = names.map((name) => `${name}: ${local(name)}`).join(", ");
  return `import { ${bindings} } from "${specifier}";\nconst ${object} = { ${members} };`;
}

/** The program of a page: it posts its report to `site`, which may be another server than the page's. */
export function pageProgram({ row, reportTo = "/report", ...sources }) {
  const post = `await fetch("${reportTo}", { method: "POST", mode: "no-cors", body: JSON.stringify({ checks }) });`;
  return `${program({ row, ...sources, then: post })}report();\n`;
}

/** The program of a command line: it prints its report. `version` is the expression by which the runtime says its own. */
export function printingProgram({ row, version, entry, ...rest }) {
  const print = `console.log(JSON.stringify({ version: ${version}, entry: ${entry}, checks }));`;
  return `${program({ row, ...rest, then: print })}report();\n`;
}

/** A page that runs a script, of a `type` of its own if need be. `head` stands before it. */
export function page({ script, head = "", type = "module" }) {
  return `<!doctype html><meta charset="utf-8"><title>ringback</title><link rel="icon" href="data:,">${head}<script type="${type}" src="${script}"></script>\n`;
}
