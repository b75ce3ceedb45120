// One project for each step of `cargo xtask test` that runs here: `npx vitest run --project sql`, or `npm test` for the package's own tests.
// RINGBACK_ALL=1 adds the rows of suite "all", RINGBACK_SKIP names what is missing on purpose. `-t deno` runs the rows whose name holds "deno".
import { defineConfig, type TestProjectConfiguration } from "vitest/config";

/** Rows, scenarios and commands that start programs: as many minutes as the slowest takes on a busy machine. */
const SLOW = { testTimeout: 900_000, hookTimeout: 900_000 };
const QUICK = { testTimeout: 30_000, hookTimeout: 60_000 };

type Options = NonNullable<Extract<TestProjectConfiguration, { test?: unknown }>["test"]>;

const projects: Record<string, Options> = {
  typescript: { include: ["tests/**/*.test.ts"], unstubGlobals: true, restoreMocks: true, ...QUICK },
  // Thousands of connections, and clocks that matter: one file after the other.
  adapters: { include: ["adapters/tests/**/*.test.ts"], fileParallelism: false, ...QUICK },
  cases: { include: ["cases/*.test.mjs"], fileParallelism: false, ...QUICK },
  sql: { include: ["sql/*.test.mjs"], ...SLOW },
  runtimes: { include: ["runtimes/*.test.mjs"], ...SLOW },
  wire: { include: ["wire/*.test.mjs"], ...SLOW },
  examples: { include: ["examples/*.test.mjs"], ...SLOW },
  transcripts: { include: ["transcripts/*.test.mjs"], ...SLOW },
  // The copied CRM is imported as it is, by Node.js and not by Vite.
  failures: { include: ["failures/*.test.mjs"], server: { deps: { external: [/\/ringback-crm-\w+\//] } }, ...SLOW },
  altered: { include: ["dialogues/altered.test.mjs"], ...SLOW },
};

export default defineConfig({
  test: {
    projects: Object.entries(projects).map(([name, options], groupOrder) => ({
      test: {
        name,
        // The package must be loaded as a user's Node loads it, not through a bundler.
        pool: "forks",
        globalSetup: ["./install-package.mjs"],
        // Where several projects run at once, one waits for the other.
        sequence: { groupOrder },
        ...options,
      },
    })),
  },
});
