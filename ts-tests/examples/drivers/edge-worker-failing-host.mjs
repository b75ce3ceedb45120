// Runs in its own process: sends 2,000 pushes, some twice, in random order, 1% unreadable, to a Worker that fails at random; then replays.
import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runProgram } from "../../runtimes/pieces/programs.mjs";
import { createChecks, waitFor } from "../pieces/checks.mjs";
import { ACCOUNTS, createPush } from "../receiving.mjs";
import { OPERATOR, startWorker, runWithoutTable } from "./edge-worker-miniflare.mjs";

const PUSHES = 2_000;
const UNREADABLE = PUSHES / 100;
const LARGE = 10;
const TWO_STATES = 250;
const TWICE = 250;

const RATE = 0.2;
const AT_ONCE = 32;
// Longer than the queue retries, so that pushes from its beginning are moved to the second queue.
const UNAVAILABLE_MS = 5_500;

const PLATFORMS = ["mixcom", "quanmayun", "dingxin", "cyjcloud", "seatcall"];
// These platforms push again after an answer that is not an acknowledgement: three times, by mixcom's document. The others are treated as
// platforms that push once.
const PUSH_AGAIN = ["mixcom", "dingxin", "seatcall"];
const REPEATS = 3;

const [directory, built] = process.argv.slice(2);
const consumer = { "ringback-pushes": { maxRetries: 3 } };
const { origin, rows, worker, version, stop } = await startWorker({ directory, built, main: "faults.js", consumer });
const { check, checks } = createChecks();

const program = (...args) => runProgram(process.execPath, ["dead-letters.mjs", ...args], { cwd: directory, env: { WORKER: origin, REPLAY_TOKEN: OPERATOR } });
const failAt = (rate) => fetch(`${origin}/faults?rate=${rate}`, { method: "POST" }).then((response) => response.json());
const readLetters = async () => (await rows("select id, reason, envelope from ringback_push where state = 'unreadable'")).map(({ id, reason, envelope }) => ({ id, reason, push: JSON.parse(envelope) }));
/** Reads the marks of the kept records, by platform and call. */
const readMarks = async () => {
  const found = await rows("select provider, call_id, json_extract(record, '$.raw.mark') as mark from ringback_record");
  return new Map(found.map(({ provider, call_id, mark }) => [`${provider} ${call_id}`, mark]));
};

