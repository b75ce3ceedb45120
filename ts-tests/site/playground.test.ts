// Tests the playground in real browsers, on the built site, with the vectors that all languages share.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type RunningServer, serve } from "../tests/support/servers.js";
import { isSkipped } from "../tests/support/skipped.js";
import { decodeFields, type Json, type JsonObject, listDifferences, type OperationVector, readSharedVectors, readSignatureVectors, readVectorFiles } from "../tests/support/vectors.js";
import { type BrowserName, type Language, launch, Playground, serveSite, type Tab } from "./playground-page.js";

const BROWSERS: readonly BrowserName[] = (["chromium", ...(process.env["RINGBACK_ALL"] === "1" ? ["firefox" as const] : [])] as const).filter((name) => !isSkipped(name));
const TABS: readonly Tab[] = ["sign", "refused", "read", "codes", "simulate"];
const VECTORS = readVectorFiles();
const SCREENSHOTS = process.env["RINGBACK_SCREENSHOTS"];

/** The request of mixcom's document, signed in the default dialect. */
const SAMPLE = { callerNbr: "13800000001", calleeNbr: "13900000002", Uuid: "demo-1", time: "1583142000", appkey: "k1", sign: "8ff56e8015da6b485d766eb8dbdd0b14744d08e3" };
/** The same, when only the digest of the secret is appended. */
const DIGEST_ONLY = { ...SAMPLE, sign: "1a290c95c10153b54b1595604ab555f88367d41f" };

function vectorsOf(provider: string) {
  const found = VECTORS.find((file) => file.provider === provider);
  if (found === undefined) throw new Error(`no vectors of ${provider}`);
  return found;
}

