// Checks that the dialogues notice a wrong rule in the core: each alteration of alterations.json is built and must make them fail.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import ALTERATIONS from "./alterations.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TESTS = fileURLToPath(new URL("../", import.meta.url));
const ENTRY = fileURLToPath(new URL("../../target/npm-altered/pkg/dist/node.js", import.meta.url));
const VITEST = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));

test.each(ALTERATIONS.map(({ name }) => name))("the dialogues fail if %s", (name) => {
  const built = spawnSync("cargo", ["xtask", "build", "--altered", name], { cwd: ROOT, encoding: "utf8" });
  expect(built.status, `cargo xtask build --altered ${name}\n${built.stderr}`).toBe(0);
  const env = { ...process.env, RINGBACK_UNDER_TEST: ENTRY };
  const args = [VITEST, "run", "--project=typescript", "--reporter=json", "tests/client/dialogues.test.ts"];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: TESTS, env, encoding: "utf8" });
  const report = /^\{.*\}$/ms.exec(stdout)?.[0];
  if (report === undefined) throw new Error(`the dialogues did not run\n${stdout}${stderr}`);
  const failures = JSON.parse(report).testResults.flatMap(({ assertionResults }) => assertionResults.flatMap(({ failureMessages }) => failureMessages));
  expect(failures, "messages of failed dialogues").not.toEqual([]);
  // They must fail because the two sides disagree, and for no other reason.
  expect(failures.filter((message) => !message.includes("Counterexample: ["))).toEqual([]);
});
