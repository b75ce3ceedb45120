// Tests the agent's desk of examples/node-crm on real databases: its list, filters, totals and export, and its buttons in a real browser.
// RINGBACK_SCREENSHOTS=DIRECTORY keeps pictures of the page.
import { execFileSync } from "node:child_process";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyCrm } from "../failures/project.mjs";
import { startMariadb } from "../runtimes/pieces/mariadb.mjs";
import { browser as findBrowser } from "../runtimes/pieces/tools.mjs";
import { parseCsv, readAllPages, readPage } from "./crm/browse.mjs";
import { listCalls, nameEntry, writeCalls } from "./crm/seed.mjs";

const SKIPPED = (process.env.RINGBACK_SKIP ?? "").split(",");
const STORES = ["pglite", "mariadb"].filter((store) => !SKIPPED.includes(store));
const calls = listCalls();
const byTime = (one, other) => other.at - one.at;

let project;
let home;
beforeAll(async () => {
  [project, home] = await Promise.all([copyCrm({}), mkdtemp(join(tmpdir(), "ringback-desk-"))]);
  // Filled once, and copied for the tests of the page.
  await fill({ directory: join(home, "pglite") });
  await cp(join(home, "pglite"), join(home, "page"), { recursive: true });
});
afterAll(async () => {
  await project?.remove();
  if (home) await rm(home, { recursive: true, force: true });
});

async function openPlace(store) {
  if (store === "pglite") return { place: { directory: join(home, "pglite") }, remove: async () => undefined };
  const server = await startMariadb();
  await fill({ url: server.url() });
  return { place: { url: server.url() }, remove: server.remove };
}

/** Writes the calls into a new database. */
async function fill(place) {
  const { openDatabase } = await project.module("crm/database.mjs");
  const { sql } = await project.module("packages.mjs");
  const database = await openDatabase(place);
  const tables = sql.createTables({ dialect: database.dialect });
  for (const text of tables.schema) await database.run({ text, values: [] });
  await database.transaction((run) => writeCalls({ calls, tables, run }));
  await database.close();
}

/** Starts simulated platforms and a CRM on them. */
async function startDesk(place, { pace = 60, credentials = {} } = {}) {
  const [{ startCrm }, { openStore }, { startPlatforms }] = await Promise.all(["crm/index.mjs", "crm/store.mjs", "platforms.mjs"].map(project.module));
  const own = {
    mixcom: { appKey: "desk-key", appSecret: "desk-secret" },
    quanmayun: { appId: "1700000000001000000", appSecret: "desk-secret" },
    seatcall: { customerId: "4e2239c5-0000-4000-8000-000000000001", appSecret: "desk-secret" },
  };
  const platforms = await startPlatforms({ credentials: own, port: 0, pace, onStep: () => undefined });
  const accounts = { dingxin: { appKey: "k", appSecret: "s", baseUrl: "http://127.0.0.1:9" }, cyjcloud: { accountSid: "a".repeat(16), appId: "b".repeat(16), baseUrl: "http://127.0.0.1:9" } };
  for (const provider of Object.keys(own)) accounts[provider] = { ...own[provider], ...credentials[provider], ...platforms.addresses[provider] };
  const crm = await startCrm({ accounts, store: openStore(place), simulated: true });
  for (const provider of ["mixcom", "quanmayun"]) platforms.simulators[provider].setPushUrl(crm.pushAddresses[provider]);
  return { crm, platforms, close: () => crm.close().finally(() => platforms.close()) };
}

