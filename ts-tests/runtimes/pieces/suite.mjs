// Defines a test for each row of a list of runtimes.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const ALL = process.env.RINGBACK_ALL === "1";
const SKIPPED = (process.env.RINGBACK_SKIP ?? "").split(",");

/** Checks whether RINGBACK_SKIP names the row's id or one of its needs. */
export function isSkipped({ id, needs }) {
  return [id, needs].flat().some((name) => SKIPPED.includes(name));
}

/**
 * Defines a test for each row; rows of suite "all" only if RINGBACK_ALL is 1. `prepare({ workshop })` runs once, then for each row
 * `prove({ row, directory, prepared })` -> { version, checks: [{ check, error? }], notes? }. An exception fails the row.
 */
export function defineRowTests({ rows, name, prepare, prove }) {
  let workshop;
  let prepared;
  let failures = 0;

  beforeAll(async () => {
    workshop = await mkdtemp(join(tmpdir(), `ringback-${name}-`));
    prepared = await prepare({ workshop });
  });

  afterAll(async () => {
    // The files of a failed row are kept for inspection.
    if (failures === 0) await rm(workshop, { recursive: true, force: true });
  });

  for (const row of rows.filter(({ suite }) => ALL || suite === "test")) {
    test.skipIf(isSkipped(row))(`${row.id}: ${row.runtime}, ${row.how}`, { concurrent: true }, async () => {
      const directory = join(workshop, row.id);
      failures += 1;
      const { version = "", checks, notes } = await prove({ row, directory, prepared });
      console.log([version, `${checks.length} checks`, notes].filter(Boolean).join(", "));
      const errors = checks.filter(({ error }) => error !== undefined);
      const described = errors.map(({ check, error }) => `${check}\n  ${error.replaceAll("\n", "\n  ")}`);
      expect(described.join("\n"), `${errors.length} of ${checks.length} checks failed; kept: ${directory}`).toBe("");
      expect(checks.length, "the number of checks").toBeGreaterThan(0);
      failures -= 1;
      await rm(directory, { recursive: true, force: true });
    });
  }
}
