import { knownKeys, numberWithin, oneOf } from "./checks.js";
import type { Draw } from "./draw.js";

/** How a call goes. What is not said is drawn from the seed. */
export interface CallScript {
  /** How it ends. Default `answered`, or what {@link CallScript.reason} says. */
  outcome?: CallOutcome | undefined;
  /**
   * The platform's own code or word for it: mixcom's `ulFailReason` (514), quanmayun's `reason` (`"CalleeBusy"`), dingxin's `status`,
   * cyjcloud's `ulFailReason`. One that `reasons` lists brings legs and times that fit it, unless an outcome is given too. Any other is
   * sent as it is. seatcall's record has none.
   */
  reason?: string | number | undefined;
  /**
   * Who is rung first. Only mixcom and dingxin leave that open. Default at mixcom: the callee, as in the document's example; at dingxin, whose
   * document does not say: the caller.
   */
  first?: "caller" | "callee" | undefined;
  /** Seconds from a party's being dialed to its ringing: 1 to 20. */
  setupSeconds?: number | undefined;
  /** Seconds that the caller's phone rings, until it is picked up or given up: 0 to 600. */
  callerRingSeconds?: number | undefined;
  /** Seconds that the callee's phone rings: 0 to 600. */
  calleeRingSeconds?: number | undefined;
  /** Whole seconds from both being on the line to the end: 0 to 86400. */
  talkSeconds?: number | undefined;
  /** The sound recording. Default `available` where the two talked. A call that was not connected has none. */
  recording?: "available" | "none" | "failed" | undefined;
  /** `inbound`: the caller dialed in, and only the callee's phone was rung (cyjcloud, seatcall). Default `outbound`. */
  direction?: "outbound" | "inbound" | undefined;
}

/** How a call can end, in neutral words. */
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
 * `declines`: the phone rings and is rejected. `abandons`: the caller hangs up while the callee's phone rings. `cancelled`: the call
 * was ended from outside before both were on the line. `failed`: the platform gave up.
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

/** The instants of one party, epoch milliseconds, whole seconds. What did not happen is absent. */
export interface LegTimes {
  /** It was dialed. */
  startedAt?: number;
  /** Its phone rang. */
  ringingAt?: number;
  /** It picked up. */
  answeredAt?: number;
}

/** What becomes of the two parties. */
export interface Plot {
  /** What the caller's phone does. */
  caller: Fate;
  /** What the callee's phone does. */
  callee: Fate;
  /** Where the platform itself gives up, and how many seconds later. */
  breaks?: { at: "placing" | "dialing" | "first-answer" | "connection"; afterSeconds: number };
}

/** `silent`: dialed for a minute without ringing. `given-up`: it rings until the other one hangs up. `lost`: it rings, then the line fails. */
export type Fate = "answers" | "busy" | "unreachable" | "silent" | "no-answer" | "declines" | "given-up" | "lost";

/** Every instant of a call. */
export interface Course {
  callerLeg: LegTimes;
  calleeLeg: LegTimes;
  connectedAt: number | undefined;
  endedAt: number;
}

/** Throws where a script says what cannot be, and names it. */
export function checkScript(where: string, script: CallScript): void {
  if (typeof script !== "object" || script === null) throw new TypeError(`${where}: a script is an object`);
  knownKeys(where, script, KEYS);
  oneOf(`${where}: outcome`, script.outcome, OUTCOMES);
  oneOf(`${where}: first`, script.first, ["caller", "callee"]);
  oneOf(`${where}: recording`, script.recording, ["available", "none", "failed"]);
  oneOf(`${where}: direction`, script.direction, ["outbound", "inbound"]);
  numberWithin(`${where}: setupSeconds`, script.setupSeconds, 1, 20, true);
  numberWithin(`${where}: callerRingSeconds`, script.callerRingSeconds, 0, 600, true);
  numberWithin(`${where}: calleeRingSeconds`, script.calleeRingSeconds, 0, 600, true);
  numberWithin(`${where}: talkSeconds`, script.talkSeconds, 0, 86_400, true);
  const reasoned = script.reason === undefined || typeof script.reason === "string" || Number.isFinite(script.reason);
  if (!reasoned) throw new TypeError(`${where}: reason is the platform's own code or word`);
}

/** What a script without a word on it draws: by the callee's last digit, as test card numbers do. */
export function outcomeByLastDigit(callee: string): CallOutcome {
  return BY_LAST_DIGIT[Number(callee.trim().at(-1))] ?? "answered";
}

/** The plot of an outcome. Who gives up first depends on who is rung first. */
export function plotOf(outcome: CallOutcome, first: "caller" | "callee"): Plot {
  switch (outcome) {
    case "answered":
      return { caller: "answers", callee: "answers" };
    case "caller-abandons":
      // Rung second, the caller has only the own phone to leave unanswered.
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

/** Every instant of a call that begins at `startedAt`. */
export function courseOf(plot: Plot, first: "caller" | "callee", script: CallScript, draw: Draw, startedAt: number): Course {
  const order = first === "caller" ? (["caller", "callee"] as const) : (["callee", "caller"] as const);
  const pace = {
    // All of them are drawn whatever becomes of the call, so that one call's end does not move the next one's draws.
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
      // Whoever dials in is on the line from the start.
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
