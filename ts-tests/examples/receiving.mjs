// Checks how an example handles the pushes of the five platforms, over HTTP as platforms and users do.
import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createChecks, waitFor } from "./pieces/checks.mjs";

// Written by hand from the platforms' documents.
const ANSWERS = {
  mixcom: { ack: '{"code":200}', nack: '{"code":500}' },
  quanmayun: { ack: '{"code":"200","msg":"success","data":""}', nack: '{"code":"500","msg":"fail","data":""}' },
  dingxin: { ack: '{"code":200,"msg":"success"}', nack: '{"code":500,"msg":"fail"}' },
  cyjcloud: { ack: '{"Flag":1}', nack: '{"Flag":0}' },
  seatcall: { ack: "success", nack: "fail" },
};
const PROVIDERS = Object.keys(ANSWERS);

// The field of a push that names its call.
const CALL_ID = { mixcom: "callIdentifier", quanmayun: "callidentifier", dingxin: "subid", cyjcloud: "sessionId", seatcall: "sessionId" };

const createToken = () => randomBytes(24).toString("base64url");

/** The accounts: one at each platform, and a second one at mixcom. */
export const ACCOUNTS = [...PROVIDERS.map((provider) => ({ name: `the-${provider}`, provider, tokens: [createToken()] })), { name: "branch", provider: "mixcom", tokens: [createToken()] }];

/** The token of requests that may read. */
export const READER = createToken();

/**
 * Checks an example that runs at `origin` with these accounts.
 *
 * `failing` makes its store fail: by an action `around` the pushes, or by their content (`body`). `unreadable` returns the bodies of its
 * unreadable pushes. `pages` is true if its list has pages and takes a time range.
 */
export async function checkReceiving({ origin, failing, unreadable, pages }) {
  const { check, checks } = createChecks();
  const listRecords = async (query = "") => (await readList(origin, query)).records;
  const waitForRecord = (key) => waitFor(`${key} is kept`, async () => (await listRecords()).find((record) => record.key === key));
  // Waits until a later push is kept: after that, an earlier one is not kept any more.
  const waitUntilSettled = async () => {
    const id = `later-${randomBytes(8).toString("hex")}`;
    await pushAndExpectAck(origin, "quanmayun", createPush("quanmayun", id).body);
    await waitForRecord(`quanmayun/the-quanmayun:${id}`);
  };

  for (const provider of PROVIDERS) {
    await check(`a push of ${provider} is acknowledged byte for byte, and its record kept`, async () => {
      const { body, record } = readVector(provider);
      await pushAndExpectAck(origin, provider, body);
      const { completeness, ...rest } = await waitForRecord(record.key);
      ok(Number.isInteger(completeness));
      deepStrictEqual(rest, record);
    });
  }

  await check("the same call id at another account gives another record", async () => {
    const { body, record } = readVector("mixcom");
    await pushAndExpectAck(origin, "mixcom", body, "branch");
    const { account } = await waitForRecord(record.key.replace("/the-mixcom:", "/branch:"));
    equal(account, "branch");
    equal((await listRecords()).filter(({ callId }) => callId === record.callId).length, 2);
  });

  await check("a push with a wrong token is refused and not kept", async () => {
    const { body, key } = createPush("mixcom", "intruder");
    const response = await post(`${origin}/push/${createToken()}`, body);
    equal(response.status, 404);
    await waitUntilSettled();
    ok(!(await listRecords()).some((record) => record.key === key));
  });

  await check("a GET of a push address is answered, for a test in a browser; with a wrong token it is refused, and no record is kept", async () => {
    const ofMixcom = async () => (await listRecords()).filter(({ provider }) => provider === "mixcom");
    const before = await ofMixcom();
    const statuses = await Promise.all([ACCOUNTS[0].tokens[0], createToken()].map(async (it) => {
      const response = await fetch(`${origin}/push/${it}`);
      await response.arrayBuffer();
      return response.status;
    }));
    deepStrictEqual(statuses, [200, 404]);
    await waitUntilSettled();
    deepStrictEqual(await ofMixcom(), before);
  });

  await check("a repeated push is acknowledged, and changes nothing", async () => {
    const { body, record } = readVector("mixcom");
    const before = await waitForRecord(record.key);
    await pushAndExpectAck(origin, "mixcom", body);
    await waitUntilSettled();
    deepStrictEqual((await listRecords()).filter(({ key }) => key === record.key), [before]);
  });

  await check("an earlier state that arrives after the end is acknowledged, and does not replace it", async () => {
    const { record } = readVector("dingxin");
    const before = await waitForRecord(record.key);
    await pushAndExpectAck(origin, "dingxin", createRingingPush(record.callId));
    await waitUntilSettled();
    deepStrictEqual((await listRecords()).filter(({ key }) => key === record.key), [before]);
  });

  await check("the end replaces an earlier state, also in the list by time", async () => {
    const { body, key } = createPush("dingxin", "d-fuller");
    await pushAndExpectAck(origin, "dingxin", createRingingPush("d-fuller"));
    equal((await waitForRecord(key)).final, false);
    await pushAndExpectAck(origin, "dingxin", body);
    await waitFor("the end is kept", async () => (await listRecords()).find((record) => record.key === key && record.final));
    equal((await listRecords()).filter((record) => record.key === key).length, 1);
  });

  await check("of many simultaneous records of a call the most complete is kept", async () => {
    const { body, key } = createPush("dingxin", "d-at-once");
    const bodies = Array.from({ length: 12 }, (_, index) => (index === 5 ? body : createRingingPush("d-at-once")));
    await Promise.all(bodies.map((each) => pushAndExpectAck(origin, "dingxin", each)));
    await waitUntilSettled();
    const found = (await listRecords()).filter((record) => record.key === key);
    deepStrictEqual(found.map(({ final, outcome }) => [final, outcome.status]), [[true, "answered"]]);
  });

  await check("the list needs the token, newest call first", async () => {
    for (const headers of [{}, { authorization: `Bearer ${createToken()}` }, { authorization: READER }]) {
      const response = await fetch(`${origin}/records`, { headers });
      equal(response.status, 401);
      equal(await response.text(), "");
    }
    const times = (await listRecords()).flatMap(({ endedAt }) => (endedAt === undefined ? [] : [Date.parse(endedAt)]));
    ok(times.length >= 6);
    deepStrictEqual(times, times.toSorted((a, b) => b - a));
  });

  await check("a push that is not kept gets the answer for a retry", async () => {
    await failing.around(async () => {
      for (const provider of PROVIDERS) {
        const { body } = createPush(provider, "not-yet");
        deepStrictEqual(await pushAndRead(origin, provider, failing.body(body)), { status: 500, body: ANSWERS[provider].nack });
      }
    });
  });

  await check("and is kept when it is repeated", async () => {
    for (const provider of PROVIDERS) {
      const { body, key } = createPush(provider, "not-yet");
      ok(!(await listRecords()).some((record) => record.key === key));
      await pushAndExpectAck(origin, provider, body);
      await waitForRecord(key);
    }
  });

  if (unreadable !== undefined) {
    await check("an unreadable push is kept separately, and acknowledged", async () => {
      // A numeric column would change the second body.
      for (const body of [`{"event":"fee","callIdentifier":"${createToken()}"`, `00${Date.now()}`]) {
        await pushAndExpectAck(origin, "mixcom", body);
        await waitFor("the body is set aside", async () => (await unreadable()).find((found) => found === body));
      }
    });
  }

  if (pages) {
    await check("a list of 250 calls in one push is kept, and read page by page without a gap", async () => {
      // These calls are old, so that they come after all others in the list.
      const ids = Array.from({ length: 250 }, (_, index) => `s-${index}`);
      await pushAndExpectAck(origin, "seatcall", JSON.stringify(ids.map((sessionId) => ({ sessionId, callEndTime: "2015-05-05 05:05:05", duration: "5" }))));
      await waitUntilSettled();
      const range = "?from=2015-05-04T21:05:05Z&to=2015-05-04T21:05:06Z";
      const pagesRead = [];
      for (let query = range; query !== undefined; ) {
        const { records, next } = await readList(origin, query);
        pagesRead.push(records.map(({ callId }) => callId));
        ok(pagesRead.length <= 10, "the number of pages is limited");
        query = next;
      }
      ok(pagesRead.length >= 3);
      deepStrictEqual(pagesRead.flat().toSorted(), ids.toSorted());
      equal((await listRecords("?from=2015-05-04T21:05:06Z&to=2015-05-04T21:05:07Z")).length, 0);
    });
  }
  return checks;
}

