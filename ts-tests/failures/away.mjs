// The database crashes in the middle of pushes, stays away for a while, and comes back.
import { startCrm } from "./crm.mjs";
import { inParallel, PLATFORMS, until, wishOf } from "./platforms.mjs";
import { inWorld } from "./world.mjs";

const DEADLINE_MS = 10_000;

/** What makes each platform push again, or says at least that nothing was kept; from the table in the package's README. */
const NACKS = {
  mixcom: '500 {"code":500}',
  quanmayun: '500 {"code":"500","msg":"fail","data":""}',
  dingxin: '500 {"code":500,"msg":"fail"}',
  cyjcloud: '500 {"Flag":0}',
  seatcall: "500 fail",
};

/** What the scenario shows. */
export const CHECKS = [
  "while the database is away each push is answered, as its platform wants to be told",
  "in the moment of the crash, too",
  "within the deadline",
  "nothing acknowledged is lost",
  "when it is back, everything is acknowledged and kept",
  "a dial that cannot be written down is not dialed",
  "the same press dials once the database is back",
  "every platform took part",
];

export function databaseAway({ total, check, note, ...around }) {
  return inWorld({ ...around, name: "away" }, async ({ project, database, tables, run, rows, platforms, closes }) => {
    const crm = closes(await startCrm({ project, accounts: platforms.accounts, database }));
    const { createPressKey } = await project.module("crm/press.mjs");
    const wishes = Array.from({ length: total }, (_, index) => wishOf(index));
    const calls = await platforms.dialAll({ wishes, pushUrl: crm.pushAddresses.dingxin, run, tables });
    const jobs = platforms.pushes.map((push) => ({ provider: push.provider, push, answers: [], acknowledged: false, slowestMs: 0 }));
    const [crashing, absent, after] = [0, 1, 2].map((third) => jobs.slice((third * total) / 3, ((third + 1) * total) / 3));

    let sent = 0;
    let crash;
    await inParallel(crashing, 32, async (job) => {
      sent += 1;
      if (sent === Math.round(crashing.length / 2)) crash = around.postgresql.crash();
      await send(job);
    });
    await crash;
    await inParallel(absent, 32, send);
    const [id, wish] = [createPressKey(), wishOf(total)];
    const unwritten = await crm.dial(id, wish).catch((error) => error.message);
    const dialedUnwritten = platforms.callsOf(wish).length;
    const nacked = jobs.filter(({ answers, acknowledged }) => answers.length > 0 && !acknowledged);

    await around.postgresql.start();
    await until("the CRM answers again", 15_000, async () => {
      const answered = await fetch(`${crm.url}/missing`).catch(() => {
        throw new Error(`the CRM is gone\n${crm.printed()}`);
      });
      return answered.ok;
    });
    // mixcom pushes again by itself. What the others do is not promised: a person may, or the platform.
    await inParallel(nacked.filter(({ provider }) => provider !== "mixcom"), 32, send);
    await inParallel(after, 32, send);
    await Promise.all(jobs.map(({ ended }) => ended));
    const dialed = await crm.dial(id, wish);

    const kept = new Set((await rows(`select key from ${tables.names.record}`)).map(({ key }) => key));
    const lost = jobs.filter(({ provider, acknowledged, push }) => acknowledged && !kept.has(`${provider}:${push.call.callId}`));
    const answers = jobs.reduce((sum, job) => sum + job.answers.length, 0);
    note(`${answers} answers: ${jobs.filter(({ acknowledged }) => acknowledged).length} acknowledged, ${nacked.length} not at first; acknowledged-but-lost ${lost.length}; slowest ${Math.round(Math.max(...jobs.map(({ slowestMs }) => slowestMs)))} ms`);
    check("while the database is away each push is answered, as its platform wants to be told", () => absent.every(({ provider, answers: [first] }) => first === NACKS[provider]));
    check("in the moment of the crash, too", () => crashing.some(({ answers: [first] }) => first !== "acknowledged") && crashing.every(({ provider, answers: [first] }) => first === "acknowledged" || first === NACKS[provider]));
    check("within the deadline", () => jobs.every(({ slowestMs }) => slowestMs < DEADLINE_MS));
    check("nothing acknowledged is lost", () => lost.length === 0);
    check("when it is back, everything is acknowledged and kept", () => jobs.every(({ acknowledged }) => acknowledged) && calls.every(({ provider, call }) => kept.has(`${provider}:${call.callId}`)));
    check("a dial that cannot be written down is not dialed", () => unwritten.startsWith?.("500") && dialedUnwritten === 0);
    check("the same press dials once the database is back", () => dialed.failure === undefined && dialed.again === undefined && platforms.callsOf(wish).length === 1);
    check("every platform took part", () => PLATFORMS.every((name) => absent.some(({ provider }) => provider === name)));

    function send(job) {
      return new Promise((resolve) => {
        let began;
        job.ended = new Promise((end) => {
          platforms.send(job.push, job.provider === "dingxin" ? job.push.url : crm.pushAddresses[job.provider], (step) => {
            if (step.type === "pushed") {
              began = performance.now();
              return;
            }
            job.slowestMs = Math.max(job.slowestMs, performance.now() - began);
            job.answers.push(step.type === "acknowledged" ? "acknowledged" : step.got);
            if (step.type === "acknowledged") job.acknowledged = true;
            if (step.retryInMs === undefined) end();
            resolve();
          });
        });
      });
    }
  });
}
