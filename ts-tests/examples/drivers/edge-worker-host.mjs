// Runs in its own process: starts the Worker, checks it, prints the report.
import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runProgram } from "../../runtimes/pieces/programs.mjs";
import { createChecks, waitFor } from "../pieces/checks.mjs";
import { ACCOUNTS, pushAndExpectAck, createPush, readList, READER, checkReceiving } from "../receiving.mjs";
import { OPERATOR, startWorker, runWithoutTable } from "./edge-worker-miniflare.mjs";

const [directory, built] = process.argv.slice(2);
const { origin, rows, config, worker, version, stop } = await startWorker({ directory, built, main: "index.js" });
const { check, checks } = createChecks();

const pad = (body) => body.replace(/\}$/, `,"padding":"${"0".repeat(200_000)}"}`);
const listDeadLetters = async () => (await rows("select id, reason, envelope from ringback_push where state = 'unreadable'")).map(({ id, reason, envelope }) => ({ id, reason, push: JSON.parse(envelope) }));
const findDeadLetter = (body) => waitFor("the push is set aside", async () => (await listDeadLetters()).find(({ push }) => push.body === body));
const findRecord = (key) => waitFor(`${key} is kept`, async () => (await readList(origin)).records.find((record) => record.key === key));
const program = (...args) => runProgram(process.execPath, ["dead-letters.mjs", ...args], { cwd: directory, env: { WORKER: origin, REPLAY_TOKEN: OPERATOR } });

