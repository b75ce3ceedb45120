// One call from dial to hang-up. Every instant is settled when the call is placed; real time then only catches up
// with them, `pace` times faster than life, so that a call of 45 seconds plays out in less than one.

/** @typedef {"answered" | "caller-hangs-up" | "caller-no-answer" | "callee-busy" | "callee-no-answer" | "callee-unreachable"} Scenario */

/** @typedef {{ startedAt?: number, ringingAt?: number, answeredAt?: number }} LegTimes Epoch milliseconds, whole seconds. */

/**
 * @typedef {object} Said What the platform's record says, in neutral words: an independent reading to compare with.
 * @property {"answered" | "unanswered" | "failed" | "unknown"} status
 * @property {string} cause
 * @property {number} [startedAt] Only the instants this platform reports, epoch milliseconds.
 * @property {number} [connectedAt]
 * @property {number} endedAt
 * @property {LegTimes} [callerLeg]
 * @property {LegTimes} [calleeLeg]
 */

/**
 * @typedef {object} Call
 * @property {string} provider
 * @property {string} callId
 * @property {string} caller
 * @property {string} callee
 * @property {string} [reference]
 * @property {Scenario} scenario
 * @property {LegTimes} callerLeg
 * @property {LegTimes} calleeLeg
 * @property {number} startedAt
 * @property {number} [connectedAt]
 * @property {number} endedAt
 * @property {boolean} over
 * @property {Said} [said] Once the record has been composed.
 * @property {() => void} hangUp Ends the call at the instant it has reached.
 */

/** @type {Scenario[]} */
const BY_LAST_DIGIT = [
  "answered", "answered", "answered", "answered", "answered",
  "caller-hangs-up", "caller-no-answer", "callee-busy", "callee-no-answer", "callee-unreachable",
];

/**
 * How a call ends is read from the callee's last digit, as test card numbers do it: 0-4 answered, 5 the caller
 * hangs up early, 6 the caller never answers, 7 the callee is busy, 8 never answers, 9 cannot be reached.
 *
 * @param {string} callee
 * @returns {Scenario}
 */
export function scenarioOf(callee) {
  return BY_LAST_DIGIT[Number(callee.at(-1))] ?? "answered";
}

/**
 * @param {object} placed
 * @param {string} placed.provider
 * @param {string} placed.callId
 * @param {string} placed.caller
 * @param {string} placed.callee
 * @param {string} [placed.reference]
 * @param {Scenario} placed.scenario
 * @param {("caller" | "callee")[]} placed.order Which party's phone rings first.
 * @param {number} placed.pace
 * @param {import("./clock.mjs").Clock} clock
 * @param {(call: Call, moment: string, at: number) => void} onMoment
 * @param {(call: Call) => void} onEnded
 * @returns {Call}
 */
export function placeCall({ order, pace, ...placed }, clock, onMoment, onEnded) {
  const dialedAt = clock.now();
  const script = writeScript(placed.scenario, order, Math.ceil(dialedAt / 1000) * 1000, placed.callee);
  /** @type {Call} */
  const call = { ...placed, ...script, over: false, hangUp };

  const moments = [
    ...legMoments("caller", call.callerLeg),
    ...legMoments("callee", call.calleeLeg),
    { moment: "ended", at: call.endedAt },
  ].sort((one, other) => one.at - other.at);

  const timers = moments.map(({ moment, at }) =>
    clock.later((at - call.startedAt) / pace, () => {
      if (moment === "ended") end();
      onMoment(call, moment, at);
      if (moment === "ended") onEnded(call);
    }),
  );

  function hangUp() {
    if (call.over) return;
    const reached = call.startedAt + Math.floor(((clock.now() - dialedAt) * pace) / 1000) * 1000;
    call.endedAt = Math.min(reached, call.endedAt);
    for (const leg of [call.callerLeg, call.calleeLeg]) forget(leg, call.endedAt);
    if (call.connectedAt !== undefined && call.connectedAt > call.endedAt) delete call.connectedAt;
    for (const cancel of timers) cancel();
    end();
    clock.later(0, () => {
      onMoment(call, "ended", call.endedAt);
      onEnded(call);
    });
  }

  function end() {
    call.over = true;
  }

  return call;
}

/**
 * @param {Scenario} scenario
 * @param {("caller" | "callee")[]} order
 * @param {number} startedAt
 * @param {string} callee
 */
function writeScript(scenario, [first, second], startedAt, callee) {
  const digits = [...callee].reduce((sum, digit) => sum + (Number(digit) || 0), 0);
  const fate = fates(scenario);
  /** @type {Record<"caller" | "callee", LegTimes>} */
  const legs = { caller: {}, callee: {} };
  let at = startedAt;
  /** @type {number | undefined} */
  let connectedAt;

  for (const party of [first, second]) {
    const leg = legs[party];
    leg.startedAt = at;
    if (fate[party] === "busy") { at += 2000; break; }
    if (fate[party] === "unreachable") { at += 4000; break; }
    leg.ringingAt = at += (1 + (digits % 2)) * 1000;
    if (fate[party] === "no-answer") { at += 30_000; break; }
    // The one who placed the call gives up while a phone rings: the callee's, or the own one if that is rung second.
    if (fate.caller === "hangs-up" && party === second) { at += 7000; break; }
    leg.answeredAt = at += (3 + (digits % 4)) * 1000;
    if (party === second) {
      connectedAt = at;
      at += (22 + (digits % 5) * 9) * 1000;
    }
  }
  return { startedAt, callerLeg: legs.caller, calleeLeg: legs.callee, connectedAt, endedAt: at };
}

/** @param {Scenario} scenario @returns {{ caller: string, callee: string }} */
function fates(scenario) {
  switch (scenario) {
    case "caller-hangs-up": return { caller: "hangs-up", callee: "answers" };
    case "caller-no-answer": return { caller: "no-answer", callee: "answers" };
    case "callee-busy": return { caller: "answers", callee: "busy" };
    case "callee-no-answer": return { caller: "answers", callee: "no-answer" };
    case "callee-unreachable": return { caller: "answers", callee: "unreachable" };
    default: return { caller: "answers", callee: "answers" };
  }
}

/** @param {"caller" | "callee"} party @param {LegTimes} leg */
function legMoments(party, leg) {
  const moments = [];
  if (leg.ringingAt !== undefined) moments.push({ moment: `${party}-rings`, at: leg.ringingAt });
  if (leg.answeredAt !== undefined) moments.push({ moment: `${party}-answers`, at: leg.answeredAt });
  return moments;
}

/** @param {LegTimes} leg @param {number} after */
function forget(leg, after) {
  for (const point of /** @type {const} */ (["startedAt", "ringingAt", "answeredAt"])) {
    const at = leg[point];
    if (at !== undefined && at > after) delete leg[point];
  }
}
