// Whether the dialogues notice when one rule of the core is wrong: each alteration of alterations.json is built and must make them fail.
// node altered.mjs [NAME ...]
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import ALTERATIONS from "./alterations.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TESTS = fileURLToPath(new URL("../", import.meta.url));
const ENTRY = fileURLToPath(new URL("../../target/npm-altered/pkg/dist/node.js", import.meta.url));

const wanted = process.argv.slice(2);
const rows = ALTERATIONS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const outcomes = rows.map(({ name }) => {
  const problem = noticed(name);
  console.log(`${problem === undefined ? "ok" : "FAILED"}  ${name}${problem === undefined ? ": the dialogues fail" : `: ${problem}`}`);
  return problem === undefined;
});
const passed = outcomes.filter(Boolean).length;
const failed = outcomes.length - passed + (outcomes.length === 0 ? 1 : 0);
console.log(`test result: ${failed === 0 ? "ok" : "FAILED"}. ${passed} passed; ${failed} failed; 0 skipped`);
process.exitCode = failed === 0 ? 0 : 1;

/** What went otherwise than it should: nothing, where dialogues failed because the two sides disagreed. */
function noticed(name) {
  const built = spawnSync("cargo", ["xtask", "build", "--altered", name], { cwd: ROOT, encoding: "utf8" });
  if (built.status !== 0) return `it was not built\n${built.stderr}`;
  const env = { ...process.env, RINGBACK_UNDER_TEST: ENTRY };
  const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
  const played = spawnSync(process.execPath, [vitest, "run", "--reporter=json", "tests/client/dialogues.test.ts"], { cwd: TESTS, env, encoding: "utf8" });
  const report = /^\{.*\}$/ms.exec(played.stdout)?.[0];
  if (report === undefined) return `the dialogues did not run\n${played.stdout}${played.stderr}`;
  const failures = JSON.parse(report).testResults.flatMap(({ assertionResults }) => assertionResults.flatMap(({ failureMessages }) => failureMessages));
  if (failures.length === 0) return "the dialogues passed";
  return failures.every((message) => message.includes("Counterexample: [")) ? undefined : failures.join("\n");
}
