// Pushes at full speed, twice, out of order, some unreadable, into a CRM that is killed again and again.
import { startCrm } from "./crm.mjs";
import { startFront } from "./front.mjs";
import { inParallel, PLATFORMS, until, wishOf } from "./platforms.mjs";
import { frontOf, inWorld, portOf, through } from "./world.mjs";

const AT_ONCE = 64;
/** How many pushes more, at most, find nobody there before the process is back. */
const MOST_INTO_THE_DEAD = 40;
/** How long the database keeps the CRM waiting before half of the kills, and up to twice that: whoever acknowledges too soon has much to lose then. */
const STALL_MS = 150;

/** The same record before its recording was there. */
const BEFORE_THE_RECORDING = {
  mixcom: (record) => ({ ...record, recordUrl: "" }),
  quanmayun: ({ recordingResult, ...record }) => record,
  dingxin: (record) => ({ ...record, downloadUrl: "" }),
  cyjcloud: ({ Data: [record], ...push }) => ({ ...push, Data: [{ ...record, recordFileDownloadUrl: "" }] }),
  seatcall: ({ recordFlag, ...record }) => ({ ...record, recordFileDownloadUrl: "" }),
};

/** What the scenario shows. */
export const CHECKS = [
  "the kills hit: pushes went unacknowledged, and some of them into nothing",
  "nothing acknowledged is lost",
  "nothing is kept twice",
  "what mixcom pushes again ends in the database, the unreadable too",
  "what seatcall pushed into nothing is pulled",
  "missing lists each call that has no record, and no other",
  "each kept record says what its platform said",
  "of two records of a call the fuller one stayed, whichever came first",
  "each dial is joined with its own record",
];

