// Writes the package's API reference from its published declarations, as pages of the site in both languages: node reference.mjs PACKAGE [--check]
// Fails when an exported item is undocumented or in no topic, a link is broken, or a type is used but not exported.
// With --check it writes nothing.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, Converter, DeclarationReflection, ReflectionGroup, ReflectionKind } from "typedoc";
import { MarkdownPageEvent } from "typedoc-plugin-markdown";
import { WITHOUT_PAGE, MODULES, TOPICS } from "./reference-topics.mjs";

const LANGUAGES = ["en", "zh"];
const HEADINGS = {
  en: { title: "API reference", intro: "Every export of the package, by topic. The reference is generated from the package's type declarations." },
  zh: { title: "API 参考", intro: "包的全部导出，按主题排列。内容由包的类型声明生成，条目说明为英文。" },
};

/** The words that typedoc's plugin adds to typedoc's own, which are there in Chinese. */
const CHINESE = {
  tag_examples: "示例",
  tag_example: "示例",
  tag_throws: "抛出",
  theme_default_type: "默认类型",
  theme_default_value: "默认值",
  theme_description: "说明",
  theme_event: "事件",
  theme_extended_by: "被继承",
  theme_extends: "继承",
  theme_globals: "全局",
  theme_member: "成员",
  theme_member_plural: "成员",
  theme_modifier: "修饰符",
  theme_name: "名称",
  theme_package: "包",
  theme_packages: "包",
  theme_re_exports: "重新导出",
  theme_renames_and_re_exports: "改名后重新导出",
  theme_type: "类型",
  theme_union_members: "联合类型成员",
  theme_value: "值",
  theme_version: "版本",
};

/** The headings of groups, which typedoc writes when it reads the declarations. */
const GROUPS = { Accessors: "访问器", Constructors: "构造函数", Methods: "方法", Properties: "属性" };

const [directory, mode] = process.argv.slice(2);
const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
const entries = listEntries(manifest);
/** The topic or module of each page, by the name of its typedoc module. */
const pages = new Map();

const app = await Application.bootstrapWithPlugins({
  name: `${manifest.name} ${manifest.version}`,
  plugin: ["typedoc-plugin-markdown"],
  entryPoints: entries.map(({ declarations }) => resolve(directory, declarations)),
  // The package lies outside of this folder, where its peer is installed.
  compilerOptions: { paths: { "@opentelemetry/api": [fileURLToPath(new URL("node_modules/@opentelemetry/api/build/src/index.d.ts", import.meta.url))] }, target: "es2022", module: "nodenext", types: ["node"], strict: true, exactOptionalPropertyTypes: true },
  readme: "none",
  // Users get the declarations only, which the reference repeats: links to sources would add nothing.
  disableSources: true,
  excludeExternals: true,
  excludePrivate: true,
  sort: ["source-order"],
  // They only compute the types that are exported.
  intentionallyNotExported: ["Choice", "EndingOf", "Plain"],
  validation: { invalidLink: true, invalidPath: true, notDocumented: true, notExported: true, rewrittenLink: true },
  // typedoc requires documentation only of these packages.
  packagesRequiringDocumentation: [manifest.name],
  requiredToBeDocumented: ["Enum", "EnumMember", "Variable", "Function", "Class", "Interface", "Constructor", "Method", "Accessor", "TypeAlias"],
  router: "module",
  entryFileName: "index",
  hidePageHeader: true,
  hideBreadcrumbs: true,
  hidePageTitle: true,
  hideGroupHeadings: true,
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  classPropertiesFormat: "table",
  typeAliasPropertiesFormat: "table",
  typeDeclarationFormat: "table",
  useHTMLEncodedBrackets: true,
  sanitizeComments: true,
});

// typedoc groups the items of each module at the end of its resolving, so the topics come after that.
app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => arrange(project), -1000);

const project = await app.convert();
if (project !== undefined) {
  app.validate(project);
  for (const name of findUndocumentedMembers(project)) app.logger.validationWarning(`${name} does not have any documentation`);
}
if (project === undefined || app.logger.hasErrors() || app.logger.hasWarnings()) {
  process.exitCode = 1;
} else if (mode !== "--check") {
  for (const language of LANGUAGES) await writePages(project, language);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
}