/** Reads the body of a vector's push, and its record. */
function readVector(provider) {
  const { pushes } = JSON.parse(readFileSync(new URL(`../../tests/vectors/${provider}.json`, import.meta.url), "utf8"));
  const { body, records, raw } = pushes.find((push) => push.records?.length === 1 && push.raw !== undefined && push.ack !== undefined && push.nack !== undefined);
  const account = `the-${provider}`;
  const [record] = records;
  return { body, record: { ...record, account, key: record.key.replace(`${provider}:`, `${provider}/${account}:`), raw: raw[0] } };
}

/** Creates the vector's push with another call id. */
export function createPush(provider, callId) {
  const push = JSON.parse(readVector(provider).body);
  const call = provider === "cyjcloud" ? push.Data[0] : push;
  call[CALL_ID[provider]] = callId;
  return { body: JSON.stringify(push), key: `${provider}/the-${provider}:${callId}` };
}

/** Creates dingxin's push of a call that is still ringing. */
function createRingingPush(subid) {
  return JSON.stringify({ subid, status: 0, startTime: "1627209089", endTime: "", duration: "" });
}

/** Pushes, and expects the acknowledgement. */
export async function pushAndExpectAck(origin, provider, body, account = `the-${provider}`) {
  deepStrictEqual(await pushAndRead(origin, provider, body, account), { status: 200, body: ANSWERS[provider].ack });
}

async function pushAndRead(origin, provider, body, account = `the-${provider}`) {
  const { tokens } = ACCOUNTS.find(({ name }) => name === account);
  const response = await post(`${origin}/push/${tokens[0]}`, body);
  return { status: response.status, body: await response.text() };
}

function post(address, body) {
  return fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body });
}

/** Reads the list with the token. */
export async function readList(origin, query = "", path = "/records") {
  const response = await fetch(`${origin}${path}${query}`, { headers: { authorization: `Bearer ${READER}` } });
  if (response.status !== 200) throw new Error(`${path}${query} was answered with ${response.status}: ${await response.text()}`);
  return response.json();
}
