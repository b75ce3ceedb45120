// Jest with jsdom, which simulates a page in Node, and loads the package with require. Jest 29 uses the condition `browser`, Jest 30 `node`.
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createProject } from "../support/tarball.js";

const { resolve } = createRequire(import.meta.url);

const PAGE = `
const { createClient, explainCode, init, isRingbackError, parsePush } = require("ringback");
const node = require("node:util");

test("the page is jsdom's", () => expect(typeof document.createElement).toBe("function"));

test("init and explainCode", async () => {
  await init();
  expect(explainCode("mixcom", "514").cause).toBe("no-answer");
});

test("a dial through a given fetch", async () => {
  const sent = [];
  const fetch = async (url, init) => {
    sent.push(init.body);
    const body = new node.TextEncoder().encode('{"success":true,"code":200,"msg":""}');
    return { status: 200, headers: { get: () => "application/json" }, body: {}, arrayBuffer: async () => body.buffer };
  };
  const client = createClient({ provider: "mixcom", appKey: "k1", appSecret: "s1", fetch });
  expect((await client.dial({ caller: "13800000001", callee: "13900000002" })).provider).toBe("mixcom");
  expect(sent).toHaveLength(1);
});

test("a push in Chinese, and one that cannot be read", () => {
  const push = '{"event":"fee","callIdentifier":"张三","caller":"+8613712345678","callee":"+8675528765432","callEndTime":"2020-03-02 17:48:17","ulFailReason":0}';
  expect(parsePush("mixcom", push).records[0].key).toBe("mixcom:张三");
  let error;
  try {
    parsePush("mixcom", "no push");
  } catch (thrown) {
    error = thrown;
  }
  expect(isRingbackError(error)).toBe(true);
});
`;

let project: string;

beforeAll(() => {
  project = createProject();
  writeFileSync(join(project, "page.test.cjs"), PAGE);
});

afterAll(() => {
  rmSync(project, { recursive: true });
});

test.each([
  ["jest", "jest-environment-jsdom"],
  ["jest-29", "jest-environment-jsdom-29"],
])("%s with %s loads the package, and it works", { timeout: 120_000 }, (jest, environment) => {
  const configuration = { testEnvironment: resolve(environment), testMatch: ["**/page.test.cjs"], transform: {} };
  writeFileSync(join(project, "jest.config.json"), JSON.stringify(configuration));
  const cli = join(resolve(`${jest}/package.json`), "../bin/jest.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, "--ci", "--json", "--config=jest.config.json"], { cwd: project, encoding: "utf8" });
  expect([status, stderr.includes("FAIL")], stdout + stderr).toEqual([0, false]);
  expect(JSON.parse(stdout)).toMatchObject({ numPassedTests: 4, numFailedTests: 0 });
});
