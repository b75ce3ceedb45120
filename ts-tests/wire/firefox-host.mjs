// Opens a page in Firefox and runs until it is stopped. Runs in a separate process, because puppeteer needs a newer Node.js than the suite.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [installedFor, executablePath, address] = process.argv.slice(2);
const { launch } = await import(pathToFileURL(createRequire(installedFor).resolve("puppeteer-core")).href);

const browser = await launch({ browser: "firefox", executablePath, headless: true, acceptInsecureCerts: true });
const page = await browser.newPage();
page.on("pageerror", (error) => console.error(error.message));
await page.goto(address);
console.log((await browser.version()).replace("/", " ").replace(/^./, (letter) => letter.toUpperCase()));
