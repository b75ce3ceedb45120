// Tests the package itself: its entries, its errors, and the functions that need no platform.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import * as esm from "ringback";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { expectFailure } from "../support/failure.js";
import { createFetch, answerJson } from "../support/fetches.js";
import { createTestClient, findPlatform, PLATFORMS } from "../support/platforms.js";
import { runScript } from "../support/processes.js";

const require = createRequire(import.meta.url);
const cjs = require("ringback") as typeof esm;
const folder = new URL("../../node_modules/ringback/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("package.json", folder), "utf8")) as { version: string; exports: { [entry: string]: unknown }; scripts?: object; dependencies?: object; devDependencies?: object };

describe("the package", () => {
  const surface = [
    "RingbackError",
    "createClient",
    "createReceiver",
    "createRouter",
    "createToken",
    "explainCode",
    "init",
    "isRingbackError",
    "normalizeStream",
    "parsePush",
    "processPush",
    "providers",
    "readRecords",
  ];

  test("exports exactly the public API, to import and to require", () => {
    expect(Object.keys(esm).sort()).toEqual(surface);
    expect(Object.keys(cjs).sort()).toEqual(surface);
    expect(cjs.createClient, "two copies").not.toBe(esm.createClient);
  });

  test("contains every file in its exports, and one wasm for all entries", () => {
    const files = (value: unknown): string[] => (typeof value === "string" ? [value] : Object.values(value as object).flatMap(files));
    for (const file of files(manifest.exports)) expect(existsSync(new URL(file, folder)), file).toBe(true);
    expect(existsSync(new URL("ringback.wasm", folder))).toBe(true);
    expect(existsSync(new URL("dist/ringback.wasm", folder))).toBe(false);
  });

  test("does not export trapForTests, which only the test variant has", () => {
    expect("trapForTests" in esm).toBe(false);
    expect(readFileSync(new URL("ringback.wasm", folder)).includes("trapForTests")).toBe(false);
  });

  test("does not keep the process running after a dial", () => {
    const script = `
      import { createClient } from "ringback";
      const fetch = async () => new Response('{"success":true,"code":200,"msg":""}');
      const call = await createClient({ provider: "mixcom", appKey: "k", appSecret: "s", fetch }).dial({ caller: "13712345678", callee: "13912345678" });
      console.log(call.correlation);`;
    expect(runScript(script)).toBe("reference");
  });

});

/** Imports the browser's entry from a copy of the package. Within one copy all ES modules share an instance, which Node's entry has already loaded. */
async function importCopy(entry = "browser.js"): Promise<typeof esm> {
  const copy = mkdtempSync(join(tmpdir(), "ringback-"));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  cpSync(folder, copy, { recursive: true });
  return (await import(pathToFileURL(join(copy, "dist", entry)).href)) as typeof esm;
}

describe("init", () => {
  test("has run at import in Node, and may be called again", async () => {
    for (const copy of [esm, cjs]) {
      expect(await Promise.all([copy.init(), copy.init()])).toEqual([undefined, undefined]);
      expect(await copy.init()).toBeUndefined();
    }
  });

  test("loads the wasm of the browser's entry once, and can be called again after a failure", async () => {
    const browser = await importCopy();
    const early = await expectFailure(() => browser.parsePush("mixcom", "{}"));
    expect(early).toMatchObject({ code: "not-initialized", reason: "not-loaded", delivery: "not-sent" });
    expect(early.hint).toContain("init()");
    expect(browser.providers.mixcom.operations, "usable before init").toContain("dial");
    expect(browser.createToken()).toHaveLength(43);

    const wasm = readFileSync(new URL("ringback.wasm", folder));
    const responses = [new Response("gone", { status: 404 }), new Response("<html>"), new Response(wasm)];
    const fetched: unknown[] = [];
    vi.stubGlobal("fetch", async (url: unknown) => {
      fetched.push(String(url));
      return responses.shift();
    });
    expect(await expectFailure(browser.init())).toMatchObject({ code: "not-initialized", reason: "load-failed" });
    expect(await expectFailure(browser.init())).toMatchObject({ code: "not-initialized" });
    await Promise.all([browser.init(), browser.init()]);
    await browser.init();
    expect(fetched).toHaveLength(3);
    expect(fetched[0]).toMatch(/ringback\.wasm$/);
    expect(browser.parsePush("mixcom", findPlatform("mixcom").push("c-1")).records).toHaveLength(1);
  });

  test.each(["bytes", "buffer", "module", "response", "promise"])("accepts the wasm as %s", async (kind) => {
    const browser = await importCopy();
    const wasm = readFileSync(new URL("ringback.wasm", folder));
    const sources = {
      bytes: () => wasm,
      buffer: () => new Uint8Array(wasm).buffer,
      module: () => new WebAssembly.Module(wasm),
      response: () => new Response(wasm),
      promise: () => Promise.resolve(new Response(wasm)),
    } as const;
    await browser.init(sources[kind as keyof typeof sources]());
    expect(browser.explainCode("mixcom", "514").cause).toBe("no-answer");
  });

  test("accepts a compiled module synchronously, without await", async () => {
    const slim = await importCopy("slim.js");
    void slim.init(new WebAssembly.Module(readFileSync(new URL("ringback.wasm", folder))));
    expect(slim.explainCode("mixcom", "514").cause).toBe("no-answer");
  });

  test("accepts the right module after a wrong one", async () => {
    const slim = await importCopy("slim.js");
    // A valid module of eight bytes, but not the package's.
    await slim.init(new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])));
    expect(await expectFailure(() => slim.explainCode("mixcom", "514"))).toMatchObject({ code: "not-initialized" });
    await slim.init(readFileSync(new URL("ringback.wasm", folder)));
    expect(slim.explainCode("mixcom", "514").cause).toBe("no-answer");
  });

  test("is not affected by an earlier start that fails", async () => {
    const wasm = readFileSync(new URL("ringback.wasm", folder));
    const slim = await importCopy("slim.js");
    const client = slim.createClient({ provider: "mixcom", appKey: "k", appSecret: "s", fetch: createFetch(answerJson(findPlatform("mixcom").accepted)) });
    const early = client.dial({ caller: "13712345678", callee: "13912345678" }).catch((error: unknown) => error);
    await slim.init(wasm);
    expect(slim.explainCode("mixcom", "514").cause).toBe("no-answer");
    expect([undefined, "not-initialized"]).toContain(((await early) as { code?: string }).code);

    const other = await importCopy("slim.js");
    const outcomes = await Promise.allSettled([other.init("no address"), other.init(wasm), other.init()]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    expect(other.explainCode("mixcom", "514").cause).toBe("no-answer");
  });

  test("reports a source that is not wasm", async () => {
    const slim = await importCopy("slim.js");
    for (const source of [{}, 7, new Uint8Array([1, 2, 3]), "no address"]) {
      expect(await expectFailure(slim.init(source as object)), String(source)).toMatchObject({ code: "not-initialized", delivery: "not-sent" });
    }
    expect(await expectFailure(slim.init()), "without a source").toMatchObject({ code: "not-initialized" });
    await slim.init(readFileSync(new URL("ringback.wasm", folder)));
    expect(slim.explainCode("mixcom", "514").cause).toBe("no-answer");
  });

  test("reads the file if a page is simulated in Node", async () => {
    const unknown = await importCopy("default.js");
    expect(await expectFailure(() => unknown.explainCode("mixcom", "514"))).toMatchObject({ code: "not-initialized" });
    await unknown.init();
    expect(unknown.explainCode("mixcom", "514").cause).toBe("no-answer");
  });

  test("is called by asynchronous operations automatically", async () => {
    const browser = await importCopy();
    const wasm = readFileSync(new URL("ringback.wasm", folder));
    vi.stubGlobal("fetch", async () => new Response(wasm));
    const client = browser.createClient({ provider: "mixcom", appKey: "k", appSecret: "s", fetch: createFetch(answerJson(findPlatform("mixcom").accepted)) });
    expect(await client.dial({ caller: "13712345678", callee: "13912345678" })).toMatchObject({ provider: "mixcom" });
  });
});