/** Names each module as users import it, gives the main module's items to its topics, and drops the modules without items of their own. */
function arrange(project) {
  nameModules(project);
  const modules = project.children.filter((child) => child.kindOf(ReflectionKind.Module));
  const main = modules.find(({ name }) => name === manifest.name);
  const topics = TOPICS.map((topic) => createTopic(project, main, topic));
  for (const item of main.children) app.logger.validationWarning(`${item.name} is in no topic of reference-topics.mjs`);
  const others = Object.entries(MODULES).flatMap(([name, page]) => {
    const module = modules.find((candidate) => candidate.name === name);
    return module === undefined ? [] : [arrangeModule(module, { title: { en: name, zh: name }, ...page })];
  });
  const arranged = [...topics, ...others];
  for (const module of modules.filter((candidate) => !arranged.includes(candidate))) {
    // The project counts the moved items as the main module's still, and would remove them with it.
    if (module === main) continue;
    if (!(module.name in WITHOUT_PAGE)) app.logger.validationWarning(`${module.name} has no page in reference-topics.mjs`);
    project.removeReflection(module);
  }
  setChildren(project, arranged);
}

/** Moves the named items of the main module into a module of their own. */
function createTopic(project, main, topic) {
  const module = new DeclarationReflection(topic.path, ReflectionKind.Module, project);
  project.registerReflection(module);
  module.packageName = manifest.name;
  const items = take(main.children, topic.names);
  for (const item of items) item.parent = module;
  setChildren(module, items);
  setChildren(main, main.children.filter((item) => !items.includes(item)));
  pages.set(topic.path, topic);
  return module;
}

function arrangeModule(module, page) {
  const first = take(module.children, page.names);
  setChildren(module, [...first, ...module.children.filter((item) => !first.includes(item))]);
  module.name = page.path;
  pages.set(page.path, page);
  return module;
}

/** Returns the items of these names, in this order. */
function take(items, names) {
  return names.flatMap((name) => {
    const found = items.filter((item) => item.name === name);
    if (found.length === 0) app.logger.validationWarning(`reference-topics.mjs names ${name}, which is not exported`);
    return found;
  });
}

/** Sets the children in all three places where typedoc keeps them. */
function setChildren(owner, children) {
  const group = new ReflectionGroup("Exports", owner);
  group.children = children;
  Object.assign(owner, { children, childrenIncludingDocuments: children, groups: [group] });
}

/** Writes the pages of a language into the site, with a first page and the sidebar. */
async function writePages(project, language) {
  const folder = fileURLToPath(new URL(`${language === "en" ? "" : `${language}/`}reference`, import.meta.url));
  rmSync(folder, { recursive: true, force: true });
  const addTitle = (page) => {
    const { title, intro } = pages.get(page.model.name) ?? {};
    if (language === "zh") page.contents = page.contents.replaceAll(/^(#+ )(\w+)$/gm, (heading, level, name) => (name in GROUPS ? `${level}${GROUPS[name]}` : heading));
    if (title !== undefined) page.contents = `---\noutline: 2\n---\n\n# ${title[language]}\n\n${intro[language]}\n\n${page.contents}`;
  };
  app.renderer.on(MarkdownPageEvent.END, addTitle);
  app.options.setValue("out", folder);
  app.options.setValue("lang", language);
  app.internationalization.addTranslations("zh", CHINESE);
  app.internationalization.setLocale(language);
  await app.generateOutputs(project);
  app.renderer.off(MarkdownPageEvent.END, addTitle);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "index.md"), writeFirstPage(language));
  writeFileSync(join(folder, "sidebar.json"), `${JSON.stringify(listSidebar(language), null, 2)}\n`);
}

function writeFirstPage(language) {
  const { title, intro } = HEADINGS[language];
  const section = (name, text) => `## ${name}\n\n${text}\n`;
  const topics = TOPICS.map((topic) => section(`[${topic.title[language]}](${topic.path}.md)`, topic.intro[language]));
  const modules = Object.entries(MODULES).filter(([, { path }]) => pages.has(path)).map(([name, page]) => section(`[\`${name}\`](${page.path}.md)`, page.intro[language]));
  const others = Object.entries(WITHOUT_PAGE).map(([name, text]) => section(`\`${name}\``, text[language]));
  return [`# ${title}\n`, `${intro}\n`, ...topics, ...modules, ...others].join("\n");
}

function listSidebar(language) {
  const prefix = `${language === "en" ? "" : `/${language}`}/reference/`;
  const item = ([text, path]) => ({ text, link: `${prefix}${path}` });
  return [
    { text: HEADINGS[language].title, link: prefix },
    { text: manifest.name, items: TOPICS.map(({ title, path }) => item([title[language], path])) },
    { text: language === "en" ? "Other modules" : "其他模块", items: Object.entries(MODULES).filter(([, { path }]) => pages.has(path)).map(([name, { path }]) => item([name, path])) },
  ];
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
