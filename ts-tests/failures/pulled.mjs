// Scenario: two processes pull one platform's records: one at a time, each continuing where the last ended, and late records are found too.
import { startCrm } from "./crm.mjs";
import { startProxy } from "./front.mjs";
import { PLATFORMS, startPlatforms, waitUntil, createRequest } from "./platforms.mjs";
import { runInWorld, readPort, routeThrough } from "./world.mjs";

const LATE_MS = 40 * 60_000;
const SEATCALL = PLATFORMS.indexOf("seatcall");

/** The checks of the scenario. */
export const CHECKS = [
  "of two processes one pulls at a time",
  "a record that is written forty minutes late is found, although the watermark is after it",
  "after a kill during a pull the other process continues, still one at a time",
  "and no record is missing",
];

export function runTwoPullers({ check, note, ...around }) {
  return runInWorld({ ...around, name: "pulled" }, async ({ project, database, tables, rows, platforms, closeAtEnd }) => {
    let asking = 0;
    let atOnce = 0;
    let asked = 0;
    let behind = platforms;
    let slow = 500;
    const front = closeAtEnd(await startProxy({
      port: () => readPort(behind.simulator.url),
      away: { status: 502, body: "" },
      async instead(path) {
        if (!path.endsWith("/call/record/voice")) return undefined;
        asked += 1;
        asking += 1;
        atOnce = Math.max(atOnce, asking);
        await new Promise((resolve) => setTimeout(resolve, slow));
        asking -= 1;
        return undefined;
      },
    }));
    const accounts = { ...platforms.accounts, seatcall: routeThrough(front, platforms).seatcall };
    const processes = [closeAtEnd(await startCrm({ project, accounts, database })), closeAtEnd(await startCrm({ project, accounts, database }))];
    const { createPressKey } = await project.module("crm/press.mjs");
    const wish = (number) => createRequest(5 * number + SEATCALL);
    const watermark = async () => (await rows("select pulled_until from crm_line where provider = 'seatcall'"))[0].pulled_until;
    const kept = async () => Number((await rows(`select count(*) from ${tables.names.record}`))[0].count);

    // Both processes have dialed, so both want to pull, and a pull lasts longer than the wait for the next.
    for (let number = 0; number < 10; number += 1) {
      await processes[number % 2].dial(createPressKey(), wish(number));
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    await waitUntil("ten records pulled", 20_000, async () => (await kept()) === 10);
    check("of two processes one pulls at a time", () => asked > 2 && atOnce === 1);

    // A call from 40 minutes ago, dialed elsewhere, which the platform writes only now.
    const before = await watermark();
    const ago = closeAtEnd(await startPlatforms({ project, credentials: platforms.credentials, now: () => Date.now() - LATE_MS }));
    const [late] = await ago.dialAll({ wishes: [wish(20)], run: async () => [], tables });
    behind = ago;
    await processes[0].dial(createPressKey(), wish(21));
    const found = await waitUntil("the late record is found", 20_000, async () => (await rows(tables.record(`seatcall:${late.call.callId}`).text, tables.record(`seatcall:${late.call.callId}`).values))[0]);
    check("a record that is written forty minutes late is found, although the watermark is after it", () => before.getTime() > late.call.endedAt && found.key === `seatcall:${late.call.callId}`);
    behind = platforms;

    // Kills the process during a pull.
    slow = 1_000;
    const pulls = asked;
    const victim = processes[0];
    const other = processes[1];
    await victim.dial(createPressKey(), wish(30));
    await waitUntil("a pull is under way", 20_000, () => asked > pulls);
    await victim.kill();
    const killedAt = new Date();
    await other.dial(createPressKey(), wish(31));
    await waitUntil("the other process continues", 30_000, async () => (await watermark()) > killedAt);
    const tookMs = Date.now() - killedAt;
    await waitUntil("all records pulled", 20_000, async () => (await kept()) >= 14);
    note(`${asked} pages asked for, never more than ${atOnce} at once; after a kill in the middle of a pull the other process went on after ${(tookMs / 1000).toFixed(1)} s`);
    check("after a kill during a pull the other process continues, still one at a time", () => atOnce === 1);
    const missing = await waitUntil("the dials settled", 20_000, async () => {
      const listed = await other.listMissing();
      return listed.length === 0 && listed;
    });
    check("and no record is missing", () => missing.length === 0);
  });
}
