// Opens a page in Firefox over WebDriver BiDi, waits until the page has posted its report, and prints the browser's version. Runs in a separate
// process, because puppeteer needs a newer Node.js than the suite.
import { launch } from "puppeteer-core";

const [executablePath, address] = process.argv.slice(2);
const LIMIT_MS = 60_000;

const browser = await launch({ browser: "firefox", executablePath, headless: true });
try {
  const page = await browser.newPage();
  const failed = new Promise((_, reject) => {
    page.on("pageerror", (error) => reject(new Error(`the page failed: ${error.message}`)));
    page.on("console", (message) => message.type() === "error" && reject(new Error(message.text())));
    page.on("requestfailed", (request) => reject(new Error(`${request.url()} failed: ${request.failure()?.errorText}`)));
  });
  const reported = page.waitForResponse((response) => response.url() === `${address}/report`, { timeout: LIMIT_MS });
  await Promise.race([Promise.all([page.goto(address), reported]), failed]);
  const version = await browser.version();
  console.log(JSON.stringify({ version: `Firefox ${version.split("/").at(-1)}` }));
} finally {
  await browser.close();
}