try {
  await check("100 simultaneous pushes are kept in a few transactions", async () => {
    const pushes = Array.from({ length: 100 }, (_, index) => createCall("mixcom", `calm-${index}`).final);
    await forEachInParallel(pushes, (push) => post(push));
    await waitFor("all are kept", async () => ((await readMarks()).size === 100 ? true : undefined));
    const { transactions } = await failAt(0);
    ok(transactions <= 20, `${transactions} transactions`);
    await rows("delete from ringback_record");
  });

  await check("of 100 pushes after the batch limit, the one that D1 refuses is retried, and the others are kept in a few transactions", async () => {
    await rows("create trigger refusing before insert on ringback_record when new.call_id = 'halved-37' begin select raise(abort, 'refused'); end");
    const before = (await failAt(0)).transactions;
    const { retryMessages, explicitAcks } = await worker.queue("ringback-pushes", createMessages("halved"));
    await rows("drop trigger refusing");
    deepStrictEqual(retryMessages.map(({ msgId }) => msgId), ["halved-37"]);
    equal(explicitAcks.length, 99);
    equal((await readMarks()).size, 99);
    const transactions = (await failAt(0)).transactions - before;
    ok(transactions <= 20, `${transactions} transactions`);
    await rows("delete from ringback_record");
  });

  await check("while D1 is unavailable, pushes after the batch limit are not tried one by one", async () => {
    const before = (await failAt(0)).transactions;
    const { retryMessages } = await runWithoutTable("ringback_record", rows, () => worker.queue("ringback-pushes", createMessages("away")));
    deepStrictEqual(retryMessages.map(({ msgId }) => msgId).toSorted(), createMessages("away").map(({ id }) => id).toSorted());
    const transactions = (await failAt(0)).transactions - before;
    ok(transactions <= 40, `${transactions} transactions`);
  });

  const pushes = shuffle(createPlan());
  await check("the plan has the planned numbers", () => {
    equal(pushes.length, PUSHES);
    equal(pushes.filter(({ whole }) => whole !== undefined).length, UNREADABLE);
    equal(new Set(pushes.map(({ body }) => body)).size, PUSHES - TWICE);
  });

  await failAt(RATE);
  let half;
  const halfSent = new Promise((resolve) => (half = resolve));
  const away = halfSent.then(() => runWithoutTable("ringback_record", rows, () => new Promise((resolve) => setTimeout(resolve, UNAVAILABLE_MS))));
  let sent = 0;
  await forEachInParallel(pushes, async (push) => {
    await sendAsPlatform(push);
    if ((sent += 1) === PUSHES / 2) half();
  });
  await away;

  const acknowledged = pushes.filter((push) => push.acknowledged);
  const readable = (push) => push.whole === undefined;
  const isKept = (marks, { provider, callId, mark, final }) => [mark, ...(final === undefined ? [] : [final])].includes(marks.get(`${provider} ${callId}`));
  const findUnaccounted = async () => {
    const [marks, letters] = [await readMarks(), new Set((await readLetters()).map(({ push }) => push.body))];
    return acknowledged.filter((push) => !letters.has(push.body) && !(readable(push) && isKept(marks, push)));
  };
  // Waits at most as long as Cloudflare redelivers messages that were not acknowledged.
  await waitFor("the queues are empty", async () => ((await findUnaccounted()).length === 0 ? true : undefined)).catch(() => undefined);
  await failAt(0);
  await waitUntilQuiet();
  const lost = new Set(await findUnaccounted());

  const before = await readLetters();
  const unreadableLetters = before.filter(({ push }) => pushes.some(({ body, whole }) => whole !== undefined && body === push.body));
  const { faults } = await failAt(0);

  // A person corrects the cut pushes; the others are replayed unchanged.
  const wholes = new Map(pushes.filter(({ whole }) => whole !== undefined).map(({ body, whole }) => [body, whole]));
  const mended = before.map(({ id, push }) => ({ id, push: { ...push, body: wholes.get(push.body) ?? push.body } }));
  const file = join(directory, "mended.ndjson");
  await writeFile(file, mended.map((letter) => `${JSON.stringify(letter)}\n`).join(""));
  await program("replay", file);
  const isRecovered = (marks, { push }) => pushes.some((sentPush) => sentPush.body === push.body && isKept(marks, sentPush));
  const countRecovered = async () => {
    const marks = await readMarks();
    return before.filter((letter) => isRecovered(marks, letter)).length;
  };
  await waitFor("the dead letters are records", async () => ((await countRecovered()) === before.length ? true : undefined)).catch(() => undefined);
  await waitUntilQuiet();
  const recovered = await countRecovered();
  const marks = await readMarks();
  for (const push of acknowledged) if (!isKept(marks, push)) lost.add(push);

  const twice = (await rows("select provider, call_id from ringback_record group by provider, call_id having count(*) > 1")).length + countSurplusLetters(pushes, before);
  const [{ records }] = await rows("select count(*) as records from ringback_record");
  const figures = {
    sent: PUSHES,
    repeated: pushes.reduce((sum, { posts }) => sum + posts - 1, 0),
    acknowledged: acknowledged.length,
    kept: records,
    "acknowledged-but-lost": lost.size,
    "kept twice": twice,
    "dead letters": before.length,
    recovered,
    faults,
  };

  await check("no acknowledged push is lost", () => deepStrictEqual([...lost].map(({ provider, callId, mark }) => [provider, callId, mark]), []));
  await check("no push is kept twice", () => equal(twice, 0));
  await check("each call with an acknowledged push has one record, and no other call has one", async () => {
    const calls = (list) => new Set(list.map(({ provider, callId }) => `${provider} ${callId}`));
    const found = new Set(marks.keys());
    deepStrictEqual([...calls(acknowledged)].filter((each) => !found.has(each)), []);
    deepStrictEqual([...found].filter((each) => !calls(pushes).has(each)), []);
    equal(records, found.size);
  });
  await check("the end of a call replaces its earlier state, if it was acknowledged", () => {
    const ends = acknowledged.filter(({ final, mark, callId }) => final === undefined && callId.startsWith("states-") && mark !== undefined);
    ok(ends.length > 0);
    deepStrictEqual(ends.filter((push) => marks.get(`${push.provider} ${push.callId}`) !== push.mark), []);
  });
  await check("every acknowledged unreadable push became a dead letter with its reason", () => {
    const bodies = new Set(unreadableLetters.map(({ push }) => push.body));
    deepStrictEqual(acknowledged.filter((push) => !readable(push) && !bodies.has(push.body)), []);
    ok(unreadableLetters.some(({ reason }) => /not valid JSON/.test(reason)));
  });
  await check("every dead letter was recovered", async () => {
    equal(recovered, before.length);
    deepStrictEqual(await readLetters(), []);
  });
  await check("enough faults occurred for a meaningful result", () => {
    ok(faults > 200, `${faults} faults`);
    ok(before.length > unreadableLetters.length, "some were moved to the second queue");
    ok(acknowledged.length < PUSHES && pushes.some(({ posts }) => posts > 1));
  });
  const notes = Object.entries(figures).map(([name, count]) => `${name} ${count}`).join(", ");
  console.log(JSON.stringify({ version, checks, notes }));
} finally {
  await stop();
}

