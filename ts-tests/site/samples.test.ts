// Compiles every sample of the READMEs and the site in strict TypeScript, and runs those that need no service.
import { beforeAll, describe, expect, test } from "vitest";
import { compileSamples, findObstacle, listSamples, runSample, writeSamples } from "./samples.js";

const { samples, fragments } = listSamples();

beforeAll(() => writeSamples(samples));

test("the pages have samples in both languages", () => {
  const count = (language: string): number => samples.filter((sample) => sample.language === language).length;
  console.log(`samples: ${samples.length} (${count("ts")} ts, ${count("js")} js), and ${fragments} fragments`);
  expect(samples.filter(({ page }) => page.startsWith("docs/zh/")).length).toBeGreaterThan(20);
  expect(new Set(samples.map(({ file }) => file)).size, "no two samples of a page have the same name").toBe(samples.length);
});

describe.each(["typescript-5-9", "typescript"])("compiled by %s", (compiler) => {
  test.each(["ts", "js"] as const)("every sample in %s is without an error", { timeout: 300_000 }, async (language) => {
    expect(await compileSamples(samples, compiler, language)).toEqual([]);
  });
});

describe("running", () => {
  const runnable = samples.filter((sample) => findObstacle(sample) === undefined);

  test("leaves out only samples that need a service", () => {
    const needs = samples.flatMap((sample) => findObstacle(sample) ?? []);
    const listed = [...new Set(needs)].map((need) => `${needs.filter((other) => other === need).length} need ${need}`);
    console.log(`samples: ${runnable.length} run, ${samples.length - runnable.length} do not: ${listed.join(", ")}`);
    expect(runnable.length).toBeGreaterThan(samples.length / 2);
  });

  test.concurrent.each(runnable)("$page:$line works", { timeout: 120_000 }, async (sample) => {
    expect(await runSample(sample)).toBeUndefined();
  });
});
