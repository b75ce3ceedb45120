import { checkKeys, checkNumber, checkValue } from "./checks.js";
import type { Draw } from "./draw.js";

/** The course of a call. Values that are not given are drawn from the seed. */
export interface CallScript {
  /** The outcome. Default `answered`, or the outcome of {@link CallScript.reason}. */
  outcome?: CallOutcome | undefined;
  /**
   * The platform's own code for the end: mixcom's `ulFailReason` (514), quanmayun's `reason` (`"CalleeBusy"`), dingxin's `status`,
   * cyjcloud's `ulFailReason`. A code in `reasons` sets fitting legs and times, unless an outcome is given as well. Any other code is
   * sent as it is. seatcall's record has none.
   */
  reason?: string | number | undefined;
  /**
   * The party rung first. Can be chosen for mixcom and dingxin. Default for mixcom: the callee, as in the document's example; for dingxin,
   * whose
   * document does not say: the caller.
   */
  first?: "caller" | "callee" | undefined;
  /** Seconds from dialing a party to ringing: 1 to 20. */
  setupSeconds?: number | undefined;
  /** Seconds that the caller's phone rings before it is answered or given up: 0 to 600. */
  callerRingSeconds?: number | undefined;
  /** Seconds that the callee's phone rings: 0 to 600. */
  calleeRingSeconds?: number | undefined;
  /** Whole seconds between both parties being on the line and the end: 0 to 86400. */
  talkSeconds?: number | undefined;
  /** The recording. Default `available` if the parties talked. A call that was not connected has none. */
  recording?: "available" | "none" | "failed" | undefined;
  /** `inbound`: the caller dialed in, and only the callee's phone rang (cyjcloud, seatcall). Default `outbound`. */
  direction?: "outbound" | "inbound" | undefined;
}

/** The outcome of a call, in neutral words. */
export type CallOutcome =
  | "answered"
  | "caller-busy"
  | "caller-no-answer"
  | "caller-unreachable"
  | "caller-declines"
  | "caller-abandons"
  | "callee-busy"
  | "callee-no-answer"
  | "callee-unreachable"
  | "callee-declines"
  | "cancelled"
  | "failed";

/**
 * `declines`: the phone rings and the call is rejected. `abandons`: the caller hangs up while the callee's phone rings. `cancelled`: the
 * call
 * was ended from outside before both parties were on the line. `failed`: the platform gave up.
 */
export const OUTCOMES: readonly CallOutcome[] = [
  "answered",
  "caller-busy",
  "caller-no-answer",
  "caller-unreachable",
  "caller-declines",
  "caller-abandons",
  "callee-busy",
  "callee-no-answer",
  "callee-unreachable",
  "callee-declines",
  "cancelled",
  "failed",
];

/** The times of one party, in epoch milliseconds of whole seconds. Events that did not happen are absent. */
export interface LegTimes {
  /** When it was dialed. */
  startedAt?: number;
  /** When its phone rang. */
  ringingAt?: number;
  /** When it answered. */
  answeredAt?: number;
}

/** The behaviour of both parties. */
export interface Plot {
  /** The caller's behaviour. */
  caller: Fate;
  /** The callee's behaviour. */
  callee: Fate;
  /** The point at which the platform itself gives up, and the seconds after it. */
  breaks?: { at: "placing" | "dialing" | "first-answer" | "connection"; afterSeconds: number };
}

/** `silent`: dialed for a minute without ringing. `given-up`: it rings until the other party hangs up. `lost`: it rings, then the line fails. */
export type Fate = "answers" | "busy" | "unreachable" | "silent" | "no-answer" | "declines" | "given-up" | "lost";

/** All times of a call. */
export interface Course {
  callerLeg: LegTimes;
  calleeLeg: LegTimes;
  connectedAt: number | undefined;
  endedAt: number;
}

/** Throws if a script is invalid, and names the problem. */
export function checkScript(where: string, script: CallScript): void {
  if (typeof script !== "object" || script === null) throw new TypeError(`${where}: a script must be an object`);
  checkKeys(where, script, KEYS);
  checkValue(`${where}: outcome`, script.outcome, OUTCOMES);
  checkValue(`${where}: first`, script.first, ["caller", "callee"]);
  checkValue(`${where}: recording`, script.recording, ["available", "none", "failed"]);
  checkValue(`${where}: direction`, script.direction, ["outbound", "inbound"]);
  checkNumber(`${where}: setupSeconds`, script.setupSeconds, 1, 20, true);
  checkNumber(`${where}: callerRingSeconds`, script.callerRingSeconds, 0, 600, true);
  checkNumber(`${where}: calleeRingSeconds`, script.calleeRingSeconds, 0, 600, true);
  checkNumber(`${where}: talkSeconds`, script.talkSeconds, 0, 86_400, true);
  const reasoned = script.reason === undefined || typeof script.reason === "string" || Number.isFinite(script.reason);
  if (!reasoned) throw new TypeError(`${where}: reason must be the platform's own code or word`);
}

