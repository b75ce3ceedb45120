// Checks a bundler's output in a browser.
import { checkCopies } from "./bundle.mjs";
import { runInChromium } from "./chromium.mjs";
import { buildPolicy, serve } from "./site.mjs";

/** Serves a bundler's output from a plain static server, runs its page, and counts its copies of the wasm. */
export async function checkInChromium({ built, packages }) {
  const site = await serve({ directory: built, headers: buildPolicy() });
  try {
    const { version, checks } = await runInChromium({ site });
    return { version, checks: [...checks, ...(await checkCopies(built, packages))] };
  } finally {
    await site.close();
  }
}
