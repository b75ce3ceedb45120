// Builds the Next.js app for production and starts it, with a platform to dial through and a browser for its form.
import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { runProgram, startServer } from "../../runtimes/pieces/programs.mjs";
import { createChecks } from "../pieces/checks.mjs";
import { copyPackages } from "../pieces/copy.mjs";
import { runSql, runWithoutTable } from "../pieces/sqlite.mjs";
import { ACCOUNTS, READER, checkReceiving } from "../receiving.mjs";

const NEXT = "node_modules/next/dist/bin/next";
// The temporary copy has no lock file; Next.js would complete one from the registry.
const QUIET = { NEXT_TELEMETRY_DISABLED: "1", NEXT_IGNORE_INCORRECT_LOCKFILE: "1" };
const SECRET = "never-in-a-page";
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"];

export async function run({ directory, tools }) {
  const { check, checks } = createChecks();
  await copyPackages({ names: ["next", "react", "react-dom"], from: tools.beside("all"), directory });
  // Builds without settings, as a user may do.
  const options = { cwd: directory, env: QUIET };
  await runProgram(tools.node(24), [NEXT, "build"], options);

  const platform = await startMixcom();
  const account = { provider: "mixcom", account: "the-mixcom", appKey: "k1", appSecret: SECRET, baseUrl: platform.address };
  const settings = { ACCOUNTS: JSON.stringify(ACCOUNTS), DIAL_ACCOUNT: JSON.stringify(account), ACCESS_TOKEN: READER, DATABASE: "calls.sqlite" };
  await writeFile(join(directory, ".env.local"), Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`).join(""));
  const file = join(directory, settings.DATABASE);
  const server = await startServer(tools.node(24), [NEXT, "start", "-H", "127.0.0.1", "-p", "0"], { ...options, ready: /http:\/\/127\.0\.0\.1:\d+/ });
  try {
    const origin = server.match[0];
    const failing = { around: (work) => runWithoutTable({ tools, file, table: "call_record" }, work), body: (body) => body };
    const unreadable = async () => (await runSql({ tools, file, statement: "select body from unreadable_push" })).map(({ body }) => body);
    checks.push(...(await checkReceiving({ origin, failing, unreadable, pages: false })));
    await checkDialing({ check, origin, platform, dialOf: async (reference) => (await runSql({ tools, file, statement: `select * from dial where reference = '${reference}'` }))[0] });
    await checkForm({ check, origin, platform, tools });
    await check("no file for browsers contains the secret", async () => {
      const served = join(directory, ".next/static");
      const files = (await readdir(served, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
      const texts = await Promise.all(files.map((entry) => readFile(join(entry.parentPath ?? entry.path, entry.name), "utf8")));
      const page = await (await fetch(origin)).text();
      ok(texts.some((text) => text.includes("/api/dial")), "the page's own script is one of the files");
      ok(![page, ...texts].some((text) => text.includes(SECRET) || text.includes(READER)));
    });
    const [, version] = /Next\.js (\d[\w.-]*)/.exec(server.printed()) ?? [];
    return { version: `Next.js ${version}`, checks };
  } finally {
    await server.stop();
    await platform.close();
  }
}

async function checkDialing({ check, origin, platform, dialOf }) {
  const dial = async (numbers, authorization = `Bearer ${READER}`) => {
    const headers = { "content-type": "application/json", authorization };
    const response = await fetch(`${origin}/api/dial`, { method: "POST", headers, body: JSON.stringify(numbers) });
    return { status: response.status, body: await response.text() };
  };

  await check("a dial without the access token is refused", async () => {
    deepStrictEqual(await dial({ caller: "13800000001", callee: "13900000002" }, `Bearer ${SECRET}`), { status: 401, body: "" });
    equal(platform.dials.length, 0);
  });

  await check("a dial reaches the platform once, signed, and is stored", async () => {
    const { status, body } = await dial({ caller: "138 0000 0001", callee: "0755-28000123" });
    const { reference, correlation } = JSON.parse(body);
    deepStrictEqual([status, correlation], [200, "reference"]);
    equal(platform.dials.length, 1);
    const [{ sign, ...fields }] = platform.dials;
    deepStrictEqual([fields.callerNbr, fields.calleeNbr, fields.Uuid, fields.appkey], ["13800000001", "075528000123", reference, "k1"]);
    equal(sign, computeSignature(fields));
    deepStrictEqual(await dialOf(reference), { reference, caller: "138 0000 0001", callee: "0755-28000123", state: "placed", call_id: null });
  });

  await check("a dial of unknown delivery is not repeated, and the answer says so", async () => {
    const before = platform.dials.length;
    platform.answer = { status: 502, body: "<html>" };
    const { status, body } = await dial({ caller: "13800000001", callee: "13900000002" });
    const { reference, error } = JSON.parse(body);
    deepStrictEqual([status, error.delivery, platform.dials.length - before], [504, "unknown", 1]);
    equal((await dialOf(reference)).state, "unknown");
  });

  await check("a bad number is refused before anything is sent", async () => {
    const before = platform.dials.length;
    const { status, body } = await dial({ caller: "1", callee: "13900000002" });
    const { reference, error } = JSON.parse(body);
    deepStrictEqual([status, error.code, error.delivery, platform.dials.length - before], [422, "invalid-argument", "not-sent", 0]);
    equal((await dialOf(reference)).state, "not-sent");
  });
}

async function checkForm({ check, origin, platform, tools }) {
  await check("the form dials", async () => {
    platform.answer = ACCEPTED;
    const before = platform.dials.length;
    const playwright = (await tools.module("playwright-core")).default;
    const browser = await playwright.chromium.launch({ executablePath: tools.browser("chromium"), args: FLAGS, headless: true });
    try {
      const page = await browser.newPage();
      await page.goto(origin);
      await page.getByLabel("Caller").fill("13800000001");
      await page.getByLabel("Callee").fill("13900000002");
      await page.getByLabel("Access token").fill(READER);
      await page.getByRole("button", { name: "Dial" }).click();
      const status = page.getByRole("status").filter({ hasText: /\S/ });
      match(await status.innerText({ timeout: 20_000 }), /^Ringing: dial-/);
      equal(platform.dials.length - before, 1);
    } finally {
      await browser.close();
    }
  });
}

const ACCEPTED = { status: 200, body: '{"success":true,"code":200,"msg":""}' };

/** Starts a server that answers dials like mixcom. */
async function startMixcom() {
  const platform = { dials: [], answer: ACCEPTED };
  const server = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    if (request.url === "/voice/dial") platform.dials.push(Object.fromEntries(new URLSearchParams(Buffer.concat(pieces).toString())));
    response.writeHead(platform.answer.status, { "content-type": "application/json" }).end(platform.answer.body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  platform.address = `http://127.0.0.1:${server.address().port}`;
  platform.close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return platform;
}

/** Signs as in mixcom's document: values in the order of their keys, the secret, the secret's digest. */
function computeSignature(fields) {
  const sha1 = (text) => createHash("sha1").update(text).digest("hex");
  const values = Object.entries(fields).map(([key, value]) => [key.toLowerCase(), value]).sort(([a], [b]) => (a < b ? -1 : 1));
  return sha1(values.map(([, value]) => value).join("") + SECRET + sha1(SECRET));
}
