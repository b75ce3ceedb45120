// Reads the built pages of the site.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type DefaultTreeAdapterMap, parse } from "parse5";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const SITE = join(ROOT, "target/docs");

type Node = DefaultTreeAdapterMap["node"];
export type Element = DefaultTreeAdapterMap["element"];

export interface BuiltPage {
  /** The file in the site, like zh/start.html. */
  readonly file: string;
  readonly elements: readonly Element[];
  readonly anchors: ReadonlySet<string>;
}

function listFiles(folder: string, isWanted: (name: string) => boolean): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => name.replaceAll("\\", "/"));
  return names.filter((name) => isWanted(name)).sort();
}

/** Reads every page; rustdoc's are its own. */
export function readBuiltPages(): BuiltPage[] {
  return listFiles(SITE, (name) => name.endsWith(".html") && !name.startsWith("rust/")).map((file) => {
    const elements = listElements(parse(readFileSync(join(SITE, file), "utf8")));
    const anchors = elements.flatMap((element) => [getAttribute(element, "id"), element.tagName === "a" ? getAttribute(element, "name") : undefined]);
    return { file, elements, anchors: new Set(anchors.filter((anchor) => anchor !== undefined)) };
  });
}

function listElements(node: Node): Element[] {
  const children = "childNodes" in node ? node.childNodes.flatMap(listElements) : [];
  return "tagName" in node ? [node, ...children] : children;
}

export function getAttribute(element: Element, name: string): string | undefined {
  return element.attrs.find((attribute) => attribute.name === name)?.value;
}

export function hasClass(element: Element, name: string): boolean {
  return getAttribute(element, "class")?.split(/\s+/).includes(name) ?? false;
}

/** The text of an element, without that of the elements for which `isLeftOut` holds. */
export function getText(node: Node, isLeftOut: (element: Element) => boolean = () => false): string {
  if ("value" in node) return node.value;
  if ("tagName" in node && isLeftOut(node)) return "";
  return "childNodes" in node ? node.childNodes.map((child) => getText(child, isLeftOut)).join("") : "";
}

export function findDescendants(node: Node, isWanted: (element: Element) => boolean): Element[] {
  return listElements(node).filter((element) => element !== node && isWanted(element));
}

/** The file that a static server sends for an address of the site, or undefined if there is none. */
export function findFile(pathname: string): string | undefined {
  const file = decodeURIComponent(pathname).replace(/^\//, "");
  const candidates = file === "" || file.endsWith("/") ? [`${file}index.html`] : [file];
  return candidates.find((candidate) => existsSync(join(SITE, candidate)) && statSync(join(SITE, candidate)).isFile());
}

/** The pages as written, without the generated API reference: like zh/start.md. */
export function listSources(): string[] {
  return listFiles(join(ROOT, "docs"), (name) => name.endsWith(".md") && !/(^|\/)(node_modules|reference)\//.test(name));
}
