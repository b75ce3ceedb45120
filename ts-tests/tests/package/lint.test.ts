// Runs the usual package linters on the tarball, with all rules and all entries.
import { readFileSync } from "node:fs";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { expect, test } from "vitest";
import { findTarball } from "../support/tarball.js";

const packed = new Uint8Array(readFileSync(findTarball()));

test("publint reports nothing, not even a suggestion", async () => {
  const { messages, pkg } = await publint({ level: "suggestion", strict: true, pack: { tarball: packed.buffer } });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test("the types of every entry are correct under every module resolution", async () => {
  const analysis = await checkPackage(createPackageFromTarballData(packed));
  if (!analysis.types) throw new Error("the package has no types");
  expect(Object.keys(analysis.entrypoints)).toEqual([".", "./slim", "./node", "./sql", "./opentelemetry", "./zh", "./testing", "./ringback.wasm", "./package.json"]);
  expect(analysis.problems).toEqual([]);
});
