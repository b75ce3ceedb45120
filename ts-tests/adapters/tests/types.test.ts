// Compiles the programs that use the package in each framework, which are these tests.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("the programs of all frameworks compile", { timeout: 180_000 }, () => {
  const tsc = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, "--noEmit"], { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8" });
  expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: "" });
});
