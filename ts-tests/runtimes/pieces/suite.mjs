// Rows as tests: each row is proven in a runtime of its own.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const ALL = process.env.RINGBACK_ALL === "1";
const SKIPPED = (process.env.RINGBACK_SKIP ?? "").split(",");

/** Does RINGBACK_SKIP leave out the row, by its id or by something that it needs? */
export function isSkipped({ id, needs }) {
  return [id, needs].flat().some((name) => SKIPPED.includes(name));
}

/**
 * A test for each row; of suite "all", only where RINGBACK_ALL is 1. `prepare({ workshop })` runs once, then for each row
 * `prove({ row, directory, prepared })` -> { version, checks: [{ check, error? }], notes? }. What that throws fails the row.
 */
export function testRows({ rows, name, prepare, prove }) {
  let workshop;
  let prepared;
  let failures = 0;

  beforeAll(async () => {
    workshop = await mkdtemp(join(tmpdir(), `ringback-${name}-`));
    prepared = await prepare({ workshop });
  });

  afterAll(async () => {
    // What a failed row left is there to be looked at.
    if (failures === 0) await rm(workshop, { recursive: true, force: true });
  });

  for (const row of rows.filter(({ suite }) => ALL || suite === "test")) {
    test.skipIf(isSkipped(row))(`${row.id}: ${row.runtime}, ${row.how}`, async () => {
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