/** Creates a batch of messages that were delivered three times before. */
function createMessages(name) {
  return Array.from({ length: 100 }, (_, index) => {
    const { provider, callId, body } = createCall("mixcom", `${name}-${index}`).final;
    const push = { account: "the-mixcom", provider, receivedAt: "2026-03-01T02:00:31.000Z", body };
    return { id: callId, timestamp: new Date(0), attempts: 4, body: push };
  });
}

/** Creates all pushes: each with its platform, call, body and mark; `final`: the mark of the end that may replace it; `whole`: the body before it was cut. */
function createPlan() {
  const once = PUSHES - TWICE - UNREADABLE - TWO_STATES * 2 - LARGE;
  const single = Array.from({ length: once }, (_, index) => createCall(PLATFORMS[index % PLATFORMS.length], `once-${index}`).final);
  const states = Array.from({ length: TWO_STATES }, (_, index) => Object.values(createCall("dingxin", `states-${index}`))).flat();
  const large = Array.from({ length: LARGE }, (_, index) => createCall(PLATFORMS[index % PLATFORMS.length], `large-${index}`, "0".repeat(150_000)).final);
  const cut = Array.from({ length: UNREADABLE }, (_, index) => {
    const push = createCall(PLATFORMS[index % PLATFORMS.length], `cut-${index}`).final;
    return { ...push, body: push.body.slice(0, -2), whole: push.body };
  });
  const first = [...single, ...states, ...large, ...cut];
  const twice = shuffle([...single, ...states]).slice(0, TWICE).map((push) => ({ ...push }));
  return [...first, ...twice];
}

/** Creates the pushes of a call: its end, and with dingxin the ringing before it. Each payload has a mark, which is in its record's `raw`. */
function createCall(provider, callId, padding) {
  const addMark = (text, mark) => {
    const payload = JSON.parse(text);
    Object.assign(provider === "cyjcloud" ? payload.Data[0] : payload, { mark, padding });
    return { provider, callId, mark, body: JSON.stringify(payload) };
  };
  const final = addMark(createPush(provider, callId).body, `${callId} end`);
  if (!callId.startsWith("states-")) return { final };
  return { ringing: { ...addMark(JSON.stringify({ subid: callId, status: 0, startTime: "1627209089", endTime: "", duration: "" }), `${callId} ringing`), final: final.mark }, final };
}

/** Pushes like the platform: repeatedly, if it does that, until the acknowledgement. */
async function sendAsPlatform(push) {
  push.posts = 0;
  do {
    push.posts += 1;
    push.acknowledged = await post(push);
  } while (!push.acknowledged && PUSH_AGAIN.includes(push.provider) && push.posts <= REPEATS);
}

async function post({ provider, body }) {
  const { tokens } = ACCOUNTS.find(({ name }) => name === `the-${provider}`);
  const response = await fetch(`${origin}/push/${tokens[0]}`, { method: "POST", headers: { "content-type": "application/json" }, body });
  await response.arrayBuffer();
  return response.status === 200;
}

/** Counts dead letters in excess of the number of times that their push was sent. */
function countSurplusLetters(pushes, letters) {
  const posts = new Map();
  for (const { body, posts: times } of pushes) posts.set(body, (posts.get(body) ?? 0) + times);
  const left = new Map(posts);
  return letters.filter(({ push }) => {
    left.set(push.body, (left.get(push.body) ?? 0) - 1);
    return left.get(push.body) < 0;
  }).length;
}

/** Waits until nothing changes any more, for longer than the queue's redelivery delay. */
async function waitUntilQuiet() {
  let last;
  for (let same = 0; same < 2; ) {
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    const now = JSON.stringify([await rows("select count(*), sum(completeness) from ringback_record"), await rows("select state, count(*) from ringback_push group by state")]);
    same = now === last ? same + 1 : 0;
    last = now;
  }
}

async function forEachInParallel(list, work) {
  const left = list.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const each of left) await work(each);
    }),
  );
}

function shuffle(list) {
  const mixed = [...list];
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = Math.floor(Math.random() * (at + 1));
    [mixed[at], mixed[other]] = [mixed[other], mixed[at]];
  }
  return mixed;
}
