// The command line against simulated platforms, as a user types it, and the READMEs' transcripts of that:
//   node run.mjs [--write] [--package TARBALL]
// Digits are not compared: instants and ids are others each time. --write puts what was seen into the READMEs.
import { ok, strictEqual } from "node:assert/strict";
import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { packedTarball } from "../examples/pieces/copy.mjs";
import { npmOffline } from "../runtimes/pieces/install.mjs";
import { played } from "./terminals.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const READMES = [
  { file: "README.md", language: "en" },
  { file: "README.zh-CN.md", language: "zh" },
];
/** Their titles, in the order in which they stand there. */
const PLATFORMS = { mixcom: "mixcom 一键呼叫", quanmayun: "quanmayun 双向回呼", dingxin: "dingxin AXB", cyjcloud: "cyjcloud 隐私通话", seatcall: "seatcall 坐席双呼" };

const { values: options } = parseArgs({ options: { write: { type: "boolean", default: false }, package: { type: "string" } } });
const project = await mkdtemp(join(await realpath(tmpdir()), "ringback-transcripts-"));
let passed = 0;
let failed = 0;
try {
  await writeFile(join(project, "package.json"), '{ "name": "crm", "private": true }\n');
  await npmOffline(["install", resolve(options.package ?? (await packedTarball()))], project);
  for (const { file, language } of READMES) {
    const transcripts = [];
    for (const provider of Object.keys(PLATFORMS)) {
      const transcript = await judged(`${provider}, ${language}`, () => played({ project, provider, language }));
      if (transcript !== undefined) transcripts.push(`<details><summary>${PLATFORMS[provider]}</summary>\n\n\`\`\`console\n${transcript}\n\`\`\`\n\n</details>`);
    }
    if (transcripts.length === Object.keys(PLATFORMS).length) await judged(`the transcripts in ${file}`, () => compare(join(ROOT, file), transcripts.join("\n\n")));
  }
} finally {
  await rm(project, { recursive: true, force: true });
}
console.log(`test result: ${failed > 0 ? "FAILED" : "ok"}. ${passed} passed; ${failed} failed; 0 skipped`);
process.exitCode = failed > 0 ? 1 : 0;

async function judged(name, work) {
  try {
    const result = await work();
    passed += 1;
    console.log(`ok      ${name}`);
    return result;
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}: ${error.stack ?? error}`);
    return undefined;
  }
}

async function compare(file, transcripts) {
  const written = await readFile(file, "utf8");
  const [, before, found, after] = /^(.*<!-- transcripts:begin[^>]*-->\n)(.*)(\n<!-- transcripts:end -->.*)$/s.exec(written) ?? [];
  ok(found !== undefined, "there is no place for the transcripts: <!-- transcripts:begin --> and <!-- transcripts:end -->");
  if (options.write) await writeFile(file, `${before}${transcripts}${after}`);
  else strictEqual(withoutDigits(found), withoutDigits(transcripts), "node ts-tests/transcripts/run.mjs --write puts the new ones there");
}

/** Ids are longer at one time than at another, and rules of tables as long as what they stand under. */
function withoutDigits(text) {
  return text.replace(/[0-9a-f]*\d[0-9a-f-]*/g, "0").replace(/ +/g, " ").replace(/[─-]{2,}/g, "-");
}
