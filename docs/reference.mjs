// The package's API reference, from the declarations that users get: node reference.mjs PACKAGE DESTINATION [--check]
// Fails at anything exported that is undocumented, at links that lead nowhere, and at types that are used but not exported.
// With --check nothing is written.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Application, ReflectionKind } from "typedoc";

const [directory, destination, mode] = process.argv.slice(2);
const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
const entries = entriesOf(manifest);

const app = await Application.bootstrap({
  name: `${manifest.name} ${manifest.version}`,
  entryPoints: entries.map(({ declarations }) => resolve(directory, declarations)),
  compilerOptions: { target: "es2022", module: "nodenext", types: ["node"], strict: true, exactOptionalPropertyTypes: true },
  out: destination,
  readme: "none",
  // What users can see of the sources are the declarations, and those say the same.
  disableSources: true,
  excludeExternals: true,
  excludePrivate: true,
  githubPages: false,
  sort: ["source-order"],
  validation: { invalidLink: true, invalidPath: true, notDocumented: true, notExported: true, rewrittenLink: true },
  // typedoc takes no interest in what belongs to another package than these.
  packagesRequiringDocumentation: [manifest.name],
  requiredToBeDocumented: ["Enum", "EnumMember", "Variable", "Function", "Class", "Interface", "Constructor", "Method", "Accessor", "TypeAlias"],
});

const project = await app.convert();
if (project !== undefined) {
  nameModules(project);
  app.validate(project);
  for (const name of undocumentedMembers(project)) app.logger.validationWarning(`${name} does not have any documentation`);
}
if (project === undefined || app.logger.hasErrors() || app.logger.hasWarnings()) {
  process.exitCode = 1;
} else if (mode !== "--check") {
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
}

/** Every subpath of the package that has types, with the declarations that its last condition names. */
function entriesOf({ name, exports }) {
  return Object.entries(exports).flatMap(([subpath, target]) => {
    const declarations = declarationsOf(target).at(-1);
    return declarations === undefined ? [] : [{ name: join(name, subpath), declarations }];
  });
}

function declarationsOf(target) {
  if (typeof target === "string") return target.endsWith(".d.ts") ? [target] : [];
  return Object.values(target).flatMap(declarationsOf);
}

/** typedoc names a module after its file; users know it by what they import. */
function nameModules({ children = [] }) {
  for (const module of children.filter((child) => child.kindOf(ReflectionKind.Module))) {
    module.name = entries.find(({ declarations }) => declarations.endsWith(`/${module.name}.d.ts`))?.name ?? module.name;
  }
}

/**
 * Properties of exported types, and parameters of exported functions. typedoc's own check cannot tell these from what needs
 * no words: a literal inside a member is described with that member, a lookup table of types has no values, and a property
 * that is always undefined is one that must be left out.
 */
function undocumentedMembers(project) {
  const properties = project.getReflectionsByKind(ReflectionKind.Property).filter((property) => {
    const owner = named(property.parent);
    const exempt = isUndefined(property.type) || isLookup(owner, property.parent);
    return owner.kindOf(ReflectionKind.ClassOrInterface | ReflectionKind.TypeAlias) && !exempt && !isDocumented(property);
  });
  const parameters = project
    .getReflectionsByKind(ReflectionKind.Parameter)
    .filter((parameter) => parameter.parent.kindOf(ReflectionKind.ConstructorSignature) || parameter.parent.parent.kindOf(ReflectionKind.Function))
    .filter((parameter) => !parameter.hasComment());
  return [...properties, ...parameters].map((reflection) => `${reflection.getFriendlyFullName()} (${ReflectionKind[reflection.kind]})`);
}

function named(owner) {
  return owner.kindOf(ReflectionKind.TypeLiteral) ? named(owner.parent) : owner;
}

function isUndefined(type) {
  return type?.type === "intrinsic" && type.name === "undefined";
}

function isLookup({ type }, literal) {
  return type?.type === "indexedAccess" && type.objectType.type === "reflection" && type.objectType.declaration === literal;
}

/** typedoc moves a function's words to its signature. */
function isDocumented(property) {
  const signatures = property.type?.type === "reflection" ? property.type.declaration.getNonIndexSignatures() : [];
  return [property, ...signatures].some((reflection) => reflection.hasComment());
}
