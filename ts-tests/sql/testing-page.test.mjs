// The sample of the page on testing that looks for a lost push, with the database that it is for.
import { equal, match, notEqual, rejects } from "node:assert/strict";
import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";
import { afterAll, beforeAll, test } from "vitest";
import { startPostgresql } from "../runtimes/pieces/postgresql.mjs";
import { runProgram } from "../runtimes/pieces/programs.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const directory = mkdtempSync(join(realpathSync(tmpdir()), "ringback-testing-page-"));
let server;

beforeAll(async () => {
  server = await startPostgresql();
  symlinkSync(join(ROOT, "ts-tests/node_modules"), join(directory, "node_modules"), "junction");
});

afterAll(async () => {
  await server?.remove();
  rmSync(directory, { recursive: true });
});

test.each(["docs/testing.md", "docs/zh/testing.md"])("the sample in %s passes, also on the same tables, and fails without the fault", async (page) => {
  const blocks = [...readFileSync(join(ROOT, page), "utf8").matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
  const samples = blocks.filter((code) => code.includes('from "pg"'));
  equal(samples.length, 1);
  for (const _ of [1, 2]) match(await runSample(samples[0]), /^# pass 1$/m);
  const faultless = samples[0].replace(/^ *simulator\.fault\(.*\n/m, "");
  notEqual(faultless, samples[0]);
  await rejects(runSample(faultless), /^# fail 1$/m);
});

/** Runs a sample with Node.js's test runner, and returns its report. */
function runSample(code) {
  const file = join(directory, "sample.test.mjs");
  writeFileSync(file, transformSync(code, { loader: "ts", format: "esm" }).code);
  return runProgram(process.execPath, ["--test", "--test-reporter=tap", file], { cwd: directory, env: { TEST_DATABASE_URL: server.url("postgres") } });
}
