// Checks the built site: links and anchors, both languages, the sidebar, and that no page loads anything from another host.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { GROUPS } from "../../docs/.vitepress/pages.js";
import { slugify } from "../../docs/.vitepress/slugs.js";
import { findDescendants, findFile, getAttribute, getText, hasClass, listSources, readBuiltPages, ROOT, SITE } from "./built-pages.js";

const HOST = "http://site.test";
const pages = readBuiltPages();
const sources = listSources();

const isChinese = (file: string): boolean => file.startsWith("zh/");

describe("links", () => {
  test("of every page lead to a page, and to an anchor that it has", () => {
    let links = 0;
    let anchors = 0;
    const broken = pages.flatMap(({ file, elements }) =>
      elements.flatMap((element) => {
        const href = element.tagName === "a" ? getAttribute(element, "href") : undefined;
        if (href === undefined) return [];
        const { origin, pathname, hash } = new URL(href, `${HOST}/${file}`);
        if (origin !== HOST) return [];
        links += 1;
        const target = findFile(pathname);
        if (target === undefined) return [`${file}: ${href} has no page`];
        if (hash === "" || target.startsWith("rust/")) return [];
        anchors += 1;
        const page = pages.find((candidate) => candidate.file === target);
        return page?.anchors.has(decodeURIComponent(hash.slice(1))) === true ? [] : [`${file}: ${href} has no such anchor`];
      }),
    );
    console.log(`site: ${pages.length} pages, ${links} links, ${anchors} of them to anchors`);
    expect([...new Set(broken)]).toEqual([]);
    expect(anchors).toBeGreaterThan(500);
  });

  test("between languages stay in the language, except for the switch", () => {
    const wrong = pages.filter(({ file }) => isChinese(file)).flatMap(({ file, elements }) => {
      const contents = elements.filter((element) => hasClass(element, "vp-doc"));
      const hrefs = contents.flatMap((content) => findDescendants(content, ({ tagName }) => tagName === "a")).map((link) => getAttribute(link, "href") ?? "");
      return hrefs.filter((href) => {
        const { origin, pathname } = new URL(href, `${HOST}/${file}`);
        return origin === HOST && pathname.endsWith(".html") && !/^\/(zh|rust)\//.test(pathname);
      }).map((href) => `${file}: ${href}`);
    });
    expect(wrong).toEqual([]);
  });

  test("of documents outside of the site lead to a file, and to a heading that it has", () => {
    const documents = ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "DEPENDENCIES.md", "tests/README.md", "bench/README.md", ...["deno-webhook", "edge-worker", "next-route", "node-crm", "node-queue", "unit-test"].map((name) => `examples/${name}/README.md`)];
    const links = [...documents, ...sources.map((source) => `docs/${source}`)].filter((document) => existsSync(join(ROOT, document))).flatMap(listLinks);
    const broken = links.flatMap(({ document, href }) => {
      const [path = "", anchor = ""] = href.split("#");
      const file = path === "" ? join(ROOT, document) : resolve(ROOT, dirname(document), decodeURIComponent(path));
      // The reference is written when the site is built.
      if (/^docs\/(zh\/)?reference\//.test(relative(ROOT, file))) return [];
      if (!existsSync(file)) return [`${document}: ${href} has no file`];
      return anchor === "" || !file.endsWith(".md") || listAnchors(file).has(decodeURIComponent(anchor)) ? [] : [`${document}: ${href} has no such heading`];
    });
    console.log(`site: ${links.length} links of documents to files`);
    expect(broken).toEqual([]);
    expect(links.length).toBeGreaterThan(100);
  });

  test("in the package's messages lead to a page", () => {
    const bundles = ["core.js", "node-adapters.js", "sql.js", "testing.js"].map((name) => join(ROOT, "ts-tests/node_modules/ringback/dist", name));
    const code = bundles.map((bundle) => readFileSync(bundle, "utf8")).join("\n");
    const named = [...new Set(code.match(/\bdocs\/[\w/-]+\.md\b/g))];
    expect(named).not.toEqual([]);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

function listLinks(document: string): { document: string; href: string }[] {
  const text = readFileSync(join(ROOT, document), "utf8").replaceAll(/^( *)```[\s\S]*?^\1```$/gm, "").replaceAll(/`[^`\n]*`/g, "");
  const targets = [...text.matchAll(/\]\(([^()\s]+)\)/g)].map(([, href = ""]) => href);
  return targets.filter((href) => !/^([a-z]+:|\/)/.test(href)).map((href) => ({ document, href }));
}

function listAnchors(file: string): Set<string> {
  const text = readFileSync(file, "utf8").replaceAll(/^( *)```[\s\S]*?^\1```$/gm, "");
  const anchors = new Set([...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = ""]) => id));
  for (const [, heading = "", id] of text.matchAll(/^#{1,6} +(.*?)(?: *\{#([\w-]+)\})?$/gm)) {
    const slug = id ?? slugify(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", ""));
    let own = slug;
    for (let count = 1; anchors.has(own); count += 1) own = `${slug}-${count}`;
    anchors.add(own);
  }
  return anchors;
}

describe("both languages", () => {
  const english = sources.filter((source) => !isChinese(source));

  test("have the same pages", () => {
    expect(sources.filter(isChinese)).toEqual(english.map((source) => `zh/${source}`).sort());
    expect(english.length).toBeGreaterThan(30);
  });

  test("have every page in the sidebar, and no entry without a page", () => {
    const toSource = (path: string): string => `${path === "" || path.endsWith("/") ? `${path}index` : path}.md`;
    const listed = GROUPS.flatMap((group) => group.pages.map(({ path }) => toSource(path))).filter((source) => !source.startsWith("reference/"));
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed.sort()).toEqual(english.filter((source) => source !== "index.md").sort());
    expect(findFile("/reference/")).toBe("reference/index.html");
  });

  test("have the same samples, which in Chinese may describe errors in Chinese", () => {
    const listImports = (code: string): string[] => [...code.matchAll(/from "([^"]+)"/g)].map(([, name = ""]) => name).filter((name) => name !== "ringback/zh");
    const listBlocks = (source: string): string[][] => [...readFileSync(join(ROOT, "docs", source), "utf8").matchAll(/^( *)```(?:ts|js)(?!\w)[^\n]*\n([\s\S]*?)^\1```$/gm)].map(([, , code = ""]) => listImports(code).sort());
    for (const source of english) expect(listBlocks(`zh/${source}`), source).toEqual(listBlocks(source));
  });

  test("are written in their language", () => {
    const isCode = (element: { tagName: string }): boolean => /^(code|pre|script|style|svg)$/.test(element.tagName);
    const isText = (element: { tagName: string }): boolean => /^(p|li|td|th|h[1-6]|summary)$/.test(element.tagName);
    const english: string[] = [];
    for (const { file, elements } of pages.filter((page) => isChinese(page.file) && !page.file.startsWith("zh/reference/"))) {
      for (const content of elements.filter((element) => hasClass(element, "vp-doc"))) {
        for (const element of findDescendants(content, isText)) {
          const text = getText(element, (inner) => isCode(inner) || (inner !== element && isText(inner)));
          // Three English words in a row without a Chinese character in the paragraph are a sentence; names of products are shorter.
          if (!/\p{Script=Han}/u.test(text) && /[A-Za-z]{2,}(?:[ ,.]+[A-Za-z]{2,}){3,}/.test(text)) english.push(`${file}: ${text.trim().slice(0, 100)}`);
        }
      }
    }
    expect(english).toEqual([]);
  });

  test("have the reference's headings in their language", () => {
    const headings = pages.filter(({ file }) => file.startsWith("zh/reference/")).flatMap(({ elements }) => elements.filter(({ tagName }) => /^h[2-6]$/.test(tagName)).map((heading) => getText(heading, ({ tagName }) => tagName === "a").trim()));
    expect(headings.filter((heading) => heading === "属性").length).toBeGreaterThan(50);
    expect(headings.filter((heading) => /^(Constructors|Example|Extends|Methods|Parameters|Properties|Returns|Throws|Type Parameters)$/.test(heading))).toEqual([]);
  });
});

test("every reason of an error has an anchor in both languages", () => {
  const model = readFileSync(join(ROOT, "ts-tests/node_modules/ringback/dist/types/generated/model.d.ts"), "utf8");
  const [, union = ""] = /export type ErrorReason = ([^;]+);/.exec(model) ?? [];
  const reasons = [...union.matchAll(/"([a-z-]+)"/g)].map(([, reason = ""]) => reason);
  expect(reasons.length).toBeGreaterThan(30);
  for (const file of ["reasons.html", "zh/reasons.html"]) {
    const anchors = pages.find((page) => page.file === file)?.anchors;
    expect(reasons.filter((reason) => anchors?.has(reason) !== true), file).toEqual([]);
  }
});

describe("every page", () => {
  test("loads only files of the site", () => {
    const loaded = pages.flatMap(({ file, elements }) =>
      elements.flatMap((element) => {
        const attribute = { script: "src", link: "href", img: "src", source: "src", iframe: "src", video: "src" }[element.tagName];
        const address = attribute === undefined ? undefined : getAttribute(element, attribute);
        return address === undefined || address.startsWith("data:") ? [] : [{ file, address }];
      }),
    );
    expect(loaded.length).toBeGreaterThan(pages.length);
    const broken = loaded.filter(({ file, address }) => {
      const { origin, pathname } = new URL(address, `${HOST}/${file}`);
      return origin !== HOST || findFile(pathname) === undefined;
    });
    expect(broken).toEqual([]);
  });

  test("has a content security policy that lets nothing out", () => {
    const policies = pages.map(({ elements }) => elements.find((element) => element.tagName === "meta" && getAttribute(element, "http-equiv") === "Content-Security-Policy"));
    const directives = policies.map((policy) => (policy === undefined ? "" : (getAttribute(policy, "content") ?? "")));
    expect(directives.filter((text) => !text.includes("connect-src 'self';") || !text.includes("default-src 'self';") || /script-src[^;]*'unsafe-/.test(text))).toEqual([]);
  });

  test("has one title and a heading", () => {
    const titles = pages.map(({ file, elements }) => ({ file, title: elements.filter(({ tagName }) => tagName === "title").map((title) => getText(title)) }));
    expect(titles.filter(({ title }) => title.length !== 1 || title[0]?.trim() === "")).toEqual([]);
    const headings = pages.filter(({ file }) => file !== "404.html").map(({ file, elements }) => ({ file, count: elements.filter(({ tagName }) => tagName === "h1").length }));
    expect(headings.filter(({ count }) => count !== 1)).toEqual([]);
  });

  test("is not a leftover in the built site", () => {
    const expected = sources.map((source) => source.replace(/\.md$/, ".html"));
    expect(pages.map(({ file }) => file).filter((file) => !file.includes("reference/") && file !== "404.html")).toEqual(expected.sort());
    expect(existsSync(join(SITE, "rust/doc/ringback/index.html"))).toBe(true);
  });
});
