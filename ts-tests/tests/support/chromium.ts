// Starts a real browser for tests.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

/** Finds the browser that CHROMIUM names, or the first on PATH, as cargo xtask does. */
function findChromium(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const places = ["chromium", "chromium-browser", "google-chrome"].flatMap((name) => folders.map((folder) => join(folder, name)));
  return process.env["CHROMIUM"] ?? places.find((place) => existsSync(place));
}

/** Starts Chromium without a window. */
export function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("Chromium was not found: install it, or set CHROMIUM to its path");
  return chromium.launch({ executablePath, args: FLAGS, headless: true });
}
