// Checks by name, each with its error where it does not hold.

/** Collects checks: `check(name, work)` runs the work, and goes on whether it holds or not. */
export function collected() {
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

/** Asks until the answer is there. */
export async function eventually(what, ask, limitMs = 20_000) {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