try {
  // A push that is too large for a message is written to D1 before the answer.
  const failing = { around: (work) => runWithoutTable("ringback_record", rows, work), body: pad };
  const unreadable = async () => (await listDeadLetters()).map(({ push }) => push.body);
  checks.push(...(await checkReceiving({ origin, failing, unreadable, pages: true })));

  await check("bytes that are not UTF-8 pass through both queues and become an unchanged dead letter", async () => {
    await pushAndExpectAck(origin, "mixcom", new Uint8Array([0x7b, 0x22, 0xff, 0xfe]));
    await waitFor("the bytes are set aside", async () => (await listDeadLetters()).find(({ push }) => push.bodyHex === "7b22fffe"));
  });

  await check("the readable records of a partly unreadable push are kept, and the whole push becomes a dead letter with the reason", async () => {
    const body = JSON.stringify([{ sessionId: "part-1" }, ["part-2"]]);
    await pushAndExpectAck(origin, "seatcall", body);
    const { reason } = await findDeadLetter(body);
    match(reason, /record 1: an array/);
    await findRecord("seatcall/the-seatcall:part-1");
  });

  await check("a push while D1 is unavailable is acknowledged, and kept when D1 is back", async () => {
    const { body, key } = createPush("quanmayun", "while-away");
    await runWithoutTable("ringback_record", rows, async () => {
      await pushAndExpectAck(origin, "quanmayun", body);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      equal((await rows("select key from ringback_record_away where call_id = 'while-away'")).length, 0);
    });
    await findRecord(key);
  });

  await check("a push that D1 refuses does not hold back the others of its batch", async () => {
    await rows("create trigger refusing before insert on ringback_record when new.call_id = 'refused' begin select raise(abort, 'refused'); end");
    const [refused, ...others] = ["refused", "beside-1", "beside-2", "beside-3"].map((callId) => createPush("mixcom", callId));
    await Promise.all([refused, ...others].map(({ body }) => pushAndExpectAck(origin, "mixcom", body)));
    for (const { key } of others) await findRecord(key);
    equal((await rows("select key from ringback_record where call_id = 'refused'")).length, 0);
    await rows("drop trigger refusing");
    await findRecord(refused.key);
  });

  await check("a push that is too large for a message is kept before it is acknowledged", async () => {
    const { body, key } = createPush("dingxin", "large");
    await pushAndExpectAck(origin, "dingxin", pad(body));
    const [{ record }] = await rows(`select record from ringback_record where key = '${key}'`);
    equal(JSON.parse(record).raw.padding.length, 200_000);
  });

  await check("an unreadable push that is too large for a message is kept before it is acknowledged", async () => {
    const body = `{"subid":"${"0".repeat(200_000)}`;
    await pushAndExpectAck(origin, "dingxin", body);
    ok((await listDeadLetters()).some(({ push }) => push.body === body));
  });

  await check("the records of a number are found with any spelling of it", async () => {
    const { body, key } = createPush("dingxin", "by-number");
    await pushAndExpectAck(origin, "dingxin", body.replace("13900000002", "02161234563"));
    await findRecord(key);
    for (const number of ["(021) 6123 4563", "+86 21 61234563"]) {
      deepStrictEqual((await readList(origin, `?${new URLSearchParams({ number })}`)).records.map((record) => record.key), [key]);
    }
  });

  await check("an unreadable push that is replayed unchanged becomes a dead letter again, once", async () => {
    const body = `{"event":"fee","callIdentifier":"again`;
    await pushAndExpectAck(origin, "mixcom", body);
    const { id } = await findDeadLetter(body);
    const before = (await listDeadLetters()).length;
    match(await program("replay"), new RegExp(`^replayed: ${before}$`, "m"));
    await waitFor("it is back", async () => (await listDeadLetters()).find((letter) => letter.push.body === body && letter.id !== id));
    await waitFor("all are back", async () => ((await listDeadLetters()).length === before ? true : undefined));
  });

  await check("a corrected and replayed dead letter becomes a record and is no longer a dead letter", async () => {
    const { body, key } = createPush("mixcom", "mended");
    const cut = body.slice(0, -7);
    await pushAndExpectAck(origin, "mixcom", cut);
    await findDeadLetter(cut);
    const lines = (await program("list")).trim().split("\n").map((line) => JSON.parse(line));
    equal(lines.length, (await listDeadLetters()).length);
    const letter = lines.find(({ push }) => push.body === cut);
    match(letter.reason, /not valid JSON/);
    const file = join(directory, "mended.ndjson");
    await writeFile(file, `${JSON.stringify({ ...letter, push: { ...letter.push, body } })}\n`);
    match(await program("replay", file), /^replayed: 1$/m);
    await findRecord(key);
    ok(!(await listDeadLetters()).some(({ id }) => id === letter.id));
  });

  await check("if a body was added to the bytes, the body is replayed", async () => {
    const { body, key } = createPush("mixcom", "from-bytes");
    const bytes = new Uint8Array([0x7b, 0x22, 0xff, 0xfd]);
    await pushAndExpectAck(origin, "mixcom", bytes);
    const { id, push } = await waitFor("the bytes are set aside", async () => (await listDeadLetters()).find(({ push }) => push.bodyHex === "7b22fffd"));
    const file = join(directory, "from-bytes.ndjson");
    await writeFile(file, `${JSON.stringify({ id, push: { ...push, body } })}\n`);
    match(await program("replay", file), /^replayed: 1$/m);
    await findRecord(key);
  });

  await check("the cron trigger deletes only replayed dead letters and refusals that are older than 30 days", async () => {
    const days = (count) => new Date(Date.now() - count * 86_400_000).toISOString();
    const pushes = [["old", "processed", 31], ["new", "processed", 29], ["unread", "unreadable", 31]];
    const values = pushes.map(([id, state, age]) => `('${id}', 'mixcom', '${days(age)}', '${state}', '${days(age)}', '{}')`);
    await rows(`insert into ringback_push (id, provider, received_at, state, settled_at, envelope) values ${values.join(", ")}`);
    await rows("delete from refusal");
    await rows(`insert into refusal (refused_at, reason, method) values ('${days(31)}', 'old', 'POST'), ('${days(29)}', 'new', 'POST')`);
    equal(config.triggers.crons.length, 1);
    await worker.scheduled({ cron: config.triggers.crons[0] });
    const left = (await rows("select id from ringback_push where id in ('old', 'new', 'unread') order by id")).map(({ id }) => id);
    deepStrictEqual(left, ["new", "unread"]);
    deepStrictEqual((await rows("select reason from refusal")).map(({ reason }) => reason), ["new"]);
    await rows("delete from ringback_push where id in ('new', 'unread')");
  });

  const pushTo = async (path, body, at = origin) => {
    const response = await fetch(`${at}${path}`, { method: "POST", headers: { "cf-connecting-ip": "203.0.113.7" }, body });
    return { status: response.status, type: response.headers.get("content-type"), body: await response.text() };
  };
  const listRefused = async () => (await program("refused")).split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));

  await check("a token in the query works like one in the path", async () => {
    const { body, key } = createPush("mixcom", "by-query");
    const { tokens } = ACCOUNTS.find(({ name }) => name === "the-mixcom");
    equal((await pushTo(`/push?token=${tokens[0]}`, body)).body, '{"code":200}');
    await findRecord(key);
  });

  await check("a push with a wrong token is kept as refused, and can be replayed with provider and account", async () => {
    await rows("delete from refusal");
    const retired = ["given-up-1", "given-up-2"].map((callId) => createPush("mixcom", callId));
    equal((await pushTo(`/push/${"r".repeat(32)}`, retired[0].body)).status, 404);
    equal((await pushTo(`/push?token=${"r".repeat(32)}`, retired[1].body)).status, 404);
    equal((await pushTo("/push/x", new Uint8Array([0xff, 0xfe]))).status, 404);
    const lines = await listRefused();
    deepStrictEqual(lines.map(({ push }) => push.body ?? push.bodyHex), [...retired.map(({ body }) => body), "fffe"]);
    for (const { reason, method, remoteAddress, push } of lines) {
      deepStrictEqual([reason, method, remoteAddress], ["token", "POST", "203.0.113.7"]);
      ok(Math.abs(Date.parse(push.receivedAt) - Date.now()) < 60_000);
    }
    ok(!JSON.stringify(lines).includes("rrrr"), "no token is kept");
    const file = join(directory, "refused.ndjson");
    const named = lines.slice(0, 2).map((line) => ({ ...line, push: { ...line.push, provider: "mixcom", account: "the-mixcom" } }));
    await writeFile(file, named.map((line) => `${JSON.stringify(line)}\n`).join(""));
    match(await program("replay", file), /^replayed: 2$/m);
    for (const { key } of retired) await findRecord(key);
  });

  await check("100 refusals an hour are kept, and the newest 1,000", async () => {
    await rows("delete from refusal");
    for (let count = 0; count < 103; count += 1) equal((await pushTo("/push/stranger", `refused ${count}`)).status, 404);
    deepStrictEqual((await listRefused()).map(({ push }) => push.body), Array.from({ length: 100 }, (_, count) => `refused ${count}`));
    await rows("delete from refusal");
    await rows(`with recursive old (id) as (select 1 union all select id + 1 from old where id < 1000)
      insert into refusal (id, refused_at, reason, method) select id, '2026-01-01T00:00:00.000Z', 'old', 'POST' from old`);
    equal((await pushTo("/push/stranger", "newest")).status, 404);
    deepStrictEqual(await rows("select count(*) as rows, min(id) as first, max(id) as last from refusal"), [{ rows: 1_000, first: 2, last: 1_001 }]);
  });

  await check("a refusal that cannot be kept is answered like any other", async () => {
    await runWithoutTable("refusal", rows, async () => equal((await pushTo("/push/stranger", "")).status, 404));
  });

  const weak = "a-weak-secret";
  const wrongAccounts = {
    "not set": undefined,
    "no JSON": `[{"name":"sales","provider":"mixcom","tokens":["${weak}"]`,
    "with a weak token": `[{"name":"sales","provider":"mixcom","tokens":["${weak}"]}]`,
    "no list": `"${weak}"`,
  };
  for (const [what, accounts] of Object.entries(wrongAccounts)) {
    await check(`ACCOUNTS ${what}: the answer makes mixcom try again, and the log names the cause without a secret`, async () => {
      const misconfigured = await startWorker({ directory, built, main: "index.js", secrets: { ACCOUNTS: accounts } });
      try {
        for (let time = 0; time < 2; time += 1) {
          deepStrictEqual(await pushTo(`/push/${weak}`, "{}", misconfigured.origin), { status: 500, type: "application/json", body: '{"code":500}' });
        }
        await waitFor("the log names the cause", () => (/cannot receive pushes: ACCOUNTS: \S/.test(misconfigured.logged()) ? true : undefined));
        ok(!misconfigured.logged().includes(weak), misconfigured.logged());
      } finally {
        await misconfigured.stop();
      }
    });
  }

  await check("more dead letters than a page are listed, each once", async () => {
    const bodies = Array.from({ length: 45 }, (_, index) => `{"many":${index}`);
    await Promise.all(bodies.map((body) => pushAndExpectAck(origin, "mixcom", body)));
    await waitFor("all are set aside", async () => ((await listDeadLetters()).filter(({ push }) => push.body?.startsWith('{"many"')).length === 45 ? true : undefined));
    const listed = (await program("list")).trim().split("\n").map((line) => JSON.parse(line).id);
    deepStrictEqual(listed.toSorted(), (await listDeadLetters()).map(({ id }) => id).toSorted());
  });

  const request = async (method, path, token, body) => {
    const response = await fetch(`${origin}${path}`, { method, headers: { authorization: `Bearer ${token}` }, body });
    await response.arrayBuffer();
    return response.status;
  };
  await check("LIST_TOKEN gives no access to the dead letters, and REPLAY_TOKEN none to the records", async () => {
    const answers = [["GET", "/dead-letters", READER], ["POST", "/replay", READER, "[]"], ["GET", "/records", OPERATOR], ["GET", "/dead-letters", ""], ["GET", "/refused", READER]];
    for (const answer of answers) equal(await request(...answer), 401, answer.join(" "));
    equal(await request("GET", "/dead-letters", OPERATOR), 200);
  });

  await check("a replay with an invalid dead letter is refused completely", async () => {
    const before = await listDeadLetters();
    const { id, push } = before[0];
    for (const body of ["", "{}", "[{}]", JSON.stringify([{ id, push }, { id, push: { body: "" } }]), JSON.stringify(Array.from({ length: 21 }, () => ({ id, push })))]) {
      equal(await request("POST", "/replay", OPERATOR, body), 400, body.slice(0, 80));
    }
    deepStrictEqual(await listDeadLetters(), before);
    equal(await request("GET", "/replay", OPERATOR), 405);
    equal(await request("GET", "/elsewhere", OPERATOR), 404);
    equal(await request("GET", "/records?from=yesterday", READER), 400);
  });
  console.log(JSON.stringify({ version, checks }));
} finally {
  await stop();
}