/** Chooses the outcome by the callee's last digit, like test card numbers. */
export function chooseOutcome(callee: string): CallOutcome {
  return BY_LAST_DIGIT[Number(callee.trim().at(-1))] ?? "answered";
}

/** Returns the parties' behaviour for an outcome. It depends on who is rung first. */
export function createPlot(outcome: CallOutcome, first: "caller" | "callee"): Plot {
  switch (outcome) {
    case "answered":
      return { caller: "answers", callee: "answers" };
    case "caller-abandons":
      // If rung second, the caller can only leave the own phone unanswered.
      return first === "caller" ? { caller: "answers", callee: "given-up" } : { caller: "declines", callee: "answers" };
    case "cancelled":
      return first === "caller" ? { caller: "answers", callee: "given-up" } : { caller: "given-up", callee: "answers" };
    case "failed":
      return { caller: "answers", callee: "answers", breaks: { at: "dialing", afterSeconds: 10 } };
    default: {
      const [party, fate] = [outcome.slice(0, 6) as "caller" | "callee", outcome.slice(7) as Fate];
      return { caller: "answers", callee: "answers", [party]: fate };
    }
  }
}

/** Computes all times of a call that begins at `startedAt`. */
export function computeCourse(plot: Plot, first: "caller" | "callee", script: CallScript, draw: Draw, startedAt: number): Course {
  const order = first === "caller" ? (["caller", "callee"] as const) : (["callee", "caller"] as const);
  const pace = {
    // All values are drawn in every case, so that the end of one call does not change the values of the next.
    caller: {
      setup: script.setupSeconds ?? draw.integer(1, 6),
      ring: draw.integer(2, 18),
      patience: draw.integer(30, 60),
      given: script.callerRingSeconds,
    },
    callee: {
      setup: script.setupSeconds ?? draw.integer(1, 6),
      ring: draw.integer(2, 18),
      patience: draw.integer(30, 60),
      given: script.calleeRingSeconds,
    },
  };
  const talk = script.talkSeconds ?? draw.integer(5, 180);
  const legs: Record<"caller" | "callee", LegTimes> = { caller: {}, callee: {} };
  const ends = (at: number, connectedAt?: number): Course => ({ callerLeg: legs.caller, calleeLeg: legs.callee, connectedAt, endedAt: at });
  const { breaks } = plot;
  let at = startedAt;

  if (breaks?.at === "placing") return ends(at + breaks.afterSeconds * 1000);
  for (const party of order) {
    const [leg, { setup, ring, patience, given }] = [legs[party], pace[party]];
    if (script.direction === "inbound" && party === "caller") {
      // The party that dials in is on the line from the start.
      leg.startedAt = leg.answeredAt = at;
      continue;
    }
    leg.startedAt = at;
    if (breaks?.at === "dialing") return ends(at + breaks.afterSeconds * 1000);
    const fate = plot[party];
    if (fate === "busy") return ends(at + 2000);
    if (fate === "unreachable") return ends(at + 4000);
    if (fate === "silent") return ends(at + 60_000);
    leg.ringingAt = at += setup * 1000;
    at += (given ?? (fate === "no-answer" ? patience : ring)) * 1000;
    if (fate !== "answers") return ends(at);
    leg.answeredAt = at;
    if (breaks?.at === "first-answer") return ends(at + breaks.afterSeconds * 1000);
  }
  return ends(at + (breaks?.at === "connection" ? breaks.afterSeconds : talk) * 1000, at);
}

const KEYS = [
  "outcome",
  "reason",
  "first",
  "setupSeconds",
  "callerRingSeconds",
  "calleeRingSeconds",
  "talkSeconds",
  "recording",
  "direction",
] as const satisfies readonly (keyof CallScript)[];

/** The keys of a script. */
export const SCRIPT_KEYS: readonly string[] = KEYS;

const BY_LAST_DIGIT: readonly CallOutcome[] = [
  "answered",
  "answered",
  "answered",
  "answered",
  "answered",
  "caller-abandons",
  "caller-no-answer",
  "callee-busy",
  "callee-no-answer",
  "callee-unreachable",
];
