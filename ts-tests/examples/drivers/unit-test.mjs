// Runs the example's own tests: they pass with several test runners, and fail if the tested code is broken.
import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { runProgram } from "../../runtimes/pieces/programs.mjs";
import { createChecks } from "../pieces/checks.mjs";

const LONGEST_WEBHOOK_TEST = 10;

/** Breakages of your program, and the tests that must fail; all others must still pass. */
const BREAKAGES = [
  {
    what: "the webhook acknowledges with another body",
    file: "calls.mjs",
    from: "return createReceiver({ provider: \"mixcom\", tokens: [token], onRecord: keep });",
    to: "const receive = createReceiver({ provider: \"mixcom\", tokens: [token], onRecord: keep });\n  return async (request) => (await receive(request), Response.json({ code: \"200\" }));",
    seen: ["a call that nobody answered is kept, and acknowledged as mixcom wants it", "a dial's record comes back with the order's number"],
  },
  {
    what: "the webhook keeps no record",
    file: "calls.mjs",
    from: "onRecord: keep",
    to: "onRecord: () => undefined",
    seen: ["a call that nobody answered is kept, and acknowledged as mixcom wants it", "a dial's record comes back with the order's number"],
  },
  {
    what: "the webhook fails to keep the record",
    file: "calls.mjs",
    from: "onRecord: keep",
    to: "onRecord: () => Promise.reject(new Error(\"the database is away\"))",
    seen: ["a call that nobody answered is kept, and acknowledged as mixcom wants it", "a dial's record comes back with the order's number"],
  },
  {
    what: "the dial forgets the order",
    file: "calls.mjs",
    from: ", reference: order }",
    to: " }",
    seen: ["a dial's record comes back with the order's number"],
  },
  {
    what: "a press is not looked up before it dials",
    file: "presses.mjs",
    from: '.length === 0) return "repeated";',
    to: ".length === 9) return;",
    seen: ["a double press is one call", "a dial that times out is not repeated, and its record tells that it was placed"],
  },
  {
    what: "a dial that timed out is written down as not placed",
    file: "presses.mjs",
    from: 'return error.delivery === "unknown" ? "unknown" : "not-placed";',
    to: 'return "not-placed";',
    seen: ["a dial that times out is not repeated, and its record tells that it was placed"],
  },
  {
    what: "dials are not joined with their records",
    file: "presses.mjs",
    from: "while (run(tables.settle({ at: new Date(now()) })).length > 0);",
    to: "",
    seen: ["a dial that times out is not repeated, and its record tells that it was placed", "a call whose push is lost is missing"],
  },
  {
    what: "missing dials are looked for among those to come",
    file: "presses.mjs",
    from: "from: new Date(now() - 7 * 24 * HOUR_MS)",
    to: "from: new Date(now() - 2 * HOUR_MS)",
    seen: ["a call whose push is lost is missing"],
  },
];

export async function run({ directory, tools }) {
  const { check, checks } = createChecks();
  const node = tools.node(24);
  const { scripts } = JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
  const [program, ...args] = scripts.test.split(" ");
  /** Runs the work with a breakage in the program. */
  const withBreakage = async ({ file, from, to }, work) => {
    const path = join(directory, file);
    const written = await readFile(path, "utf8");
    equal(written.split(from).length, 2, `${file} does not contain the text to replace`);
    await writeFile(path, written.replace(from, () => to));
    try {
      return await work();
    } finally {
      await writeFile(path, written);
    }
  };
  const files = (await readdir(directory)).filter((name) => name.endsWith(".test.mjs"));
  const sources = await Promise.all(files.map((name) => readFile(join(directory, name), "utf8")));
  const names = sources.flatMap((source) => [...source.matchAll(/^test\("(.*)", async/gm)].map(([, name]) => name)).toSorted();
  const runTests = async () => parseTap(await runProgram(node, [...args, "--test-reporter=tap"], { cwd: directory }).catch(({ message }) => message));

  await check("all tests pass with the command of npm test", async () => {
    equal(program, "node");
    ok(names.length >= 3, `there are ${names.length} tests`);
    deepStrictEqual(await runTests(), { passed: names, failed: [], counted: { pass: names.length, fail: 0 } });
  });

  await check(`the webhook's test has at most ${LONGEST_WEBHOOK_TEST} lines`, async () => {
    const [, body] = /^test\(.*\n((?: {2}.*\n|\n)+)\}\);$/m.exec(await readFile(join(directory, "webhook.test.mjs"), "utf8")) ?? [];
    const lines = body.split("\n").length + 1; // its own first and last line
    ok(lines <= LONGEST_WEBHOOK_TEST, `it has ${lines}`);
  });

  for (const breakage of BREAKAGES) {
    const { what, seen } = breakage;
    await check(`the right tests fail if ${what}`, async () => {
      const rest = names.filter((name) => !seen.includes(name));
      const ran = await withBreakage(breakage, runTests);
      deepStrictEqual(ran, { passed: rest, failed: seen.toSorted(), counted: { pass: rest.length, fail: seen.length } });
    });
  }

  await check("all tests pass under Vitest, with another import of `test`", async () => {
    const vitest = dirname(createRequire(import.meta.url).resolve("vitest/package.json"));
    await symlink(vitest, join(directory, "node_modules/vitest"), "junction");
    for (const [index, name] of files.entries()) {
      const source = sources[index].replace('import { test } from "node:test";', 'import { test } from "vitest";');
      ok(source !== sources[index], `${name} does not import test`);
      await writeFile(join(directory, name), source);
    }
    const vitestRun = () => runProgram(node, [join(vitest, "vitest.mjs"), "run", "--root=.", "--reporter=json"], { cwd: directory });
    deepStrictEqual(parseVitest(await vitestRun()), { passed: names, failed: [] });

    const { seen } = BREAKAGES[0];
    const broken = await withBreakage(BREAKAGES[0], () =>
      vitestRun().then(
        () => Promise.reject(new Error("it passed")),
        ({ message }) => parseVitest(message),
      ),
    );
    deepStrictEqual(broken, { passed: names.filter((name) => !seen.includes(name)), failed: seen.toSorted() });
  });

  return { version: await runProgram(node, ["--version"], { cwd: directory }).then((text) => text.trim()), checks, notes: `${names.length} tests` };
}

/** Parses the tests of a run in the Test Anything Protocol, and their reported number. */
function parseTap(printed) {
  const named = (pattern) => [...printed.matchAll(pattern)].map(([, name]) => name.trim()).toSorted();
  const readCount = (word) => Number(new RegExp(`^# ${word} (\\d+)$`, "m").exec(printed)?.[1]);
  return { passed: named(/^ *ok \d+ - (.*)$/gm), failed: named(/^ *not ok \d+ - (.*)$/gm), counted: { pass: readCount("pass"), fail: readCount("fail") } };
}

/** Parses the tests of a run from Vitest's JSON report. */
function parseVitest(printed) {
  const line = printed.split("\n").find((text) => text.startsWith('{"num'));
  if (line === undefined) throw new Error(`Vitest printed no report\n${printed}`);
  const tests = JSON.parse(line).testResults.flatMap(({ assertionResults }) => assertionResults);
  const named = (status) => tests.filter((test) => test.status === status).map(({ title }) => title).toSorted();
  return { passed: named("passed"), failed: named("failed") };
}
