// doctor: its findings, and that it sends no request that costs money.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Provider } from "ringback";
import { describe, expect, test } from "vitest";
import { writeConfigFile, CREDENTIALS, createFolder, startProxy, PROVIDERS, type RunResult, run, SECRET, createTestSimulator, readError, servePlatforms } from "./program.js";
import { findDeadAddress } from "../support/servers.js";
import type { OperationVector } from "../support/vectors.js";

interface Finding {
  check: string;
  level: "ok" | "warning" | "failure";
  text: string;
  hint?: string;
}

const readFindings = ({ stdout }: RunResult): Finding[] => (JSON.parse(stdout) as { findings: Finding[] }).findings;
const findFindings = (ran: RunResult, check: string): Finding[] => readFindings(ran).filter((finding) => finding.check === check);

describe.each(PROVIDERS)("at %s", (provider) => {
  test("finds no problem, and does not dial", async () => {
    const { account, simulator } = await servePlatforms([provider]);
    const ran = await run(["doctor", "--json", ...account(provider)]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(ran.stdout)).toMatchObject({ provider, healthy: true });
    for (const check of ["node", "credentials", "address", "connection", "clock", "signature"]) {
      expect(findFindings(ran, check).map(({ level }) => level)).not.toContain("failure");
      expect(findFindings(ran, check).length).toBeGreaterThan(0);
    }
    const operations = simulator(provider).steps.map((step) => ("operation" in step ? step.operation : step.type));
    expect(operations).toEqual([provider === "seatcall" ? "balance" : "recording"]);
    expect(simulator(provider).calls).toHaveLength(0);
  });

  test("finds a wrong secret by the platform's answer, and does not show it", async () => {
    const { account } = await servePlatforms([provider]);
    const wrong = "a-wrong-secret-9876543210";
    const env: Record<string, string> = provider === "cyjcloud" ? { RINGBACK_ACCOUNT_SID: wrong } : { RINGBACK_APP_SECRET: wrong };
    const ran = await run(["doctor", "--json", ...account(provider)], { env });
    expect(ran.code).toBe(3);
    expect(findFindings(ran, "signature")).toMatchObject([{ level: "failure", hint: expect.any(String) as string }]);
    expect(findFindings(ran, "connection").map(({ level }) => level)).not.toContain("failure");
    expect(ran.stdout + ran.stderr).not.toContain(wrong);
    expect(ran.stdout + ran.stderr).not.toContain(SECRET);
    expect(readError(ran)).toMatchObject({ code: "identity" });
  });

  test("finds missing credentials, and ones that were copied with surrounding characters, before anything is sent", async () => {
    const simulator = createTestSimulator(provider);
    const before = await startProxy(simulator);
    const [name = "", other = ""] = Object.keys(CREDENTIALS[provider]);
    const value = (CREDENTIALS[provider] as unknown as Record<string, string>)[name];
    const { baseUrl } = simulator.clientOptions;
    for (const [pasted, expectedText] of [
      [` ${value}`, "spaces"],
      [`${value}\n`, "line break"],
      [`"${value}"`, "quotes"],
      [`${value?.slice(0, 3)}\u200b${value?.slice(3)}`, "invisible"],
      ["", "missing"],
    ]) {
      const config = writeConfigFile({ ...CREDENTIALS[provider], provider, baseUrl: baseUrl?.startsWith("http://127") ? baseUrl : before.address, [name]: pasted });
      const ran = await run(["doctor", "--json", "--config", config]);
      expect(ran.code).toBe(2);
      const findings = findFindings(ran, "credentials");
      expect(findings.find(({ text }) => text.startsWith(name) || text.includes(name))).toMatchObject({ level: "failure", text: expect.stringContaining(expectedText ?? "") as string });
      expect(findings.find(({ text }) => text.includes(other))?.level).not.toBe("failure");
    }
    expect(before.requests).toHaveLength(0);
  });
});

