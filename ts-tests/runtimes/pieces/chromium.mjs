// Opens a page in headless Chromium and waits for its report.
import { browser } from "./tools.mjs";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"];
const LIMIT_MS = 60_000;

/** Opens the page at `address` and returns its report to `site`: `{ version, checks }`. Fails as soon as the page fails. */
export async function runInChromium({ site, address = site.address }) {
  // Imported here and not at the top, because it may be installed during the run.
  const { chromium } = await import("playwright-core");
  const running = await chromium.launch({ executablePath: browser("chromium"), args: FLAGS, headless: true });
  let timer;
  try {
    const page = await running.newPage();
    const failed = new Promise((_, reject) => {
      page.on("pageerror", (error) => reject(new Error(`the page failed: ${error.message}`)));
      // A module that is not found or forbidden by the policy is reported only on the console.
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
