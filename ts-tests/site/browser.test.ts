// Opens the built site in a real browser. RINGBACK_SCREENSHOTS=DIRECTORY writes pictures of some pages there.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../tests/support/chromium.js";
import type { RunningServer } from "../tests/support/servers.js";
import { isSkipped } from "../tests/support/skipped.js";
import { readBuiltPages } from "./built-pages.js";
import { AXE } from "./playground-page.js";
import { serveSite } from "./serve-site.js";

const PHONE = { width: 375, height: 812 };
const DESKTOP = { width: 1280, height: 900 };

let server: RunningServer;
let browser: Browser;
let phone: BrowserContext | undefined;

beforeAll(async () => {
  if (isSkipped("chromium")) return;
  server = await serveSite();
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** Opens a page in a new context and calls `use`; fails if the page logged an error or asked another host. */
async function open<T>(path: string, options: BrowserContextOptions, use: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext(options);
  try {
    return await openIn(context, path, use);
  } finally {
    await context.close();
  }
}

async function openIn<T>(context: BrowserContext, path: string, use: (page: Page) => Promise<T>): Promise<T> {
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`${path}: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`${path}: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(server.address) && !request.url().startsWith("data:") && !request.url().startsWith("blob:")) problems.push(`${path} asks ${request.url()}`);
  });
  try {
    await page.goto(`${server.address}/${path}`, { waitUntil: "load" });
    // Vue has then taken over the page, and its buttons work.
    await page.waitForFunction(() => "__vue_app__" in (document.querySelector("#app") ?? {}), undefined, { timeout: 20_000 });
    const result = await use(page);
    expect(problems).toEqual([]);
    return result;
  } finally {
    await page.close();
  }
}

describe.skipIf(isSkipped("chromium"))("in Chromium", () => {
  const files = readBuiltPages().map(({ file }) => file).filter((file) => file !== "404.html");

  test.each(files)("%s fits a phone, logs no error and asks no other host", async (file) => {
    // One context for all, because its cache keeps what the pages share.
    phone ??= await browser.newContext({ viewport: PHONE });
    const { width, wide } = await openIn(phone, file, (page) =>
      page.evaluate(() => {
        const { clientWidth, scrollWidth } = document.documentElement;
        const isScrolled = (element: Element | null): boolean => element !== null && (/auto|scroll|hidden|clip/.test(getComputedStyle(element).overflowX) || isScrolled(element.parentElement));
        const elements = [...document.querySelectorAll(".VPContent *")].filter((element) => element.getBoundingClientRect().right > clientWidth + 1 && !isScrolled(element.parentElement) && !isScrolled(element));
        return { width: scrollWidth, wide: elements.map((element) => `${element.tagName} ${element.textContent?.slice(0, 60)}`).slice(0, 5) };
      }),
    );
    expect({ width, wide }).toEqual({ width: PHONE.width, wide: [] });
  });

  test.each([
    ["start.html", "acknowledgement", /receiving/],
    ["start.html", "CalleeBusy", /quanmayun/],
    ["zh/start.html", "话单", /zh\/records/],
    ["zh/start.html", "验签", /zh\//],
    ["zh/start.html", "余额", /zh\//],
  ])("the search of %s finds %s", async (file, words, expected) => {
    await open(file, { viewport: DESKTOP }, async (page) => {
      await page.locator(".VPNavBarSearch button").click();
      await page.locator(".VPLocalSearchBox input").fill(words);
      const results = page.locator(".VPLocalSearchBox .result");
      await results.first().waitFor();
      const links = await results.evaluateAll((found) => found.map((link) => link.getAttribute("href") ?? ""));
      expect(links.some((link) => expected.test(link)), links.join("\n")).toBe(true);
      // Nothing of what was typed may be kept.
      expect(await page.evaluate(() => Object.keys(localStorage))).not.toContain("vitepress:local-search-filter");
    });
  });

  test("a Chinese text that occurs nowhere is not found", async () => {
    await open("zh/start.html", { viewport: DESKTOP }, async (page) => {
      await page.locator(".VPNavBarSearch button").click();
      await page.locator(".VPLocalSearchBox input").fill("獬豸饕餮");
      await page.locator(".VPLocalSearchBox .no-results").waitFor();
      expect(await page.locator(".VPLocalSearchBox .no-results").textContent()).toContain("没有找到");
    });
  });

  test("the switches lead to the same page in the other language, and to the dark mode", async () => {
    await open("receiving.html", { viewport: DESKTOP, colorScheme: "light" }, async (page) => {
      const readBackground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const light = await readBackground();
      await page.locator(".VPNavBarAppearance button").click();
      await page.waitForFunction(() => document.documentElement.classList.contains("dark"));
      expect(await readBackground()).not.toBe(light);
      await page.locator(".VPNavBarTranslations button").hover();
      await page.locator(".VPNavBarTranslations a", { hasText: "简体中文" }).click();
      await page.waitForURL(`${server.address}/zh/receiving.html`);
      await page.waitForFunction(() => document.documentElement.lang === "zh-CN");
      expect(await page.locator(".VPDocOutlineItem, .outline-title").first().textContent()).toContain("本页内容");
    });
  });

  test.each(["index.html", "start.html", "platforms/mixcom.html", "reference/client.html", "zh/errors.html"])("%s is accessible in both modes", async (file) => {
    for (const colorScheme of ["light", "dark"] as const) {
      const violations = await open(file, { viewport: DESKTOP, colorScheme }, async (page) => {
        await page.evaluate(AXE);
        // VitePress's search button shows its keys, which are not in its name.
        return page.evaluate(async () => {
          const { axe } = globalThis as unknown as { axe: { run(context: object, options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } };
          return (await axe.run({ exclude: [".DocSearch-Button"] }, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] })).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).slice(0, 3).join(" ")}`);
        });
      });
      expect(violations, colorScheme).toEqual([]);
    }
  });

  test("a reader of a phone finds the pages in the menu", async () => {
    await open("zh/dialing.html", { viewport: PHONE }, async (page) => {
      await page.locator(".VPLocalNav .menu").click();
      await page.locator(".VPSidebar.open").getByText("故障排查").click();
      await page.waitForURL(`${server.address}/zh/troubleshooting.html`);
    });
  });

  const folder = process.env["RINGBACK_SCREENSHOTS"];

  test.skipIf(folder === undefined)("pictures", async () => {
    mkdirSync(folder ?? "", { recursive: true });
    for (const name of ["index", "start", "platforms/mixcom", "platforms/index", "reference/client", "errors"]) {
      for (const prefix of ["", "zh/"]) {
        for (const viewport of [DESKTOP, PHONE]) {
          for (const colorScheme of ["light", "dark"] as const) {
            await open(`${prefix}${name}.html`, { viewport, colorScheme }, async (page) => {
              const file = `${prefix}${name}-${viewport.width}-${colorScheme}.png`.replaceAll("/", "-");
              await page.screenshot({ path: join(folder ?? "", file), fullPage: name === "index" });
            });
          }
        }
      }
    }
  });
});
