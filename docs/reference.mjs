// Writes the package's API reference from its published declarations: node reference.mjs PACKAGE DESTINATION [--check]
// Fails when an exported item is undocumented, a link is broken, or a type is used but not exported.
// With --check it writes nothing.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, ReflectionKind } from "typedoc";

const [directory, destination, mode] = process.argv.slice(2);
const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
const entries = listEntries(manifest);

const app = await Application.bootstrap({
  name: `${manifest.name} ${manifest.version}`,
  entryPoints: entries.map(({ declarations }) => resolve(directory, declarations)),
  // The package lies outside of this folder, where its peer is installed.
  compilerOptions: { paths: { "@opentelemetry/api": [fileURLToPath(new URL("node_modules/@opentelemetry/api/build/src/index.d.ts", import.meta.url))] }, target: "es2022", module: "nodenext", types: ["node"], strict: true, exactOptionalPropertyTypes: true },
  out: destination,
  readme: "none",
  // Users get the declarations only, which the reference repeats: links to sources would add nothing.
  disableSources: true,
  excludeExternals: true,
  excludePrivate: true,
  githubPages: false,
  sort: ["source-order"],
  validation: { invalidLink: true, invalidPath: true, notDocumented: true, notExported: true, rewrittenLink: true },
  // typedoc requires documentation only of these packages.
  packagesRequiringDocumentation: [manifest.name],
  requiredToBeDocumented: ["Enum", "EnumMember", "Variable", "Function", "Class", "Interface", "Constructor", "Method", "Accessor", "TypeAlias"],
});

const project = await app.convert();
if (project !== undefined) {
  nameModules(project);
  app.validate(project);
  for (const name of findUndocumentedMembers(project)) app.logger.validationWarning(`${name} does not have any documentation`);
}
if (project === undefined || app.logger.hasErrors() || app.logger.hasWarnings()) {
  process.exitCode = 1;
} else if (mode !== "--check") {
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
}

/** Lists every subpath of the package that has types, with the declarations of its last condition. */
function listEntries({ name, exports }) {
  return Object.entries(exports).flatMap(([subpath, target]) => {
    const declarations = listDeclarations(target).at(-1);
    return declarations === undefined ? [] : [{ name: join(name, subpath), declarations }];
  });
}

function listDeclarations(target) {
  if (typeof target === "string") return target.endsWith(".d.ts") ? [target] : [];
  return Object.values(target).flatMap(listDeclarations);
}

/** Names each module as users import it; typedoc names it after its file. */
function nameModules({ children = [] }) {
  for (const module of children.filter((child) => child.kindOf(ReflectionKind.Module))) {
    module.name = entries.find(({ declarations }) => declarations.endsWith(`/${module.name}.d.ts`))?.name ?? module.name;
  }
}

/**
 * Finds undocumented properties of exported types and parameters of exported functions. typedoc's own check would also report items
 * that need no documentation: a literal inside a documented member, a lookup table of types, and a property that is always undefined.
 */
function findUndocumentedMembers(project) {
  const properties = project.getReflectionsByKind(ReflectionKind.Property).filter((property) => {
    const owner = findOwner(property.parent);
    const exempt = isUndefined(property.type) || isLookup(owner, property.parent);
    return owner.kindOf(ReflectionKind.ClassOrInterface | ReflectionKind.TypeAlias) && !exempt && !isDocumented(property);
  });
  const parameters = project
    .getReflectionsByKind(ReflectionKind.Parameter)
    .filter((parameter) => parameter.parent.kindOf(ReflectionKind.ConstructorSignature) || parameter.parent.parent.kindOf(ReflectionKind.Function))
    .filter((parameter) => !parameter.hasComment());
  return [...properties, ...parameters].map((reflection) => `${reflection.getFriendlyFullName()} (${ReflectionKind[reflection.kind]})`);
}

function findOwner(owner) {
  return owner.kindOf(ReflectionKind.TypeLiteral) ? findOwner(owner.parent) : owner;
}

function isUndefined(type) {
  return type?.type === "intrinsic" && type.name === "undefined";
}

function isLookup({ type }, literal) {
  return type?.type === "indexedAccess" && type.objectType.type === "reflection" && type.objectType.declaration === literal;
}

/** Checks the signatures too, because typedoc moves a function's comment to its signature. */
function isDocumented(property) {
  const signatures = property.type?.type === "reflection" ? property.type.declaration.getNonIndexSignatures() : [];
  return [property, ...signatures].some((reflection) => reflection.hasComment());
}
