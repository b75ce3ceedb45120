// A real browser.
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

/** A browser that is named, or the first on PATH: the same that cargo xtask looks for. */
function found(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const places = ["chromium", "chromium-browser", "google-chrome"].flatMap((name) => folders.map((folder) => join(folder, name)));
  return process.env["CHROMIUM"] ?? places.find((place) => existsSync(place));
}

/** Starts Chromium, without a window. */
export function launched(): Promise<Browser> {
  const executablePath = found();
  if (executablePath === undefined) throw new Error("no Chromium was found: install it, or name it in CHROMIUM");
  return chromium.launch({ executablePath, args: FLAGS, headless: true });
}
