// Finds the imports, names and dynamic code of a script in its syntax tree.
import { type AnyNode, type Expression, parse, type PrivateIdentifier, type Super } from "acorn";
import { ancestor, full } from "acorn-walk";
import { init, parse as parseImports } from "es-module-lexer";

await init();

/** Lists the modules that a script loads: by `import`, `export … from`, `import()`, `require`, or Node's `getBuiltinModule`. */
export function listImports(code: string, kind: "module" | "script"): string[] {
  const found = kind === "module" ? parseImports(code)[0].flatMap((one) => (one.type === "import-meta" ? [] : [one.specifier])) : [];
  full(parseTree(code, kind), (node) => {
    if (node.type === "ImportExpression" && kind === "script") found.push(readText(node.source));
    if (node.type === "CallExpression" && /^(require|getBuiltinModule)$/.test(readName(node.callee) ?? "")) found.push(readText(node.arguments[0]));
  });
  return found.map((specifier) => specifier ?? "(computed)");
}

/** Finds the calls by which a script could run text as code, or load a module later. */
export function findDynamicCode(code: string, kind: "module" | "script"): string[] {
  const found: string[] = [];
  full(parseTree(code, kind), (node) => {
    const name = node.type === "Identifier" || node.type === "MemberExpression" ? readName(node) : undefined;
    if (name !== undefined && ["eval", "Function", "importScripts"].includes(name)) found.push(name);
    if (node.type === "ImportExpression") found.push("import()");
    if (node.type !== "CallExpression" && node.type !== "NewExpression") return;
    const callee = readName(node.callee) ?? "";
    // (() => {}).constructor is Function.
    if (callee === "constructor") found.push("constructor()");
    if (/^set(Timeout|Interval|Immediate)$/.test(callee) && isText(node.arguments[0])) found.push(callee);
  });
  return found;
}

/** Counts each `await` outside of functions: it would delay every importer of the module, and block an import cycle for ever. */
export function countTopLevelAwaits(code: string): number {
  let count = 0;
  const check = (node: AnyNode, _: unknown, ancestors: AnyNode[]): void => {
    const waits = node.type === "AwaitExpression" || (node.type === "ForOfStatement" && node.await);
    if (waits && !ancestors.some(({ type }) => /Function/.test(type))) count += 1;
  };
  ancestor(parseTree(code, "module"), { AwaitExpression: check, ForOfStatement: check });
  return count;
}

/** Finds names that only Node and similar runtimes have: globals, and ways to load Node's modules without an import. */
export function findNodeNames(code: string): string[] {
  const names = ["process", "require", "getBuiltinModule", "createRequire", "Buffer", "__dirname", "__filename"];
  const found = new Set<string>();
  full(parseTree(code, "module"), (node) => {
    const name = node.type === "Identifier" || node.type === "MemberExpression" ? readName(node) : undefined;
    if (name !== undefined && names.includes(name)) found.add(name);
  });
  return [...found].sort();
}

function parseTree(code: string, kind: "module" | "script"): AnyNode {
  return parse(kind === "module" ? removePhases(code) : code, { ecmaVersion: "latest", sourceType: kind });
}

/** Removes the phase of `import source`, which acorn cannot parse yet; the import itself does not matter here. */
function removePhases(code: string): string {
  const phased = parseImports(code)[0].filter((found) => found.type === "static" && found.phase !== null);
  return phased.reduceRight((rest, { importStart }) => rest.slice(0, importStart) + rest.slice(importStart).replace(/^import\s+\w+/, "import"), code);
}

/** Reads a variable's name, or the name of the accessed property. */
function readName(node: Expression | Super | PrivateIdentifier): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type === "ChainExpression" || node.type === "ParenthesizedExpression") return readName(node.expression);
  if (node.type === "SequenceExpression") return node.expressions.at(-1) && readName(node.expressions.at(-1) as Expression);
  if (node.type !== "MemberExpression") return undefined;
  return node.computed ? readText(node.property) : readName(node.property);
}

function isText(node: AnyNode | undefined): boolean {
  return readText(node) !== undefined || node?.type === "TemplateLiteral" || (node?.type === "BinaryExpression" && node.operator === "+");
}

function readText(node: AnyNode | undefined): string | undefined {
  return node?.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}
