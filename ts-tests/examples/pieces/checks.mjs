// Collects named checks, each with its error if it fails.

/** Creates a collector: `check(name, work)` runs the work, and continues even if it fails. */
export function createChecks() {
  const checks = [];
  const check = async (name, work) => {
    try {
      await work();
      checks.push({ check: name });
    } catch (error) {
      checks.push({ check: name, error: error.stack ?? String(error) });
    }
  };
  return { check, checks };
}

/** Repeats `ask` until it returns a value. */
export async function waitFor(what, ask, limitMs = 20_000) {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
