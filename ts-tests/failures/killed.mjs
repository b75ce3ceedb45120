// Scenario: pushes at full speed, repeated, out of order, some unreadable, to a CRM that is killed again and again.
import { startCrm } from "./crm.mjs";
import { startProxy } from "./front.mjs";
import { runInParallel, PLATFORMS, waitUntil, createRequest } from "./platforms.mjs";
import { startCrmProxy, runInWorld, readPort, routeThrough } from "./world.mjs";

const AT_ONCE = 64;
/** The highest number of further pushes that are sent before the process is started again. */
const MOST_WHILE_DOWN = 40;
/** The time for which the database blocks the CRM before half of the kills, up to twice that: a CRM that acknowledges too early then loses many records. */
const STALL_MS = 150;

/** Changes a record to its state before the recording was available. */
const BEFORE_THE_RECORDING = {
  mixcom: (record) => ({ ...record, recordUrl: "" }),
  quanmayun: ({ recordingResult, ...record }) => record,
  dingxin: (record) => ({ ...record, downloadUrl: "" }),
  cyjcloud: ({ Data: [record], ...push }) => ({ ...push, Data: [{ ...record, recordFileDownloadUrl: "" }] }),
  seatcall: ({ recordFlag, ...record }) => ({ ...record, recordFileDownloadUrl: "" }),
};

/** The checks of the scenario. */
export const CHECKS = [
  "the kills had an effect: pushes were not acknowledged, and some of their calls have no record",
  "no acknowledged push is lost",
  "no record is kept twice",
  "mixcom's repeated pushes are kept in the database, unreadable ones too",
  "seatcall's lost pushes are pulled",
  "missing lists exactly the calls without a record",
  "each kept record has the values of its platform",
  "of two records of a call the more complete is kept, in any order",
  "each dial is joined with its own record",
];