async function waitUntil(what, condition) {
  const late = performance.now() + 20_000;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (performance.now() > late) throw new Error(`not within 20 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const post = (crm, path, fields, headers = {}) => fetch(`${crm.url}${path}`, { method: "POST", headers: { accept: "application/json", ...headers }, body: new URLSearchParams(fields) });

describe.each(STORES)("the desk on %s", (store) => {
  let opened;
  let desk;
  let url;
  beforeAll(async () => {
    opened = await openPlace(store);
    desk = await startDesk(opened.place);
    ({ url } = desk.crm);
  });
  afterAll(async () => {
    await desk?.close();
    await opened?.remove();
  });

  test("lists every call once, newest first, a hundred on a page", async () => {
    const pages = await readAllPages(url, {});
    expect(pages.map(({ length }) => length)).toEqual([100, 100, 100, 100, 30]);
    const listed = pages.flat();
    expect(new Set(listed)).toEqual(new Set(calls.map(nameEntry)));
    const times = new Map(calls.map((call) => [nameEntry(call), call.at]));
    expect(listed.map((name) => times.get(name))).toEqual(calls.map(({ at }) => at).sort((one, other) => other - one));
  });

  const FILTERS = [
    ["a day in China", { day: "2026-03-02" }, ({ day }) => day === "2026-03-02"],
    ["a platform", { platform: "dingxin" }, ({ provider }) => provider === "dingxin"],
    ["refused by the platform", { outcome: "refused" }, ({ outcome }) => outcome === "refused"],
    ["never left", { outcome: "not-sent" }, ({ outcome }) => outcome === "not-sent"],
    ["an outcome that is unknown", { outcome: "unknown" }, ({ outcome }) => outcome === "unknown"],
    ["without a record", { outcome: "waiting" }, ({ outcome }) => outcome === "waiting"],
    ["answered, with records of calls that were not dialed here", { outcome: "answered" }, ({ outcome }) => outcome === "answered"],
    ["a caller's number", { number: "+86 138-0000-0007" }, ({ caller }) => caller === "13800000007"],
    ["a callee's number, a landline", { number: "(0755) 2800 0013" }, ({ callee }) => callee === "075528000013"],
    ["the last digits", { number: "0013" }, ({ caller, callee }) => caller.endsWith("0013") || callee.endsWith("0013")],
    ["all together", { day: "2026-03-01", platform: "mixcom", outcome: "answered", number: "000" }, ({ day, provider, outcome, caller, callee }) => day === "2026-03-01" && provider === "mixcom" && outcome === "answered" && (caller.endsWith("000") || callee.endsWith("000"))],
  ];
  test.each(FILTERS)("filters by %s", async (_, parameters, matches) => {
    const expected = calls.filter(matches).map(nameEntry).sort();
    expect(expected.length).toBeGreaterThan(0);
    expect((await readAllPages(url, parameters)).flat().sort()).toEqual(expected);
  });

  test("counts all calls of a day, not only those of the page", async () => {
    const ofDay = calls.filter(({ day }) => day === "2026-03-02");
    const { totals, entries } = await readPage(url, { day: "2026-03-02", outcome: "refused" });
    expect(ofDay.length).toBeGreaterThan(100);
    expect(entries.length).toBeLessThan(ofDay.length);
    const count = (outcome) => String(ofDay.filter((call) => call.outcome === outcome).length);
    const talked = ofDay.reduce((sum, { talkSeconds }) => sum + talkSeconds, 0);
    expect(totals).toEqual({
      calls: String(ofDay.length),
      talk: `${Math.floor(talked / 60)}:${String(talked % 60).padStart(2, "0")}`,
      ...Object.fromEntries(["answered", "unanswered", "failed", "waiting", "refused", "not-sent", "unknown"].map((outcome) => [outcome, count(outcome)])),
    });
  });

  test("exports all calls as CSV with every digit and no formula", async () => {
    const response = await fetch(`${url}/export.csv?lang=en`);
    expect(response.headers.get("content-type")).toBe("text/csv;charset=utf-8");
    expect(response.headers.get("content-disposition")).toMatch(/^attachment; filename="calls-\d{4}-\d\d-\d\d\.csv"$/);
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const [columns, ...rows] = parseCsv(new TextDecoder().decode(bytes));
    expect(rows.length).toBe(calls.length);
    const at = (name) => columns.indexOf(name);
    const wanted = [...calls].sort(byTime);
    expect(rows.map((row) => row[at("Time (Beijing)")])).toEqual(wanted.map((call) => new Date(call.at + 8 * 3_600_000).toISOString().slice(0, 19).replace("T", " ")));
    expect(rows.map((row) => row[at("Caller")]).sort()).toEqual(calls.map(({ caller }) => `\t${caller}`).sort());
    expect(rows.filter((row) => row[at("Callee")].startsWith("\t0755")).length).toBe(calls.filter(({ callee }) => callee.startsWith("0755")).length);
    expect(rows.flat().filter((cell) => /^[=+\-@]/.test(cell))).toEqual([]);
    expect(rows.find((row) => row[at("Callee")].includes("HYPERLINK"))[at("Callee")]).toBe(`'=HYPERLINK("http://evil.example","13900000001")`);
    expect(rows.filter((row) => row[at("Outcome")] === "Refused by the platform").length).toBe(calls.filter(({ outcome }) => outcome === "refused").length);

    const chosen = await fetch(`${url}/export.csv?lang=zh&day=2026-03-03&outcome=not-sent`);
    const [, ...few] = parseCsv(await chosen.text());
    expect(few.length).toBe(calls.filter(({ day, outcome }) => day === "2026-03-03" && outcome === "not-sent").length);
    expect(new Set(few.map((row) => row[at("Outcome")]))).toEqual(new Set(["未发出"]));
  });

  const WRONG = [
    ["day", "2026-02-30"], ["day", "yesterday"], ["day", "0001-01-01"], ["platform", "unheard-of"], ["outcome", "busy"], ["number", "12"], ["number", "1".repeat(41)], ["number", "138%"],
    ["number", "138\u00000"], ["after", "x"], ["after", "2026-03-01T00:00:00.000Z~dial~"], ["after", "2026-99-01T00:00:00.000Z~dial~crm"], ["lang", "fr"],
  ];
  test.each(WRONG)("refuses %s=%j and names it", async (name, value) => {
    for (const path of ["/", "/calls", "/export.csv"]) {
      const response = await fetch(`${url}${path}?${new URLSearchParams({ [name]: value })}`);
      expect([response.status, (await response.text()).split(":")[0]]).toEqual([400, name]);
    }
  });

  test("refuses a repeated parameter, and ignores empty ones", async () => {
    const repeated = await fetch(`${url}/?day=2026-03-01&day=2026-03-02&lang=en`);
    expect([repeated.status, await repeated.text()]).toEqual([400, "day: given more than once"]);
    expect((await readPage(url, { number: "", day: "", platform: "", outcome: "", after: "" })).entries.length).toBe(100);
  });

  test("dials, refuses and never sends, and tells the three apart", async () => {
    const { createPressKey } = await project.module("crm/press.mjs");
    const wish = { provider: "mixcom", caller: "13800000001", callee: "13900000002" };
    const press = createPressKey();
    const dialed = await Promise.all([1, 2, 3].map(() => post(desk.crm, "/dial", { press, ...wish }).then((response) => response.json())));
    expect(dialed.filter(({ again }) => !again).length).toBe(1);
    expect(desk.platforms.simulators.mixcom.calls.length).toBe(1);
    await post(desk.crm, "/dial", { press: createPressKey(), provider: "seatcall", caller: "13800000001", callee: "13900000002", seat: "PP7568036551" });
    const never = await post(desk.crm, "/dial", { press: createPressKey(), ...wish, callee: "12" }).then((response) => response.json());
    expect(never.failure.delivery).toBe("not-sent");
    // The browser's language decides in which one a failure is told, also that of an earlier press.
    const inChinese = { "accept-language": "zh-CN" };
    const again = await post(desk.crm, "/dial", { press: createPressKey(), ...wish, callee: "12" }, inChinese).then((response) => response.json());
    expect(again.failure.message).toMatch(/callee：.*号码/);
    expect(again.failure.hint).toMatch(/\p{Script=Han}/u);
    for (const [language, said] of [["zh", /class="failure not-sent"[\s\S]*?callee：.*号码[\s\S]*?提示: [^<]*\p{Script=Han}/u], ["en", /class="failure not-sent"[\s\S]*?callee: [a-z][\s\S]*?Hint: [a-z]/]]) {
      expect(await (await fetch(`${url}/?lang=${language}`)).text()).toMatch(said);
    }
    const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    // A record is listed on its own until it is joined with its dial.
    const totals = await waitUntil("the pushed and the pulled record, joined with their dials", async () => {
      const { totals } = await readPage(url, { day: today });
      return totals.answered === "2" && totals.calls === "4" && totals;
    });
    expect(totals).toMatchObject({ "not-sent": "2" });
    expect(totals.refused).toBeUndefined();
  });

  test("two CRMs on one database: a press on both dials once, and a platform's refusal is told apart", async ({ skip }) => {
    if (store === "pglite") {
      const { openStore } = await project.module("crm/store.mjs");
      await expect(openStore(opened.place)).rejects.toThrow(/is in use by process \d+ .*PGlite is for one process/);
      skip("PGlite is for one process, and a second one is refused");
    }
    const other = await startDesk(opened.place, { credentials: { mixcom: { appSecret: "another" } } });
    try {
      expect(other.crm.pushAddresses.mixcom.split("/").at(-1)).toBe(desk.crm.pushAddresses.mixcom.split("/").at(-1));
      const { createPressKey } = await project.module("crm/press.mjs");
      const presses = Array.from({ length: 12 }, createPressKey);
      const before = desk.platforms.simulators.quanmayun.calls.length;
      await Promise.all(presses.flatMap((press, index) => [desk, other].map(({ crm }) => post(crm, "/dial", { press, provider: "quanmayun", caller: "13800000001", callee: `139000000${String(index + 10)}` }))));
      expect(desk.platforms.simulators.quanmayun.calls.length - before + other.platforms.simulators.quanmayun.calls.length).toBe(12);
      const answer = await post(other.crm, "/dial", { press: createPressKey(), provider: "mixcom", caller: "13800000001", callee: "13900000002" }).then((response) => response.json());
      expect(answer.failure.delivery).toBe("refused");
      const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
      await waitUntil("all 12 records", async () => (await readPage(url, { day: today, platform: "quanmayun", outcome: "waiting" })).entries.length === 0);
      expect((await readPage(other.crm.url, { day: today, platform: "quanmayun" })).totals.calls).toBe("12");
      expect((await readPage(url, { day: today })).totals.refused).toBe("1");
    } finally {
      await other.close();
    }
  });
});

