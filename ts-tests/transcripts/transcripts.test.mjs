// Runs the command line with simulated platforms as a user does, and compares the transcripts of the site's page. Digits are not compared, because
// times and ids differ in each run. RINGBACK_WRITE=1 writes the new transcripts into the pages.
import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findPackedTarball } from "../examples/pieces/copy.mjs";
import { runNpmOffline } from "../runtimes/pieces/install.mjs";
import { runSession } from "./terminals.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGES = [
  { file: "docs/command-line.md", language: "en" },
  { file: "docs/zh/command-line.md", language: "zh" },
];
/** The titles, in the order of the pages. */
const PLATFORMS = { mixcom: "mixcom 一键呼叫", quanmayun: "quanmayun 双向回呼", dingxin: "dingxin AXB", cyjcloud: "cyjcloud 隐私通话", seatcall: "seatcall 坐席双呼" };

let project;
beforeAll(async () => {
  project = await mkdtemp(join(await realpath(tmpdir()), "ringback-transcripts-"));
  await writeFile(join(project, "package.json"), '{ "name": "crm", "private": true }\n');
  await runNpmOffline(["install", await findPackedTarball()], project);
});
afterAll(() => rm(project, { recursive: true, force: true }));

describe.each(PAGES)("$file", ({ file, language }) => {
  const transcripts = new Map();

  test.concurrent.each(Object.keys(PLATFORMS))("%s", async (provider) => {
    transcripts.set(provider, await runSession({ project, provider, language }));
  });

  test("has the present transcripts of the terminal", async () => {
    expect([...transcripts.keys()].sort(), "every platform has a transcript").toEqual(Object.keys(PLATFORMS).sort());
    const shown = Object.keys(PLATFORMS).map((provider) => [provider, transcripts.get(provider)]).map(([provider, text]) => `<details><summary>${PLATFORMS[provider]}</summary>\n\n\`\`\`console\n${text}\n\`\`\`\n\n</details>`).join("\n\n");
    const page = await readFile(join(ROOT, file), "utf8");
    const [, before, found, after] = /^(.*<!-- transcripts:begin[^>]*-->\n)(.*)(\n<!-- transcripts:end -->.*)$/s.exec(page) ?? [];
    expect(found, "the part between <!-- transcripts:begin --> and <!-- transcripts:end -->").toBeDefined();
    if (process.env.RINGBACK_WRITE === "1") await writeFile(join(ROOT, file), `${before}${shown}${after}`);
    else expect(removeDigits(found), "RINGBACK_WRITE=1 npx vitest run --project transcripts writes the new ones").toBe(removeDigits(shown));
  });
});

/** Replaces digits and the rules of tables, because the length of ids varies. */
function removeDigits(text) {
  return text.replace(/[0-9a-f]*\d[0-9a-f-]*/g, "0").replace(/ +/g, " ").replace(/[─-]{2,}/g, "-");
}
