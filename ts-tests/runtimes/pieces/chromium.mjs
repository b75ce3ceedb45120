// Headless Chromium: opens a page and waits for its report.
import { browser } from "./tools.mjs";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"];
const LIMIT_MS = 60_000;

/** What the page at `address` reports to `site`: `{ version, checks }`. Fails as soon as the page does. */
export async function reportInChromium({ site, address = site.address }) {
  // Not imported at the top: it may have been installed only now.
  const { chromium } = await import("playwright-core");
  const running = await chromium.launch({ executablePath: browser("chromium"), args: FLAGS, headless: true });
  let timer;
  try {
    const page = await running.newPage();
    const failed = new Promise((_, reject) => {
      page.on("pageerror", (error) => reject(new Error(`the page failed: ${error.message}`)));
      // A module that is not found, or that the policy forbids, is told to the console only.
      page.on("console", (message) => message.type() === "error" && reject(new Error(`${message.text()} (${message.location().url})`)));
      timer = setTimeout(() => reject(new Error(`the page reported nothing within ${LIMIT_MS} ms`)), LIMIT_MS);
    });
    const reported = page.goto(address).then(() => site.report);
    const { checks } = await Promise.race([reported, failed]);
    return { version: `Chromium ${running.version()}`, checks };
  } finally {
    clearTimeout(timer);
    await running.close();
  }
}
