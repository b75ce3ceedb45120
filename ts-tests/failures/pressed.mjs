// Scenario: buttons are pressed twice, in two processes on one database, which are killed; and answers to dials get lost.
import { startCrm } from "./crm.mjs";
import { startProxy } from "./front.mjs";
import { runInParallel, waitUntil, createRequest } from "./platforms.mjs";
import { runInWorld, readPort, routeThrough } from "./world.mjs";

const DIALS = /\/(?:voice\/dial|v1\/call|call\/callByTelA|callEvent\/v1|rest\/voiceCall\/api)(?:\?|$)/;

/** The checks of the scenario. */
export const CHECKS = [
  "no press dials twice",
  "at most one answer to a press says that it dialed",
  "a press whose answer says that it dialed has dialed",
  "a repeated press gets the result of the first press",
  "each unknown outcome is settled by its own record",
  "a stored dial that was never sent is listed as missing",
];

export function runDoublePresses({ presses, kills, random, check, note, ...around }) {
  return runInWorld({ ...around, name: "pressed" }, async ({ project, database, tables, rows, platforms, closeAtEnd }) => {
    const front = closeAtEnd(await startProxy({
      port: () => readPort(platforms.simulator.url),
      away: { status: 502, body: "" },
      instead: (path) => (DIALS.test(path) && random.chance(0.2) ? "break" : undefined),
    }));
    const accounts = routeThrough(front, platforms);
    const processes = [closeAtEnd(await startCrm({ project, accounts, database })), closeAtEnd(await startCrm({ project, accounts, database }))];
    const { createPressKey } = await project.module("crm/press.mjs");
    const buttons = Array.from({ length: presses }, (_, index) => ({ id: createPressKey(), wish: createRequest(index), answers: [] }));

    const plan = new Set(random.shuffle(buttons.map((_, index) => index)).slice(0, kills));
    let turn = Promise.resolve();
    let pressed = 0;
    await runInParallel(buttons, 8, async (button) => {
      if (plan.has(pressed)) {
        const victim = processes[random.below(2)];
        turn = turn.then(() => new Promise((resolve) => setTimeout(resolve, random.below(20)))).then(victim.kill).then(victim.start);
      }
      pressed += 1;
      // A double click, on both processes at once.
      await Promise.all([press(button, 0), press(button, 1), press(button, random.below(2))]);
    });
    await turn;
    // Then each button is pressed again, as by a user without an answer.
    await runInParallel(buttons, 8, (button) => press(button, 1));

    const dialed = buttons.map(({ wish }) => platforms.listCalls(wish).length);
    const first = buttons.flatMap(({ answers }) => answers.filter(({ again }) => !again));
    const unknown = first.filter(({ failure }) => failure?.delivery === "unknown");
    check("no press dials twice", () => dialed.every((count) => count <= 1));
    check("at most one answer to a press says that it dialed", () => buttons.every(({ answers }) => answers.filter(({ again }) => !again).length <= 1));
    check("a press whose answer says that it dialed has dialed", () => buttons.every(({ answers }, index) => !answers.some(({ again, failure }) => !again && !failure) || dialed[index] === 1));
    check("a repeated press gets the result of the first press", () => buttons.every(({ id, answers }) => answers.at(-1)?.again?.id === id || answers.length === 1));

    await runInParallel(platforms.pushes.filter(({ provider }) => provider !== "seatcall"), 16, (push) => sent(push));
    const expected = buttons.filter((_, index) => dialed[index] === 1);
    const states = await waitUntil("the records settle the dials", 40_000, async () => {
      // Six minutes later: until then the answer of a dial could still arrive, so its numbers alone do not join it with a record.
      const { text, values } = tables.settle({ at: new Date(Date.now() + 6 * 60_000) });
      await rows(text, values);
      const dials = new Map((await rows(`select id, state, record_key from ${tables.names.dial}`)).map((dial) => [dial.id, dial]));
      return expected.every(({ id }) => dials.get(id).record_key !== null) && dials;
    });
    const missing = new Set((await processes[0].listMissing()).map(({ id }) => id));
    const left = [...states.values()].filter(({ state, record_key: key }) => state === "intended" && key !== null).length;
    note(`${presses} buttons, ${4 * presses} presses, ${kills} kills: ${expected.length} calls; ${unknown.length} answers lost and ${left} processes gone after the dial, settled by the records; ${missing.size} never dialed, listed as missing`);
    check("each unknown outcome is settled by its own record", () =>
      unknown.length > 0 && buttons.every(({ id, wish }, index) => dialed[index] === 0 || states.get(id).record_key === `${wish.provider}:${platforms.listCalls(wish)[0].callId}`));
    check("a stored dial that was never sent is listed as missing", () =>
      buttons.every(({ id }, index) => (dialed[index] === 0 && ["intended", "unknown"].includes(states.get(id)?.state)) === missing.has(id)));

    async function press(button, which) {
      await processes[which].dial(button.id, button.wish).then(
        (answer) => button.answers.push(answer),
        () => undefined, // No answer: the process was killed. The button is pressed again.
      );
    }

    function sent(push) {
      const [, crm] = processes;
      return new Promise((resolve) => {
        platforms.send(push, push.provider === "dingxin" ? push.url.replace(/:\d+\//, `:${crm.port}/`) : crm.pushAddresses[push.provider], (step) => step.type !== "pushed" && resolve());
      });
    }
  });
}