describe.each(BROWSERS)("in %s", (name) => {
  let browser: Browser;
  let site: RunningServer;
  let playground: Playground;
  let folder: string;

  beforeAll(async () => {
    site = await serveSite();
    browser = await launch(name);
    folder = mkdtempSync(join(tmpdir(), "ringback-playground-"));
  });

  afterAll(async () => {
    await browser?.close();
    await site?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    playground = await Playground.open(browser, site.address);
  });

  afterEach(async () => {
    const { errors, requests } = playground;
    await playground.close();
    expect(errors, "no error is written to the console").toEqual([]);
    expect(requests.filter((url) => !url.startsWith(site.address) && !/^(data|about|blob):/.test(url)), "nothing is asked of another host").toEqual([]);
  });

  describe("Sign", () => {
    /** The vectors whose account and parameters the form can hold. */
    const signable = VECTORS.flatMap(({ provider, requests }) => requests.filter(isTypable).map((vector) => ({ provider, vector })));

    test("prepares the request of every vector that can be typed", async () => {
      expect(signable.length).toBeGreaterThan(70);
      const wrong: string[] = [];
      for (const { provider, vector } of signable) {
        const { dialect, ...account } = vector.options as JsonObject & { dialect?: Record<string, string> };
        await playground.fill({ Platform: provider });
        await playground.fill({ Operation: vector.operation });
        await playground.press("Back to the defaults").catch(() => undefined);
        await playground.fill({ ...toTexts(account), ...clearOptional(vector, provider), ...toTexts(parametersOf(vector)), "Time of signing, in milliseconds since 1970": String(vector.now), ...dialect });
        const problems = compareRequest(vector, await playground.readBox("HTTP"));
        if (problems.length > 0) wrong.push(`${provider}, ${vector.name}: ${problems.join("; ")}\n${await playground.read(".pg-result")}`);
      }
      expect(wrong).toEqual([]);
    });

    test("shows side by side which steps a dialect changes", async () => {
      await playground.fill({ reference: "demo-1", "Time of signing, in milliseconds since 1970": "1583142000123" });
      expect(await playground.readAll(".pg-compare")).toEqual([]);
      await playground.fill({ signature: "digest-only" });
      const [standard, own] = await playground.readAll(".pg-compare > .pg-steps");
      expect(standard).toContain(SAMPLE.sign);
      expect(own).toContain(DIGEST_ONLY.sign);
      const changed = await playground.readAll(".pg-compare > .pg-steps:last-child .pg-changed");
      // The document's steps 6 and 7, and the field that carries the result. What is signed stays the same.
      expect(changed).toHaveLength(3);
      expect(changed.filter((text) => text.includes(DIGEST_ONLY.sign))).toHaveLength(2);
      expect(changed.every((text) => text.includes("changed"))).toBe(true);
      expect(await playground.read("[role=status]")).toContain("3 lines differ");
    });

    test("says of each option what it changes in this request", async () => {
      const notes = await playground.read(".pg-fieldset");
      expect(notes).toContain("Another value changes: sign");
      expect(notes).toContain("Changes nothing in this request");
    });

    test("gives a curl command that sends the same request", async () => {
      await playground.fill({ appKey: "it's&100%$HOME" });
      const curl = await playground.readBox("curl");
      const received = await serve((_request, response) => response.end());
      await promisify(execFile)("sh", ["-c", curl.replace("http://api-voicecall.mixcom.cn", received.address).replace("curl ", "curl --silent --noproxy '*' ")]);
      await received.close();
      const [message] = received.requests;
      const body = (await playground.readBox("HTTP")).split("\n\n")[1];
      expect(message).toMatchObject({ method: "POST", url: "/voice/dial", body });
      expect(new URLSearchParams(body).get("appkey")).toBe("it's&100%$HOME");
    });

    test("shows the library's error and what to do", async () => {
      await playground.fill({ caller: "110" });
      const alert = await playground.read("[role=alert]");
      expect(alert).toContain("invalid-argument");
      expect(alert).toContain("What to do");
      expect(await playground.readBox("curl")).toBe("");
    });
  });

  describe("My signature is refused", () => {
    const form = (fields: Readonly<Record<string, string>>): string => new URLSearchParams(fields).toString();
    const ADDRESS = "http://api-voicecall.mixcom.cn/voice/dial";
    const LABEL = "The accepted request: an address, an HTTP message, a curl command, JSON or a form";

    beforeEach(() => playground.choose("refused"));

    test.each([
      ["a form", form],
      ["an address", (fields: Record<string, string>) => `${ADDRESS}?${form(fields)}`],
      ["an HTTP message", (fields: Record<string, string>) => `POST /voice/dial HTTP/1.1\r\nHost: api-voicecall.mixcom.cn\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n${form(fields)}`],
      ["an HTTP message with a query", (fields: Record<string, string>) => `POST /voice/dial?${form(fields)} HTTP/1.1\nHost: api-voicecall.mixcom.cn\n\n`],
      ["a curl command", (fields: Record<string, string>) => `curl -X POST '${ADDRESS}' \\\n  -H 'content-type: application/x-www-form-urlencoded' \\\n  --data-raw '${form(fields)}'`],
    ])("reads %s, and names the reading that matches", async (_form, write) => {
      await playground.fill({ [LABEL]: write(SAMPLE) });
      expect(await playground.read(".pg-success")).toContain("No dialect is needed");
      await playground.fill({ [LABEL]: write(DIGEST_ONLY) });
      expect(await playground.readBox("createClient")).toContain('"signature": "digest-only"');
    });

    test("reads JSON, and names the encoding of the body as well", async () => {
      await playground.fill({ [LABEL]: JSON.stringify(DIGEST_ONLY) });
      const dialect = await playground.readBox("createClient");
      expect(JSON.parse(dialect.slice(dialect.indexOf("{"), -1))).toEqual({ signature: "digest-only", bodyEncoding: "json" });
    });

    const signatures = readSignatureVectors().filter(({ operation }) => operation === "dial");

    test("finds every platform's own signature", async () => {
      const tried: string[] = [];
      for (const { provider, credentials, fields, authorization } of signatures) {
        const proof = authorization === undefined || authorization === null ? "" : `Authorization: ${authorization}\n\n`;
        await playground.fill({ Platform: provider });
        if (provider === "seatcall") continue;
        await playground.fill({ ...toTexts(credentials), [LABEL]: `${proof}${fields === undefined ? "" : JSON.stringify(fields)}` });
        tried.push(`${provider}: ${(await playground.readAll(".pg-success, .pg-failure, .pg-warning")).join()}`);
      }
      expect(tried.length).toBeGreaterThan(5);
      expect(tried.filter((line) => !line.includes("matches"))).toEqual([]);
    });

    test("shows what differs when no reading matches", async () => {
      await playground.fill({ appSecret: "another-secret", [LABEL]: form(SAMPLE) });
      expect(await playground.read(".pg-failure")).toMatch(/None of the \d+ readings/);
      const rows = await playground.readAll("tbody tr");
      expect(rows.filter((row) => row.includes("differs"))).toHaveLength(1);
      expect(rows.find((row) => row.includes("differs"))).toContain(SAMPLE.sign);
      // All steps up to the digest can be the sample's.
      const steps = await playground.readAll(".pg-steps .pg-changed");
      expect(steps.map((step) => step.split("\n")[0])).toEqual(["SHA-1 of that, lower-case hex", "in the body, sign"].map((caption) => expect.stringContaining(caption)));
    });

    test("finds exchanged credentials and a field that was added after signing", async () => {
      await playground.fill({ appKey: "s1", appSecret: "k1", [LABEL]: form(SAMPLE) });
      expect(await playground.read(".pg-result")).toContain("appKey and appSecret are exchanged");
      await playground.fill({ appKey: "k1", appSecret: "s1", [LABEL]: form({ ...SAMPLE, channel: "web" }) });
      expect(await playground.read(".pg-result")).toContain("when channel is left out");
      await playground.fill({ [LABEL]: form({ ...SAMPLE, sign: SAMPLE.sign.toUpperCase() }) });
      expect(await playground.read(".pg-result")).toContain("other letter case");
    });

    test("says which request is needed when the text holds none", async () => {
      await playground.fill({ [LABEL]: "hello" });
      expect(await playground.read(".pg-warning")).toContain("callerNbr");
      await playground.fill({ Platform: "cyjcloud" });
      expect(await playground.read(".pg-warning")).toContain("Authorization header");
    });
  });

  describe("Read pushes", () => {
    beforeEach(() => playground.choose("read"));

    test("shows the records of every platform's vectors, with the answers", async () => {
      let shown = 0;
      for (const { provider, pushes } of VECTORS) {
        await playground.fill({ Platform: provider });
        for (const { body, contentType, query, records = [], options, ack } of pushes.filter(({ error }) => error === undefined).slice(0, 25)) {
          if (options !== undefined) continue;
          await playground.fill({ Pushes: body, "Content-Type header": contentType ?? "", "Query of the push address (holds the reference at dingxin)": query ?? "" });
          const text = await playground.read(".pg-result");
          for (const { key } of records.filter((record) => record["key"] !== "@digest")) expect(text).toContain(key);
          if (ack !== undefined) expect(await playground.readBox("Acknowledgement: the answer after everything was kept")).toContain(String(ack["body"]));
          shown += records.length;
        }
      }
      expect(shown).toBeGreaterThan(50);
    });

    test("reads files in GBK", async () => {
      const vectors = readSharedVectors<{ name: string; base64: string; contentType?: string; message: string }[]>("bytes").filter(({ name: title }) => title.startsWith("GBK"));
      const [vector] = vectors;
      if (vector === undefined) throw new Error("no vector in GBK");
      const path = join(folder, "push.json");
      writeFileSync(path, Buffer.from(vector.base64, "base64"));
      await playground.fill({ Platform: "dingxin" });
      await playground.pick(path);
      expect(await playground.read(".pg-record")).toContain(vector.message);
      expect(await playground.read("[role=status]")).toContain("1 record,");
    });

    test("reads NDJSON line by line: pushes, envelopes, records, ignored events and what is unreadable", async () => {
      const push = { event: "fee", callIdentifier: "c-1", caller: "13800000001", callee: "13900000002", ulFailReason: 0 };
      const envelope = { provider: "mixcom", receivedAt: "2026-11-27T00:00:00Z", body: JSON.stringify({ ...push, callIdentifier: "c-2" }) };
      const dead = { push: { ...envelope, body: JSON.stringify({ ...push, callIdentifier: "c-3" }) }, reason: "was dead" };
      const record = JSON.parse(await readRecord(playground, JSON.stringify({ ...push, callIdentifier: "c-4" }))) as object;
      const ignored = vectorsOf("mixcom").pushes.find((one) => (one.ignored?.length ?? 0) > 0 && !one.body.includes("\n"));
      const lines = [push, envelope, dead, record].map((line) => JSON.stringify(line));
      await playground.fill({ Pushes: [...lines, ignored?.body, '{"event":"fee",'].join("\n") });
      expect(await playground.read("[role=status]")).toContain("4 records, 1 unreadable, 1 ignored event");
      const titles = await playground.readAll(".pg-record > h2");
      expect(titles).toEqual(["Record · line 1", "Record · line 2", "Record · line 3", "Record · line 4", "Ignored event · line 5", "Unreadable · line 6"]);
    });

    test("takes files that are dropped", async () => {
      const { body } = vectorsOf("quanmayun").pushes[0] ?? { body: "" };
      await playground.fill({ Platform: "quanmayun" });
      await playground.page.evaluate((text) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([text], "push.json"));
        document.querySelector("#pg-panel-read form")?.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: transfer }));
      }, body);
      await playground.page.waitForSelector("#pg-panel-read .pg-record");
      expect(await playground.read(".pg-files")).toContain("push.json");
    });

    test("shows the course of a call, and the negative answer to an unreadable push", async () => {
      const [vector] = vectorsOf("mixcom").pushes;
      await playground.fill({ Pushes: vector?.body ?? "" });
      const moments = await playground.readAll(".pg-timeline li");
      // The times of the document's example.
      expect(moments.map((line) => line.slice(0, 8))).toEqual(["17:47:58", "17:47:58", "17:48:04", "17:48:07", "17:48:07", "17:48:12", "17:48:15", "17:48:15", "17:48:17"]);
      await playground.fill({ Pushes: "no push" });
      expect(await playground.readBox("Negative answer: nothing was kept")).toMatch(/^HTTP [45]/);
      expect(await playground.readBox("Acknowledgement: the answer after everything was kept")).toBe("");
    });
  });

  describe("Codes", () => {
    const SEARCH = "Search codes in English or Chinese";

    beforeEach(() => playground.choose("codes"));

    test("finds every code of the vectors by its name and by its meaning", async () => {
      let found = 0;
      for (const { provider, codes } of VECTORS) {
        for (const { code, message } of codes) {
          if (typeof message !== "string" || message === "未知代码") continue;
          await playground.fill({ Platform: provider, [SEARCH]: code.trim() });
          const [first] = await playground.readAll(".pg-codes > li");
          expect(first, `${provider} ${code}`).toContain(message);
          await playground.fill({ [SEARCH]: message.replaceAll(/[,，].*/g, "") });
          expect(await playground.read(".pg-codes"), message).toContain(message);
          found += 1;
        }
      }
      expect(found).toBeGreaterThan(30);
    });

    test("searches in English and Chinese over all platforms, and says so when nothing is found", async () => {
      await playground.fill({ Platform: "", [SEARCH]: "busy" });
      const english = await playground.readAll(".pg-codes > li");
      await playground.fill({ [SEARCH]: "忙" });
      const chinese = await playground.readAll(".pg-codes > li");
      for (const list of [english, chinese]) expect(new Set(list.map((text) => /mixcom|quanmayun|dingxin|cyjcloud/.exec(text)?.[0])).size).toBeGreaterThan(1);
      await playground.fill({ [SEARCH]: "no such code anywhere" });
      expect(await playground.read()).toContain("No document lists such a code");
    });
  });

  describe("Simulate", () => {
    beforeEach(() => playground.choose("simulate"));

    const run = async (): Promise<string[][]> => {
      await playground.press("Run");
      await playground.page.waitForSelector("#pg-panel-simulate .pg-events tbody tr");
      const rows = await playground.readAll(".pg-events tbody tr");
      return rows.map((row) => row.split("\t"));
    };

    test("pushes again after the document's waits until the receiver keeps the record", async () => {
      await playground.fill({ Platform: "mixcom", "How often the receiver fails before it keeps the record": "3" });
      const rows = await run();
      const pushes = rows.filter(([, text]) => text?.startsWith("pushes the record")).map(([time = ""]) => toSeconds(time));
      const [first = 0] = pushes;
      // mixcom's document: again after 1, 3 and 10 minutes.
      expect(pushes.map((at) => at - first)).toEqual([0, 60, 240, 840]);
      expect(await playground.read(".pg-success")).toContain("kept 1 record");
    });

    test("says so when the platform gives up", async () => {
      await playground.fill({ Platform: "mixcom", "How often the receiver fails before it keeps the record": "5" });
      await run();
      expect(await playground.read(".pg-failure")).toContain("never kept");
    });

    test.each(VECTORS.map(({ provider }) => provider))("plays every outcome of %s, and the record says the same", async (provider) => {
      await playground.fill({ Platform: provider, "How often the receiver fails before it keeps the record": "0" });
      const outcomes = await playground.page.evaluate(() => [...document.querySelectorAll<HTMLOptionElement>("#pg-panel-simulate select:nth-of-type(1) option")].filter(({ value }) => value.includes(".")).map(({ value, text }) => ({ value, text })));
      expect(outcomes.length).toBeGreaterThan(1);
      for (const { value, text } of outcomes) {
        await playground.fill({ "Outcome of the call": value });
        await run();
        expect(await playground.read(".pg-record dd:first-of-type"), value).toBe(text);
      }
    });
  });

  describe("a link", () => {
    test("carries the choices of each tab to another reader", async () => {
      const states: [Tab, Record<string, string>][] = [
        ["sign", { Platform: "dingxin", Operation: "recording", signatureCase: "keys-and-values" }],
        ["refused", { Platform: "cyjcloud" }],
        ["read", { Platform: "seatcall" }],
        ["codes", { Platform: "cyjcloud", "Search codes in English or Chinese": "忙" }],
        ["simulate", { Platform: "quanmayun", "Outcome of the call": "unanswered.busy.callee", "How often the receiver fails before it keeps the record": "2", Seed: "7" }],
      ];
      for (const [tab, values] of states) {
        await playground.choose(tab);
        await playground.fill(values);
        const link = await playground.readLink();
        const other = await Playground.open(browser, site.address, "zh", link);
        expect(await other.readLink(), tab).toBe(link);
        const shown = await other.page.evaluate(() => [...document.querySelectorAll<HTMLInputElement>("[role=tabpanel]:not([style*=none]) :is(input, select)")].map(({ value }) => value));
        for (const value of Object.values(values)) expect(shown, `${tab}: ${link}`).toContain(value);
        expect(other.errors).toEqual([]);
        await other.close();
      }
    });

    test("never carries a secret, a number or a pasted text, and nothing is stored", async () => {
      const secrets = ["Zq7secretWxyz91", "Kk8keyVut52", "13611223344", "13755667788", "order-secret-771"];
      const links: string[] = [];
      for (const { provider } of VECTORS) {
        await playground.choose("sign");
        await playground.fill({ Platform: provider });
        const labels = await playground.page.evaluate(() => [...document.querySelectorAll<HTMLElement>("#pg-panel-sign .pg-field")].filter((field) => field.querySelector("input") !== null).map((field) => field.querySelector("label")?.firstChild?.textContent?.trim() ?? ""));
        for (const label of labels.filter((text) => !text.startsWith("Time"))) {
          const secret = { caller: secrets[2], callee: secrets[3], reference: secrets[4] }[label] ?? (/secret|token|url/i.test(label) ? secrets[0] : secrets[1]) ?? "";
          await playground.fill({ [label]: /url/i.test(label) ? `https://crm.example/push?token=${secret}` : secret });
          links.push(await playground.readLink());
        }
        await playground.choose("refused");
        await playground.fill({ Platform: provider, "The accepted request: an address, an HTTP message, a curl command, JSON or a form": `sign=${secrets[0]}&caller=${secrets[2]}` });
        links.push(await playground.readLink());
        await playground.choose("read");
        await playground.fill({ Platform: provider, Pushes: `{"caller":"${secrets[2]}","x":"${secrets[0]}"}`, "Content-Type header": secrets[0] ?? "", "Query of the push address (holds the reference at dingxin)": `token=${secrets[1]}` });
        links.push(await playground.readLink());
        await playground.choose("codes");
        await playground.fill({ "Search codes in English or Chinese": secrets[2] ?? "" });
        links.push(await playground.readLink());
        await playground.fill({ "Search codes in English or Chinese": "136-1122-3344" });
        links.push(await playground.readLink());
      }
      expect(new Set(links).size).toBeGreaterThan(10);
      const kept = `${links.join("\n")}\n${await playground.readStorage()}`;
      expect(secrets.flatMap(listEncodings).filter((text) => kept.toLowerCase().includes(text.toLowerCase()))).toEqual([]);
    });

    test.each([
      ["#!nowhere", "names no tool"],
      ["#!sign?provider=nobody", "provider cannot be used"],
      ["#!sign?%E0%A4%A=1", "cannot be used"],
      ["#!sign?__proto__=1&constructor=2", "__proto__, constructor cannot be used"],
      ["#!sign?provider=dingxin&dialect.signature=form", "dialect.signature cannot be used"],
      ["#!codes?search=13800000001", "search cannot be used"],
      ["#!simulate?outcome=answered.nothing&failures=99", "outcome, failures cannot be used"],
    ])("that is damaged gives a message: %s", async (hash, message) => {
      await playground.visit(hash);
      expect(await playground.page.$eval("[role=alert]", (alert) => alert.textContent)).toContain(message);
      expect(await playground.read()).not.toBe("");
      // VitePress itself reports a damaged percent-encoding, when it looks for a heading of that name.
      if (hash.includes("%E0%A4%A")) playground.errors.splice(0).forEach((error) => expect(error).toMatch(/malformed|Hydration|JSHandle@error/i));
    });

    test("of a heading or of nothing is left alone", async () => {
      await playground.visit("#playground");
      expect(await playground.page.$("[role=alert]")).toBeNull();
    });
  });

  test("the Chinese page leaves no English sentence, in results and errors alike", async () => {
    const chinese = await Playground.open(browser, site.address, "zh");
    const english: string[] = [];
    let read = 0;
    const look = async (where: string): Promise<void> => {
      const texts = await chinese.page.evaluate(() => {
        const panel = [...document.querySelectorAll<HTMLElement>("[role=tabpanel]")].find((one) => one.checkVisibility())?.cloneNode(true) as HTMLElement;
        for (const inner of panel.querySelectorAll("code, pre, textarea, option, [lang=en]")) inner.remove();
        return [...panel.querySelectorAll("p, li, td, th, dt, dd, label, small, legend, h3, h4, h5, button, span")].map((one) => one.textContent?.trim() ?? "");
      });
      read += texts.length;
      english.push(...texts.filter((text) => /[A-Za-z]{2,}(?:[ ,.]+[A-Za-z]{2,}){2,}/.test(text)).map((text) => `${where}: ${text}`));
    };
    for (const { provider, pushes } of VECTORS) {
      await chinese.choose("sign");
      await chinese.fill({ 平台: provider });
      await look(`sign ${provider}`);
      for (const caller of ["110", "", "138 0000 0001 ext. 2", "1.38E+10", "13900000002"]) {
        await chinese.fill({ caller });
        await look(`sign ${provider} ${caller}`);
      }
      await chinese.choose("refused");
      for (const sample of ["hello", new URLSearchParams({ ...SAMPLE, sign: "0" }).toString()]) {
        await chinese.fill({ 平台: provider, "平台接受的请求：地址、HTTP 报文、curl 命令、JSON 或表单": sample });
        await look(`refused ${provider}`);
      }
      await chinese.choose("read");
      await chinese.fill({ 平台: provider });
      for (const { body } of [{ body: "no push" }, ...pushes.filter(({ error, unreadable, ignored }) => error ?? unreadable ?? ignored).slice(0, 12), ...pushes.slice(0, 8)]) {
        await chinese.fill({ 推送内容: body });
        await look(`read ${provider} ${body.slice(0, 60)}`);
      }
      await chinese.choose("simulate");
      await chinese.fill({ 平台: provider, "接收端保存成功之前的失败次数": "5" });
      await chinese.press("运行");
      await chinese.page.waitForSelector("#pg-panel-simulate .pg-events");
      await look(`simulate ${provider}`);
    }
    await chinese.choose("codes");
    await look("codes");
    expect(read).toBeGreaterThan(1000);
    expect([...new Set(english)]).toEqual([]);
    expect(chinese.errors).toEqual([]);
    await chinese.close();
  });

  test("nothing can be sent to another host", async () => {
    const other = await serve((_request, response) => response.end());
    const tried = await playground.page.evaluate(async (address) => {
      const blocked: string[] = [];
      document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => blocked.push(effectiveDirective));
      const refused = await fetch(`${address}/fetch`).then(() => false, () => true);
      const attempts = [
        () => navigator.sendBeacon(`${address}/beacon`, "x"),
        () => void (new Image().src = `${address}/image`),
        () => document.head.append(Object.assign(document.createElement("script"), { src: `${address}/script` })),
        () => document.body.append(Object.assign(document.createElement("iframe"), { src: `${address}/frame` })),
        () => {
          const form = Object.assign(document.createElement("form"), { action: `${address}/form`, target: "elsewhere" });
          document.body.append(form);
          form.submit();
        },
      ];
      for (const attempt of attempts) {
        try {
          attempt();
        } catch {
          // Firefox throws where Chromium only reports.
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
      return { refused, blocked };
    }, other.address);
    await other.close();
    expect(other.requests.map(({ url }) => url)).toEqual([]);
    expect(tried.refused).toBe(true);
    expect(tried.blocked).toEqual(expect.arrayContaining(["connect-src", "img-src", "script-src-elem", "frame-src"]));
    // The attempts above are the only errors, and the only requests that the browser was asked for.
    playground.errors.length = 0;
    playground.requests.length = 0;
  });

  test("the keyboard alone reaches every tool", async () => {
    const { page } = playground;
    await page.focus("#pg-tab-sign");
    const selected = (): Promise<string> => page.evaluate(() => document.activeElement?.id ?? "");
    for (const tab of ["refused", "read", "codes", "simulate", "sign"]) {
      await page.keyboard.press("ArrowRight");
      expect(await selected()).toBe(`pg-tab-${tab}`);
    }
    await page.keyboard.press("ArrowLeft");
    expect(await selected()).toBe("pg-tab-simulate");
    await page.keyboard.press("Home");
    expect(await selected()).toBe("pg-tab-sign");
    await page.keyboard.press("End");
    for (let count = 0; count < 12 && !(await page.evaluate(() => document.activeElement?.textContent?.trim() === "Run")); count += 1) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#pg-panel-simulate .pg-success");
  });

  const LOOKS = (["en", "zh"] as const).flatMap((language) => [1280, 375].flatMap((width) => (["light", "dark"] as const).map((scheme) => ({ language, width, scheme }))));

  test.each(LOOKS)("$language at $width pixels, $scheme: accessible, and no wider than the window", async ({ language, width, scheme }) => {
    const shown = await Playground.open(browser, site.address, language);
    const { page } = shown;
    await shown.resize(width);
    await page.evaluate((dark) => document.documentElement.classList.toggle("dark", dark), scheme === "dark");
    for (const tab of TABS) {
      await shown.choose(tab);
      await showSomething(shown, tab, language);
      expect(await shown.listViolations(), tab).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), tab).toBe(0);
      if (SCREENSHOTS !== undefined) {
        mkdirSync(SCREENSHOTS, { recursive: true });
        await page.screenshot({ path: join(SCREENSHOTS, `playground-${tab}-${language}-${width}-${scheme}-${name}.png`), fullPage: true });
      }
    }
    expect(shown.errors).toEqual([]);
    await shown.close();
  });
});