describe("a RingbackError", () => {
  const createError = (copy: typeof esm): Promise<unknown> =>
    copy
      .createClient({ provider: "mixcom", appKey: "k", appSecret: "s", fetch: async () => Promise.reject(new TypeError("fetch failed", { cause: Object.assign(new Error("reset"), { code: "ECONNRESET" }) })) })
      .dial({ caller: "13712345678", callee: "13912345678" })
      .catch((error: unknown) => error);

  test.each([
    ["import", esm],
    ["require", cjs],
  ])("is a real Error, from %s", async (_, copy) => {
    const error = (await createError(copy)) as esm.RingbackError;
    expect(error).toBeInstanceOf(Error);
    expect(Object.prototype.toString.call(error)).toBe("[object Error]");
    expect(error.name).toBe("RingbackError");
    expect(error.stack).toMatch(/^RingbackError: /);
    expect(error.stack).toContain("package.test");
    expect(error.cause).toBeInstanceOf(Error);
    expect(Object.keys(error).sort()).toEqual(["code", "delivery", "hint", "operation", "provider", "reason", "reference", "retryable"]);
    expect(inspect(error)).toMatch(/RingbackError.*code: 'network'/s);
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ name: "RingbackError", message: error.message, code: "network", delivery: "unknown" });
  });

  test("is recognized by either copy of the package, by isRingbackError and by instanceof", async () => {
    for (const error of [await createError(esm), await createError(cjs)]) {
      for (const copy of [esm, cjs]) {
        expect(copy.isRingbackError(error)).toBe(true);
        expect(error instanceof copy.RingbackError).toBe(true);
      }
    }
  });

  test("is not recognized only by its fields", () => {
    const alike = Object.assign(new Error("x"), { name: "RingbackError", code: "network", delivery: "unknown", retryable: false });
    for (const other of [alike, new Error("x"), "RingbackError", null, undefined, {}]) {
      expect(esm.isRingbackError(other)).toBe(false);
      expect(other instanceof esm.RingbackError).toBe(false);
    }
  });

  test("may be created by users for their own tests", () => {
    const error = new cjs.RingbackError("busy", { code: "line-busy", reason: "line-busy", delivery: "refused", retryable: false, providerCode: "7001" });
    expect(esm.isRingbackError(error)).toBe(true);
    expect(error).toMatchObject({ name: "RingbackError", message: "busy", code: "line-busy", providerCode: "7001" });
    class CustomError extends esm.RingbackError {}
    expect(error instanceof CustomError).toBe(false);
    expect(new CustomError("x", { code: "internal", reason: "defect", delivery: "unknown", retryable: false }) instanceof CustomError).toBe(true);
  });
});

