// A process of its own: starts the Worker, checks it, prints the report.
import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ran } from "../../runtimes/pieces/programs.mjs";
import { collected, eventually } from "../pieces/checks.mjs";
import { ACCOUNTS, acknowledged, pushOf, read, READER, receiving } from "../receiving.mjs";
import { OPERATOR, startedWorker, without } from "./edge-worker-miniflare.mjs";

const [directory, built] = process.argv.slice(2);
const { origin, rows, config, worker, version, stop } = await startedWorker({ directory, built, main: "index.js" });
const { check, checks } = collected();

const padded = (body) => body.replace(/\}$/, `,"padding":"${"0".repeat(200_000)}"}`);
const deadLetters = async () => (await rows("select id, reason, envelope from ringback_push where state = 'unreadable'")).map(({ id, reason, envelope }) => ({ id, reason, push: JSON.parse(envelope) }));
const deadLetterOf = (body) => eventually("the push is set aside", async () => (await deadLetters()).find(({ push }) => push.body === body));
const recordOf = (key) => eventually(`${key} is kept`, async () => (await read(origin)).records.find((record) => record.key === key));
const program = (...args) => ran(process.execPath, ["dead-letters.mjs", ...args], { cwd: directory, env: { WORKER: origin, REPLAY_TOKEN: OPERATOR } });

