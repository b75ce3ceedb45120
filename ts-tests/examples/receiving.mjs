// What every example must do with the pushes of the five platforms, asked over HTTP as platforms and users do.
import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { collected, eventually } from "./pieces/checks.mjs";

// By hand from the platforms' documents.
const ANSWERS = {
  mixcom: { ack: '{"code":200}', nack: '{"code":500}' },
  quanmayun: { ack: '{"code":"200","msg":"success","data":""}', nack: '{"code":"500","msg":"fail","data":""}' },
  dingxin: { ack: '{"code":200,"msg":"success"}', nack: '{"code":500,"msg":"fail"}' },
  cyjcloud: { ack: '{"Flag":1}', nack: '{"Flag":0}' },
  seatcall: { ack: "success", nack: "fail" },
};
const PROVIDERS = Object.keys(ANSWERS);

// Where a push names its call.
const CALL_ID = { mixcom: "callIdentifier", quanmayun: "callidentifier", dingxin: "subid", cyjcloud: "sessionId", seatcall: "sessionId" };

const token = () => randomBytes(24).toString("base64url");

/** The accounts: one at each platform, and a second one at mixcom. */
export const ACCOUNTS = [...PROVIDERS.map((provider) => ({ name: `the-${provider}`, provider, tokens: [token()] })), { name: "branch", provider: "mixcom", tokens: [token()] }];

/** Who sends it may read. */
export const READER = token();

/**
 * Checks an example that runs at `origin` with these accounts.
 *
 * `failing` makes its store fail: by what is done `around` the pushes, or by what they hold (`body`). `unreadable` gives the bodies that it
 * set aside. `pages`: whether its list has pages and takes a range of time.
 */
export async function receiving({ origin, failing, unreadable, pages }) {
  const { check, checks } = collected();
  const kept = async (query = "") => (await read(origin, query)).records;
  const keptAs = (key) => eventually(`${key} is kept`, async () => (await kept()).find((record) => record.key === key));
  // Once a push that came later is kept, an earlier one will not be any more.
  const settled = async () => {
    const id = `later-${randomBytes(8).toString("hex")}`;
    await acknowledged(origin, "quanmayun", pushOf("quanmayun", id).body);
    await keptAs(`quanmayun/the-quanmayun:${id}`);
  };

  for (const provider of PROVIDERS) {
    await check(`a push of ${provider} is acknowledged byte for byte, and its record kept`, async () => {
      const { body, record } = vectorOf(provider);
      await acknowledged(origin, provider, body);
      const { completeness, ...rest } = await keptAs(record.key);
      ok(Number.isInteger(completeness));
      deepStrictEqual(rest, record);
    });
  }

  await check("the same call id at another account is another record", async () => {
    const { body, record } = vectorOf("mixcom");
    await acknowledged(origin, "mixcom", body, "branch");
    const { account } = await keptAs(record.key.replace("/the-mixcom:", "/branch:"));
    equal(account, "branch");
    equal((await kept()).filter(({ callId }) => callId === record.callId).length, 2);
  });

  await check("a wrong token is refused, and nothing kept", async () => {
    const { body, key } = pushOf("mixcom", "intruder");
    const response = await post(`${origin}/push/${token()}`, body);
    equal(response.status, 404);
    await settled();
    ok(!(await kept()).some((record) => record.key === key));
  });

  await check("a GET of a push address is answered, so that it can be tried in a browser; with a wrong token it is refused, and nothing is kept", async () => {
    const ofMixcom = async () => (await kept()).filter(({ provider }) => provider === "mixcom");
    const before = await ofMixcom();
    const statuses = await Promise.all([ACCOUNTS[0].tokens[0], token()].map(async (it) => {
      const response = await fetch(`${origin}/push/${it}`);
      await response.arrayBuffer();
      return response.status;
    }));
    deepStrictEqual(statuses, [200, 404]);
    await settled();
    deepStrictEqual(await ofMixcom(), before);
  });

  await check("a push repeated is acknowledged, and changes nothing", async () => {
    const { body, record } = vectorOf("mixcom");
    const before = await keptAs(record.key);
    await acknowledged(origin, "mixcom", body);
    await settled();
    deepStrictEqual((await kept()).filter(({ key }) => key === record.key), [before]);
  });

  await check("a state before the end that comes late is acknowledged, and does not replace", async () => {
    const { record } = vectorOf("dingxin");
    const before = await keptAs(record.key);
    await acknowledged(origin, "dingxin", dialed(record.callId));
    await settled();
    deepStrictEqual((await kept()).filter(({ key }) => key === record.key), [before]);
  });

  await check("the end replaces a state before it, also in the place by time", async () => {
    const { body, key } = pushOf("dingxin", "d-fuller");
    await acknowledged(origin, "dingxin", dialed("d-fuller"));
    equal((await keptAs(key)).final, false);
    await acknowledged(origin, "dingxin", body);
    await eventually("the end is kept", async () => (await kept()).find((record) => record.key === key && record.final));
    equal((await kept()).filter((record) => record.key === key).length, 1);
  });

  await check("of many that come at once the fullest stays", async () => {
    const { body, key } = pushOf("dingxin", "d-at-once");
    const bodies = Array.from({ length: 12 }, (_, index) => (index === 5 ? body : dialed("d-at-once")));
    await Promise.all(bodies.map((each) => acknowledged(origin, "dingxin", each)));
    await settled();
    const found = (await kept()).filter((record) => record.key === key);
    deepStrictEqual(found.map(({ final, outcome }) => [final, outcome.status]), [[true, "answered"]]);
  });

  await check("the list is for the reader only, newest call first", async () => {
    for (const headers of [{}, { authorization: `Bearer ${token()}` }, { authorization: READER }]) {
      const response = await fetch(`${origin}/records`, { headers });
      equal(response.status, 401);
      equal(await response.text(), "");
    }
    const times = (await kept()).flatMap(({ endedAt }) => (endedAt === undefined ? [] : [Date.parse(endedAt)]));
    ok(times.length >= 6);
    deepStrictEqual(times, times.toSorted((a, b) => b - a));
  });

  await check("what is not kept is answered so that the platform tries again", async () => {
    await failing.around(async () => {
      for (const provider of PROVIDERS) {
        const { body } = pushOf(provider, "not-yet");
        deepStrictEqual(await answered(origin, provider, failing.body(body)), { status: 500, body: ANSWERS[provider].nack });
      }
    });
  });

  await check("and kept when it comes again", async () => {
    for (const provider of PROVIDERS) {
      const { body, key } = pushOf(provider, "not-yet");
      ok(!(await kept()).some((record) => record.key === key));
      await acknowledged(origin, provider, body);
      await keptAs(key);
    }
  });

  if (unreadable !== undefined) {
    await check("what cannot be read is set aside, and acknowledged", async () => {
      // The second is one that a column of numbers would change.
      for (const body of [`{"event":"fee","callIdentifier":"${token()}"`, `00${Date.now()}`]) {
        await acknowledged(origin, "mixcom", body);
        await eventually("the body is set aside", async () => (await unreadable()).find((found) => found === body));
      }
    });
  }

  if (pages) {
    await check("a list of 250 calls in one push is kept, and read page by page without a gap", async () => {
      // Long ago, so that they come after all others in the list.
      const ids = Array.from({ length: 250 }, (_, index) => `s-${index}`);
      await acknowledged(origin, "seatcall", JSON.stringify(ids.map((sessionId) => ({ sessionId, callEndTime: "2015-05-05 05:05:05", duration: "5" }))));
      await settled();
      const range = "?from=2015-05-04T21:05:05Z&to=2015-05-04T21:05:06Z";
      const pagesRead = [];
      for (let query = range; query !== undefined; ) {
        const { records, next } = await read(origin, query);
        pagesRead.push(records.map(({ callId }) => callId));
        ok(pagesRead.length <= 10, "the pages have an end");
        query = next;
      }
      ok(pagesRead.length >= 3);
      deepStrictEqual(pagesRead.flat().toSorted(), ids.toSorted());
      equal((await kept("?from=2015-05-04T21:05:06Z&to=2015-05-04T21:05:07Z")).length, 0);
    });
  }
  return checks;
}

