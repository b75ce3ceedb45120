// What a script reaches for, found in its syntax tree rather than in its letters.
import { type AnyNode, type Expression, parse, type PrivateIdentifier, type Super } from "acorn";
import { ancestor, full } from "acorn-walk";
import { init, parse as parseImports } from "es-module-lexer";

await init();

/** Where the modules come from that a script loads: by `import`, `export … from`, `import()`, `require`, or Node's `getBuiltinModule`. */
export function importsOf(code: string, kind: "module" | "script"): string[] {
  const found = kind === "module" ? parseImports(code)[0].flatMap((one) => (one.type === "import-meta" ? [] : [one.specifier])) : [];
  full(treeOf(code, kind), (node) => {
    if (node.type === "ImportExpression" && kind === "script") found.push(textOf(node.source));
    if (node.type === "CallExpression" && /^(require|getBuiltinModule)$/.test(nameOf(node.callee) ?? "")) found.push(textOf(node.arguments[0]));
  });
  return found.map((specifier) => specifier ?? "(computed)");
}

/** Everything by which a script could run text, or load what was not imported before it began. */
export function dynamicCodeIn(code: string, kind: "module" | "script"): string[] {
  const found: string[] = [];
  full(treeOf(code, kind), (node) => {
    const name = node.type === "Identifier" || node.type === "MemberExpression" ? nameOf(node) : undefined;
    if (name !== undefined && ["eval", "Function", "importScripts"].includes(name)) found.push(name);
    if (node.type === "ImportExpression") found.push("import()");
    if (node.type !== "CallExpression" && node.type !== "NewExpression") return;
    const callee = nameOf(node.callee) ?? "";
    // (() => {}).constructor is Function.
    if (callee === "constructor") found.push("constructor()");
    if (/^set(Timeout|Interval|Immediate)$/.test(callee) && isText(node.arguments[0])) found.push(callee);
  });
  return found;
}

/** Each `await` outside of a function: it would hold up whoever imports the module, for ever in a cycle. */
export function topLevelAwaitsIn(code: string): number {
  let count = 0;
  const check = (node: AnyNode, _: unknown, ancestors: AnyNode[]): void => {
    const waits = node.type === "AwaitExpression" || (node.type === "ForOfStatement" && node.await);
    if (waits && !ancestors.some(({ type }) => /Function/.test(type))) count += 1;
  };
  ancestor(treeOf(code, "module"), { AwaitExpression: check, ForOfStatement: check });
  return count;
}

/** What only Node and its kin have, by name: globals, and ways to a module of Node's that need no import. */
export function namesOfNodeIn(code: string): string[] {
  const names = ["process", "require", "getBuiltinModule", "createRequire", "Buffer", "__dirname", "__filename"];
  const found = new Set<string>();
  full(treeOf(code, "module"), (node) => {
    const name = node.type === "Identifier" || node.type === "MemberExpression" ? nameOf(node) : undefined;
    if (name !== undefined && names.includes(name)) found.add(name);
  });
  return [...found].sort();
}

function treeOf(code: string, kind: "module" | "script"): AnyNode {
  return parse(kind === "module" ? withoutPhases(code) : code, { ecmaVersion: "latest", sourceType: kind });
}

/** acorn knows no `import source` yet; what is imported is no matter to it. */
function withoutPhases(code: string): string {
  const phased = parseImports(code)[0].filter((found) => found.type === "static" && found.phase !== null);
  return phased.reduceRight((rest, { importStart }) => rest.slice(0, importStart) + rest.slice(importStart).replace(/^import\s+\w+/, "import"), code);
}

/** A variable's name, or that of the property that is taken. */
function nameOf(node: Expression | Super | PrivateIdentifier): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type === "ChainExpression" || node.type === "ParenthesizedExpression") return nameOf(node.expression);
  if (node.type === "SequenceExpression") return node.expressions.at(-1) && nameOf(node.expressions.at(-1) as Expression);
  if (node.type !== "MemberExpression") return undefined;
  return node.computed ? textOf(node.property) : nameOf(node.property);
}

function isText(node: AnyNode | undefined): boolean {
  return textOf(node) !== undefined || node?.type === "TemplateLiteral" || (node?.type === "BinaryExpression" && node.operator === "+");
}

function textOf(node: AnyNode | undefined): string | undefined {
  return node?.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}