export function killedAtRandom({ total, kills, random, check, note, ...around }) {
  return inWorld({ ...around, name: "killed" }, async ({ project, database, tables, run, rows, stall, platforms, closes }) => {
    // seatcall writes its records late: until then they can only come by push.
    let late = true;
    const seatcall = closes(await startFront({
      port: () => portOf(platforms.simulator.url),
      away: { status: 502, body: "" },
      instead: (path) => (late && path.endsWith("/call/record/voice") ? { status: 503, body: "" } : undefined),
    }));
    const accounts = { ...platforms.accounts, seatcall: through(seatcall, platforms).seatcall };
    const crm = closes(await startCrm({ project, accounts, database }));
    const front = closes(await frontOf(() => crm));

    const repeats = Math.round(total * 0.15);
    const earlier = Math.round(total * 0.05);
    const garbled = Math.round(total * 0.01);
    const wishes = Array.from({ length: total - repeats - earlier - garbled }, (_, index) => wishOf(index));
    const calls = await platforms.dialAll({ wishes, pushUrl: crm.pushAddresses.dingxin, run, tables });
    const jobs = shaken(platforms.pushes);
    note(`${calls.length} calls, ${jobs.length} pushes: ${repeats} of them repeated, ${earlier} before their recording was there, ${garbled} unreadable; ${kills} kills`);

    const began = performance.now();
    await sendAll();
    const seconds = (performance.now() - began) / 1000;
    await Promise.all(jobs.map(({ ended }) => ended));
    late = false;
    await dialOnceMore();
    await judge();
    note(`${Math.round(jobs.length / seconds)} pushes a second, the kills and the starts among them`);

    /** Everything that is pushed, in an order that is not that of the calls. */
    function shaken(pushes) {
      const withRecording = random.shuffled(pushes.filter(({ call }) => call.connectedAt !== undefined));
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

    function addressOf({ provider, push }) {
      if (provider === "mixcom") return front.url + new URL(crm.pushAddresses.mixcom).pathname;
      return provider === "dingxin" ? push.url : crm.pushAddresses[provider];
    }

    /** Resolves with the first answer, or none; `job.ended` when the platform does not push it again. */
    function send(job) {
      return new Promise((resolve) => {
        job.ended = new Promise((end) => {
          platforms.send(job.push, addressOf(job), (step) => {
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
      const places = random.shuffled(jobs.map((_, index) => index)).slice(0, kills);
      const plan = new Map(places.map((index, number) => [index, { intoTheDead: random.below(MOST_INTO_THE_DEAD), stallMs: number % 2 === 0 ? STALL_MS + random.below(STALL_MS) : 0 }]));
      let index = 0;
      let back;
      let intoTheDead = 0;
      let turn = Promise.resolve();
      await inParallel(jobs, AT_ONCE, async (job) => {
        if (back && intoTheDead-- <= 0) await back;
        const kill = plan.get(index);
        // Two kills may fall together: then the second comes when the process is back.
        if (kill) turn = turn.then(() => killAndStart(kill));
        index += 1;
        await send(job);
      });
      await turn;

      async function killAndStart({ stallMs, ...kill }) {
        const proceed = stallMs > 0 ? await stall() : undefined;
        await new Promise((resolve) => setTimeout(resolve, stallMs));
        intoTheDead = kill.intoTheDead;
        back = (async () => {
          await crm.kill();
          await proceed?.();
          await crm.start();
        })();
        await back;
        back = undefined;
      }
    }

    /** A dial through the CRM itself, whose record nobody pushes. It makes the CRM look for records soon. */
    async function dialOnceMore() {
      const { createPressKey } = await project.module("crm/press.mjs");
      const [id, wish] = [createPressKey(), wishOf(5 * wishes.length + 4)];
      const { failure } = await crm.dial(id, wish);
      if (failure) throw new Error(failure.message);
      calls.push({ id, provider: wish.provider, call: platforms.callsOf(wish)[0] });
    }

    async function judge() {
      const seats = calls.filter(({ provider }) => provider === "seatcall").length;
      await until("seatcall's records pulled", 60_000, async () => Number((await rows(`select count(*) from ${tables.names.record} where provider = 'seatcall'`))[0].count) >= seats);
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
      const nameOf = ({ kind, provider, push }) => (kind === "unreadable" ? `${provider}:${push.body}` : `${provider}:${push.call.callId}`);
      const isKept = (job) => (job.kind === "unreadable" ? unreadable : records).has(nameOf(job));

      const missing = await until("the CRM lists as missing what has no record", 40_000, async () => {
        const listed = await crm.missing();
        return listed.length === calls.filter(({ provider, call }) => !records.has(`${provider}:${call.callId}`)).length && listed;
      });
      const missingIds = new Set(missing.map(({ id }) => id));
      const figures = PLATFORMS.map((provider) => {
        const own = jobs.filter((job) => job.provider === provider);
        const ownCalls = calls.filter((call) => call.provider === provider);
        const kept = ownCalls.filter(({ call }) => records.has(`${provider}:${call.callId}`));
        const rowsOf = [...records].filter(([name]) => name.startsWith(`${provider}:`)).reduce((sum, [, all]) => sum + all.length, 0);
        const copies = [...unreadable].filter(([name]) => name.startsWith(`${provider}:`)).reduce((sum, [, count]) => sum + count - 1, 0);
        return {
          platform: provider,
          sent: own.reduce((sum, { attempts }) => sum + attempts, 0),
          acknowledged: own.filter(({ acknowledged }) => acknowledged).length,
          calls: ownCalls.length,
          kept: kept.length,
          unreadable: [...unreadable.keys()].filter((name) => name.startsWith(`${provider}:`)).length,
          lost: own.filter((job) => job.acknowledged && !isKept(job)).length,
          twice: rowsOf - kept.length + copies,
          missing: missing.filter((dial) => dial.provider === provider).length,
          recovered: new Set(own.filter((job) => job.failed > 0 && isKept(job)).map(nameOf)).size,
        };
      });
      printed(figures, note);
      const sum = (name) => figures.reduce((total, figure) => total + figure[name], 0);
      const of = (provider) => figures.find(({ platform }) => platform === provider);

      check("the kills hit: pushes went unacknowledged, and some of them into nothing", () => sum("recovered") > 0 && sum("missing") > 0);
      check("nothing acknowledged is lost", () => sum("lost") === 0);
      check("nothing is kept twice", () => sum("twice") === 0);
      check("what mixcom pushes again ends in the database, the unreadable too", () => of("mixcom").kept === of("mixcom").calls && jobs.filter(({ provider }) => provider === "mixcom").every(isKept));
      check("what seatcall pushed into nothing is pulled", () => of("seatcall").kept === of("seatcall").calls);
      check("missing lists each call that has no record, and no other", () => calls.every(({ id, provider, call }) => missingIds.has(id) !== records.has(`${provider}:${call.callId}`)));
      check("each kept record says what its platform said", () => {
        for (const { provider, call } of calls) {
          const [{ record } = {}] = records.get(`${provider}:${call.callId}`) ?? [];
          if (record === undefined) continue;
          const { status, cause, endedAt } = call.reported;
          if (record.outcome.status !== status || record.outcome.cause !== cause || Date.parse(record.endedAt) !== endedAt) return false;
        }
        return true;
      });
      check("of two records of a call the fuller one stayed, whichever came first", () => {
        const full = jobs.filter(({ kind, acknowledged, push: { call } }) => kind === "record" && acknowledged && call.connectedAt !== undefined);
        const rivals = new Set(jobs.filter(({ kind, acknowledged }) => kind === "earlier" && acknowledged).map(nameOf));
        return rivals.size > 0 && full.every((job) => (records.get(nameOf(job)) ?? []).every(({ record }) => record.recording.state === "available"));
      });
      const dials = new Map((await rows(`select id, record_key from ${tables.names.dial}`)).map(({ id, record_key: key }) => [id, key]));
      check("each dial is joined with its own record", () => calls.every(({ id, provider, call }) => dials.get(id) === (records.get(`${provider}:${call.callId}`)?.[0].key ?? null)));
    }
  });
}

const TITLES = { platform: "platform", sent: "sent", acknowledged: "acknowledged", calls: "calls", kept: "kept", unreadable: "unreadable kept", lost: "acknowledged-but-lost", twice: "kept twice", missing: "listed as missing", recovered: "recovered after kill" };

function printed(figures, note) {
  note(Object.values(TITLES).map((title, column) => (column === 0 ? title.padEnd(10) : title)).join("  "));
  for (const figure of figures) note(Object.entries(TITLES).map(([name, title], column) => (column === 0 ? String(figure[name]).padEnd(10) : String(figure[name]).padStart(title.length))).join("  "));
}
