// doctor: what it finds, and that it sends nothing that costs anything.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Provider } from "ringback";
import { describe, expect, test } from "vitest";
import { configFile, CREDENTIALS, folder, front, PROVIDERS, type Ran, run, SECRET, simulated, toldError, world } from "./program.js";
import { deadAddress } from "../support/servers.js";
import type { OperationVector } from "../support/vectors.js";

interface Finding {
  check: string;
  level: "ok" | "warning" | "failure";
  text: string;
  mend?: string;
}

const findingsOf = ({ stdout }: Ran): Finding[] => (JSON.parse(stdout) as { findings: Finding[] }).findings;
const found = (ran: Ran, check: string): Finding[] => findingsOf(ran).filter((finding) => finding.check === check);

describe.each(PROVIDERS)("at %s", (provider) => {
  test("all is well, and nothing was dialed", async () => {
    const { account, simulator } = await world([provider]);
    const ran = await run(["doctor", "--json", ...account(provider)]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(ran.stdout)).toMatchObject({ provider, healthy: true });
    for (const check of ["node", "credentials", "address", "connection", "clock", "signature"]) {
      expect(found(ran, check).map(({ level }) => level)).not.toContain("failure");
      expect(found(ran, check).length).toBeGreaterThan(0);
    }
    const operations = simulator(provider).steps.map((step) => ("operation" in step ? step.operation : step.type));
    expect(operations).toEqual([provider === "seatcall" ? "balance" : "recording"]);
    expect(simulator(provider).calls).toHaveLength(0);
  });

  test("a wrong secret is found by the platform's own answer, and not shown", async () => {
    const { account } = await world([provider]);
    const wrong = "a-wrong-secret-9876543210";
    const env: Record<string, string> = provider === "cyjcloud" ? { RINGBACK_ACCOUNT_SID: wrong } : { RINGBACK_APP_SECRET: wrong };
    const ran = await run(["doctor", "--json", ...account(provider)], { env });
    expect(ran.code).toBe(3);
    expect(found(ran, "signature")).toMatchObject([{ level: "failure", mend: expect.any(String) as string }]);
    expect(found(ran, "connection").map(({ level }) => level)).not.toContain("failure");
    expect(ran.stdout + ran.stderr).not.toContain(wrong);
    expect(ran.stdout + ran.stderr).not.toContain(SECRET);
    expect(toldError(ran)).toMatchObject({ code: "identity" });
  });

  test("credentials that are missing, or were copied with what stands around them, are found before anything is sent", async () => {
    const simulator = simulated(provider);
    const before = await front(simulator);
    const [name = "", other = ""] = Object.keys(CREDENTIALS[provider]);
    const value = (CREDENTIALS[provider] as unknown as Record<string, string>)[name];
    const { baseUrl } = simulator.clientOptions;
    for (const [copied, said] of [
      [` ${value}`, "spaces"],
      [`${value}\n`, "line break"],
      [`"${value}"`, "quotes"],
      [`${value?.slice(0, 3)}\u200b${value?.slice(3)}`, "invisible"],
      ["", "missing"],
    ]) {
      const config = configFile({ ...CREDENTIALS[provider], provider, baseUrl: baseUrl?.startsWith("http://127") ? baseUrl : before.address, [name]: copied });
      const ran = await run(["doctor", "--json", "--config", config]);
      expect(ran.code).toBe(2);
      const findings = found(ran, "credentials");
      expect(findings.find(({ text }) => text.startsWith(name) || text.includes(name))).toMatchObject({ level: "failure", text: expect.stringContaining(said ?? "") as string });
      expect(findings.find(({ text }) => text.includes(other))?.level).not.toBe("failure");
    }
    expect(before.requests).toHaveLength(0);
  });
});

