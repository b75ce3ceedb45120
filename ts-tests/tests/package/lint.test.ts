// What the usual judges of packages say of the tarball, with no rule and no entry left out.
import { readFileSync } from "node:fs";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { expect, test } from "vitest";
import { tarball } from "../support/tarball.js";

const packed = new Uint8Array(readFileSync(tarball()));

test("publint has nothing to say, not even a suggestion", async () => {
  const { messages, pkg } = await publint({ level: "suggestion", strict: true, pack: { tarball: packed.buffer } });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test("the types of every entry are right under every module resolution", async () => {
  const analysis = await checkPackage(createPackageFromTarballData(packed));
  if (!analysis.types) throw new Error("the package has no types");
  expect(Object.keys(analysis.entrypoints)).toEqual([".", "./slim", "./node", "./sql", "./testing", "./ringback.wasm", "./package.json"]);
  expect(analysis.problems).toEqual([]);
});