describe.skipIf(SKIPPED.includes("chromium"))("the page in Chromium", () => {
  const LANGUAGES = { zh: { refused: "平台拒绝" }, en: { refused: "Refused by the platform" } };
  const SIZES = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };
  let desk;
  let running;
  let page;
  const failures = [];
  beforeAll(async () => {
    // Slow enough to hang up during a call.
    desk = await startDesk({ directory: join(home, "page") }, { pace: 3 });
    const { chromium } = await import("playwright-core");
    running = await chromium.launch({ executablePath: findBrowser("chromium"), args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"], headless: true });
    page = await running.newPage({ viewport: SIZES.desktop });
    page.on("pageerror", (error) => failures.push(error.message));
    page.on("console", (message) => message.type() === "error" && failures.push(message.text()));
  });
  afterAll(async () => {
    await running?.close();
    await desk?.close();
  });

  const count = (matches) => calls.filter(matches).length;
  const listed = () => page.locator("article.call").count();

  test("filters by choice and by number, and turns the pages", async () => {
    await page.goto(`${desk.crm.url}/?lang=en`);
    await page.selectOption("[name=outcome]", "answered");
    await page.waitForURL((url) => url.search === "?lang=en&outcome=answered");
    expect(await listed()).toBe(100);
    await page.click("a.older");
    await page.waitForURL(/after=/);
    expect(await listed()).toBe(count(({ outcome }) => outcome === "answered") - 100);
    await page.fill("[name=number]", "13800000004");
    await page.press("[name=number]", "Enter");
    await page.waitForURL(/number=13800000004/);
    expect(await listed()).toBe(count(({ outcome, caller }) => outcome === "answered" && caller === "13800000004"));
    await page.click("a.clear");
    await page.waitForURL((url) => url.search === "?lang=en");
    await page.fill("[name=day]", "2026-03-02");
    await page.waitForURL(/day=2026-03-02/);
    expect(await page.textContent('[data-total="calls"]')).toBe(String(count(({ day }) => day === "2026-03-02")));
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("a.export")]);
    expect(download.suggestedFilename()).toBe("calls-2026-03-02.csv");
  });

  test("redials once for one press", async () => {
    const refused = calls.filter(({ outcome, provider }) => outcome === "refused" && provider === "mixcom").sort(byTime)[0];
    await page.goto(`${desk.crm.url}/?lang=en&outcome=refused&platform=mixcom`);
    const entry = page.locator(`article[data-entry="${refused.id}"]`);
    await entry.locator(".redial button").dblclick();
    await expect.poll(() => entry.locator(".said").textContent()).toMatch(/Placed|already handled/);
    const [call, ...further] = desk.platforms.simulators.mixcom.calls;
    expect([call.caller.slice(-11), call.callee.slice(-11), further.length]).toEqual([refused.caller, refused.callee, 0]);
  });

  test("hangs up where the platform can", async () => {
    await page.goto(`${desk.crm.url}/?lang=en`);
    await page.click('label:has([value="quanmayun"])');
    await page.fill("[name=caller]", "13800000001");
    await page.fill("form.dial [name=callee]", "13900000002");
    await page.click("form.dial button");
    await page.click(".hang-up button");
    await page.waitForSelector("article.call:first-of-type .badge:not(.pending)");
    expect(desk.platforms.simulators.quanmayun.calls.map(({ state }) => state)).toEqual(["ended"]);
    // A call of another platform waits too, or one of days ago: neither can be ended from here.
    // The record is an entry of its own until it is joined with its dial.
    await expect.poll(() => page.locator(".hang-up").count(), { timeout: 5_000 }).toBe(0);
    expect(await page.locator(".badge.pending").count()).toBeGreaterThan(0);
  });

  test.each(Object.keys(LANGUAGES).flatMap((language) => Object.keys(SIZES).map((size) => [language, size])))("shows a filtered list in %s at the width of a %s", async (language, size) => {
    await page.setViewportSize(SIZES[size]);
    for (const search of [`?lang=${language}`, `?lang=${language}&day=2026-03-02&outcome=refused`]) {
      await page.goto(`${desk.crm.url}/${search}`);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
      if (process.env.RINGBACK_SCREENSHOTS) await page.screenshot({ path: join(process.env.RINGBACK_SCREENSHOTS, `${size}${search.replaceAll(/[?&=]/g, "-")}.png`) });
    }
    expect(await page.locator("article.call .badge").first().textContent()).toBe(LANGUAGES[language].refused);
    expect(await page.inputValue("[name=day]")).toBe("2026-03-02");
    expect(failures).toEqual([]);
  });
});

