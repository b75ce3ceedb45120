import { checkKeys, checkNumber, checkValue, joinPath } from "./checks.js";
import type { Draw } from "./draw.js";

/** The course of a call besides its outcome. Values that are not given are drawn from the seed. */
export interface CallDetails {
  /**
   * The party rung first. Can be chosen for mixcom and dingxin. Default for mixcom: the callee, as in the document's example; for dingxin,
   * whose document does not say: the caller.
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

/** The times of one party, in epoch milliseconds of whole seconds. Events that did not happen are absent. */
export interface LegTimes {
  /** When it was dialed. */
  startedAt?: number;
  /** When its phone rang. */
  ringingAt?: number;
  /** When it answered. */
  answeredAt?: number;
}

/** The behaviour of both parties. A party that is not named answers. */
export interface Plot {
  readonly caller?: Fate;
  readonly callee?: Fate;
  /** The point at which the platform itself gives up, and the seconds after it. */
  readonly breaks?: { readonly at: "placing" | "first-answer" | "connection"; readonly afterSeconds: number };
}

/**
 * The behaviour of a party that does not answer. `silent`: dialed for a minute without ringing. `given-up`: it rings until the other party hangs
 * up. `lost`: it rings, then the line fails. `dropped`: while it is dialed, the platform gives up.
 */
export type Fate = "busy" | "unreachable" | "silent" | "no-answer" | "declines" | "given-up" | "lost" | "dropped";

/** All times of a call. */
export interface Course {
  callerLeg: LegTimes;
  calleeLeg: LegTimes;
  connectedAt: number | undefined;
  endedAt: number;
}

/** Throws if a detail of a script is invalid, and names it. */
export function checkDetails(path: string, details: CallDetails): void {
  const at = (name: keyof CallDetails): string => joinPath(path, name);
  checkValue(at("first"), details.first, ["caller", "callee"]);
  checkValue(at("recording"), details.recording, ["available", "none", "failed"]);
  checkValue(at("direction"), details.direction, ["outbound", "inbound"]);
  checkNumber(at("setupSeconds"), details.setupSeconds, 1, 20, true);
  checkNumber(at("callerRingSeconds"), details.callerRingSeconds, 0, 600, true);
  checkNumber(at("calleeRingSeconds"), details.calleeRingSeconds, 0, 600, true);
  checkNumber(at("talkSeconds"), details.talkSeconds, 0, 86_400, true);
}

/** Computes all times of a call that begins at `startedAt`. */
export function computeCourse(plot: Plot, first: "caller" | "callee", details: CallDetails, draw: Draw, startedAt: number): Course {
  const order = first === "caller" ? (["caller", "callee"] as const) : (["callee", "caller"] as const);
  const pace = {
    // All values are drawn in every case, so that the end of one call does not change the values of the next.
    caller: {
      setup: details.setupSeconds ?? draw.integer(1, 6),
      ring: draw.integer(2, 18),
      patience: draw.integer(30, 60),
      given: details.callerRingSeconds,
    },
    callee: {
      setup: details.setupSeconds ?? draw.integer(1, 6),
      ring: draw.integer(2, 18),
      patience: draw.integer(30, 60),
      given: details.calleeRingSeconds,
    },
  };
  const talk = details.talkSeconds ?? draw.integer(5, 180);
  const legs: Record<"caller" | "callee", LegTimes> = { caller: {}, callee: {} };
  const ends = (at: number, connectedAt?: number): Course => ({ callerLeg: legs.caller, calleeLeg: legs.callee, connectedAt, endedAt: at });
  const { breaks } = plot;
  let at = startedAt;

  if (breaks?.at === "placing") return ends(at + breaks.afterSeconds * 1000);
  for (const party of order) {
    const [leg, { setup, ring, patience, given }] = [legs[party], pace[party]];
    leg.startedAt = at;
    // A party that dials in is on the line from the start.
    if (!(details.direction === "inbound" && party === "caller")) {
      const fate = plot[party];
      if (fate === "busy") return ends(at + 2000);
      if (fate === "unreachable") return ends(at + 4000);
      if (fate === "dropped") return ends(at + 10_000);
      if (fate === "silent") return ends(at + 60_000);
      leg.ringingAt = at += setup * 1000;
      at += (given ?? (fate === "no-answer" ? patience : ring)) * 1000;
      if (fate !== undefined) return ends(at);
    }
    leg.answeredAt = at;
    if (breaks?.at === "first-answer") return ends(at + breaks.afterSeconds * 1000);
  }
  return ends(at + (breaks?.at === "connection" ? breaks.afterSeconds : talk) * 1000, at);
}

/** The names of a script's details. */
export const DETAILS = [
  "first",
  "setupSeconds",
  "callerRingSeconds",
  "calleeRingSeconds",
  "talkSeconds",
  "recording",
  "direction",
] as const satisfies readonly (keyof CallDetails)[];

/** Throws if an object has a key that a script does not have. */
export function checkScriptKeys(path: string, given: object, outcome: readonly string[]): void {
  checkKeys(path, given, [...outcome, ...DETAILS]);
}
