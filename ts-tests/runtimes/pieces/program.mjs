// Writes the program for a runtime: it imports the package and its trapping variant as users do, and runs the conformance script.

/** The exports that the conformance script uses. */
const NAMES = ["RingbackError", "createClient", "createReceiver", "createToken", "explainCode", "init", "isRingbackError", "normalizeStream", "parsePush", "providers", "readRecords"];

/**
 * Writes the source as an ES module or, with `require`, as CommonJS. `head` has further imports; `slim`, `ringback` and `trapping` are expressions
 * for the argument of `init`; `from` is the package's name; `then` is the code that uses the variable `checks`.
 */
export function writeProgram({ row, head = "", slim, ringback, trapping, from = "ringback", then, require = false }) {
  const writeImport = (name, specifier, names = NAMES) => (require ? `const ${name} = require("${specifier}");` : writeNamedImport(name, specifier, names));
  const sources = Object.entries({ slim, ringback, trapping }).filter(([, source]) => source !== undefined);
  const lines = [
    head,
    writeImport("ringback", from),
    // By `require` the entry that traps holds the whole variant. A module shares its instance with the others.
    ...(require ? [writeImport("trapping", "ringback-trap/trap")] : [writeImport("variant", "ringback-trap"), TRAP]),
    ...(row.options.slim ? [writeImport("slim", "ringback-slim/slim")] : ["const slim = undefined;"]),
    ...(require ? [] : [`import { conformance } from "./conformance.mjs";`, `import vectors from "./vectors.mjs";`]),
    `const host = { ready: "${row.ready}", sources: { ${sources.map(([name, source]) => `${name}: () => ${source}`).join(", ")} } };`,
    "async function report() {",
    // This is the only way to load an ES module from CommonJS in every Node.js.
    ...(require ? [`  const [{ conformance }, { default: vectors }] = await Promise.all([import("./conformance.mjs"), import("./vectors.mjs")]);`] : []),
    "  const checks = await conformance({ ringback, trapping, slim, vectors, host });",
    `  ${then}`,
    "}",
    "",
  ];
  return lines.join("\n");
}

const TRAP = 'import { trapForTests } from "ringback-trap/trap";\nconst trapping = { ...variant, trapForTests };';

/** Writes an import of single names, as users do: bundlers drop unused names, and must not drop the loading of the wasm. */
function writeNamedImport(object, specifier, names) {
  const local = (name) => `${object}_${name}`;
  const bindings = names.map((name) => `${name} as ${local(name)}`).join(", ");
  const members = names.map((name) => `${name}: ${local(name)}`).join(", ");
  return `import { ${bindings} } from "${specifier}";\nconst ${object} = { ${members} };`;
}

/** Writes the program of a page, which posts its report to `reportTo`, possibly on another server. */
export function writePageProgram({ row, reportTo = "/report", ...sources }) {
  const post = `await fetch("${reportTo}", { method: "POST", mode: "no-cors", body: JSON.stringify({ checks }) });`;
  return `${writeProgram({ row, ...sources, then: post })}report();\n`;
}

/** Writes a command-line program, which prints its report. `version` is an expression for the runtime's version. */
export function writePrintingProgram({ row, version, entry, ...rest }) {
  const print = `console.log(JSON.stringify({ version: ${version}, entry: ${entry}, checks }));`;
  return `${writeProgram({ row, ...rest, then: print })}report();\n`;
}

/** Writes a page that runs a script with the given `type`. `head` is inserted before it. */
export function writePage({ script, head = "", type = "module" }) {
  return `<!doctype html><meta charset="utf-8"><title>ringback</title><link rel="icon" href="data:,">${head}<script type="${type}" src="${script}"></script>\n`;
}
