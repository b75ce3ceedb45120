// The samples of the page on testing, in each test runner and with the database that they are for, and its table of outcomes.
import { execFile } from "node:child_process";
import { readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";
import { outcomes } from "ringback/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createProject } from "../support/tarball.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const { resolve } = createRequire(import.meta.url);
const findPackage = (name: string): string => dirname(resolve(`${name}/package.json`));

let project: string;

beforeAll(() => {
  project = createProject();
  for (const name of ["vitest", "@jest"]) symlinkSync(name === "@jest" ? dirname(findPackage("@jest/globals")) : findPackage(name), join(project, "node_modules", name), "junction");
});

afterAll(() => {
  rmSync(project, { recursive: true });
});

/** Runs a program of Node.js in the project. */
function run(args: readonly string[]): Promise<{ code: unknown; printed: string }> {
  return new Promise((done) => {
    execFile(process.execPath, args, { cwd: project, env: { ...process.env, NO_COLOR: "1", NODE_ENV: "test" } }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : error.code, printed: stdout + stderr });
    });
  });
}

describe.each(["docs/testing.md", "docs/zh/testing.md"])("%s", (page) => {
  const text = readFileSync(join(ROOT, page), "utf8");
  const blocks = [...text.matchAll(/^```(ts|js)\n([\s\S]*?)^```$/gm)].map(([, language = "", code = ""]) => ({ language, code }));

  /** Finds the blocks that import a package. */
  function findBlocks(name: string): { language: string; code: string }[] {
    const found = blocks.filter(({ code }) => code.includes(`"${name}"`));
    expect(found.length, name).toBeGreaterThan(0);
    return found;
  }

  test("has samples that pass with Node.js's own runner", { timeout: 60_000 }, async () => {
    const own = findBlocks("node:test").filter(({ code }) => !code.includes('"pg"'));
    let tests = 0;
    for (const { code } of own) {
      const file = join(project, "node.test.mjs");
      writeFileSync(file, transformSync(code, { loader: "ts", format: "esm" }).code);
      const ran = await run(["--test", "--test-reporter=tap", file]);
      expect(ran.code, ran.printed).toBe(0);
      tests += Number(/^# pass (\d+)$/m.exec(ran.printed)?.[1]);
    }
    expect(tests).toBe(own.map(({ code }) => code.match(/^test\(/gm)?.length ?? 0).reduce((sum, count) => sum + count, 0));
  });

  test("has a sample that passes with Vitest", { timeout: 60_000 }, async () => {
    const [block] = findBlocks("vitest");
    writeFileSync(join(project, "vitest.test.ts"), block?.code ?? "");
    const ran = await run([join(findPackage("vitest"), "vitest.mjs"), "run", "--root=.", "vitest.test.ts", "--reporter=json"]);
    expect(ran.code, ran.printed).toBe(0);
    expect(ran.printed).toContain('"numPassedTests":1');
  });

  test.each(["jest", "jest-29"])("has a sample that passes with %s, without settings", { timeout: 60_000 }, async (jest) => {
    const [block] = findBlocks("@jest/globals");
    writeFileSync(join(project, "jest.test.cjs"), block?.code ?? "");
    writeFileSync(join(project, "jest.config.json"), JSON.stringify({ testMatch: ["**/jest.test.cjs"], transform: {} }));
    const ran = await run([join(findPackage(jest), "bin/jest.js"), "--ci", "--json", "--config=jest.config.json"]);
    expect(ran.code, ran.printed).toBe(0);
    expect(ran.printed).toContain('"numPassedTests":1');
  });

  test("has the outcomes of each platform in its table", () => {
    const rows = [...text.matchAll(/^\| `(answered|unanswered|failed|unknown)` \|(.*)\|$/gm)].map(([, status, cells = ""]) => [status, ...cells.split("|").map((cell) => [...cell.matchAll(/`([\w-]+)`/g)].map(([, cause]) => cause).join(", "))]);
    const listCauses = (provider: keyof typeof outcomes, status: string): string => {
      const causes = outcomes[provider].filter((outcome) => outcome.status === status).map(({ cause }) => cause);
      return [...new Set(causes)].join(", ");
    };
    const columns = [["mixcom", "cyjcloud"], ["quanmayun"], ["dingxin"], ["seatcall"]] as const;
    expect(rows).toEqual(
      ["answered", "unanswered", "failed", "unknown"].map((status) => [
        status,
        ...columns.map(([provider, ...others]) => {
          for (const other of others) expect(listCauses(other, status)).toBe(listCauses(provider, status));
          return listCauses(provider, status);
        }),
      ]),
    );
  });
});