/** Lets each tab show a result. */
async function showSomething(shown: Playground, tab: Tab, language: Language): Promise<void> {
  const words = language === "en" ? { sample: "The accepted request: an address, an HTTP message, a curl command, JSON or a form", example: "Insert an example", search: "Search codes in English or Chinese", run: "Run" } : { sample: "平台接受的请求：地址、HTTP 报文、curl 命令、JSON 或表单", example: "填入示例", search: "用中文或英文搜索代码", run: "运行" };
  if (tab === "sign") await shown.fill({ signature: "digest-only" });
  if (tab === "refused") await shown.fill({ appSecret: "another-secret", [words.sample]: new URLSearchParams(SAMPLE).toString() });
  if (tab === "read") await shown.press(words.example);
  if (tab === "codes") await shown.fill({ [words.search]: "忙" });
  if (tab === "simulate") {
    await shown.press(words.run);
    await shown.page.waitForSelector("#pg-panel-simulate .pg-record");
  }
}

/** The whole record of a push, as the page shows it. */
async function readRecord(playground: Playground, push: string): Promise<string> {
  await playground.fill({ Pushes: push });
  return playground.readBox("JSON");
}

/** The encodings in which a text might be hidden in a link. */
function listEncodings(text: string): string[] {
  const bytes = Buffer.from(text);
  return [text, encodeURIComponent(text), bytes.toString("base64").replaceAll("=", ""), bytes.toString("base64url"), bytes.toString("hex"), [...text].reverse().join("")];
}