describe("the clock", () => {
  const shiftClock = (seconds: number) => () => ({ date: new Date(Date.now() + seconds * 1000).toUTCString() });

  test.each([
    ["mixcom", 0, "ok"],
    ["mixcom", 120, "warning"],
    ["mixcom", -120, "warning"],
    ["mixcom", 900, "failure"],
    ["quanmayun", 400, "failure"],
    ["mixcom", 400, "warning"],
  ] as const)("of %s that differs by %i s is %s", async (provider, seconds, level) => {
    const before = await startProxy(createTestSimulator(provider), shiftClock(seconds));
    const ran = await run(["doctor", "--json", ...before.account]);
    const [clock] = findFindings(ran, "clock");
    expect(clock?.level).toBe(level);
    if (seconds !== 0) {
      const [, off, side] = / is (\d+) s (ahead|behind)/.exec(clock?.text ?? "") ?? [];
      expect(Math.abs(Number(off) - Math.abs(seconds))).toBeLessThan(10);
      expect(side).toBe(seconds > 0 ? "behind" : "ahead");
    }
    expect(ran.code).toBe(level === "failure" ? 3 : 0);
  });

  test("that is too far off is named as the cause of a refusal", async () => {
    const simulator = createTestSimulator("quanmayun");
    simulator.fault({ kind: "clock-skew", ms: 20 * 60_000 });
    const before = await startProxy(simulator, shiftClock(20 * 60));
    const ran = await run(["doctor", "--json", ...before.account]);
    expect(ran.code).toBe(3);
    expect(findFindings(ran, "clock")).toMatchObject([{ level: "failure" }]);
    expect(findFindings(ran, "signature")[0]?.hint).toContain("clock");
  });
});

describe("a platform with another dialect", () => {
  test.each([
    ["mixcom", { signature: "digest-only" }, "signature=digest-only"],
    ["dingxin", { signatureCase: "keys-and-values" }, "signatureCase=keys-and-values"],
    ["dingxin", { timestampUnit: "ms" }, "timestampUnit=ms"],
  ] as const)("%s, %j: the most likely dialect is found offline and named, and is the right one", async (provider, dialect, change) => {
    const before = await startProxy(createTestSimulator(provider, { dialect }), undefined, { dialect: undefined });
    const ran = await run(["doctor", "--json", ...before.account]);
    expect(ran.code).toBe(3);
    const asked = before.requests.length;
    expect(asked).toBe(1);
    const readings = findFindings(ran, "reading");
    expect(readings.map(({ hint }) => hint)).toContain(`try --dialect ${change}`);
    expect(readings[0]?.hint).toBe(`try --dialect ${change}`);
    const again = await run(["doctor", "--json", ...before.account, "--dialect", change]);
    expect(again.code).toBe(0);
    expect(findFindings(again, "signature")).toMatchObject([{ level: "ok" }]);
  });
});

describe("a wrong base address", () => {
  test("does not count as an accepted signature, although a web server's 404 says not found", async () => {
    const before = await startProxy(createTestSimulator("mixcom"), undefined, {});
    const ran = await run(["doctor", "--json", ...before.account, "--recording-base-url", `${before.address}/recordings/elsewhere`]);
    expect(ran.code).toBe(1);
    expect(findFindings(ran, "signature")).toMatchObject([{ level: "failure", text: expect.stringContaining("without this path") as string }]);
  });

  test("may be caused by a path that the document writes in two ways: the other one is named", async () => {
    const before = await startProxy(createTestSimulator("quanmayun", { dialect: { recordingPathStyle: "v1" } }), undefined, { dialect: undefined });
    const ran = await run(["doctor", "--json", ...before.account]);
    expect(ran.code).toBe(1);
    expect(findFindings(ran, "reading").map(({ hint }) => hint)).toEqual(["try --dialect recordingPathStyle=v1", "try --dialect pathStyle=api-v1"]);
    expect((await run(["doctor", ...before.account, "--dialect", "recordingPathStyle=v1"])).code).toBe(0);
  });
});

test("names no dialect if the platform has none to choose", async () => {
  const { account } = await servePlatforms(["seatcall"]);
  const ran = await run(["doctor", "--json", ...account("seatcall")], { env: { RINGBACK_APP_SECRET: "a-wrong-secret-9876543210" } });
  expect(findFindings(ran, "reading")).toEqual([]);
  expect(findFindings(ran, "signature")[0]?.hint).not.toContain("below");
});

