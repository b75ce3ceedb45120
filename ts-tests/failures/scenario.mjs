// Runs a scenario once and reports each of its checks as a test.
import { beforeAll, describe, expect, test } from "vitest";

/**
 * Describes a scenario. `checks` are the names that it must report: a check that it never reaches fails, and an unlisted one ends it.
 *
 * @param work - Runs the scenario. It gets `check(name, holds)` and `note(line)`, whose lines are printed at the end.
 */
export function describeScenario({ title, checks, concurrent = false }, work) {
  describe(title, { concurrent }, () => {
    const results = new Map();
    let failure;

    beforeAll(async () => {
      const notes = [title];
      try {
        const check = (name, holds) => {
          if (!checks.includes(name)) throw new Error(`the list of checks does not have "${name}"`);
          results.set(name, holds());
        };
        await work({ check, note: (line) => notes.push(line) });
      } catch (error) {
        failure = error;
      }
      console.log(notes.join("\n  "));
    });

    test.each(checks)("%s", (name) => {
      expect(results.get(name), results.has(name) ? undefined : "the scenario ended before this check").toBe(true);
    });

    test("the scenario completes", () => {
      if (failure !== undefined) throw failure;
    });
  });
}