/** Returns true if the form of the page can hold the vector's account and parameters. */
function isTypable({ options, operation, params, request }: OperationVector): boolean {
  const flat = (value: Json | undefined): boolean => typeof value === "string" || typeof value === "number";
  const { dialect, ...account } = options;
  if ("timeZone" in account || "recordingBaseUrl" in account || "recordingHosts" in account || "account" in account) return false;
  if ("baseUrl" in account && !/cyj|seat/.test(String(account["baseUrl"]))) return false;
  const chosen = Object.keys((dialect as JsonObject | undefined) ?? {});
  const values = typeof params === "object" && params !== null ? Object.values(params) : [params];
  // A text of spaces is empty in the page, and a made reference cannot be known.
  return Object.values(account).every(flat) && values.every(flat) && !chosen.includes("ack") && !JSON.stringify(request).includes("0123456789abcdef0123456789abcdef") && operation !== "records";
}

/** The parameters by the labels of the page, where a call is named by its id. */
function parametersOf({ params }: OperationVector): JsonObject {
  if (typeof params === "string") return { callId: params };
  const { call, ...others } = params as JsonObject;
  return call === undefined ? others : { callId: call, ...others };
}

/** The optional fields that the vector leaves empty. */
function clearOptional(vector: OperationVector, provider: string): Record<string, string> {
  if (vector.operation !== "dial") return {};
  const optional = ["reference", ...(provider === "cyjcloud" ? ["virtualNumber", "direction", "expiresInMinutes", "areaCode"] : []), ...(provider === "dingxin" && vector.options["pushUrl"] === undefined ? ["pushUrl"] : [])];
  return Object.fromEntries(optional.filter((field) => !(field in parametersOf(vector))).map((field) => [field, ""]));
}