describe("the file of accounts", () => {
  const read = async (content) => (await project.module("crm/accounts.mjs")).readAccounts(typeof content === "string" ? content : JSON.stringify(content));

  test("is the one that `ringback init` writes", async () => {
    const file = join(home, "accounts.json");
    const program = join(project.directory, "node_modules/ringback/dist/cli.cjs");
    const env = { ...process.env, RINGBACK_APP_SECRET: "desk-secret", RINGBACK_APP_KEY: "desk-key" };
    execFileSync(process.execPath, [program, "init", "mixcom", "--account", "sales", "--output", file], { env });
    const { mixcom, ...others } = await read(await readFile(file, "utf8"));
    expect(mixcom).toEqual({ appKey: "desk-key", appSecret: "desk-secret", tokens: [expect.stringMatching(/^[\w-]{43}$/)] });
    expect(others).toEqual({});
  });

  test.each([
    ["of the old form", { mixcom: { appKey: "k", appSecret: "desk-secret" } }, /the old form.*"accounts"/],
    ["without accounts", { provider: "mixcom", appSecret: "desk-secret" }, /must contain \{"accounts"/],
    ["with an unknown platform", { accounts: { a: { provider: "mixcmo", appSecret: "desk-secret" } } }, /account a: "provider" must be one of mixcom/],
    ["with two accounts of a platform", { accounts: { a: { provider: "mixcom" }, b: { provider: "mixcom" } } }, /account b: there is another account of mixcom/],
    ["that is not JSON", '{ "appSecret": desk-secret }', /not valid JSON/],
  ])("%s is refused, and no secret is shown", async (_, content, said) => {
    const error = await read(content).then(() => undefined, (thrown) => thrown);
    expect(error?.message).toMatch(said);
    expect(error?.message).not.toContain("desk-secret");
  });
});
