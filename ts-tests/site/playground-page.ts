// Starts the browsers of the playground's tests, and uses the playground as a person does: by labels, buttons and tabs.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { type RunningServer, serve } from "../tests/support/servers.js";

const SITE = fileURLToPath(new URL("../../target/docs/", import.meta.url));
const TYPES: Record<string, string> = { html: "text/html; charset=utf-8", js: "text/javascript", css: "text/css", wasm: "application/wasm", svg: "image/svg+xml", woff2: "font/woff2" };

export type BrowserName = "chromium" | "firefox";
export type Language = "en" | "zh";
export type Tab = "sign" | "refused" | "read" | "codes" | "simulate";

const PROGRAMS: Record<BrowserName, { names: readonly string[]; variable: string }> = {
  chromium: { names: ["chromium", "chromium-browser", "google-chrome"], variable: "CHROMIUM" },
  firefox: { names: ["firefox-esr", "firefox"], variable: "FIREFOX" },
};

export function launch(name: BrowserName): Promise<Browser> {
  const { names, variable } = PROGRAMS[name];
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const executablePath = process.env[variable] ?? names.flatMap((program) => folders.map((folder) => join(folder, program))).find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error(`${name} was not found: install it, or set ${variable} to its path`);
  const args = name === "chromium" ? ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"] : [];
  return puppeteer.launch({ browser: name === "chromium" ? "chrome" : "firefox", executablePath, args, headless: true, defaultViewport: null });
}

/** Serves the built site. */
export function serveSite(): Promise<RunningServer> {
  return serve((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://site.test").pathname).replace(/\/$/, "/index.html");
    const file = join(SITE, path);
    if (!file.startsWith(SITE) || !existsSync(file)) return response.writeHead(404).end();
    return response.writeHead(200, { "content-type": TYPES[path.split(".").at(-1) ?? ""] ?? "application/octet-stream" }).end(readFileSync(file));
  });
}

/** The accessibility checker's own script. */
export const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A page of the playground. Errors of the page are collected. */
export class Playground {
  readonly errors: string[] = [];
  readonly requests: string[] = [];

  private constructor(readonly page: Page, readonly address: string) {
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") this.errors.push(message.text());
    });
    page.on("request", (request) => this.requests.push(request.url()));
  }

  static async open(browser: Browser, site: string, language: Language = "en", hash = ""): Promise<Playground> {
    const context = await browser.createBrowserContext();
    const playground = new Playground(await context.newPage(), `${site}/${language === "zh" ? "zh/" : ""}playground.html`);
    await playground.resize(1280);
    await playground.visit(hash);
    return playground;
  }

  async resize(width: number): Promise<void> {
    await this.page.setViewport({ width, height: 900 }).catch((error: unknown) => {
      // Firefox ESR 140 has no orientation to set. The size is set all the same.
      if (!String(error).includes("setScreenOrientationOverride")) throw error;
    });
    // A driver's own waiting needs eval, which the page's policy forbids.
    while ((await this.page.evaluate(() => innerWidth)) !== width) await wait(20);
  }

  async visit(hash: string): Promise<void> {
    // A new document, not only a new hash.
    await this.page.goto("about:blank");
    await this.page.goto(`${this.address}${hash}`);
    await this.page.waitForSelector("[role=tab]");
  }

  async close(): Promise<void> {
    await this.page.browserContext().close();
  }

  async choose(tab: Tab): Promise<void> {
    await this.page.$eval(`#pg-tab-${tab}`, (element) => (element as HTMLElement).click());
    await this.page.waitForSelector(`#pg-panel-${tab} form`, { visible: true });
  }

  /** Sets the fields with these labels, in order. */
  async fill(values: Readonly<Record<string, string>>): Promise<void> {
    await this.page.evaluate(async (entries) => {
      for (const [label, value] of entries) {
        const panel = [...document.querySelectorAll<HTMLElement>("[role=tabpanel]")].find((one) => one.checkVisibility());
        const found = [...(panel?.querySelectorAll("label") ?? [])].find((one) => one.firstChild?.textContent?.trim() === label);
        const control = found === undefined ? null : (document.getElementById(found.htmlFor) as HTMLInputElement | null);
        if (control === null) throw new Error(`no field is labelled ${label}`);
        control.value = value;
        if (control.value !== value && control.tagName === "SELECT") throw new Error(`${label} cannot be ${value}`);
        control.dispatchEvent(new Event(control.tagName === "SELECT" ? "change" : "input", { bubbles: true }));
        // Vue shows the change in the next task.
        await new Promise((resolve) => setTimeout(resolve));
      }
    }, Object.entries(values));
  }

  async press(button: string): Promise<void> {
    await this.page.evaluate(async (name) => {
      const panel = [...document.querySelectorAll<HTMLElement>("[role=tabpanel]")].find((one) => one.checkVisibility());
      const found = [...(panel?.querySelectorAll("button") ?? [])].find((one) => one.textContent?.trim() === name);
      if (found === undefined) throw new Error(`no button is named ${name}`);
      found.click();
      await new Promise((resolve) => setTimeout(resolve));
    }, button);
  }

  /** The visible text of the open tab, or of the parts of it that match. */
  async read(selector = ""): Promise<string> {
    return (await this.readAll(selector)).join("\n");
  }

  readAll(selector = ""): Promise<string[]> {
    return this.page.evaluate((inner) => {
      const panel = [...document.querySelectorAll<HTMLElement>("[role=tabpanel]")].find((one) => one.checkVisibility());
      if (panel === undefined) throw new Error("no tab is open");
      return inner === "" ? [panel.innerText] : [...panel.querySelectorAll<HTMLElement>(inner)].map((one) => one.innerText.trim());
    }, selector);
  }

  /** The text of a box of code. */
  readBox(title: string): Promise<string> {
    return this.page.evaluate((name) => {
      const panel = [...document.querySelectorAll<HTMLElement>("[role=tabpanel]")].find((one) => one.checkVisibility());
      const box = [...(panel?.querySelectorAll("figure") ?? [])].find((one) => one.querySelector("figcaption span")?.textContent === name);
      return box?.querySelector("code")?.textContent ?? "";
    }, title);
  }

  readLink(): Promise<string> {
    return this.page.evaluate(() => location.hash);
  }

  /** Gives the file field a file, as a person picks one. */
  async pick(path: string): Promise<void> {
    const input = await this.page.waitForSelector("#pg-panel-read input[type=file]");
    await (input as unknown as { uploadFile(...paths: string[]): Promise<void> }).uploadFile(path);
    await this.page.waitForSelector("#pg-panel-read .pg-files li");
  }

  /** Lists the accessibility violations of the page. VitePress's search button shows its keys, which are not in its name. */
  async listViolations(): Promise<string[]> {
    await this.page.evaluate(AXE);
    return this.page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(context: object): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> } };
      const { violations } = await axe.run({ exclude: [".DocSearch-Button"] });
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)}: ${failureSummary}`));
    });
  }

  /** Every value that the browser keeps for the site. */
  readStorage(): Promise<string> {
    return this.page.evaluate(async () => {
      const databases = "databases" in indexedDB ? await indexedDB.databases() : [];
      const caches = "caches" in globalThis ? await globalThis.caches.keys().catch(() => []) : [];
      return JSON.stringify({ local: { ...localStorage }, session: { ...sessionStorage }, cookie: document.cookie, databases, caches, name: window.name, state: history.state });
    });
  }
}