describe("the clock", () => {
  const shifted = (seconds: number) => () => ({ date: new Date(Date.now() + seconds * 1000).toUTCString() });

  test.each([
    ["mixcom", 0, "ok"],
    ["mixcom", 120, "warning"],
    ["mixcom", -120, "warning"],
    ["mixcom", 900, "failure"],
    ["quanmayun", 400, "failure"],
    ["mixcom", 400, "warning"],
  ] as const)("of %s that differs by %i s is %s", async (provider, seconds, level) => {
    const before = await front(simulated(provider), shifted(seconds));
    const ran = await run(["doctor", "--json", ...before.account]);
    const [clock] = found(ran, "clock");
    expect(clock?.level).toBe(level);
    if (seconds !== 0) {
      const [, off, side] = / is (\d+) s (ahead|behind)/.exec(clock?.text ?? "") ?? [];
      expect(Math.abs(Number(off) - Math.abs(seconds))).toBeLessThan(10);
      expect(side).toBe(seconds > 0 ? "behind" : "ahead");
    }
    expect(ran.code).toBe(level === "failure" ? 3 : 0);
  });

  test("that is too far off is named as the cause of a refusal", async () => {
    const simulator = simulated("quanmayun");
    simulator.fault({ kind: "clock-skew", ms: 20 * 60_000 });
    const before = await front(simulator, shifted(20 * 60));
    const ran = await run(["doctor", "--json", ...before.account]);
    expect(ran.code).toBe(3);
    expect(found(ran, "clock")).toMatchObject([{ level: "failure" }]);
    expect(found(ran, "signature")[0]?.mend).toContain("clock");
  });
});

describe("a platform that reads its document otherwise", () => {
  test.each([
    ["mixcom", { signature: "digest-only" }, "signature=digest-only"],
    ["dingxin", { signatureCase: "keys-and-values" }, "signatureCase=keys-and-values"],
    ["dingxin", { timestampUnit: "ms" }, "timestampUnit=ms"],
  ] as const)("%s, %j: the likeliest reading is tried out offline and named, and is the right one", async (provider, dialect, change) => {
    const before = await front(simulated(provider, { dialect }), undefined, { dialect: undefined });
    const ran = await run(["doctor", "--json", ...before.account]);
    expect(ran.code).toBe(3);
    const asked = before.requests.length;
    expect(asked).toBe(1);
    const readings = found(ran, "reading");
    expect(readings.map(({ mend }) => mend)).toContain(`try --dialect ${change}`);
    expect(readings[0]?.mend).toBe(`try --dialect ${change}`);
    const again = await run(["doctor", "--json", ...before.account, "--dialect", change]);
    expect(again.code).toBe(0);
    expect(found(again, "signature")).toMatchObject([{ level: "ok" }]);
  });
});

describe("a base address that leads elsewhere", () => {
  test("is no signature that was accepted, though a web server's 404 says not found", async () => {
    const before = await front(simulated("mixcom"), undefined, {});
    const ran = await run(["doctor", "--json", ...before.account, "--recording-base-url", `${before.address}/recordings/elsewhere`]);
    expect(ran.code).toBe(1);
    expect(found(ran, "signature")).toMatchObject([{ level: "failure", text: expect.stringContaining("no such path") as string }]);
  });

  test("may be due to a path that the document writes in two ways: the other one is named", async () => {
    const before = await front(simulated("quanmayun", { dialect: { recordingPathStyle: "v1" } }), undefined, { dialect: undefined });
    const ran = await run(["doctor", "--json", ...before.account]);
    expect(ran.code).toBe(1);
    expect(found(ran, "reading").map(({ mend }) => mend)).toEqual(["try --dialect recordingPathStyle=v1", "try --dialect pathStyle=api-v1"]);
    expect((await run(["doctor", ...before.account, "--dialect", "recordingPathStyle=v1"])).code).toBe(0);
  });
});