function toTexts(values: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([field, value]) => [field, String(value)]));
}

/** Compares the shown HTTP message with the request of a vector. */
function compareRequest({ request: { method, url, headers = {}, encoding, fields } }: OperationVector, message: string): string[] {
  const [head = "", ...rest] = message.split("\n\n");
  const [line = "", ...shown] = head.split("\n");
  const wanted = new URL(url);
  const names = new Map(shown.map((text) => [text.slice(0, text.indexOf(":")).toLowerCase(), text.slice(text.indexOf(":") + 2)]));
  const target = line.split(" ")[1] ?? "";
  const problems = encoding === "query" ? [] : line === `${method} ${wanted.pathname}${wanted.search} HTTP/1.1` ? [] : [`${line} instead of ${method} ${url}`];
  for (const [header, value] of Object.entries(headers)) if ((names.get(header) ?? null) !== value && !(value !== null && encoding === "multipart")) problems.push(`${header}: ${names.get(header)} instead of ${value}`);
  if (fields === undefined) return problems;
  const found = decodeFields({ url: `http://${names.get("host")}${target}`, body: rest.join("\n\n") }, encoding) as Json;
  return [...problems, ...listDifferences(fields, found, true)];
}

function toSeconds(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(":").map(Number);
  return hours * 3600 + minutes * 60 + seconds;
}
