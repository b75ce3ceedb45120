/** Tries until it holds, or fails as it failed last. */
export async function eventually(holds: () => Promise<void>, limitMs = 5_000): Promise<void> {
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
