// Compiles programs that use the package.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const directory = fileURLToPath(new URL("../..", import.meta.url));

/** Compiles one file, with the options of this folder's tsconfig.json that matter for it. */
function compile(file: string, ...options: string[]): { ok: boolean; output: string } {
  const tsc = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
  const strict = ["--ignoreConfig", "--noEmit", "--strict", "--target", "ES2022", "--types", "node"];
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, ...strict, ...options, file], { cwd: directory, encoding: "utf8" });
  return { ok: status === 0, output: stdout + stderr };
}

test("the tests and the other programs under types/ compile", { timeout: 180_000 }, () => {
  const tsc = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, "--noEmit"], { cwd: directory, encoding: "utf8" });
  expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: "" });
});

describe("hangUp", () => {
  const resolutions: [string, string[]][] = [
    ["Node's resolution", ["--module", "NodeNext"]],
    ["a bundler's resolution", ["--module", "ESNext", "--moduleResolution", "Bundler"]],
    ["a Worker's", ["--module", "ESNext", "--moduleResolution", "Bundler", "--customConditions", "workerd"]],
  ];

  test.each(resolutions)("compiles on a quanmayun client, with %s", (_, options) => {
    expect(compile("types/hang-up/quanmayun.ts", ...options)).toEqual({ ok: true, output: "" });
  });

  test.each(resolutions)("does not compile on a mixcom client, with %s", (_, options) => {
    const { ok, output } = compile("types/hang-up/mixcom.ts", ...options);
    expect(ok).toBe(false);
    expect(output).toContain("types/hang-up/mixcom.ts(5,");
    expect(output).toContain("'hangUp' does not exist");
    expect(output.trim().split("\n").filter((line) => line.includes("error TS")), "there is no other error").toHaveLength(1);
  });
});

describe("a misspelled option of a receiver", () => {
  const EXPECTED = [
    [7, "'onRecrod' does not exist", "Did you mean to write 'onRecord'?"],
    [9, "'maxBodyByte' does not exist", "Did you mean to write 'maxBodyBytes'?"],
    [11, "'onRecrods' does not exist", "Did you mean to write 'onRecords'?"],
    [13, "'token' does not exist", "Did you mean to write 'tokens'?"],
  ] as const;

  test.each(["typescript", "typescript-6-0", "typescript-5-6"])("is named, with the one that was meant, by %s", { timeout: 60_000 }, (compiler) => {
    const tsc = fileURLToPath(new URL(`../../node_modules/${compiler}/bin/tsc`, import.meta.url));
    const options = ["--noEmit", "--strict", "--target", "ES2022", "--types", "node", "--module", "NodeNext"];
    const alone = compiler === "typescript-5-6" ? [] : ["--ignoreConfig"];
    const { stdout } = spawnSync(process.execPath, [tsc, ...alone, ...options, "types/typos/receiver.ts"], { cwd: directory, encoding: "utf8" });
    const lines = stdout.trim().split("\n").filter((line) => line.includes("error TS"));
    expect(lines).toEqual(
      EXPECTED.map(([line, wrong, meant]) => {
        const text = `^types/typos/receiver\\.ts\\(${line},\\d+\\): error `;
        // Older compilers name the whole argument if an account in the list is wrong.
        if (line === 13 && compiler !== "typescript") return expect.stringMatching(new RegExp(`${text}TS2345: .*token: `));
        return expect.stringMatching(new RegExp(`${text}TS2561: .*${wrong}.*${meant.replace("?", "\\?")}$`));
      }),
    );
    // The types have names of their own, instead of their members written out.
    expect(stdout).not.toContain("{ onPush?: undefined");
  });
});
