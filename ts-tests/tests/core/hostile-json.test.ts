// Reads hostile JSON through the wasm and through this host's JSON.parse: accepted or refused as natively, by the same list, which has the
// reason of each difference.
import { readFileSync } from "node:fs";
import { parsePush } from "ringback";
import { describe, expect, test } from "vitest";
import { expectFailure } from "../support/failure.js";

interface Case {
  name: string;
  /** The text, its bytes in base64, or `[open, close, times, inner]`. */
  json?: string;
  base64?: string;
  nest?: [string, string, number, string];
  /** True if it is the whole body, and not the value of a field. */
  whole?: true;
  /** Validity by RFC 8259. */
  valid: boolean;
  /** The result here, if it differs from `valid`; `why` has the reason. */
  here?: boolean;
  why?: string;
  callId?: string;
}

const CASES = JSON.parse(readFileSync(new URL("../../../tests/json/hostile.json", import.meta.url), "utf8")) as Case[];
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function buildBody({ json, base64, nest, whole }: Case): Uint8Array {
  const [open, close, times, inner] = nest ?? ["", "", 0, ""];
  const value = base64 === undefined ? Buffer.from(json ?? open.repeat(times) + inner + close.repeat(times)) : Buffer.from(base64, "base64");
  return whole ? value : Buffer.concat([Buffer.from('{"subid":"1","x":'), value, Buffer.from("}")]);
}

function tryParse(body: Uint8Array): { value?: unknown } | undefined {
  try {
    return { value: JSON.parse(utf8.decode(body)) as unknown };
  } catch {
    return undefined;
  }
}

/** Expects equal values, except that a number that a double would change is a text here. */
function expectSame(here: unknown, host: unknown): void {
  if (typeof host === "number" && typeof here === "string") return expect(Object.is(Number(here), host)).toBe(true);
  if (typeof host !== "object" || host === null) return expect(here).toEqual(host);
  expect(Object.keys(here as object)).toEqual(Object.keys(host));
  for (const key of Object.keys(host)) expectSame((here as Record<string, unknown>)[key], (host as Record<string, unknown>)[key]);
}

describe("hostile JSON", () => {
  test.each(CASES.map((one) => [one.name, one] as const))("%s", async (_, one) => {
    const body = buildBody(one);
    const byHost = tryParse(body);
    expect(byHost !== undefined, "this host's JSON.parse").toBe(one.valid);
    if (one.here ?? one.valid) {
      const { records } = parsePush("dingxin", body);
      if (one.callId !== undefined) expect(records[0]?.callId).toBe(one.callId);
      if (byHost !== undefined) expectSame(Array.isArray(byHost.value) ? records.map(({ raw }) => raw) : records[0]?.raw, byHost.value);
    } else {
      expect(await expectFailure(() => parsePush("dingxin", body))).toMatchObject({ code: "malformed-push", nack: { status: 500 } });
    }
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  test("the list is complete, and every difference has its reason", () => {
    const different = CASES.filter(({ here, valid }) => here !== undefined && here !== valid);
    expect(CASES.length).toBeGreaterThan(400);
    expect(different.every(({ why }) => (why?.length ?? 0) > 20)).toBe(true);
  });
});
