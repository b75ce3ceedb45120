// Links of pages to files of the repository outside of docs/, such as ../examples/node-crm/README.md.
import { existsSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { MarkdownRenderer } from "vitepress";

const DOCS = fileURLToPath(new URL("..", import.meta.url));
const ROOT = resolve(DOCS, "..");

/** Returns the path in the repository of a linked file outside of docs/, or undefined for every other link. */
export function findRepositoryFile(page: string, href: string): string | undefined {
  if (/^(?:[a-z]+:|\/|#)/i.test(href)) return undefined;
  const file = resolve(dirname(page), decodeURI(href.replace(/[?#].*$/, "")));
  const inDocs = !relative(DOCS, file).startsWith("..");
  const isPage = inDocs && !/\.(?:mjs|ts|json|vue)$/.test(file);
  return isPage ? undefined : relative(ROOT, file).replaceAll("\\", "/");
}

/**
 * Points such links to the repository on the web, when its address is known, at this version; otherwise the text stays and its title is the path.
 */
export function linkRepositoryFiles(markdown: MarkdownRenderer, repository: string | undefined): void {
  markdown.core.ruler.push("repository-links", (state) => {
    for (const { children } of state.tokens) {
      let closing: string | undefined;
      for (const token of children ?? []) {
        if (token.type === "link_close" && closing !== undefined) {
          token.tag = closing;
          closing = undefined;
        }
        if (token.type !== "link_open") continue;
        const href = token.attrGet("href") ?? "";
        const path = findRepositoryFile(join(DOCS, state.env.relativePath ?? ""), href);
        if (path === undefined) continue;
        if (repository === undefined) {
          token.tag = closing = "span";
          token.attrs = [["class", "repository-file"], ["title", path]];
        } else {
          const kind = existsSync(join(ROOT, path)) && statSync(join(ROOT, path)).isDirectory() ? "tree" : "blob";
          token.attrSet("href", `${repository}/${kind}/main/${path}${/#.*$/.exec(href)?.[0] ?? ""}`);
        }
      }
    }
  });
}