describe("arguments of wrong types are named, and the next call works", () => {
  const client = createTestClient("mixcom", createFetch(answerJson("{}"))) as unknown as Record<string, (...args: unknown[]) => unknown>;
  const calls: [string, string, string, () => unknown][] = [
    ["parsePush without a platform", "provider", "not-text", () => esm.parsePush(undefined as never, "{}")],
    ["parsePush with a number for a platform", "provider", "not-text", () => esm.parsePush(7 as never, "{}")],
    ["parsePush of an unknown platform", "provider", "unsupported-value", () => esm.parsePush("nobody" as never, "{}")],
    ["parsePush without a body", "body", "wrong-type", () => esm.parsePush("mixcom", undefined as never)],
    ["parsePush with an unknown option", "charset", "unknown-option", () => esm.parsePush("mixcom", "{}", { charset: "gbk" } as never)],
    ["processPush of undefined", "push", "damaged-envelope", () => esm.processPush(undefined as never)],
    ["processPush of a text", "push", "damaged-envelope", () => esm.processPush("{}" as never)],
    ["explainCode without a platform", "provider", "not-text", () => esm.explainCode(undefined as never, "1")],
    ["explainCode of an unknown platform", "provider", "unsupported-value", () => esm.explainCode("nobody" as never, "1")],
    ["normalizeStream without a platform", "provider", "not-text", () => esm.normalizeStream(undefined as never)],
    ["createClient without options", "options", "wrong-type", () => esm.createClient(undefined as never)],
    ["createClient without a platform", "provider", "missing", () => esm.createClient({} as never)],
    ["createClient with a function for a secret", "options", "not-plain-data", () => esm.createClient({ provider: "mixcom", appKey: "k", appSecret: () => "s" } as never)],
    ["prepare without an operation", "operation", "not-text", () => client["prepare"]?.()],
    ["supports without an operation", "operation", "not-text", () => client["supports"]?.()],
    ["dial without arguments", "caller", "missing", () => client["dial"]?.()],
    ["dial with a text", "parameters", "wrong-type", () => client["dial"]?.("13712345678")],
    ["dial with a number for a number", "caller", "not-text", () => client["dial"]?.({ caller: 13_712_345_678, callee: "13912345678" })],
    ["dial with an unknown option", "timeout", "unknown-option", () => client["dial"]?.({ caller: "13712345678", callee: "13912345678" }, { timeout: 1 })],
    ["dial with an invalid signal", "signal", "wrong-type", () => client["dial"]?.({ caller: "13712345678", callee: "13912345678" }, { signal: {} })],
    ["dial by a clock that throws", "now", "unusable-clock", () => createTestClient("mixcom", createFetch(answerJson("{}")), { now: () => { throw new Error("x"); } }).dial({ caller: "13712345678", callee: "13912345678" })],
    ["interpret of undefined", "prepared", "wrong-type", () => client["interpret"]?.(undefined, { status: 200, body: "" })],
  ];

  test.each(calls)("%s", async (_, field, reason, call) => {
    const error = await expectFailure(async () => call());
    expect(error).toMatchObject({ code: "invalid-argument", reason, delivery: "not-sent", retryable: false });
    expect(error.message).toContain(field);
    expect(esm.explainCode("mixcom", "514").cause, "the next call works").toBe("no-answer");
  });
});