try {
  // What is beyond a message goes into D1 before the answer.
  const failing = { around: (work) => without("ringback_record", rows, work), body: padded };
  const unreadable = async () => (await deadLetters()).map(({ push }) => push.body);
  checks.push(...(await receiving({ origin, failing, unreadable, pages: true })));

  await check("bytes that are no UTF-8 come through both queues and are set aside as they came", async () => {
    await acknowledged(origin, "mixcom", new Uint8Array([0x7b, 0x22, 0xff, 0xfe]));
    await eventually("the bytes are set aside", async () => (await deadLetters()).find(({ push }) => push.bodyHex === "7b22fffe"));
  });

  await check("of a push that can be read in part, the records are kept and the whole is set aside, with the reason", async () => {
    const body = JSON.stringify([{ sessionId: "part-1" }, ["part-2"]]);
    await acknowledged(origin, "seatcall", body);
    const { reason } = await deadLetterOf(body);
    match(reason, /record 1: an array/);
    await recordOf("seatcall/the-seatcall:part-1");
  });

  await check("a push that came while D1 was away is acknowledged, and kept when D1 is back", async () => {
    const { body, key } = pushOf("quanmayun", "while-away");
    await without("ringback_record", rows, async () => {
      await acknowledged(origin, "quanmayun", body);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      equal((await rows("select key from ringback_record_away where call_id = 'while-away'")).length, 0);
    });
    await recordOf(key);
  });

  await check("a push that D1 refuses does not hold back those that came with it", async () => {
    await rows("create trigger refusing before insert on ringback_record when new.call_id = 'refused' begin select raise(abort, 'refused'); end");
    const [refused, ...others] = ["refused", "beside-1", "beside-2", "beside-3"].map((callId) => pushOf("mixcom", callId));
    await Promise.all([refused, ...others].map(({ body }) => acknowledged(origin, "mixcom", body)));
    for (const { key } of others) await recordOf(key);
    equal((await rows("select key from ringback_record where call_id = 'refused'")).length, 0);
    await rows("drop trigger refusing");
    await recordOf(refused.key);
  });

  await check("a push that is too large for a message is kept before it is acknowledged", async () => {
    const { body, key } = pushOf("dingxin", "large");
    await acknowledged(origin, "dingxin", padded(body));
    const [{ record }] = await rows(`select record from ringback_record where key = '${key}'`);
    equal(JSON.parse(record).raw.padding.length, 200_000);
  });

  await check("so is one that cannot be read", async () => {
    const body = `{"subid":"${"0".repeat(200_000)}`;
    await acknowledged(origin, "dingxin", body);
    ok((await deadLetters()).some(({ push }) => push.body === body));
  });

  await check("the records of a number are found in any spelling of it", async () => {
    const { body, key } = pushOf("dingxin", "by-number");
    await acknowledged(origin, "dingxin", body.replace("13900000002", "02161234563"));
    await recordOf(key);
    for (const number of ["(021) 6123 4563", "+86 21 61234563"]) {
      deepStrictEqual((await read(origin, `?${new URLSearchParams({ number })}`)).records.map((record) => record.key), [key]);
    }
  });

  await check("replayed as it is, what cannot be read comes back as a dead letter, once", async () => {
    const body = `{"event":"fee","callIdentifier":"again`;
    await acknowledged(origin, "mixcom", body);
    const { id } = await deadLetterOf(body);
    const before = (await deadLetters()).length;
    match(await program("replay"), new RegExp(`^replayed: ${before}$`, "m"));
    await eventually("it is back", async () => (await deadLetters()).find((letter) => letter.push.body === body && letter.id !== id));
    await eventually("all are back", async () => ((await deadLetters()).length === before ? true : undefined));
  });

  await check("mended and replayed, a dead letter becomes a record and is none any more", async () => {
    const { body, key } = pushOf("mixcom", "mended");
    const cut = body.slice(0, -7);
    await acknowledged(origin, "mixcom", cut);
    await deadLetterOf(cut);
    const lines = (await program("list")).trim().split("\n").map((line) => JSON.parse(line));
    equal(lines.length, (await deadLetters()).length);
    const letter = lines.find(({ push }) => push.body === cut);
    match(letter.reason, /not valid JSON/);
    const file = join(directory, "mended.ndjson");
    await writeFile(file, `${JSON.stringify({ ...letter, push: { ...letter.push, body } })}\n`);
    match(await program("replay", file), /^replayed: 1$/m);
    await recordOf(key);
    ok(!(await deadLetters()).some(({ id }) => id === letter.id));
  });

  await check("where a body was added to bytes, the body is replayed", async () => {
    const { body, key } = pushOf("mixcom", "from-bytes");
    const bytes = new Uint8Array([0x7b, 0x22, 0xff, 0xfd]);
    await acknowledged(origin, "mixcom", bytes);
    const { id, push } = await eventually("the bytes are set aside", async () => (await deadLetters()).find(({ push }) => push.bodyHex === "7b22fffd"));
    const file = join(directory, "from-bytes.ndjson");
    await writeFile(file, `${JSON.stringify({ id, push: { ...push, body } })}\n`);
    match(await program("replay", file), /^replayed: 1$/m);
    await recordOf(key);
  });

  await check("replayed dead letters and refusals of more than 30 days ago are deleted by the cron trigger, and nothing else", async () => {
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

  const pushedTo = async (path, body, at = origin) => {
    const response = await fetch(`${at}${path}`, { method: "POST", headers: { "cf-connecting-ip": "203.0.113.7" }, body });
    return { status: response.status, type: response.headers.get("content-type"), body: await response.text() };
  };
  const refusedLines = async () => (await program("refused")).split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));

  await check("a token in the query is as good as one in the path", async () => {
    const { body, key } = pushOf("mixcom", "by-query");
    const { tokens } = ACCOUNTS.find(({ name }) => name === "the-mixcom");
    equal((await pushedTo(`/push?token=${tokens[0]}`, body)).body, '{"code":200}');
    await recordOf(key);
  });

  await check("a push with a wrong token is kept as refused, and replayed by who knows whose it is", async () => {
    await rows("delete from refusal");
    const retired = ["given-up-1", "given-up-2"].map((callId) => pushOf("mixcom", callId));
    equal((await pushedTo(`/push/${"r".repeat(32)}`, retired[0].body)).status, 404);
    equal((await pushedTo(`/push?token=${"r".repeat(32)}`, retired[1].body)).status, 404);
    equal((await pushedTo("/push/x", new Uint8Array([0xff, 0xfe]))).status, 404);
    const lines = await refusedLines();
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
    for (const { key } of retired) await recordOf(key);
  });

  await check("100 refusals an hour are kept, and the newest 1,000", async () => {
    await rows("delete from refusal");
    for (let count = 0; count < 103; count += 1) equal((await pushedTo("/push/stranger", `refused ${count}`)).status, 404);
    deepStrictEqual((await refusedLines()).map(({ push }) => push.body), Array.from({ length: 100 }, (_, count) => `refused ${count}`));
    await rows("delete from refusal");
    await rows(`with recursive old (id) as (select 1 union all select id + 1 from old where id < 1000)
      insert into refusal (id, refused_at, reason, method) select id, '2026-01-01T00:00:00.000Z', 'old', 'POST' from old`);
    equal((await pushedTo("/push/stranger", "newest")).status, 404);
    deepStrictEqual(await rows("select count(*) as rows, min(id) as first, max(id) as last from refusal"), [{ rows: 1_000, first: 2, last: 1_001 }]);
  });

  await check("a refusal that cannot be kept is answered like any other", async () => {
    await without("refusal", rows, async () => equal((await pushedTo("/push/stranger", "")).status, 404));
  });

  const weak = "a-weak-secret";
  const wrongAccounts = {
    "not set": undefined,
    "no JSON": `[{"name":"sales","provider":"mixcom","tokens":["${weak}"]`,
    "with a weak token": `[{"name":"sales","provider":"mixcom","tokens":["${weak}"]}]`,
    "no list": `"${weak}"`,
  };
  for (const [what, accounts] of Object.entries(wrongAccounts)) {
    await check(`ACCOUNTS ${what}: a push is answered so that mixcom tries again, and the log says why, without a secret`, async () => {
      const misconfigured = await startedWorker({ directory, built, main: "index.js", secrets: { ACCOUNTS: accounts } });
      try {
        for (let time = 0; time < 2; time += 1) {
          deepStrictEqual(await pushedTo(`/push/${weak}`, "{}", misconfigured.origin), { status: 500, type: "application/json", body: '{"code":500}' });
        }
        await eventually("the log says why", () => (/cannot receive pushes: ACCOUNTS: \S/.test(misconfigured.logged()) ? true : undefined));
        ok(!misconfigured.logged().includes(weak), misconfigured.logged());
      } finally {
        await misconfigured.stop();
      }
    });
  }

  await check("more dead letters than a page are listed, each once", async () => {
    const bodies = Array.from({ length: 45 }, (_, index) => `{"many":${index}`);
    await Promise.all(bodies.map((body) => acknowledged(origin, "mixcom", body)));
    await eventually("all are set aside", async () => ((await deadLetters()).filter(({ push }) => push.body?.startsWith('{"many"')).length === 45 ? true : undefined));
    const listed = (await program("list")).trim().split("\n").map((line) => JSON.parse(line).id);
    deepStrictEqual(listed.toSorted(), (await deadLetters()).map(({ id }) => id).toSorted());
  });

  const asked = async (method, path, token, body) => {
    const response = await fetch(`${origin}${path}`, { method, headers: { authorization: `Bearer ${token}` }, body });
    await response.arrayBuffer();
    return response.status;
  };
  await check("who may read the records may not touch the dead letters, nor the other way round", async () => {
    const answers = [["GET", "/dead-letters", READER], ["POST", "/replay", READER, "[]"], ["GET", "/records", OPERATOR], ["GET", "/dead-letters", ""], ["GET", "/refused", READER]];
    for (const answer of answers) equal(await asked(...answer), 401, answer.join(" "));
    equal(await asked("GET", "/dead-letters", OPERATOR), 200);
  });

  await check("a replay of what is no dead letter is refused whole", async () => {
    const before = await deadLetters();
    const { id, push } = before[0];
    for (const body of ["", "{}", "[{}]", JSON.stringify([{ id, push }, { id, push: { body: "" } }]), JSON.stringify(Array.from({ length: 21 }, () => ({ id, push })))]) {
      equal(await asked("POST", "/replay", OPERATOR, body), 400, body.slice(0, 80));
    }
    deepStrictEqual(await deadLetters(), before);
    equal(await asked("GET", "/replay", OPERATOR), 405);
    equal(await asked("GET", "/elsewhere", OPERATOR), 404);
    equal(await asked("GET", "/records?from=yesterday", READER), 400);
  });
  console.log(JSON.stringify({ version, checks }));
} finally {
  await stop();
}
