/** Repeats a check until it passes. After the limit, fails with its last error. */
export async function retryUntilPasses(holds: () => Promise<void>, limitMs = 5_000): Promise<void> {
  const until = performance.now() + limitMs;
  for (;;) {
    try {
      return await holds();
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