test("no readings are promised where a platform's document has but one", async () => {
  const { account } = await world(["seatcall"]);
  const ran = await run(["doctor", "--json", ...account("seatcall")], { env: { RINGBACK_APP_SECRET: "a-wrong-secret-9876543210" } });
  expect(found(ran, "reading")).toEqual([]);
  expect(found(ran, "signature")[0]?.mend).not.toContain("below");
});

/** A vector's request as one would copy it: an address, a form's body, JSON, or a curl command. */
function copied({ request }: OperationVector): string {
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

function vectorsOf(provider: Provider): OperationVector[] {
  const { requests } = JSON.parse(readFileSync(new URL(`../../../tests/vectors/${provider}.json`, import.meta.url), "utf8")) as { requests: OperationVector[] };
  return requests.filter(({ operation }) => operation === "dial" || operation === "recording");
}

describe("--sample", () => {
  /** What changes the signature: a sample shows no more than that, and its own form. */
  const SIGNED = ["signature", "numberFormat", "signatureCase", "timestampUnit", "pushUrlField", "recordingAppKey", "referenceField"];

  const samples = (["mixcom", "dingxin"] as const).flatMap((provider) => vectorsOf(provider).map((vector) => [provider, vector.name, vector] as const));

  test.each(samples)("%s, %s: names the reading that signs like it, and only that", async (provider, _name, vector) => {
    const { dialect = {}, ...credentials } = vector.options as Record<string, unknown> & { dialect?: Record<string, string> };
    const path = join(folder(), "sample.txt");
    writeFileSync(path, copied(vector));
    const ran = await run(["doctor", "--json", "--offline", "--sample", path, "--config", configFile({ provider, ...credentials })]);
    const defaults = ["secret-and-digest", "national", "keys", "s", "return_url", "form", "Uuid"];
    const [option, value] = Object.entries(dialect)[0] ?? [];
    // Which of the dialect's options a dial or a recording shows at all.
    const isShown = option !== undefined && !defaults.includes(value ?? "") && (SIGNED.includes(option) || copied(vector).startsWith("{") || vector.request.encoding === "query");
    const isDialsOwn = vector.operation === "dial" && option === "recordingAppKey";
    const [sample] = found(ran, "sample");
    if (isShown && !isDialsOwn) expect(sample).toMatchObject({ level: "failure", mend: `try --dialect ${option}=${value}` });
    else expect(sample).toMatchObject({ level: "ok" });
  });

  test.each(["quanmayun", "cyjcloud"] as const)("%s: the Authorization header is what is compared", async (provider) => {
    // By the documents: 17:40:00 in Beijing, and MD5 of APPID:APPSECRET:timestamp.
    const { appId } = CREDENTIALS[provider];
    const signed =
      provider === "cyjcloud"
        ? `${CREDENTIALS.cyjcloud.accountSid}:${appId}:20200302174000`
        : `${appId}:1583142000123:${createHash("md5").update(`${appId}:${SECRET}:1583142000123`).digest("hex")}`;
    const path = join(folder(), "sample.txt");
    writeFileSync(path, `Authorization: ${Buffer.from(signed).toString("base64")}\n`);
    const account = { provider, ...CREDENTIALS[provider], ...(provider === "cyjcloud" && { baseUrl: "http://127.0.0.1:9" }) };
    expect(found(await run(["doctor", "--json", "--offline", "--sample", path, "--config", configFile(account)]), "sample")).toMatchObject([{ level: "ok" }]);
    const changed = provider === "cyjcloud" ? { accountSid: "anotheraccountsid00000000000000a" } : { appSecret: "another-secret" };
    const ran = await run(["doctor", "--json", "--offline", "--sample", path, "--config", configFile({ ...account, ...changed })]);
    expect(ran.code).toBe(3);
    expect(found(ran, "sample")).toMatchObject([{ level: "failure" }]);
  });

  test("that was made with another secret matches no reading", async () => {
    const [vector] = vectorsOf("mixcom");
    const path = join(folder(), "sample.txt");
    writeFileSync(path, vector === undefined ? "" : copied(vector));
    const ran = await run(["doctor", "--json", "--offline", "--sample", path, "--config", configFile({ provider: "mixcom", appKey: "k1", appSecret: "another-secret" })]);
    expect(ran.code).toBe(3);
    expect(found(ran, "sample")[0]?.text).toContain("no reading");
  });

  test("that holds no request of this platform's is told with what to hand over", async () => {
    const path = join(folder(), "sample.txt");
    writeFileSync(path, "hello");
    const ran = await run(["doctor", "--json", "--offline", "--sample", path, "--config", configFile({ provider: "dingxin", appKey: "k1", appSecret: "s1" })]);
    expect(ran.code).toBe(6);
    expect(found(ran, "sample")[0]?.mend).toContain("telA");
  });
});

describe("the address", () => {
  const account = { provider: "mixcom", ...CREDENTIALS.mixcom };

  test("where nobody listens, or that does not exist, ends with 4", async () => {
    const dead = await deadAddress();
    const ran = await run(["doctor", "--json", "--config", configFile({ ...account, baseUrl: dead, recordingBaseUrl: dead })]);
    expect(ran.code).toBe(4);
    expect(found(ran, "connection")[0]).toMatchObject({ level: "failure", text: expect.stringContaining("ECONNREFUSED") as string });
    expect(found(ran, "signature")).toEqual([]);
    const nowhere = await run(["doctor", "--json", "--config", configFile({ ...account, baseUrl: "http://nowhere.invalid", recordingBaseUrl: dead })]);
    expect(found(nowhere, "connection")[0]).toMatchObject({ level: "failure", text: expect.stringContaining("nowhere.invalid") as string });
    expect(found(nowhere, "address")[0]).toMatchObject({ level: "warning", text: expect.stringContaining("plain http") as string });
  });

  test("that speaks no TLS is told as such", async () => {
    const before = await front(simulated("mixcom"));
    const secure = before.address.replace("http:", "https:");
    const ran = await run(["doctor", "--json", ...before.account, "--base-url", secure, "--recording-base-url", secure]);
    expect(ran.code).toBe(4);
    expect(found(ran, "connection")[0]).toMatchObject({ level: "failure", mend: expect.stringContaining("certificate") as string });
  });

  test("with the document's path at its end has that path twice", async () => {
    const { url } = await world(["mixcom"]);
    const ran = await run(["doctor", "--json", "--config", configFile({ ...account, baseUrl: `${url}/mixcom/voice`, recordingBaseUrl: `${url}/mixcom-record` })]);
    expect(found(ran, "address").find(({ level }) => level === "warning")?.text).toContain('"voice"');
  });

  test("that is none is the library's own objection", async () => {
    const { code, stderr } = await run(["doctor", "--config", configFile({ ...account, baseUrl: "not an address" })]);
    expect(code).toBe(2);
    expect(stderr).toContain("baseUrl");
  });

  test("behind which something else stands is told", async () => {
    const simulator = simulated("mixcom");
    simulator.fault({ kind: "bad-gateway", on: "recording", times: Infinity });
    const before = await front(simulator);
    const ran = await run(["doctor", "--json", ...before.account]);
    expect(ran.code).toBe(4);
    expect(found(ran, "signature")).toMatchObject([{ level: "failure" }]);
  });
});

test("for a person each check is a line, in the language of the locale", async () => {
  const { account } = await world(["mixcom"]);
  const english = await run(["doctor", ...account("mixcom")]);
  expect(english.stdout.trimEnd().split("\n").every((line) => /^(ok|warning|failure) /.test(line))).toBe(true);
  const chinese = await run(["doctor", ...account("mixcom"), "--lang", "zh"]);
  expect(chinese.stdout).toContain("正常  本机时钟正确");
  expect(english.stdout).not.toContain(SECRET);
});
