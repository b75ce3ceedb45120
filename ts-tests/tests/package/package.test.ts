// The package as such: its entries, its errors, and what needs no platform.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import * as esm from "ringback";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { failureOf } from "../support/failure.js";
import { answering, json } from "../support/fetches.js";
import { clientOf, platform, PLATFORMS } from "../support/platforms.js";
import { printed } from "../support/processes.js";

const require = createRequire(import.meta.url);
const cjs = require("ringback") as typeof esm;
const folder = new URL("../../node_modules/ringback/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("package.json", folder), "utf8")) as { version: string; exports: { [entry: string]: unknown }; scripts?: object; dependencies?: object; devDependencies?: object };

describe("the package", () => {
  const surface = [
    "RingbackError",
    "createClient",
    "createReceiver",
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

  test("exports the whole surface, and nothing else, to import and to require", () => {
    expect(Object.keys(esm).sort()).toEqual(surface);
    expect(Object.keys(cjs).sort()).toEqual(surface);
    expect(cjs.createClient, "two copies").not.toBe(esm.createClient);
  });

  test("has every file that its exports name, and one wasm for all entries", () => {
    const files = (value: unknown): string[] => (typeof value === "string" ? [value] : Object.values(value as object).flatMap(files));
    for (const file of files(manifest.exports)) expect(existsSync(new URL(file, folder)), file).toBe(true);
    expect(existsSync(new URL("ringback.wasm", folder))).toBe(true);
    expect(existsSync(new URL("dist/ringback.wasm", folder))).toBe(false);
  });

  test("cannot trap on command: that is the test variant's", () => {
    expect("trapForTests" in esm).toBe(false);
    expect(readFileSync(new URL("ringback.wasm", folder)).includes("trapForTests")).toBe(false);
  });

  test("lets the process end by itself after a dial", () => {
    const script = `
      import { createClient } from "ringback";
      const fetch = async () => new Response('{"success":true,"code":200,"msg":""}');
      const call = await createClient({ provider: "mixcom", appKey: "k", appSecret: "s", fetch }).dial({ caller: "13712345678", callee: "13912345678" });
      console.log(call.correlation);`;
    expect(printed(script)).toBe("reference");
  });

});

/** The browser's entry, of a copy of the package: within one copy all ES modules share one instance, and Node's has loaded the wasm already. */
async function browserEntry(entry = "browser.js"): Promise<typeof esm> {
  const copy = mkdtempSync(join(tmpdir(), "ringback-"));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  cpSync(folder, copy, { recursive: true });
  return (await import(pathToFileURL(join(copy, "dist", entry)).href)) as typeof esm;
}

describe("init", () => {
  test("is done at import in Node, and may be called as often as one likes", async () => {
    for (const copy of [esm, cjs]) {
      expect(await Promise.all([copy.init(), copy.init()])).toEqual([undefined, undefined]);
      expect(await copy.init()).toBeUndefined();
    }
  });

  test("loads the browser's entry once, and a failure is not remembered", async () => {
    const browser = await browserEntry();
    const early = await failureOf(() => browser.parsePush("mixcom", "{}"));
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
    expect(await failureOf(browser.init())).toMatchObject({ code: "not-initialized", reason: "load-failed" });
    expect(await failureOf(browser.init())).toMatchObject({ code: "not-initialized" });
    await Promise.all([browser.init(), browser.init()]);
    await browser.init();
    expect(fetched).toHaveLength(3);
    expect(fetched[0]).toMatch(/ringback\.wasm$/);
    expect(browser.parsePush("mixcom", platform("mixcom").push("c-1")).records).toHaveLength(1);
  });

  test.each(["bytes", "buffer", "module", "response", "promise"])("takes the wasm as %s", async (kind) => {
    const browser = await browserEntry();
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

  test("takes a compiled module at once, without await", async () => {
    const slim = await browserEntry("slim.js");
    void slim.init(new WebAssembly.Module(readFileSync(new URL("ringback.wasm", folder))));
    expect(slim.explainCode("mixcom", "514").cause).toBe("no-answer");
  });

  test("takes the right module after a wrong one", async () => {
    const slim = await browserEntry("slim.js");
    // A module, but not ours: eight bytes are enough for one.
    await slim.init(new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])));
    expect(await failureOf(() => slim.explainCode("mixcom", "514"))).toMatchObject({ code: "not-initialized" });
    await slim.init(readFileSync(new URL("ringback.wasm", folder)));
    expect(slim.explainCode("mixcom", "514").cause).toBe("no-answer");
  });

  test("is not lost in an earlier start that fails", async () => {
    const wasm = readFileSync(new URL("ringback.wasm", folder));
    const slim = await browserEntry("slim.js");
    const client = slim.createClient({ provider: "mixcom", appKey: "k", appSecret: "s", fetch: answering(json(platform("mixcom").accepted)) });
    const early = client.dial({ caller: "13712345678", callee: "13912345678" }).catch((error: unknown) => error);
    await slim.init(wasm);
    expect(slim.explainCode("mixcom", "514").cause).toBe("no-answer");
    expect([undefined, "not-initialized"]).toContain(((await early) as { code?: string }).code);

    const other = await browserEntry("slim.js");
    const outcomes = await Promise.allSettled([other.init("no address"), other.init(wasm), other.init()]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    expect(other.explainCode("mixcom", "514").cause).toBe("no-answer");
  });

  test("says of what is no wasm that it is none", async () => {
    const slim = await browserEntry("slim.js");
    for (const source of [{}, 7, new Uint8Array([1, 2, 3]), "no address"]) {
      expect(await failureOf(slim.init(source as object)), String(source)).toMatchObject({ code: "not-initialized", delivery: "not-sent" });
    }
    expect(await failureOf(slim.init()), "without a source").toMatchObject({ code: "not-initialized" });
    await slim.init(readFileSync(new URL("ringback.wasm", folder)));
    expect(slim.explainCode("mixcom", "514").cause).toBe("no-answer");
  });

  test("reads the file where a page is played in Node", async () => {
    const unknown = await browserEntry("default.js");
    expect(await failureOf(() => unknown.explainCode("mixcom", "514"))).toMatchObject({ code: "not-initialized" });
    await unknown.init();
    expect(unknown.explainCode("mixcom", "514").cause).toBe("no-answer");
  });

  test("is started by asynchronous operations themselves", async () => {
    const browser = await browserEntry();
    const wasm = readFileSync(new URL("ringback.wasm", folder));
    vi.stubGlobal("fetch", async () => new Response(wasm));
    const client = browser.createClient({ provider: "mixcom", appKey: "k", appSecret: "s", fetch: answering(json(platform("mixcom").accepted)) });
    expect(await client.dial({ caller: "13712345678", callee: "13912345678" })).toMatchObject({ provider: "mixcom" });
  });
});

describe("a RingbackError", () => {
  const errorOf = (copy: typeof esm): Promise<unknown> =>
    copy
      .createClient({ provider: "mixcom", appKey: "k", appSecret: "s", fetch: async () => Promise.reject(new TypeError("fetch failed", { cause: Object.assign(new Error("reset"), { code: "ECONNRESET" }) })) })
      .dial({ caller: "13712345678", callee: "13912345678" })
      .catch((error: unknown) => error);

  test.each([
    ["import", esm],
    ["require", cjs],
  ])("is a real Error, from %s", async (_, copy) => {
    const error = (await errorOf(copy)) as esm.RingbackError;
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

  test("is known by either copy of the package, by asking and by its class", async () => {
    for (const error of [await errorOf(esm), await errorOf(cjs)]) {
      for (const copy of [esm, cjs]) {
        expect(copy.isRingbackError(error)).toBe(true);
        expect(error instanceof copy.RingbackError).toBe(true);
      }
    }
  });

  test("is not whatever looks like one", () => {
    const alike = Object.assign(new Error("x"), { name: "RingbackError", code: "network", delivery: "unknown", retryable: false });
    for (const other of [alike, new Error("x"), "RingbackError", null, undefined, {}]) {
      expect(esm.isRingbackError(other)).toBe(false);
      expect(other instanceof esm.RingbackError).toBe(false);
    }
  });

  test("may be made by users for their own tests", () => {
    const error = new cjs.RingbackError("busy", { code: "line-busy", reason: "line-busy", delivery: "refused", retryable: false, providerCode: "7001" });
    expect(esm.isRingbackError(error)).toBe(true);
    expect(error).toMatchObject({ name: "RingbackError", message: "busy", code: "line-busy", providerCode: "7001" });
    class Mine extends esm.RingbackError {}
    expect(error instanceof Mine).toBe(false);
    expect(new Mine("x", { code: "internal", reason: "defect", delivery: "unknown", retryable: false }) instanceof Mine).toBe(true);
  });
});

describe("arguments that only JavaScript can get wrong are named, and break nothing", () => {
  const client = clientOf("mixcom", answering(json("{}"))) as unknown as Record<string, (...args: unknown[]) => unknown>;
  const calls: [string, string, string, () => unknown][] = [
    ["parsePush without a platform", "provider", "not-text", () => esm.parsePush(undefined as never, "{}")],
    ["parsePush with a number for a platform", "provider", "not-text", () => esm.parsePush(7 as never, "{}")],
    ["parsePush of an unknown platform", "provider", "unsupported-value", () => esm.parsePush("nobody" as never, "{}")],
    ["parsePush without a body", "body", "wrong-type", () => esm.parsePush("mixcom", undefined as never)],
    ["parsePush with an unknown option", "charset", "unknown-option", () => esm.parsePush("mixcom", "{}", { charset: "gbk" } as never)],
    ["processPush of nothing", "push", "damaged-envelope", () => esm.processPush(undefined as never)],
    ["processPush of a text", "push", "damaged-envelope", () => esm.processPush("{}" as never)],
    ["explainCode without a platform", "provider", "not-text", () => esm.explainCode(undefined as never, "1")],
    ["explainCode of an unknown platform", "provider", "unsupported-value", () => esm.explainCode("nobody" as never, "1")],
    ["normalizeStream without a platform", "provider", "not-text", () => esm.normalizeStream(undefined as never)],
    ["createClient without options", "options", "wrong-type", () => esm.createClient(undefined as never)],
    ["createClient without a platform", "provider", "missing", () => esm.createClient({} as never)],
    ["createClient with a function for a secret", "options", "not-plain-data", () => esm.createClient({ provider: "mixcom", appKey: "k", appSecret: () => "s" } as never)],
    ["prepare without an operation", "operation", "not-text", () => client["prepare"]?.()],
    ["supports without an operation", "operation", "not-text", () => client["supports"]?.()],
    ["dial with nothing", "caller", "missing", () => client["dial"]?.()],
    ["dial with a text", "parameters", "wrong-type", () => client["dial"]?.("13712345678")],
    ["dial with a number for a number", "caller", "not-text", () => client["dial"]?.({ caller: 13_712_345_678, callee: "13912345678" })],
    ["dial with an unknown option", "timeout", "unknown-option", () => client["dial"]?.({ caller: "13712345678", callee: "13912345678" }, { timeout: 1 })],
    ["dial with a signal that is none", "signal", "wrong-type", () => client["dial"]?.({ caller: "13712345678", callee: "13912345678" }, { signal: {} })],
    ["dial by a clock that throws", "now", "unusable-clock", () => clientOf("mixcom", answering(json("{}")), { now: () => { throw new Error("x"); } }).dial({ caller: "13712345678", callee: "13912345678" })],
    ["interpret of nothing", "prepared", "wrong-type", () => client["interpret"]?.(undefined, { status: 200, body: "" })],
  ];

  test.each(calls)("%s", async (_, field, reason, call) => {
    const error = await failureOf(async () => call());
    expect(error).toMatchObject({ code: "invalid-argument", reason, delivery: "not-sent", retryable: false });
    expect(error.message).toContain(field);
    expect(esm.explainCode("mixcom", "514").cause, "the next call works").toBe("no-answer");
  });
});

test("arguments that are no text do not end a busy process either", () => {
  // In a process of its own: Node 20 was seen to crash where such an argument had got as far as the wasm.
  const script = `
    import { createReceiver, createToken, parsePush } from "ringback";
    const receive = createReceiver({ provider: "mixcom", tokens: [createToken()], onRecord: () => undefined });
    const push = ${JSON.stringify(platform("mixcom").push("c-1"))};
    for (let round = 0; round < 10; round += 1) {
      for (let call = 0; call < 2000; call += 1) parsePush("mixcom", push);
      try { parsePush(7, push); } catch (error) { if (error.delivery !== "not-sent") throw error; }
    }
    const response = await receive({ method: "POST", url: 7, headers: new Headers() });
    if (response.status < 400) throw new Error(String(response.status));
    console.log("alive");`;
  expect(printed(script)).toBe("alive");
});

test("a call for which no stack is left fails, and the next works", () => {
  // The real wasm, at every depth from no stack at all to enough.
  const script = `
    import { explainCode, isRingbackError } from "ringback";
    const outcomes = { right: 0, internal: 0, other: 0 };
    const ask = () => { try { outcomes[explainCode("mixcom", "514").cause === "no-answer" ? "right" : "other"] += 1; } catch (error) { outcomes[isRingbackError(error) && error.code === "internal" ? "internal" : "other"] += 1; throw error; } };
    const sink = () => { try { sink(); } catch { ask(); } };
    for (let round = 0; round < 20; round += 1) { try { sink(); } catch {} ask(); }
    console.log(outcomes.right >= 20 && outcomes.internal > 0);`;
  expect(printed(script)).toBe("true");
});

test("an operation that no platform has is unsupported", async () => {
  const client = clientOf("mixcom") as unknown as { prepare(operation: string, parameters: object): unknown };
  expect(await failureOf(() => client.prepare("call", {}))).toMatchObject({ code: "unsupported", delivery: "not-sent" });
});

describe("what needs no platform", () => {
  test("a token is 256 bits of base64url, never the same twice", () => {
    const tokens = Array.from({ length: 1_000 }, () => esm.createToken());
    for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(new Set(tokens).size).toBe(1_000);
  });

  test("the capability matrix says what each platform offers", () => {
    expect(Object.keys(esm.providers).sort()).toEqual(PLATFORMS.map(({ provider }) => provider).sort());
    expect(esm.providers.quanmayun.operations).toEqual(["dial", "hangUp", "recording"]);
    expect(esm.providers).toMatchObject({
      mixcom: { correlation: "reference", push: "documented" },
      cyjcloud: { push: "known" },
      seatcall: { push: "known" },
    });
    for (const { provider } of PLATFORMS) {
      const client = clientOf(provider);
      for (const operation of esm.providers[provider].operations) expect(client.supports(operation as esm.Operation), `${provider} ${operation}`).toBe(true);
    }
  });

  test("an unknown code is explained as unknown", () => {
    expect(esm.explainCode("mixcom", "99999")).toMatchObject({ status: "unknown", cause: "unknown" });
  });

  test("the code of a refusal is explained by the error that carries it", () => {
    expect(esm.explainCode("dingxin", "7001")).toMatchObject({ error: "line-busy" });
  });
});