/** Writes a vector's request as a user would copy it: an address, a form's body, JSON, or a curl command. */
function writeSample({ request }: OperationVector): string {
  const fields = (request.fields ?? {}) as Record<string, string>;
  const form = new URLSearchParams(fields).toString();
  switch (request.encoding) {
    case "query":
      return request.method === "GET" ? `${request.url}?${form}` : `curl -X POST '${request.url}?${form}'`;
    case "json":
      return request.headers?.authorization != null
        ? `curl -X POST '${request.url}' -H 'Authorization: ${request.headers.authorization}' \\\n  --data-raw '${JSON.stringify(fields)}'`
        : JSON.stringify(fields, null, 2);
    case "multipart":
      return `curl ${request.url} ${Object.entries(fields)
        .map(([name, value]) => `-F '${name}=${value}'`)
        .join(" ")}`;
    default:
      return form;
  }
}

function readRequests(provider: Provider): OperationVector[] {
  const { requests } = JSON.parse(readFileSync(new URL(`../../../tests/vectors/${provider}.json`, import.meta.url), "utf8")) as { requests: OperationVector[] };
  return requests.filter(({ operation }) => operation === "dial" || operation === "recording");
}

describe("--sample", () => {
  /** The options that change the signature: a sample shows only these and its own encoding. */
  const SIGNED = ["signature", "numberFormat", "signatureCase", "timestampUnit", "pushUrlField", "recordingAppKey", "referenceField"];

  const samples = (["mixcom", "dingxin"] as const).flatMap((provider) => readRequests(provider).map((vector) => [provider, vector.name, vector] as const));

  test.each(samples)("%s, %s: names the dialect that gives the same signature, and no other", async (provider, _name, vector) => {
    const { dialect = {}, ...credentials } = vector.options as Record<string, unknown> & { dialect?: Record<string, string> };
    const path = join(createFolder(), "sample.txt");
    writeFileSync(path, writeSample(vector));
    const ran = await run(["doctor", "--json", "--offline", "--sample", path, "--config", writeConfigFile({ provider, ...credentials })]);
    const defaults = ["secret-and-digest", "national", "keys", "s", "return_url", "form", "Uuid"];
    const [option, value] = Object.entries(dialect)[0] ?? [];
    // True if a dial or a recording shows this option of the dialect.
    const isShown = option !== undefined && !defaults.includes(value ?? "") && (SIGNED.includes(option) || writeSample(vector).startsWith("{") || vector.request.encoding === "query");
    const isDialsOwn = vector.operation === "dial" && option === "recordingAppKey";
    const [sample] = findFindings(ran, "sample");
    if (isShown && !isDialsOwn) expect(sample).toMatchObject({ level: "failure", hint: `try --dialect ${option}=${value}` });
    else expect(sample).toMatchObject({ level: "ok" });
  });

  test.each(["quanmayun", "cyjcloud"] as const)("%s: compares the Authorization header", async (provider) => {
    // From the documents: 17:40:00 in Beijing, and MD5 of APPID:APPSECRET:timestamp.
    const { appId } = CREDENTIALS[provider];
    const signed =
      provider === "cyjcloud"
        ? `${CREDENTIALS.cyjcloud.accountSid}:${appId}:20200302174000`
        : `${appId}:1583142000123:${createHash("md5").update(`${appId}:${SECRET}:1583142000123`).digest("hex")}`;
    const path = join(createFolder(), "sample.txt");
    writeFileSync(path, `Authorization: ${Buffer.from(signed).toString("base64")}\n`);
    const account = { provider, ...CREDENTIALS[provider], ...(provider === "cyjcloud" && { baseUrl: "http://127.0.0.1:9" }) };
    expect(findFindings(await run(["doctor", "--json", "--offline", "--sample", path, "--config", writeConfigFile(account)]), "sample")).toMatchObject([{ level: "ok" }]);
    const changed = provider === "cyjcloud" ? { accountSid: "anotheraccountsid00000000000000a" } : { appSecret: "another-secret" };
    const ran = await run(["doctor", "--json", "--offline", "--sample", path, "--config", writeConfigFile({ ...account, ...changed })]);
    expect(ran.code).toBe(3);
    expect(findFindings(ran, "sample")).toMatchObject([{ level: "failure" }]);
  });

  test("that was signed with another secret matches no dialect", async () => {
    const [vector] = readRequests("mixcom");
    const path = join(createFolder(), "sample.txt");
    writeFileSync(path, vector === undefined ? "" : writeSample(vector));
    const ran = await run(["doctor", "--json", "--offline", "--sample", path, "--config", writeConfigFile({ provider: "mixcom", appKey: "k1", appSecret: "another-secret" })]);
    expect(ran.code).toBe(3);
    expect(findFindings(ran, "sample")[0]?.text).toContain("no reading");
  });

  test("without a request of this platform is an error that says what to pass", async () => {
    const path = join(createFolder(), "sample.txt");
    writeFileSync(path, "hello");
    const ran = await run(["doctor", "--json", "--offline", "--sample", path, "--config", writeConfigFile({ provider: "dingxin", appKey: "k1", appSecret: "s1" })]);
    expect(ran.code).toBe(6);
    expect(findFindings(ran, "sample")[0]?.hint).toContain("telA");
  });
});