/** The body of a push that a vector has, and the record that is made of it. */
function vectorOf(provider) {
  const { pushes } = JSON.parse(readFileSync(new URL(`../../tests/vectors/${provider}.json`, import.meta.url), "utf8"));
  const { body, records, raw } = pushes.find((push) => push.records?.length === 1 && push.raw !== undefined && push.ack !== undefined && push.nack !== undefined);
  const account = `the-${provider}`;
  const [record] = records;
  return { body, record: { ...record, account, key: record.key.replace(`${provider}:`, `${provider}/${account}:`), raw: raw[0] } };
}

/** The vector's push with another call id. */
export function pushOf(provider, callId) {
  const push = JSON.parse(vectorOf(provider).body);
  const call = provider === "cyjcloud" ? push.Data[0] : push;
  call[CALL_ID[provider]] = callId;
  return { body: JSON.stringify(push), key: `${provider}/the-${provider}:${callId}` };
}

/** dingxin's push of a call that is still ringing. */
function dialed(subid) {
  return JSON.stringify({ subid, status: 0, startTime: "1627209089", endTime: "", duration: "" });
}

/** Pushes, and must get the acknowledgement. */
export async function acknowledged(origin, provider, body, account = `the-${provider}`) {
  deepStrictEqual(await answered(origin, provider, body, account), { status: 200, body: ANSWERS[provider].ack });
}

async function answered(origin, provider, body, account = `the-${provider}`) {
  const { tokens } = ACCOUNTS.find(({ name }) => name === account);
  const response = await post(`${origin}/push/${tokens[0]}`, body);
  return { status: response.status, body: await response.text() };
}

function post(address, body) {
  return fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body });
}

/** The list, as the reader sees it. */
export async function read(origin, query = "", path = "/records") {
  const response = await fetch(`${origin}${path}${query}`, { headers: { authorization: `Bearer ${READER}` } });
  if (response.status !== 200) throw new Error(`${path}${query} was answered with ${response.status}: ${await response.text()}`);
  return response.json();
}
