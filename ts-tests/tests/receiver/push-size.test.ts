// A body that is too large is an error that says so, never an internal error.
import { parsePush, processPush } from "ringback";
import { describe, expect, test } from "vitest";
import { expectFailure } from "../support/failure.js";

const MIB = 1024 * 1024;

describe.each([
  ["text", () => `[${" ".repeat(65 * MIB)}]`],
  ["bytes", () => new Uint8Array(65 * MIB).fill(0x20)],
  ["an ArrayBuffer", () => new ArrayBuffer(400 * MIB)],
  ["text that is too long only when encoded", () => "话".repeat(22 * MIB)],
] as [string, () => string | Uint8Array][])("%s of more than 64 MiB", (_, body) => {
  test("is an invalid argument, and the error names its size", async () => {
    const startedAt = performance.now();
    for (const read of [() => parsePush("mixcom", body()), () => processPush({ provider: "mixcom", receivedAt: "2020-03-02T09:40:00Z", body: body() })]) {
      const error = await expectFailure(read);
      expect(error).toMatchObject({ code: "invalid-argument", reason: "body-too-large", field: "body" });
      expect(error.message).toContain("64 MiB");
    }
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});