describe("the address", () => {
  const account = { provider: "mixcom", ...CREDENTIALS.mixcom };

  test("without a server, or with an unknown host, ends with 4", async () => {
    const dead = await findDeadAddress();
    const ran = await run(["doctor", "--json", "--config", writeConfigFile({ ...account, baseUrl: dead, recordingBaseUrl: dead })]);
    expect(ran.code).toBe(4);
    expect(findFindings(ran, "connection")[0]).toMatchObject({ level: "failure", text: expect.stringContaining("ECONNREFUSED") as string });
    expect(findFindings(ran, "signature")).toEqual([]);
    const nowhere = await run(["doctor", "--json", "--config", writeConfigFile({ ...account, baseUrl: "http://nowhere.invalid", recordingBaseUrl: dead })]);
    expect(findFindings(nowhere, "connection")[0]).toMatchObject({ level: "failure", text: expect.stringContaining("nowhere.invalid") as string });
    expect(findFindings(nowhere, "address")[0]).toMatchObject({ level: "warning", text: expect.stringContaining("unencrypted http") as string });
  });

  test("of a server without TLS is reported as such", async () => {
    const before = await startProxy(createTestSimulator("mixcom"));
    const secure = before.address.replace("http:", "https:");
    const ran = await run(["doctor", "--json", ...before.account, "--base-url", secure, "--recording-base-url", secure]);
    expect(ran.code).toBe(4);
    expect(findFindings(ran, "connection")[0]).toMatchObject({ level: "failure", hint: expect.stringContaining("certificate") as string });
  });

  test("with the document's path at its end has that path twice", async () => {
    const { url } = await servePlatforms(["mixcom"]);
    const ran = await run(["doctor", "--json", "--config", writeConfigFile({ ...account, baseUrl: `${url}/mixcom/voice`, recordingBaseUrl: `${url}/mixcom-record` })]);
    expect(findFindings(ran, "address").find(({ level }) => level === "warning")?.text).toContain('"voice"');
  });

  test("that is invalid gets the library's own error", async () => {
    const { code, stderr } = await run(["doctor", "--config", writeConfigFile({ ...account, baseUrl: "not an address" })]);
    expect(code).toBe(2);
    expect(stderr).toContain("baseUrl");
  });

  test("of a server that is not the platform is reported", async () => {
    const simulator = createTestSimulator("mixcom");
    simulator.fault({ kind: "bad-gateway", on: "recording", times: Infinity });
    const before = await startProxy(simulator);
    const ran = await run(["doctor", "--json", ...before.account]);
    expect(ran.code).toBe(4);
    expect(findFindings(ran, "signature")).toMatchObject([{ level: "failure" }]);
  });
});

test("prints each check as a line in the language of the locale", async () => {
  const { account } = await servePlatforms(["mixcom"]);
  const english = await run(["doctor", ...account("mixcom")]);
  expect(english.stdout.trimEnd().split("\n").every((line) => /^(ok|warning|failure) /.test(line))).toBe(true);
  const chinese = await run(["doctor", ...account("mixcom"), "--lang", "zh"]);
  expect(chinese.stdout).toContain("正常  本机时钟正确");
  expect(english.stdout).not.toContain(SECRET);
});