test("arguments that are not text do not crash a busy process", () => {
  // Runs in a separate process, because Node 20 crashed in an earlier version when such an argument reached the wasm.
  const script = `
    import { createReceiver, createToken, parsePush } from "ringback";
    const receive = createReceiver({ provider: "mixcom", tokens: [createToken()], onRecord: () => undefined });
    const push = ${JSON.stringify(findPlatform("mixcom").push("c-1"))};
    for (let round = 0; round < 10; round += 1) {
      for (let call = 0; call < 2000; call += 1) parsePush("mixcom", push);
      try { parsePush(7, push); } catch (error) { if (error.delivery !== "not-sent") throw error; }
    }
    const response = await receive({ method: "POST", url: 7, headers: new Headers() });
    if (response.status < 400) throw new Error(String(response.status));
    console.log("alive");`;
  expect(runScript(script)).toBe("alive");
});

test("a call without enough stack fails, and the next call works", () => {
  // Calls the real wasm at every stack depth from none left to enough.
  const script = `
    import { explainCode, isRingbackError } from "ringback";
    const outcomes = { right: 0, internal: 0, other: 0 };
    const ask = () => { try { outcomes[explainCode("mixcom", "514").cause === "no-answer" ? "right" : "other"] += 1; } catch (error) { outcomes[isRingbackError(error) && error.code === "internal" ? "internal" : "other"] += 1; throw error; } };
    const sink = () => { try { sink(); } catch { ask(); } };
    for (let round = 0; round < 20; round += 1) { try { sink(); } catch {} ask(); }
    console.log(outcomes.right >= 20 && outcomes.internal > 0);`;
  expect(runScript(script)).toBe("true");
});

test("an operation that no platform offers is unsupported", async () => {
  const client = createTestClient("mixcom") as unknown as { prepare(operation: string, parameters: object): unknown };
  expect(await expectFailure(() => client.prepare("call", {}))).toMatchObject({ code: "unsupported", delivery: "not-sent" });
});

describe("functions that need no platform", () => {
  test("a token is 256 bits of base64url, never the same twice", () => {
    const tokens = Array.from({ length: 1_000 }, () => esm.createToken());
    for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(new Set(tokens).size).toBe(1_000);
  });

  test("the capability matrix lists what each platform offers", () => {
    expect(Object.keys(esm.providers).sort()).toEqual(PLATFORMS.map(({ provider }) => provider).sort());
    expect(esm.providers.quanmayun.operations).toEqual(["dial", "hangUp", "recording"]);
    expect(esm.providers).toMatchObject({
      mixcom: { correlation: "reference", push: "documented" },
      cyjcloud: { push: "known" },
      seatcall: { push: "known" },
    });
    for (const { provider } of PLATFORMS) {
      const client = createTestClient(provider);
      for (const operation of esm.providers[provider].operations) expect(client.supports(operation as esm.Operation), `${provider} ${operation}`).toBe(true);
    }
  });

  test("an unknown code is explained as unknown", () => {
    expect(esm.explainCode("mixcom", "99999")).toMatchObject({ status: "unknown", cause: "unknown" });
  });

  test("the code of a refusal is explained from its error", () => {
    expect(esm.explainCode("dingxin", "7001")).toMatchObject({ error: "line-busy" });
  });
});
