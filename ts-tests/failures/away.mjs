// Scenario: the database crashes during pushes, is unavailable for a while, and comes back.
import { startCrm } from "./crm.mjs";
import { runInParallel, PLATFORMS, waitUntil, createRequest } from "./platforms.mjs";
import { runInWorld } from "./world.mjs";

const DEADLINE_MS = 10_000;

/** The answer that makes each platform push again, or at least says that the push was not kept; from the table in the package's README. */
export const NACKS = {
  mixcom: '500 {"code":500}',
  quanmayun: '500 {"code":"500","msg":"fail","data":""}',
  dingxin: '500 {"code":500,"msg":"fail"}',
  cyjcloud: '500 {"Flag":0}',
  seatcall: "500 fail",
};

/** The checks of the scenario. */
export const CHECKS = [
  "while the database is unavailable each push gets its platform's answer for a retry",
  "also at the moment of the crash",
  "within the deadline",
  "no acknowledged push is lost",
  "when the database is back, every push is acknowledged and kept",
  "a dial that cannot be stored is not sent",
  "the same press dials once the database is back",
  "every platform took part",
];

export function runDatabaseCrash({ total, check, note, ...around }) {
  return runInWorld({ ...around, name: "away" }, async ({ project, database, tables, run, rows, platforms, closeAtEnd }) => {
    const crm = closeAtEnd(await startCrm({ project, accounts: platforms.accounts, database }));
    const { createPressKey } = await project.module("crm/press.mjs");
    const wishes = Array.from({ length: total }, (_, index) => createRequest(index));
    const calls = await platforms.dialAll({ wishes, pushUrl: crm.pushAddresses.dingxin, run, tables });
    const jobs = platforms.pushes.map((push) => ({ provider: push.provider, push, answers: [], acknowledged: false, slowestMs: 0 }));
    const [crashing, absent, after] = [0, 1, 2].map((third) => jobs.slice((third * total) / 3, ((third + 1) * total) / 3));

    let sent = 0;
    let crash;
    await runInParallel(crashing, 32, async (job) => {
      sent += 1;
      if (sent === Math.round(crashing.length / 2)) crash = around.postgresql.crash();
      await send(job);
    });
    await crash;
    await runInParallel(absent, 32, send);
    const [id, wish] = [createPressKey(), createRequest(total)];
    const unwritten = await crm.dial(id, wish).catch((error) => error.message);
    const dialedUnwritten = platforms.listCalls(wish).length;
    const nacked = jobs.filter(({ answers, acknowledged }) => answers.length > 0 && !acknowledged);

    await around.postgresql.start();
    await waitUntil("the CRM answers again", 15_000, async () => {
      const answered = await fetch(`${crm.url}/missing`).catch(() => {
        throw new Error(`the CRM has ended\n${crm.printed()}`);
      });
      return answered.ok;
    });
    // mixcom pushes again by itself. The others promise no retry, so the test sends their pushes again.
    await runInParallel(nacked.filter(({ provider }) => provider !== "mixcom"), 32, send);
    await runInParallel(after, 32, send);
    await Promise.all(jobs.map(({ ended }) => ended));
    const dialed = await crm.dial(id, wish);

    const kept = new Set((await rows(`select key from ${tables.names.record}`)).map(({ key }) => key));
    const lost = jobs.filter(({ provider, acknowledged, push }) => acknowledged && !kept.has(`${provider}:${push.call.callId}`));
    const answers = jobs.reduce((sum, job) => sum + job.answers.length, 0);
    note(`${answers} answers: ${jobs.filter(({ acknowledged }) => acknowledged).length} acknowledged, ${nacked.length} not at first; acknowledged-but-lost ${lost.length}; slowest ${Math.round(Math.max(...jobs.map(({ slowestMs }) => slowestMs)))} ms`);
    check("while the database is unavailable each push gets its platform's answer for a retry", () => absent.every(({ provider, answers: [first] }) => first === NACKS[provider]));
    check("also at the moment of the crash", () => crashing.some(({ answers: [first] }) => first !== "acknowledged") && crashing.every(({ provider, answers: [first] }) => first === "acknowledged" || first === NACKS[provider]));
    check("within the deadline", () => jobs.every(({ slowestMs }) => slowestMs < DEADLINE_MS));
    check("no acknowledged push is lost", () => lost.length === 0);
    check("when the database is back, every push is acknowledged and kept", () => jobs.every(({ acknowledged }) => acknowledged) && calls.every(({ provider, call }) => kept.has(`${provider}:${call.callId}`)));
    check("a dial that cannot be stored is not sent", () => unwritten.startsWith?.("500") && dialedUnwritten === 0);
    check("the same press dials once the database is back", () => dialed.failure === undefined && dialed.again === undefined && platforms.listCalls(wish).length === 1);
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