export function runRandomKills({ total, kills, random, check, note, ...around }) {
  return runInWorld({ ...around, name: "killed" }, async ({ project, database, tables, run, rows, stall, platforms, closeAtEnd }) => {
    // seatcall writes its records late; until then they can arrive only by push.
    let late = true;
    const seatcall = closeAtEnd(await startProxy({
      port: () => readPort(platforms.simulator.url),
      away: { status: 502, body: "" },
      instead: (path) => (late && path.endsWith("/call/record/voice") ? { status: 503, body: "" } : undefined),
    }));
    const accounts = { ...platforms.accounts, seatcall: routeThrough(seatcall, platforms).seatcall };
    const crm = closeAtEnd(await startCrm({ project, accounts, database }));
    const front = closeAtEnd(await startCrmProxy(() => crm));

    const repeats = Math.round(total * 0.15);
    const earlier = Math.round(total * 0.05);
    const garbled = Math.round(total * 0.01);
    const wishes = Array.from({ length: total - repeats - earlier - garbled }, (_, index) => createRequest(index));
    const calls = await platforms.dialAll({ wishes, pushUrl: crm.pushAddresses.dingxin, run, tables });
    const jobs = createJobs(platforms.pushes);
    note(`${calls.length} calls, ${jobs.length} pushes: ${repeats} of them repeated, ${earlier} before their recording was there, ${garbled} unreadable; ${kills} kills`);

    const began = performance.now();
    await sendAll();
    const seconds = (performance.now() - began) / 1000;
    await Promise.all(jobs.map(({ ended }) => ended));
    late = false;
    await dialAgain();
    await checkResults();
    note(`${Math.round(jobs.length / seconds)} pushes a second, the kills and the starts among them`);

    /** Creates all pushes in a random order. */
    function createJobs(pushes) {
      const withRecording = random.shuffle(pushes.filter(({ call }) => call.connectedAt !== undefined));
      const places = pushes.map((push, place) => ({ push, kind: "record", place }));
      const unreadable = Array.from({ length: garbled }, (_, number) => {
        const place = random.below(pushes.length);
        const written = JSON.stringify(pushes[place].record);
        return { push: { ...pushes[place], body: `{"garbled ${number}${written.slice(1, 1 + random.below(written.length - 1))}` }, kind: "unreadable", place };
      });
      const once = [...places, ...unreadable];
      const more = [
        ...unreadable,
        ...unreadable.slice(0, Math.ceil(garbled / 4)),
        ...Array.from({ length: repeats - Math.ceil(garbled / 4) }, () => once[random.below(once.length)]),
        ...withRecording.slice(0, earlier).map((push) => ({ push: { ...push, record: BEFORE_THE_RECORDING[push.provider](push.record) }, kind: "earlier", place: pushes.indexOf(push) })),
      ];
      return [...places, ...more]
        .map((job) => ({ ...job, provider: job.push.provider, attempts: 0, acknowledged: false, failed: 0, place: job.place + random.below(pushes.length / 5) }))
        .sort((one, other) => one.place - other.place);
    }

    function findAddress({ provider, push }) {
      if (provider === "mixcom") return front.url + new URL(crm.pushAddresses.mixcom).pathname;
      return provider === "dingxin" ? push.url : crm.pushAddresses[provider];
    }

    /** Sends a push. Resolves with the first answer or none; `job.ended` resolves when the platform does not push it again. */
    function send(job) {
      return new Promise((resolve) => {
        job.ended = new Promise((end) => {
          platforms.send(job.push, findAddress(job), (step) => {
            if (step.type === "pushed") job.attempts += 1;
            if (step.type === "acknowledged") job.acknowledged = true;
            if (step.type === "not-acknowledged") job.failed += 1;
            if (step.type === "acknowledged" || (step.type === "not-acknowledged" && step.retryInMs === undefined)) end();
            if (step.type !== "pushed") resolve();
          });
        });
      });
    }

    async function sendAll() {
      const places = random.shuffle(jobs.map((_, index) => index)).slice(0, kills);
      const plan = new Map(places.map((index, number) => [index, { whileDown: random.below(MOST_WHILE_DOWN), stallMs: number % 2 === 0 ? STALL_MS + random.below(STALL_MS) : 0 }]));
      let index = 0;
      let back;
      let whileDown = 0;
      let turn = Promise.resolve();
      await runInParallel(jobs, AT_ONCE, async (job) => {
        if (back && whileDown-- <= 0) await back;
        const kill = plan.get(index);
        // Two kills may coincide: then the second waits until the process is running again.
        if (kill) turn = turn.then(() => killAndStart(kill));
        index += 1;
        await send(job);
      });
      await turn;

      async function killAndStart({ stallMs, ...kill }) {
        const proceed = stallMs > 0 ? await stall() : undefined;
        await new Promise((resolve) => setTimeout(resolve, stallMs));
        whileDown = kill.whileDown;
        back = (async () => {
          await crm.kill();
          await proceed?.();
          await crm.start();
        })();
        await back;
        back = undefined;
      }
    }

    /** Dials through the CRM, which makes it pull records soon. The record of this dial is not pushed. */
    async function dialAgain() {
      const { createPressKey } = await project.module("crm/press.mjs");
      const [id, wish] = [createPressKey(), createRequest(5 * wishes.length + 4)];
      const { failure } = await crm.dial(id, wish);
      if (failure) throw new Error(failure.message);
      calls.push({ id, provider: wish.provider, call: platforms.listCalls(wish)[0] });
    }

    async function checkResults() {
      const seats = calls.filter(({ provider }) => provider === "seatcall").length;
      await waitUntil("seatcall's records pulled", 60_000, async () => Number((await rows(`select count(*) from ${tables.names.record} where provider = 'seatcall'`))[0].count) >= seats);
      const records = new Map();
      for (const { key, provider, call_id: callId, record } of await rows(`select key, provider, call_id, record from ${tables.names.record}`)) {
        const name = `${provider}:${callId}`;
        records.set(name, [...(records.get(name) ?? []), { key, record }]);
      }
      const unreadable = new Map();
      for (const { provider, state, envelope } of await rows(`select provider, state, envelope from ${tables.names.push}`)) {
        if (state !== "unreadable") throw new Error(`a push of ${provider} is ${state}`);
        const name = `${provider}:${JSON.parse(envelope).body}`;
        unreadable.set(name, (unreadable.get(name) ?? 0) + 1);
      }
      const buildName = ({ kind, provider, push }) => (kind === "unreadable" ? `${provider}:${push.body}` : `${provider}:${push.call.callId}`);
      const isKept = (job) => (job.kind === "unreadable" ? unreadable : records).has(buildName(job));

      const missing = await waitUntil("the CRM lists the calls without a record as missing", 40_000, async () => {
        const listed = await crm.listMissing();
        return listed.length === calls.filter(({ provider, call }) => !records.has(`${provider}:${call.callId}`)).length && listed;
      });
      const missingIds = new Set(missing.map(({ id }) => id));
      const figures = PLATFORMS.map((provider) => {
        const own = jobs.filter((job) => job.provider === provider);
        const ownCalls = calls.filter((call) => call.provider === provider);
        const kept = ownCalls.filter(({ call }) => records.has(`${provider}:${call.callId}`));
        const rowCount = [...records].filter(([name]) => name.startsWith(`${provider}:`)).reduce((sum, [, all]) => sum + all.length, 0);
        const copies = [...unreadable].filter(([name]) => name.startsWith(`${provider}:`)).reduce((sum, [, count]) => sum + count - 1, 0);
        return {
          platform: provider,
          sent: own.reduce((sum, { attempts }) => sum + attempts, 0),
          acknowledged: own.filter(({ acknowledged }) => acknowledged).length,
          calls: ownCalls.length,
          kept: kept.length,
          unreadable: [...unreadable.keys()].filter((name) => name.startsWith(`${provider}:`)).length,
          lost: own.filter((job) => job.acknowledged && !isKept(job)).length,
          twice: rowCount - kept.length + copies,
          missing: missing.filter((dial) => dial.provider === provider).length,
          recovered: new Set(own.filter((job) => job.failed > 0 && isKept(job)).map(buildName)).size,
        };
      });
      printTable(figures, note);
      const sum = (name) => figures.reduce((total, figure) => total + figure[name], 0);
      const of = (provider) => figures.find(({ platform }) => platform === provider);

      check("the kills had an effect: pushes were not acknowledged, and some of their calls have no record", () => sum("recovered") > 0 && sum("missing") > 0);
      check("no acknowledged push is lost", () => sum("lost") === 0);
      check("no record is kept twice", () => sum("twice") === 0);
      check("mixcom's repeated pushes are kept in the database, unreadable ones too", () => of("mixcom").kept === of("mixcom").calls && jobs.filter(({ provider }) => provider === "mixcom").every(isKept));
      check("seatcall's lost pushes are pulled", () => of("seatcall").kept === of("seatcall").calls);
      check("missing lists exactly the calls without a record", () => calls.every(({ id, provider, call }) => missingIds.has(id) !== records.has(`${provider}:${call.callId}`)));
      check("each kept record has the values of its platform", () => {
        for (const { provider, call } of calls) {
          const [{ record } = {}] = records.get(`${provider}:${call.callId}`) ?? [];
          if (record === undefined) continue;
          const { status, cause, endedAt } = call.reported;
          if (record.outcome.status !== status || record.outcome.cause !== cause || Date.parse(record.endedAt) !== endedAt) return false;
        }
        return true;
      });
      check("of two records of a call the more complete is kept, in any order", () => {
        const full = jobs.filter(({ kind, acknowledged, push: { call } }) => kind === "record" && acknowledged && call.connectedAt !== undefined);
        const rivals = new Set(jobs.filter(({ kind, acknowledged }) => kind === "earlier" && acknowledged).map(buildName));
        return rivals.size > 0 && full.every((job) => (records.get(buildName(job)) ?? []).every(({ record }) => record.recording.state === "available"));
      });
      const dials = new Map((await rows(`select id, record_key from ${tables.names.dial}`)).map(({ id, record_key: key }) => [id, key]));
      check("each dial is joined with its own record", () => calls.every(({ id, provider, call }) => dials.get(id) === (records.get(`${provider}:${call.callId}`)?.[0].key ?? null)));
    }
  });
}

const TITLES = { platform: "platform", sent: "sent", acknowledged: "acknowledged", calls: "calls", kept: "kept", unreadable: "unreadable kept", lost: "acknowledged-but-lost", twice: "kept twice", missing: "listed as missing", recovered: "recovered after kill" };

function printTable(figures, note) {
  note(Object.values(TITLES).map((title, column) => (column === 0 ? title.padEnd(10) : title)).join("  "));
  for (const figure of figures) note(Object.entries(TITLES).map(([name, title], column) => (column === 0 ? String(figure[name]).padEnd(10) : String(figure[name]).padStart(title.length))).join("  "));
}
