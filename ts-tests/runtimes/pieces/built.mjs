// What a bundler has written, judged in a browser.
import { copiesIn } from "./bundle.mjs";
import { reportInChromium } from "./chromium.mjs";
import { policy, serve } from "./site.mjs";

/** Serves a bundler's output from a plain static server, runs its page, and counts the copies of the wasm in it. */
export async function provenInChromium({ built, packages }) {
  const site = await serve({ directory: built, headers: policy() });
  try {
    const { version, checks } = await reportInChromium({ site });
    return { version, checks: [...checks, ...(await copiesIn(built, packages))] };
  } finally {
    await site.close();
  }
}
