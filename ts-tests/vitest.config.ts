// One project for each step of `cargo xtask test` that runs here: `npx vitest run --project sql`, or `npm test` for the package's own tests.
// RINGBACK_ALL=1 adds the rows of suite "all", RINGBACK_SKIP names the runtimes to leave out. `-t deno` runs the rows whose name contains "deno".
import { availableParallelism } from "node:os";
import { defineConfig, type TestProjectConfiguration } from "vitest/config";

/** The limits for tests that start programs: long enough for the slowest on a busy machine. */
const SLOW = { testTimeout: 900_000, hookTimeout: 900_000 };
const QUICK = { testTimeout: 30_000, hookTimeout: 60_000 };
/** Uses every core: Vitest's default leaves one out, which is half of them on a machine with two. */
const CORES = availableParallelism();
/** Rows of a list are concurrent tests, one for each core: they start programs, and wait for them. */
const ROWS = { maxConcurrency: CORES, ...SLOW };

/** Node.js imports the copied examples, without Vite's transforms. */
const COPIED_EXAMPLE = { server: { deps: { external: [/\/ringback-(?:crm|queue)-\w+\//] } } };

type Options = NonNullable<Extract<TestProjectConfiguration, { test?: unknown }>["test"]>;

const projects: Record<string, Options> = {
  typescript: { include: ["tests/**/*.test.ts"], unstubGlobals: true, restoreMocks: true, maxWorkers: CORES, ...QUICK },
  // One file at a time, because the tests open thousands of connections and measure time.
  // Node.js imports the cloud functions, so that all of them share one receiver.
  adapters: { include: ["adapters/tests/**/*.test.ts"], fileParallelism: false, server: { deps: { external: [/\/projects\/functions\//] } }, ...QUICK },
  cases: { include: ["cases/*.test.mjs"], fileParallelism: false, ...QUICK },
  sql: { include: ["sql/*.test.mjs"], ...ROWS },
  runtimes: { include: ["runtimes/*.test.mjs"], ...ROWS },
  wire: { include: ["wire/*.test.mjs"], ...ROWS },
  examples: { include: ["examples/*.test.mjs"], ...COPIED_EXAMPLE, ...ROWS },
  site: { include: ["site/*.test.ts"], globalSetup: ["./install-package.mjs", "./site/build-site.mjs"], maxConcurrency: CORES, ...SLOW },
  transcripts: { include: ["transcripts/*.test.mjs"], ...ROWS },
  // One file at a time, because the tests measure time.
  failures: { include: ["failures/*.test.mjs"], fileParallelism: false, ...COPIED_EXAMPLE, ...SLOW },
  altered: { include: ["dialogues/altered.test.mjs"], ...SLOW },
};

export default defineConfig({
  test: {
    projects: Object.entries(projects).map(([name, options], groupOrder) => ({
      test: {
        name,
        // Node must load the package as it does for users, without a bundler.
        pool: "forks",
        globalSetup: ["./install-package.mjs"],
        // Several projects run one after the other.
        sequence: { groupOrder },
        ...options,
      },
    })),
  },
});
