// The site: `cargo xtask docs` builds it, `npm run dev` in docs/ shows it while pages are written.
// RINGBACK_SITE_BASE is the path that it is published under (/ringback/); RINGBACK_REPOSITORY the web address of the repository.
import { existsSync, readFileSync } from "node:fs";
import { tasklist } from "@mdit/plugin-tasklist";
import { type DefaultTheme, defineConfig } from "vitepress";
import { linkRepositoryFiles } from "./links.ts";
import { slugify } from "./slugs.ts";
import { GROUPS, type Language } from "./pages.ts";
import { addPolicy } from "./policy.ts";
import { splitIntoSections } from "./search.ts";
import { playgroundVite } from "./theme/playground/vite.ts";

const { RINGBACK_SITE_BASE: base = "/", RINGBACK_REPOSITORY: repository } = process.env;

const PREFIX: Record<Language, string> = { en: "/", zh: "/zh/" };

/** The sidebar of the guides, and that of the API reference, which `reference.mjs` writes beside its pages. */
function listSidebars(language: Language): DefaultTheme.Sidebar {
  const prefix = PREFIX[language];
  const groups = GROUPS.map(({ title, pages }) => ({
    text: title[language],
    items: pages.map((page) => ({ text: page.title[language], link: `${prefix}${page.path}` })),
  }));
  const reference = new URL(`..${prefix}reference/sidebar.json`, import.meta.url);
  const items = existsSync(reference) ? (JSON.parse(readFileSync(reference, "utf8")) as DefaultTheme.SidebarItem[]) : [];
  return { [`${prefix}reference/`]: items, [prefix]: groups };
}

function listNavigation(language: Language): DefaultTheme.NavItem[] {
  const prefix = PREFIX[language];
  const item = (en: string, zh: string, path: string) => ({ text: language === "en" ? en : zh, link: `${prefix}${path}`, activeMatch: `^${prefix}${path}` });
  return [
    item("Start", "入门", "start"),
    item("Platforms", "平台", "platforms/"),
    item("Playground", "在线试用", "playground"),
    item("Troubleshooting", "故障排查", "troubleshooting"),
    item("API", "API", "reference/"),
  ];
}

export default defineConfig({
  base,
  title: "Ringback",
  outDir: "../target/docs",
  cacheDir: "../target/vitepress",
  srcExclude: ["**/node_modules/**"],
  // Page addresses keep .html, so that every static server finds them.
  cleanUrls: false,
  metaChunk: true,
  head: [
    ["link", { rel: "icon", type: "image/svg+xml", href: `${base}logo.svg` }],
    ["meta", { name: "theme-color", content: "#2f6f4f" }],
    // Page addresses must not reach other hosts through links.
    ["meta", { name: "referrer", content: "same-origin" }],
  ],
  // The page of the Rust crate links to rustdoc's pages, which are built after these.
  ignoreDeadLinks: [/\/rust\/doc\//],
  markdown: {
    anchor: { slugify },
    // The contrast of the default themes is below 4.5 on the background of a code block.
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    config: (markdown) => {
      linkRepositoryFiles(markdown, repository);
      // The boxes of a checklist can be ticked while it is read; nothing is stored.
      markdown.use(tasklist, { disabled: false });
    },
  },
  transformHtml: addPolicy,
  vite: playgroundVite,
  locales: {
    root: {
      label: "English",
      lang: "en",
      description: "Two-way callback calls and call records through five Chinese telephony platforms, with one vocabulary",
      themeConfig: { nav: listNavigation("en"), sidebar: listSidebars("en"), outline: { level: [2, 3], label: "On this page" } },
    },
    zh: {
      label: "简体中文",
      lang: "zh-CN",
      link: "/zh/",
      description: "用同一套接口对接五家话务平台：双向回呼、隐私通话与话单",
      themeConfig: {
        nav: listNavigation("zh"),
        sidebar: listSidebars("zh"),
        outline: { level: [2, 3], label: "本页内容" },
        docFooter: { prev: "上一页", next: "下一页" },
        darkModeSwitchLabel: "外观",
        lightModeSwitchTitle: "切换到浅色模式",
        darkModeSwitchTitle: "切换到深色模式",
        sidebarMenuLabel: "目录",
        returnToTopLabel: "回到顶部",
        langMenuLabel: "切换语言",
        skipToContentLabel: "跳到正文",
        notFound: { title: "页面不存在", quote: "地址有误，或页面已移走。可以用上方的搜索查找。", linkLabel: "回到首页", linkText: "回到首页" },
      },
    },
  },
  themeConfig: {
    logo: "/logo.svg",
    externalLinkIcon: true,
    notFound: { title: "Page not found", quote: "The address is wrong, or the page has moved. Try the search above.", linkLabel: "Go to the home page", linkText: "Go to the home page" },
    search: {
      provider: "local",
      options: {
        detailedView: true,
        miniSearch: { _splitIntoSections: splitIntoSections, options: {}, searchOptions: { fuzzy: 0.1, prefix: true, boost: { title: 4, text: 2, titles: 1 } } },
        locales: {
          zh: {
            translations: {
              button: { buttonText: "搜索", buttonAriaLabel: "搜索" },
              modal: {
                displayDetails: "显示详细列表",
                resetButtonTitle: "清除查询",
                backButtonTitle: "关闭搜索",
                noResultsText: "没有找到：",
                footer: {
                  selectText: "选择",
                  selectKeyAriaLabel: "回车",
                  navigateText: "切换",
                  navigateUpKeyAriaLabel: "上箭头",
                  navigateDownKeyAriaLabel: "下箭头",
                  closeText: "关闭",
                  closeKeyAriaLabel: "Esc",
                },
              },
            },
          },
        },
      },
    },
  },
});
